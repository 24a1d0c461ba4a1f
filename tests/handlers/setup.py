"""What tests of teams and of what is a person's own share: the setup form, who is picked, and erasing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.local_time import jitter_of
from handlers.messages import Facts, Form, Message
from storage import Store
from storage.directory import Role
from storage.schedules import Schedule
from storage.schema import metadata
from storage.teams import Team
from tests.world import CHANNEL, PEOPLE, World


async def setup(world: World, person: str = "ana", **changes: str) -> Message:
    """The setup form sent with these answers changed, and the preview that follows."""
    form = await world.form(person, "setup", channel=CHANNEL)
    preview = await world.submit(person, form, channel=CHANNEL, **changes)
    assert isinstance(preview, Message), preview.errors
    return preview


async def refused(world: World, **changes: str) -> Form:
    """The form as it comes back from a setup that cannot be taken."""
    form = await world.form("ana", "setup", channel=CHANNEL)
    again = await world.submit("ana", form, channel=CHANNEL, **changes)
    assert isinstance(again, Form), again.title
    return again


async def picked(world: World, *who: str) -> str:
    """People as the form's list of them has them."""
    return ",".join([str(await number(world, each)) for each in who])


async def number(world: World, who: str, workspace: int = 1) -> int:
    """A person's number."""
    async with world.reading() as connection:
        person = await Store(connection, workspace).directory.person_called(who)
    assert person
    return person.id


async def join_channel(world: World, who: str, **profile: Any) -> None:
    """Somebody of the workspace who was not there before is in the channel now."""
    known = {"name": who, "zone": "Europe/London", "locale": "en_GB", "role": Role.MEMBER, **profile}
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        added = await directory.keep_person(who, world.clock.now(), **known)
        channel = await directory.channel_called(CHANNEL)
        assert channel
        members = await directory.members(channel.id)
        await directory.set_members(channel.id, [*(member.id for member in members), added])


async def team_of(world: World, team_id: int = 1) -> Team:
    """The team as it is kept."""
    async with world.reading() as connection:
        team = await Store(connection, 1).teams.get(team_id)
    assert team
    return team


async def schedules(world: World, who: str) -> list[Schedule]:
    """What is coming up for a person, soonest first."""
    async with world.reading() as connection:
        store = Store(connection, 1)
        person = await store.directory.person_called(who)
        assert person
        return await store.schedules.of_person(person.id)


async def next_question(world: World, who: str) -> datetime | None:
    """When a person's next daily question is due, but for the seconds that keep all from coming at once."""
    coming = [each for each in await schedules(world, who) if each.nudge == "checkin"]
    at = coming[0].next_due_at if coming else None
    return at and at - jitter_of(await number(world, who))


async def count(world: World, table: str) -> int:
    """How many rows a table has."""
    async with world.reading() as connection:
        query = sa.select(sa.func.count()).select_from(metadata.tables[table])
        return int((await connection.execute(query)).scalar_one())


def facts(message: Message) -> dict[str, str]:
    """What a message says as label and value."""
    return {label: value for block in message.blocks if isinstance(block, Facts) for label, value in block.rows}


def questions(world: World, who: str) -> int:
    """How many daily questions stand in a person's chat."""
    return sum(message.title.startswith("Would ") for message in world.chat.to(who))


def asked(world: World) -> list[str]:
    """Who of the five has a daily question in their chat."""
    return [who for who in PEOPLE if questions(world, who)]


async def erasing(world: World, person: str = "ben") -> Message:
    """What a person reads before anything is erased."""
    message = await world.press(person, await world.say(person, "my-data"), "Erase…")
    assert isinstance(message, Message)
    return message


async def erase(world: World, person: str = "ben") -> Message:
    """Everything of a person's erased, and what they read then."""
    done = await world.press(person, await erasing(world, person), "Erase it all")
    assert isinstance(done, Message)
    return done
