"""Messages of several pages, of which Slack takes some: the others come later, and none stands there twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest

from bot.slack.delivery import Delivery, Visit
from bot.slack.places import Place
from bot.slack.render import render
from handlers.messages import Message, Text
from storage.database import Connection
from storage.delivery import Choice, Claim, claim
from storage.lanes import Spent
from tests.bot.delivery.depot import rows
from tests.bot.slack.office import Office, office
from tests.bot.slack.promising import promised
from tests.fakes.slack.world import Message as Posted
from tests.world import CHANNEL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LONG = Message("Long", tuple(Text(f"word {number} " * 350) for number in range(12)))
VERY_LONG = Message("Very long", LONG.blocks * 3)


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started, and in which nothing waits to be sent."""
    async with office(database_url) as opened:
        await opened.start_team()
        await go_on(opened, minutes=2)
        yield opened


async def go_on(opened: Office, *, minutes: float = 0, seconds: float = 0) -> None:
    """Let some time pass."""
    opened.clock.set(opened.clock.now() + timedelta(minutes=minutes, seconds=seconds))
    await opened.tick()


async def take_all(connection: Connection, now: datetime) -> Claim:
    """Take all that waits, as a process does that dies before it says what became of it."""

    def choose(spent: Spent, _: datetime, recipients: Sequence[str]) -> Choice:
        return Choice(range(len(recipients)), spent, None)

    return await claim(connection, "slack", "dead", now, timedelta(seconds=30), 10, choose)


def pages(opened: Office, title: str, to: str) -> list[Posted]:
    """What stands of a message."""
    dms = [card.message for card in opened.person(to).dms] if to != CHANNEL else []
    posted = opened.slack.channel(CHANNEL).state.history if to == CHANNEL else dms
    return [message for message in posted if message.text == title and not message.is_deleted]


def texts(posted: list[Posted]) -> list[object]:
    """What stands on pages, without the ids that Slack gives."""
    return [
        [{name: value for name, value in block.items() if name != "block_id"} for block in page.blocks]
        for page in posted
    ]


def second_page_fails(opened: Office, **how: str | int) -> None:
    """Let the next page through, and something go wrong with the one after it."""
    opened.slack.fail("chat.postMessage")
    opened.slack.fail("chat.postMessage", **how)


@pytest.mark.parametrize("to", ["ana", CHANNEL])
@pytest.mark.parametrize("message", [LONG, VERY_LONG], ids=["long", "very long"])
async def test_the_pages_that_slack_is_too_busy_for_come_when_it_says(
    at_work: Office, message: Message, to: str
) -> None:
    at_work.slack.faults.paced = True  # one message a second

    await promised(at_work, message, to)
    at_first = len(pages(at_work, message.title, to))
    for _ in range(2 * len(render(message))):
        await go_on(at_work, seconds=2)

    assert at_first == 1
    stands = pages(at_work, message.title, to)
    assert len(stands) == len(render(message))
    assert [page.thread_ts for page in stands[1:]] == [stands[0].ts] * (len(stands) - 1)
    assert set(await rows(at_work.app.database, "outbox", "state")) == {"sent"}


@pytest.mark.parametrize("how", [{"status": 503}, {"error": "ratelimited"}], ids=["503", "limited"])
async def test_each_page_stands_once(at_work: Office, how: dict[str, str | int]) -> None:
    second_page_fails(at_work, **how)

    await promised(at_work, LONG, "ana")
    for _ in range(5):
        await go_on(at_work, minutes=10)

    found = texts(pages(at_work, "Long", "ana"))
    assert len(found) == len(render(LONG))
    assert all(found.count(page) == 1 for page in found)


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_page_to_a_person_that_may_have_arrived_is_not_sent_again(at_work: Office, drop: str) -> None:
    second_page_fails(at_work, drop=drop)

    await promised(at_work, LONG, "ana")
    for _ in range(5):
        await go_on(at_work, minutes=10)

    assert len(pages(at_work, "Long", "ana")) == (2 if drop == "after" else 1)
    assert "unknown" in await rows(at_work.app.database, "outbox", "state")


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_page_to_a_person_that_may_have_arrived_is_not_sent_again_by_the_next_try(
    at_work: Office, drop: str
) -> None:
    second_page_fails(at_work, status=503)
    await promised(at_work, LONG, "ana")
    at_work.slack.fail("chat.postMessage", drop=drop)

    for _ in range(5):
        await go_on(at_work, minutes=10)

    assert len(pages(at_work, "Long", "ana")) == (2 if drop == "after" else 1)
    assert "unknown" in await rows(at_work.app.database, "outbox", "state")


