"""What tests of nudges share: what became of what was due to a person, and what they choose about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import Form, Items, Message
from storage import Store
from storage.directory import Role
from storage.schedules import Occurrence, schedules
from tests.handlers.setup import number
from tests.world import CHANNEL, MONDAY, World

TUESDAY = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)


async def only(world: World, *who: str) -> None:
    """Nobody else is asked anything, which makes weeks go by faster."""
    numbers = [await number(world, each) for each in who]
    async with world.writing() as connection:
        await connection.execute(sa.delete(schedules).where(schedules.c.person_id.not_in(numbers)))


async def decided(world: World, who: str = "ben") -> list[Occurrence]:
    """What became of all that was due to a person, in order."""
    async with world.reading() as connection:
        return (await Store(connection, 1).schedules.occurrences(await number(world, who), MONDAY))[::-1]


async def came(world: World, who: str = "ben", nudge: str = "checkin") -> list[str]:
    """The dates for which a person was sent a nudge."""
    every = await decided(world, who)
    return [f"{each.local_date:%a %-d %b}" for each in every if each.nudge == nudge and each.outcome == "sent"]


async def reason(world: World, day: str, who: str = "ben", nudge: str = "checkin") -> str:
    """Why a person was spared a nudge on a date; "" where they were not."""
    every = [each for each in await decided(world, who) if each.nudge == nudge]
    return next((each.reason for each in every if f"{each.local_date:%a %-d %b}" == day), "")


async def choose(world: World, who: str = "ben", **chosen: str) -> Any:
    """A person's own hours, days, quiet, holidays or cap."""
    return await world.submit(who, await world.form(who, "schedule"), **chosen)


async def take_off(world: World, dates: str, what: str = "") -> Message:
    """The lead gives the team days off."""
    form = await world.form("ana", "days-off", channel=CHANNEL)
    shown = await world.submit("ana", form, channel=CHANNEL, dates=dates, what=what)
    assert not isinstance(shown, Form), shown.errors
    return shown  # type: ignore[no-any-return]


async def make_admin(world: World, who: str) -> None:
    """The chat service tells that somebody is an admin."""
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        person = await directory.person_called(who)
        assert person
        known = {"name": person.name, "zone": person.zone, "locale": person.locale, "role": Role.ADMIN}
        await directory.keep_person(who, world.clock.now(), **known)


async def why(world: World, person: str = "ben") -> list[str]:
    """What a person reads about each day, newest first."""
    message = await world.say(person, "why")
    return [line for block in message.blocks if isinstance(block, Items) for line in block.items]
