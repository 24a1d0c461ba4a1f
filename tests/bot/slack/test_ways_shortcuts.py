"""Shortcuts: today's question from anywhere, and a message that is kept as what a customer said."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from bot.dispatch import DEADLINE_S
from tests.bot.slack.office import Office, office
from tests.bot.slack.test_whole_organisation import installed
from tests.fakes.slack.cards import Card, Page
from tests.fakes.slack.interactions import typed_in_chat
from tests.fakes.slack.world import Message
from tests.world import CHANNEL, MONDAY

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WORDS, WHO, LINK, WHEN = "What did they say or do?", "Who was it?", "Where can it be read?", "When was that?"
ABOUT = "Which piece of work is it about?"


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started, with a channel beside it that is no team's."""
    async with office(database_url) as opened:
        await opened.start_team()
        opened.slack.add_channel("support", members=["ana", "dev"])
        yield opened


def kept(database_url: str) -> list[dict[str, Any]]:
    """All evidence there is."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("select * from evidence")]


def people(database_url: str) -> list[Any]:
    """Whom the directory knows."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("select external_id from people order by id").fetchall()


def written(at: Office, name: str, text: str, *, channel: str = CHANNEL, **details: Any) -> Card:
    """A message that somebody wrote, with anything else that Slack keeps of it."""
    place = at.slack.workspace().channel(channel)
    ts = at.slack.world.new_ts()
    message = Message(ts, place, at.person(name).id, typed_in_chat(text), **details)
    place.history.append(message)
    return Card(message)


async def log(at: Office, name: str, card: Card) -> Page:
    """The modal that the message shortcut opens."""
    await at.person(name).message_shortcut("evidence", card)
    await at.quiet()
    assert not at.person(name).errors, at.person(name).errors
    modal = at.person(name).modal
    assert modal
    return modal


async def check_in(at: Office, name: str) -> Page:
    """The modal that the global shortcut opens."""
    await at.person(name).shortcut("checkin")
    await at.quiet()
    assert not at.person(name).errors, at.person(name).errors
    modal = at.person(name).modal
    assert modal
    return modal


async def test_a_message_fills_the_form_with_its_words_its_writer_its_day_and_its_link(at_work: Office) -> None:
    card = written(at_work, "dev", "It saved *my* Saturday & all <b>")

    form = await log(at_work, "eva", card)

    assert form.inputs[WORDS] == "It saved *my* Saturday & all <b>"
    assert form.inputs[WHO] == "dev"
    assert form.inputs[WHEN] == "2026-11-23"
    domain, channel = at_work.slack.workspace().domain, card.channel
    assert form.inputs[LINK] == f"https://{domain}.slack.com/archives/{channel}/p{card.ts.replace('.', '')}"


async def test_what_a_message_says_is_kept_for_an_initiative_and_the_receipt_stays_in_the_modal(
    at_work: Office, database_url: str
) -> None:
    plan = {"change": "More of them complete their order", "measure": "Recovered", "baseline": "12 %"}
    await at_work.types("ana", "define-success Checkout retry")
    await at_work.sends("ana", None, who="Shops", **plan, target="20 %", source="sheet", review_days="7 days")
    form = await log(at_work, "eva", written(at_work, "dev", "It saved my Saturday"))

    receipt = await at_work.sends("eva", form, initiative="Checkout retry", strength="said", said_by="A baker")

    assert isinstance(receipt, Page)
    assert "It saved my Saturday" in receipt.words
    (saved,) = kept(database_url)
    assert saved["words"] == "It saved my Saturday"
    assert saved["said_by"] == "A baker"
    assert saved["initiative_id"]
    assert saved["link"].startswith("https://")


async def test_a_message_of_a_channel_that_is_no_teams_is_kept_for_the_readers_own_team(
    at_work: Office, database_url: str
) -> None:
    form = await log(at_work, "ana", written(at_work, "dev", "It saved my Saturday", channel="support"))

    await at_work.sends("ana", form, initiative="none", strength="said")

    assert [row["words"] for row in kept(database_url)] == ["It saved my Saturday"]


async def test_somebody_in_no_team_is_told_how_to_be_in_one(at_work: Office, database_url: str) -> None:
    fay = at_work.slack.add_person("fay")
    card = written(at_work, "dev", "It saved my Saturday", channel="support")

    told = await log(at_work, fay.state.name, card)

    assert "You are in no team" in told.words
    assert kept(database_url) == []


async def test_a_reply_is_linked_in_its_thread(at_work: Office) -> None:
    first = written(at_work, "ana", "How was it?")

    form = await log(at_work, "eva", written(at_work, "dev", "Good", thread_ts=first.ts))

    assert form.inputs[LINK].endswith(f"?thread_ts={first.ts}&cid={first.channel}")


