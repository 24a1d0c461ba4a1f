"""Words to the bot, in its direct messages or after its name: one answer and one effect for each."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from bot.app import build
from bot.dispatch import DEADLINE_S
from bot.web import routes
from tests.bot.slack.office import Office, office, settings
from tests.fakes.slack.events import deliver
from tests.standing import standing_still
from tests.world import CHANNEL, PATIENCE_S

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url) as opened:
        await opened.start_team()
        yield opened


@asynccontextmanager
async def started_anew(at: Office, database_url: str) -> AsyncIterator[Office]:
    """The same office with a bot that has just been started, and remembers only what it kept."""
    app = build(settings(database_url, at.slack, "http"), at.clock, deadline_s=PATIENCE_S)
    async with TestServer(routes(app)) as server:
        at.slack.connect(str(server.make_url("/")))
        yield Office(at.slack, app, at.clock, str(server.make_url("/")))
    await app.close()


def answers(database_url: str) -> list[Any]:
    """What was answered: the score and the sentence of each."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("select score, sentence from reflections order by id").fetchall()


def looked_up(at: Office) -> int:
    """How often Slack was asked about a person or a channel."""
    return len(at.slack.called("users.info")) + len(at.slack.called("conversations.info"))


async def happens(at: Office, name: str, **event: Any) -> None:
    """Slack tells of a message in somebody's direct messages, as its own writing of it."""
    ana = at.person(name)
    there = ana._direct()
    told = {"type": "message", "channel": there.id, "channel_type": "im", "ts": "1.1", "user": ana.id, **event}
    await deliver(at.slack, at.slack.workspace(), told, there)
    await at.quiet()


async def says(at: Office, name: str, marked: str) -> None:
    """Words in the channel in which the bot is named, in Slack's markup."""
    person, place = at.person(name), at.slack.channel(CHANNEL).state
    await person._say(place, marked.replace("@bot", f"@{at.slack.workspace().bot}"), None, type="app_mention")
    await at.quiet()


@pytest.mark.parametrize("words", ["help", "hi", "Hello"])
async def test_a_greeting_is_answered_with_what_can_be_done(at_work: Office, words: str) -> None:
    ana = at_work.person("ana")

    await ana.dm(words)
    await at_work.quiet()

    assert ana.dms[-1].title == "Checkout: what I can do here"


async def test_a_form_verb_in_private_is_answered_with_a_button_that_opens_it_filled_in(at_work: Office) -> None:
    ana = at_work.person("ana")

    await ana.dm("define-success Retry & <more>")
    await at_work.quiet()
    form = await at_work.presses("ana", ana.dms[-1], "Open the form")

    assert form.inputs["What is it called?"] == "Retry & <more>"


async def test_an_event_delivered_again_has_one_answer(at_work: Office) -> None:
    ana = at_work.person("ana")
    await ana.dm("checkin 4 good")
    await at_work.quiet()
    stood = len(ana.dms)

    for _ in range(3):
        await at_work.slack.replay(at_work.slack.delivery.sent[-1])
    await at_work.quiet()

    assert len(ana.dms) == stood
    assert "Saved: 4 of 5" in ana.dms[-1].words


async def test_a_mention_in_a_thread_is_answered_there(at_work: Office) -> None:
    ana = at_work.person("ana")
    begun = await ana.write(CHANNEL, "What do we know?")

    await ana.mention(CHANNEL, "help", thread=begun)
    await at_work.quiet()

    assert ana.ephemerals(CHANNEL)[-1].message.thread_ts == begun.ts
    assert ana.ephemerals(CHANNEL)[-1].title == "Checkout: what I can do here"


@pytest.mark.parametrize("marked", ["<@bot> checkin 4 good", "checkin 4 <@bot> good", "checkin 4 good <@bot>"])
async def test_the_bots_name_may_stand_anywhere(at_work: Office, database_url: str, marked: str) -> None:
    await says(at_work, "ben", marked)

    assert at_work.person("ben").ephemerals(CHANNEL)[-1].title == "Saved: 4 of 5"
    assert not any(card.message.by_app for card in at_work.slack.channel(CHANNEL).messages)
    assert [(score, " ".join(words.split())) for score, words in answers(database_url)] == [(4, "good")]


