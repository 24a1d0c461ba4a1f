"""Commands, wherever they are typed: each is answered there, to one person alone, with a way on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.bot.slack.office import Office, office
from tests.fakes.slack.cards import Card, Page
from tests.world import CHANNEL, MONDAY, PEOPLE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FRIDAY_EVENING = MONDAY + timedelta(days=4, hours=10)


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url) as opened:
        await opened.start_team()
        yield opened


async def start_in(at: Office, channel: str) -> None:
    """Ana makes another channel a team and starts it."""
    preview = await at.sends("ana", await at.types("ana", "setup", channel=channel), payer="Shop owners")
    await at.presses("ana", preview, "Start")


async def week_in(at: Office, channel: str) -> None:
    """Enough people answer for a summary, and Friday comes."""
    for name in PEOPLE:
        await at.types(name, "checkin 4", channel=channel)
    await at.go_to(FRIDAY_EVENING)


def is_in(at: Office, channel: str) -> bool:
    """Whether the bot is in a channel."""
    return at.slack.workspace().bot in at.slack.channel(channel).state.members


@pytest.mark.parametrize("words", ["", "help", "hi"])
async def test_a_command_alone_says_what_can_be_done_here(at_work: Office, words: str) -> None:
    seen = await at_work.types("ana", words, channel=CHANNEL)

    assert isinstance(seen, Card)
    assert seen.is_ephemeral
    assert seen.title == "Checkout: what I can do here"
    assert "In this channel type /value and a verb" in seen.words
    assert at_work.slack.channel(CHANNEL).messages == []


async def test_a_verb_with_words_is_done_at_once(at_work: Office) -> None:
    seen = await at_work.types("ben", "checkin 4 a <shop> & *two* customers", channel=CHANNEL)

    assert seen.title == "Saved: 4 of 5"
    assert "a <shop> & *two* customers" in seen.words
    assert at_work.slack.channel(CHANNEL).messages == []


async def test_a_typing_error_offers_the_nearest_verb_with_the_words_that_followed(at_work: Office) -> None:
    seen = await at_work.types("ana", "defin Retry & <more>", channel=CHANNEL)
    form = await at_work.presses("ana", seen, "define-success Retry & <more>")

    assert seen.title == "I don't know “defin”. Did you mean define-success?"
    assert form.inputs["What is it called?"] == "Retry & <more>"


async def test_a_word_like_no_verb_leads_to_all_that_there_are(at_work: Office) -> None:
    seen = await at_work.types("ana", "xyzzy", channel=CHANNEL)
    every = await at_work.presses("ana", seen, "All commands")

    assert seen.title == "I don't know “xyzzy”."
    assert "define-success" in every.words


async def test_a_form_opens_with_the_words_that_were_typed(at_work: Office) -> None:
    form = await at_work.types("ana", "define-success Retry & <more>", channel=CHANNEL)

    assert isinstance(form, Page)
    assert form.inputs["What is it called?"] == "Retry & <more>"
    assert at_work.person("ana").ephemerals(CHANNEL)[1:] == []


async def test_wrong_words_open_the_form_with_what_is_wrong_beside_them(at_work: Office) -> None:
    form = await at_work.types("ana", "pause gibberish", channel=CHANNEL)

    assert isinstance(form, Page)
    assert "I cannot read “gibberish” as one day" in form.words
    assert form.inputs["Ask me again on"] == "gibberish"


async def test_a_channel_without_a_team_is_told_how_it_becomes_one(at_work: Office) -> None:
    at_work.slack.add_channel("other", members=["ana", "ben"])

    about_work = await at_work.types("ana", "status", channel="other")
    in_general = await at_work.types("ana", "", channel="other")
    form = await at_work.presses("ana", in_general, "Set up this channel")

    assert about_work.title.startswith("This channel is not a team yet. Type setup here")
    assert form.title == "Make this channel a team"
    assert form.inputs["What is the team called?"] == "Other"


async def test_a_private_channel_has_to_invite_the_bot_first(at_work: Office) -> None:
    secret = at_work.slack.add_channel("secret", members=["ana", "ben"], with_bot=False, private=True)

    refused = await at_work.types("ana", "setup", channel="secret")
    await secret.invite_bot()
    await at_work.quiet()
    form = await at_work.types("ana", "setup", channel="secret")

    assert "one that is private, invite me first" in refused.title
    assert form.inputs["What is the team called?"] == "Secret"


async def test_the_bot_comes_into_a_public_channel_when_a_team_starts_there(at_work: Office) -> None:
    lobby = at_work.slack.add_channel("lobby", members=list(PEOPLE), with_bot=False)

    preview = await at_work.sends("ana", await at_work.types("ana", "setup", channel="lobby"), payer="Shop owners")
    was_in = is_in(at_work, "lobby")
    await at_work.presses("ana", preview, "Start")
    await week_in(at_work, "lobby")

    assert not was_in
    assert is_in(at_work, "lobby")
    assert lobby.messages


async def test_a_bot_that_was_removed_does_not_come_back_by_itself(at_work: Office) -> None:
    lobby = at_work.slack.add_channel("lobby", members=list(PEOPLE), with_bot=False)
    await start_in(at_work, "lobby")
    await lobby.remove_bot()

    await week_in(at_work, "lobby")

    assert not is_in(at_work, "lobby")
    assert lobby.messages == []


async def test_the_bot_does_not_name_itself_among_the_bots_that_are_not_asked(at_work: Office) -> None:
    at_work.slack.add_person("deploy_robot", "bot")
    at_work.slack.add_channel("other", members=[*PEOPLE, "deploy_robot"])

    form = await at_work.types("ana", "setup", channel="other")
    preview = await at_work.sends("ana", form, payer="Shop owners")

    assert preview
    assert "Not asked, as guests or bots: deploy_robot." in preview.words


@pytest.mark.parametrize("words", ["help", "checkin 4", "pause gibberish"])
async def test_a_command_in_a_conversation_of_other_people_is_answered_to_its_writer_alone(
    at_work: Office, words: str
) -> None:
    elsewhere = at_work.slack.add_channel("mpdm-ana--ben-1", members=["ana", "ben"], with_bot=False, private=True)

    seen = await at_work.types("ana", words, channel="mpdm-ana--ben-1")

    assert isinstance(seen, Page) or seen.is_ephemeral
    assert elsewhere.messages == []


async def test_the_bots_name_among_several_people_is_taken_as_in_private(at_work: Office) -> None:
    at_work.slack.add_channel("mpdm-ana--ben-1", members=["ana", "ben"], private=True)
    at_work.slack.fail("conversations.info", error="missing_scope", times=5)  # the bot asks for no scope to see it

    await at_work.person("ana").mention("mpdm-ana--ben-1", "checkin 4")
    await at_work.quiet()

    seen = at_work.person("ana").ephemerals("mpdm-ana--ben-1")
    assert [card.title for card in seen] == ["Saved: 4 of 5"]


async def test_a_form_among_several_people_is_taken_as_in_private(at_work: Office) -> None:
    at_work.slack.add_channel("mpdm-ana--ben-1", members=["ana", "ben"], private=True)
    form = await at_work.types("ana", "pause", channel="mpdm-ana--ben-1")

    seen = await at_work.sends("ana", form, until="Friday")

    assert seen
    assert "team" not in seen.title


async def test_a_guest_is_refused_with_a_way_out(at_work: Office) -> None:
    at_work.slack.add_person("gus", "guest")
    at_work.slack.channel(CHANNEL).state.members.append(at_work.person("gus").id)

    seen = await at_work.types("gus", "checkin 4", channel=CHANNEL)

    assert seen.title.startswith("I am for the members of this workspace")


async def test_somebody_whom_nobody_knows_yet_is_looked_up_and_answered(at_work: Office) -> None:
    at_work.slack.add_person("new")
    at_work.slack.channel(CHANNEL).state.members.append(at_work.person("new").id)

    seen = await at_work.types("new", "help", channel=CHANNEL)

    assert seen.words.endswith("Everything I can do")