async def test_a_message_of_blocks_alone_is_read_from_them(at_work: Office) -> None:
    rich = {
        "type": "rich_text_section",
        "elements": [{"type": "text", "text": "It "}, {"type": "text", "text": "works"}],
    }
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "A shop says &lt;hello&gt;"}},
        {"type": "rich_text", "elements": [rich]},
    ]

    form = await log(at_work, "eva", written(at_work, "dev", "", blocks=blocks))

    assert form.inputs[WORDS] == "A shop says <hello>\nIt works"


async def test_a_message_with_nothing_to_read_asks_for_the_words(at_work: Office) -> None:
    form = await log(at_work, "eva", written(at_work, "dev", "", files=["F1"]))

    assert form.inputs[WORDS] == ""
    assert form.inputs[LINK]


async def test_a_message_of_5000_characters_is_cut_visibly_and_its_link_leads_to_all_of_it(
    at_work: Office, database_url: str
) -> None:
    form = await log(at_work, "eva", written(at_work, "dev", "word " * 1000))
    said = form.words

    await at_work.sends("eva", form, initiative="none", strength="said")

    (saved,) = kept(database_url)
    assert "cut off" in said
    assert len(saved["words"]) <= 3000
    assert saved["words"].endswith("…")
    assert saved["link"]


async def test_words_in_a_message_call_nobody(at_work: Office, database_url: str) -> None:
    card = written(at_work, "dev", "see https://shop.example/?a=1&b=2")
    card.message.text += " <!channel> <@U1> <#C1|general>"

    form = await log(at_work, "eva", card)
    await at_work.sends("eva", form, initiative="none", strength="said")

    assert at_work.slack.pings == []
    assert "https://shop.example/?a=1&b=2" in kept(database_url)[0]["words"]


async def test_a_message_of_this_evening_is_of_the_readers_day(at_work: Office) -> None:
    await at_work.person("ben").changes(tz="America/Los_Angeles")
    await at_work.quiet()
    at_work.clock.set(MONDAY.replace(hour=2) + timedelta(days=1))  # midnight has passed in UTC, not where Ben is

    card = written(at_work, "dev", "It saved my Saturday")
    card.message.ts = f"{int(at_work.clock.now().timestamp())}.000100"

    form = await log(at_work, "ben", card)

    assert form.inputs[WHEN] == "2026-11-23"


async def test_a_customer_in_a_shared_channel_is_named(at_work: Office) -> None:
    at_work.slack.add_person("meera", "stranger")
    await at_work.person("meera").joins(CHANNEL)
    await at_work.quiet()

    form = await log(at_work, "eva", written(at_work, "meera", "It saved my Saturday"))

    assert form.inputs[WHO] == "meera"


async def test_a_customer_whom_nobody_knows_is_asked_about_and_not_kept(
    at_work: Office, database_url: str
) -> None:
    at_work.slack.add_person("meera", "stranger")
    at_work.slack.add_channel("customers", members=["eva"], with_bot=False, shared=True)
    known = people(database_url)

    form = await log(at_work, "eva", written(at_work, "meera", "It saved my Saturday", channel="customers"))

    assert form.inputs[WHO] == "meera"
    assert form.inputs[LINK]
    assert people(database_url) == known


@pytest.mark.parametrize("how", [{"error": "user_not_visible"}, {"error": "token_revoked"}, {"status": 503}])
async def test_where_slack_does_not_say_who_it_was_the_form_asks(at_work: Office, how: dict[str, Any]) -> None:
    at_work.slack.add_person("meera", "stranger")
    at_work.slack.fail("users.info", **how)

    form = await log(at_work, "eva", written(at_work, "meera", "It saved my Saturday"))

    assert form.inputs[WORDS] == "It saved my Saturday"
    assert form.inputs[WHO] == ""
    assert form.inputs[LINK]


async def test_a_slack_that_does_not_answer_keeps_nobody_waiting(database_url: str) -> None:
    async with office(database_url, deadline_s=2 * DEADLINE_S) as here:
        await here.start_team()
        here.slack.add_person("meera", "stranger")
        here.slack.fail("users.info", hang="before")
        here.slack.patience_s = 3.0  # as Slack's

        form = await log(here, "eva", written(here, "meera", "It saved my Saturday"))
        here.slack.release()

        assert form.inputs[WORDS] == "It saved my Saturday"
        assert form.inputs[WHO] == ""