async def test_markup_is_read_as_it_was_written(at_work: Office, database_url: str) -> None:
    other = at_work.person("chi").id
    link = "<https://shop.example/?a=1&amp;b=2|shop.example>"

    await says(at_work, "ben", f"<@bot> checkin 5 <@{other}|chi> saw &lt;b&gt; &amp; {link} :tada: in <#C1|lobby>")

    [(_, words)] = answers(database_url)
    assert words.startswith("@chi saw <b> & ")
    assert "shop.example" in words
    assert words.endswith(":tada: in #lobby")


async def test_whom_and_what_somebody_mentions_is_kept_by_name(at_work: Office, database_url: str) -> None:
    ana, asked = at_work.person("ana"), looked_up(at_work)

    await ana.dm(f"checkin 4 thanks to @chi (@dev) in #{CHANNEL}")
    await at_work.quiet()

    assert ana.dms[-2].message.text.startswith("checkin 4 thanks to <@U")
    assert answers(database_url) == [(4, f"thanks to @chi (@dev) in #{CHANNEL}")]
    assert looked_up(at_work) == asked
    assert at_work.slack.pings == []


async def test_words_after_the_bots_name_keep_whom_they_mention(at_work: Office, database_url: str) -> None:
    await at_work.person("ben").mention(CHANNEL, "checkin 4 thanks to @chi")
    await at_work.quiet()

    assert answers(database_url) == [(4, "thanks to @chi")]


async def test_a_command_keeps_whom_it_mentions(at_work: Office, database_url: str) -> None:
    await at_work.types("ben", f"checkin 4 thanks to @chi in #{CHANNEL}", channel=CHANNEL)

    assert answers(database_url) == [(4, f"thanks to @chi in #{CHANNEL}")]


async def test_where_names_cannot_be_looked_up_in_time_nothing_is_saved_without_them(database_url: str) -> None:
    async with office(database_url, deadline_s=DEADLINE_S) as here:
        await here.start_team()
        ana = here.person("ana")

        with standing_still(database_url):
            await ana.dm("checkin 4 thanks to @chi")
        await here.quiet()

        assert "nothing was saved" in ana.dms[-1].words
        assert "thanks to" in ana.dms[-1].words
        assert answers(database_url) == []


async def test_a_name_is_kept_letter_for_letter(at_work: Office, database_url: str) -> None:
    chi = at_work.person("chi")
    await chi.changes(name="Chi &lt; <!here> *B*")
    await at_work.quiet()

    await happens(at_work, "ana", text=f"checkin 4 thanks, <@{chi.id}>")

    assert answers(database_url) == [(4, "thanks, @Chi &lt; <!here> *B*")]
    assert at_work.slack.pings == []


async def test_whom_and_what_nobody_knows_is_said_in_plain_words(at_work: Office, database_url: str) -> None:
    await happens(at_work, "ana", text="checkin 4 <@U0GONE> saw <#C0SECRET|> with <!subteam^S0DESIGN>")

    assert answers(database_url) == [(4, "@somebody saw a channel with @some people")]


@pytest.mark.parametrize(("writer", "kept"), [("ana", "#plans"), ("ben", "a channel")])
async def test_a_private_channel_is_named_only_by_who_is_in_it(
    at_work: Office, database_url: str, writer: str, kept: str
) -> None:
    await at_work.slack.add_channel("plans", members=["ana"], private=True, with_bot=False).invite_bot()
    await at_work.quiet()

    await at_work.person(writer).dm("checkin 4 see #plans")
    await at_work.quiet()

    assert answers(database_url) == [(4, f"see {kept}")]


