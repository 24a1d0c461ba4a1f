"""What is said and kept while Slack or the database is away, and words that look like Slack's own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.slack.delivery import Delivery, Visit
from bot.slack.own_install import OwnInstall
from bot.slack.places import Place
from bot.slack.render import render
from handlers.messages import Message, Text
from tests.bot.slack.office import Office, office
from tests.fakes.slack.faults import Fault
from tests.world import CHANNEL

LONG = Message("Long", tuple(Text(f"word {number} " * 350) for number in range(12)))


async def test_a_command_may_speak_of_a_payload(database_url: str) -> None:
    async with office(database_url) as opened:
        card = await opened.types("ana", "the payload was lost, payload=1")

    assert "payload" in card.words or "I don't know" in card.words


async def test_a_nudge_that_is_due_while_slack_is_away_is_sent_when_it_is_back(database_url: str) -> None:
    async with office(database_url) as opened:
        await opened.start_team()
        away = slack_forgets(opened, times=100)
        await opened.go_to(opened.clock.now() + timedelta(days=1, hours=1, minutes=45))
        before = [card.title for card in opened.person("ben").dms]
        away.times = 0
        opened.clock.set(opened.clock.now() + timedelta(minutes=30))
        await opened.tick()
        after = [card.title for card in opened.person("ben").dms]

    assert len(after) == len(before) + 1
    assert "happy to pay for today" in after[-1]


async def test_words_are_brought_again_where_the_bot_could_not_read_whose_they_are(database_url: str) -> None:
    async with office(database_url) as opened:
        away = slack_forgets(opened, times=1)
        opened.clock.set(opened.clock.now() + timedelta(minutes=1))
        reply = await opened.person("ana").dm("help")
        away.times = 0
        opened.clock.set(opened.clock.now() + timedelta(minutes=1))
        again = await opened.slack.retry_now()
        await opened.quiet()

        assert reply
        assert reply.status == 503
        assert [each.status for each in again] == [200]
        assert [card.title for card in opened.person("ana").dms][-1] == "What I can do here"


def slack_forgets(opened: Office, times: int) -> Fault:
    """A bot that has just been started, and a Slack that does not say whose its token is, so many times."""
    assert opened.app.slack
    installs = opened.app.slack.installs
    assert isinstance(installs, OwnInstall)
    installs._install = None
    return opened.slack.fail("auth.test", status=503, times=times)


async def half_an_hour(opened: Office) -> None:
    """Live on for half an hour."""
    for _ in range(6):
        opened.clock.set(opened.clock.now() + timedelta(minutes=5))
        await opened.tick()


def throttled(opened: Office, *methods: str) -> None:
    """Slack is too busy for some methods, for a minute each."""
    for method in methods:
        opened.slack.throttle(method, retry_after=60)


def busy_with_every_other(opened: Office, method: str, times: int) -> None:
    """Slack takes a call of a method, has no time for the next, and so on."""
    for _ in range(times):
        opened.slack.fail(method)
        opened.slack.fail(method, status=503)


async def test_what_is_said_to_the_bot_in_a_channel_is_answered_when_slack_has_time(database_url: str) -> None:
    async with office(database_url) as opened:
        await opened.start_team()
        await half_an_hour(opened)
        ben = opened.person("ben")
        stood = len(ben.dms)
        throttled(opened, "chat.postEphemeral", "chat.postMessage")

        await ben.mention(CHANNEL, "checkin 4 fine")
        await half_an_hour(opened)

        assert opened.slack.faults.too_early == []
        assert [card.title for card in ben.dms[stood:]] == ["Saved: 4 of 5"]


async def test_what_did_not_fit_into_a_response_comes_when_slack_has_time(database_url: str) -> None:
    async with office(database_url) as opened:
        await opened.start_team()
        await half_an_hour(opened)
        stood = len(opened.person("ben").dms)
        opened.slack.fail("response_url", status=503, times=9)
        throttled(opened, "chat.postEphemeral", "chat.postMessage")
        slack = opened.app.slack
        assert slack
        install = await slack.installs.of(opened.slack.workspace().id)
        assert install

        delivery = Delivery(slack.installs, slack.clients, opened.clock, opened.app.database)
        place = Place("typed", channel=opened.slack.channel(CHANNEL).id)
        await delivery.rest(Visit(install, opened.person("ben").id, place), LONG)
        await half_an_hour(opened)

        assert len(opened.person("ben").dms) - stood == len(render(LONG))


async def test_files_that_slack_is_too_busy_for_come_later_and_each_once(database_url: str) -> None:
    async with office(database_url) as opened:
        await opened.start_team()
        await half_an_hour(opened)
        await opened.types("ben", "checkin 4")
        card = await opened.types("ben", "my-data")
        throttled(opened, "files.getUploadURLExternal")

        await opened.presses("ben", card, "Export as JSON")
        during = files(opened)
        await half_an_hour(opened)

        assert during == []
        assert files(opened) == ["my-data.json"]
        assert opened.slack.faults.too_early == []


async def test_of_several_files_those_that_were_not_taken_come_later(database_url: str) -> None:
    async with office(database_url) as opened:
        await opened.start_team()
        await half_an_hour(opened)
        await opened.types("ben", "checkin 4")
        card = await opened.types("ben", "my-data")
        busy_with_every_other(opened, "files.completeUploadExternal", times=4)

        await opened.presses("ben", card, "Export as CSV")
        during = files(opened)
        await half_an_hour(opened)

        assert len(during) == 1
        assert len(files(opened)) > 3
        assert len(files(opened)) == len(set(files(opened)))


@pytest.mark.parametrize(
    "how", [{"error": "file_uploads_disabled"}, {"drop": "before"}], ids=["refused", "unknown"]
)
async def test_whoever_gets_no_file_is_told_to_ask_again(database_url: str, how: dict[str, str]) -> None:
    async with office(database_url) as opened:
        await opened.start_team()
        await half_an_hour(opened)
        card = await opened.types("ben", "my-data", channel=CHANNEL)
        opened.slack.fail("files.completeUploadExternal", **how)

        await opened.presses("ben", card, "Export as JSON")

        shown = [*opened.person("ben").dms, *opened.person("ben").ephemerals()]
        assert [card for card in shown if "ask for it again" in card.words]


async def test_files_of_an_answer_that_was_not_taken_come_once(database_url: str) -> None:
    async with office(database_url) as opened:
        await opened.start_team()
        await half_an_hour(opened)
        card = await opened.types("ben", "my-data", channel=CHANNEL)
        opened.slack.fail("response_url", status=503, times=9)
        throttled(opened, "chat.postEphemeral", "chat.postMessage")

        await opened.person("ben").press(card, "Export as JSON")
        await opened.quiet()
        await half_an_hour(opened)

        assert files(opened) == ["my-data.json"]
        assert [card.title for card in opened.person("ben").dms].count("Your data") == 1


def files(opened: Office) -> list[str]:
    """The names of the files in Ben's direct messages."""
    sent = [named for card in opened.person("ben").dms for named in card.message.files]
    return [str(opened.slack.world.files[named]["name"]) for named in sent]
