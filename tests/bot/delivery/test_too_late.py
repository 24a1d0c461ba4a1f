"""A nudge that could not be sent in time: nobody is disturbed by it in the evening, at night or in a pause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.nudges.port import NotSent
from tests.bot.delivery.depot import rows
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TUESDAY = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)


async def held_up(world: World, until: datetime) -> None:
    """Tuesday's questions are promised, and the chat service says to wait."""
    world.clock.set(TUESDAY)
    world.chat.sent.clear()
    world.chat.failures = [NotSent("busy", until)]
    await world.app.tick()


async def at(world: World, instant: datetime) -> int:
    """How many messages have been sent once it is an instant."""
    world.clock.set(instant)
    await world.app.drain()
    return len(world.chat.sent)


@pytest.mark.parametrize(("hours", "sent"), [(1, 5), (3, 5), (5, 0), (10, 0), (20, 0)])
async def test_a_question_comes_within_four_hours_or_not_at_all(world: World, hours: int, sent: int) -> None:
    await held_up(world, TUESDAY + timedelta(hours=hours))

    assert await at(world, TUESDAY + timedelta(hours=hours)) == sent

    errors = await rows(world.app.database, "outbox", "error")
    assert errors.count("too late") == 5 - sent


async def test_a_question_that_is_held_up_until_work_is_over_does_not_come(world: World) -> None:
    form = await world.form("ben", "schedule")
    await world.submit("ben", form, hour="17:00")
    world.clock.set(TUESDAY + timedelta(hours=7, minutes=20))
    await world.app.sweep()

    world.clock.set(datetime(2026, 11, 24, 18, 1, tzinfo=UTC))
    await world.app.drain()

    assert not [message for message in world.chat.to("ben") if message.title.startswith("Would ")]


async def test_what_was_on_its_way_to_somebody_who_pauses_does_not_come(world: World) -> None:
    await held_up(world, TUESDAY + timedelta(hours=1))
    await world.say("ben", "pause until Friday")

    await at(world, TUESDAY + timedelta(hours=1))

    assert not world.chat.to("ben")
    assert len(world.chat.to("dev")) == 1


@pytest.mark.parametrize(("hours", "sent"), [(3, 1), (6, 0)])
async def test_what_somebody_asked_to_get_again_comes_in_the_evening_too_but_not_at_night(
    world: World, hours: int, sent: int
) -> None:
    await world.go_to(TUESDAY + timedelta(hours=7))
    await world.press("ben", world.chat.to("ben")[-1], "In an hour")
    world.clock.set(TUESDAY + timedelta(hours=8, minutes=1))
    await world.app.sweep()
    before = len(world.chat.to("ben"))

    await at(world, TUESDAY + timedelta(hours=8 + hours))

    assert len(world.chat.to("ben")) == before + sent
