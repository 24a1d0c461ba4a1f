"""What is said and kept while Slack or the database is away, and words that look like Slack's own."""

from __future__ import annotations

from datetime import timedelta

from bot.slack.own_install import OwnInstall
from tests.bot.slack.office import Office, office
from tests.fakes.slack.faults import Fault


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