async def test_a_page_that_a_process_may_have_sent_before_it_died_is_not_sent_again(at_work: Office) -> None:
    second_page_fails(at_work, status=503)
    await promised(at_work, LONG, "ana")
    at_work.clock.set(at_work.clock.now() + timedelta(minutes=10))
    taken = await at_work.app.database.write(lambda connection: take_all(connection, at_work.clock.now()))

    await go_on(at_work, minutes=10)

    assert len(taken.loads[0].parcels) == 1
    assert len(pages(at_work, "Long", "ana")) == 1
    assert "unknown" in await rows(at_work.app.database, "outbox", "state")


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_pages_to_a_channel_get_there_and_the_first_stands_once(at_work: Office, drop: str) -> None:
    second_page_fails(at_work, drop=drop)

    await promised(at_work, LONG, CHANNEL)
    for _ in range(5):
        await go_on(at_work, minutes=10)

    found = texts(pages(at_work, "Long", CHANNEL))
    assert len(found) == len(render(LONG)) + (drop == "after")
    assert found.count(found[0]) == 1
    assert found[-1]


async def test_the_pages_of_a_reply_come_in_its_thread(at_work: Office) -> None:
    await promised(at_work, Message("Summary"), CHANNEL)
    second_page_fails(at_work, status=503)

    await promised(at_work, LONG, CHANNEL, thread=f"Summary:{CHANNEL}")
    await go_on(at_work, minutes=10)

    parent, *_ = pages(at_work, "Summary", CHANNEL)
    found = pages(at_work, "Long", CHANNEL)
    assert len(found) == len(render(LONG))
    assert {page.thread_ts for page in found} == {parent.ts}


async def test_what_slack_refuses_for_good_of_a_long_message_is_dead_and_the_rest_stands(at_work: Office) -> None:
    second_page_fails(at_work, error="msg_blocks_too_long")

    await promised(at_work, LONG, "ana")
    await go_on(at_work, minutes=10)

    assert len(pages(at_work, "Long", "ana")) == 1
    assert "msg_blocks_too_long" in await rows(at_work.app.database, "outbox", "error")


async def test_a_new_version_takes_the_place_of_the_pages_that_stand(at_work: Office) -> None:
    second_page_fails(at_work, drop="before")
    await promised(at_work, LONG, "ana")

    await promised(at_work, Message("Long", (Text("Short now."),)), "ana")

    assert [str(page.blocks).count("Short now.") for page in pages(at_work, "Long", "ana")] == [1]


async def test_what_is_not_taken_in_the_channel_is_shown_in_direct_messages_and_nothing_else(
    at_work: Office,
) -> None:
    slack, ana = at_work.app.slack, at_work.person("ana")
    assert slack
    install = await slack.installs.of(at_work.slack.workspace().id)
    assert install
    shown, written = len(ana.ephemerals()), len(ana.dms)
    at_work.slack.fail("chat.postEphemeral")
    at_work.slack.fail("chat.postEphemeral", error="user_not_in_channel")

    delivery = Delivery(slack.installs, slack.clients, at_work.clock, at_work.app.database)
    place = Place("typed", channel=at_work.slack.channel(CHANNEL).id)
    await delivery.message(Visit(install, ana.id, place), LONG)

    assert len(ana.ephemerals()) - shown == 1
    assert len(ana.dms) - written == len(render(LONG)) - 1