async def test_the_bots_name_alone_is_answered_with_what_can_be_done(at_work: Office) -> None:
    await says(at_work, "ben", "<@bot>")

    assert at_work.person("ben").ephemerals(CHANNEL)[-1].title == "Checkout: what I can do here"


async def test_words_in_a_thread_of_direct_messages_are_answered_in_it(at_work: Office) -> None:
    ana = at_work.person("ana")
    begun = ana.dms[-1]

    await ana.dm("checkin 4", thread=begun)
    await at_work.quiet()

    assert ana.dms[-1].title == "Saved: 4 of 5"
    assert ana.dms[-1].message.thread_ts == begun.ts


async def test_a_typing_error_in_private_leads_on(at_work: Office) -> None:
    ana = at_work.person("ana")

    await ana.dm("statsu")
    await at_work.quiet()
    seen = await at_work.presses("ana", ana.dms[-1], "All commands")

    assert "define-success" in seen.words


@pytest.mark.parametrize(
    "event",
    [
        {"text": "checkin 4", "bot_id": "B1"},
        {"text": "checkin 4", "subtype": "bot_message", "user": ""},
        {"text": "", "subtype": "message_deleted", "previous_message": {"text": "checkin 4"}},
        {"text": "", "subtype": "message_changed", "message": {"text": "checkin 4", "user": "U1"}},
        {"text": "checkin 4", "edited": {"user": "U1", "ts": "2.2"}},
        {"text": "checkin 4", "subtype": "channel_join"},
    ],
    ids=["of a bot", "posted by a bot", "deleted", "changed", "edited", "joined"],
)
async def test_what_nobody_has_just_typed_is_not_answered(
    at_work: Office, database_url: str, event: dict[str, Any]
) -> None:
    stood = len(at_work.person("ana").dms)

    await happens(at_work, "ana", **event)

    assert len(at_work.person("ana").dms) == stood
    assert answers(database_url) == []


async def test_words_with_a_picture_are_read(at_work: Office, database_url: str) -> None:
    await happens(at_work, "ana", text="checkin 4 look", subtype="file_share", files=[{"id": "F1"}])

    assert answers(database_url) == [(4, "look")]


async def test_words_without_a_letter_are_answered(at_work: Office) -> None:
    stood = len(at_work.person("ana").dms)

    await happens(at_work, "ana", text="", subtype="file_share", files=[{"id": "F1"}])

    assert len(at_work.person("ana").dms) == stood + 1


async def test_events_that_come_late_and_in_another_order_have_one_effect_each(
    at_work: Office, database_url: str
) -> None:
    ana, stood = at_work.person("ana"), len(at_work.person("ana").dms)
    for words in ("checkin 4 first", "why", "define-success Retry"):
        await ana.dm(words)
    await at_work.quiet()

    for sent in reversed(at_work.slack.delivery.sent[-3:]):
        await at_work.slack.replay(sent)
    await at_work.quiet()

    assert len(ana.dms) == stood + 6  # what was typed, and an answer to each
    assert answers(database_url) == [(4, "first")]


async def test_an_event_that_comes_again_after_a_restart_is_not_answered_again(
    at_work: Office, database_url: str
) -> None:
    ana = at_work.person("ana")
    await ana.dm("checkin 4 first")
    await at_work.quiet()
    stood = len(ana.dms)

    async with started_anew(at_work, database_url) as anew:
        reply = await anew.slack.replay(anew.slack.delivery.sent[-1])
        await anew.quiet()

    assert reply.status == 200
    assert len(ana.dms) == stood
    assert answers(database_url) == [(4, "first")]


async def test_long_words_are_carried_to_the_form_or_stay_to_be_copied(at_work: Office) -> None:
    ana, words = at_work.person("ana"), "It saved my Saturday. " * 40

    await ana.dm(f"evidence {words}")
    await at_work.quiet()

    assert ana.dms[-1].buttons == ["Open the form"]
    assert words.strip() in ana.dms[-1].words