async def test_whom_and_what_a_message_mentions_is_kept_by_name(at_work: Office) -> None:
    card = await at_work.person("dev").write(CHANNEL, f"@chi heard it in #{CHANNEL}, not from <me>")

    form = await log(at_work, "eva", card)

    assert form.inputs[WORDS] == f"@chi heard it in #{CHANNEL}, not from <me>"


async def test_a_message_of_blocks_alone_keeps_whom_and_what_it_mentions(at_work: Office) -> None:
    pieces = [
        {"type": "user", "user_id": at_work.person("chi").id},
        {"type": "text", "text": " &lt; co. heard it in "},
        {"type": "channel", "channel_id": at_work.slack.channel(CHANNEL).id},
        {"type": "text", "text": " from "},
        {"type": "usergroup", "usergroup_id": "S0DESIGN"},
        {"type": "emoji", "name": "tada"},
        {"type": "broadcast", "range": "here"},
    ]
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": pieces}]}]

    form = await log(at_work, "eva", written(at_work, "dev", "", blocks=blocks))

    assert form.inputs[WORDS] == f"@chi &lt; co. heard it in #{CHANNEL} from @some people:tada:@here"


@pytest.mark.parametrize(("reader", "kept"), [("ana", "#plans"), ("eva", "a channel")])
async def test_a_private_channel_in_a_message_is_named_to_who_is_in_it_alone(
    at_work: Office, reader: str, kept: str
) -> None:
    await at_work.slack.add_channel("plans", members=["ana"], private=True, with_bot=False).invite_bot()
    await at_work.quiet()
    card = await at_work.person("dev").write(CHANNEL, "Heard in #plans")

    form = await log(at_work, reader, card)

    assert form.inputs[WORDS] == f"Heard in {kept}"


async def test_a_message_is_linked_where_the_bot_is_in_a_whole_organisation(database_url: str) -> None:
    async with installed(database_url, whole=True) as everywhere:
        await everywhere.start_team()
        card = written(everywhere, "dev", "It saved my Saturday")

        form = await log(everywhere, "eva", card)

        stamp = card.ts.replace(".", "")
        assert form.inputs[LINK] == f"https://e1.enterprise.slack.com/archives/{card.channel}/p{stamp}"


async def test_where_slack_does_not_say_where_a_message_is_the_form_asks(database_url: str) -> None:
    async with installed(database_url, whole=True) as everywhere:
        await everywhere.start_team()
        everywhere.slack.fail("auth.test", status=503)

        form = await log(everywhere, "eva", written(everywhere, "dev", "It saved my Saturday"))

        assert form.inputs[WORDS] == "It saved my Saturday"
        assert form.inputs[LINK] == ""


async def test_where_the_database_fails_a_sentence_says_so(at_work: Office, database_url: str) -> None:
    card = written(at_work, "dev", "It saved my Saturday")
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("alter table people rename to elsewhere")
        connection.commit()

    told = await log(at_work, "eva", card)

    assert "did not work" in told.words
    assert "It saved my Saturday" in told.words


async def test_the_check_in_is_asked_and_answered_in_a_modal_with_a_sentence(
    at_work: Office, database_url: str
) -> None:
    question = await check_in(at_work, "ben")

    receipt = await at_work.sends("ben", question, tap="4 Happy", sentence="A shop said *thanks*")

    assert isinstance(receipt, Page)
    assert receipt.title == "Saved: 4 of 5"
    assert "A shop said *thanks*" in receipt.words
    assert receipt.view.id == question.view.id


async def test_the_receipt_in_the_modal_can_be_changed_and_taken_back_there(at_work: Office) -> None:
    receipt = await at_work.sends("ben", await check_in(at_work, "ben"), tap="4 Happy")

    form = await at_work.presses("ben", receipt, "Edit")
    changed = await at_work.sends("ben", form, score="2 Hardly")
    assert isinstance(changed, Page)
    assert changed.title == "Saved: 2 of 5"
    question = await at_work.presses("ben", changed, "Undo")

    assert "happy to pay" in question.words


async def test_who_has_answered_sees_the_receipt(at_work: Office) -> None:
    await at_work.types("ben", "checkin 4")

    shown = await check_in(at_work, "ben")

    assert shown.title == "Saved: 4 of 5"


async def test_the_check_in_of_somebody_in_no_team_says_how_to_be_in_one(at_work: Office) -> None:
    at_work.slack.add_person("fay")

    shown = await check_in(at_work, "fay")

    assert "You are in no team" in shown.words


async def test_where_the_modal_comes_too_late_the_question_comes_in_direct_messages(at_work: Office) -> None:
    at_work.slack.fail("views.open", error="expired_trigger_id")

    await at_work.person("ben").shortcut("checkin")
    await at_work.quiet()

    assert "happy to pay" in at_work.person("ben").dms[-1].words
