"""Guests, strangers, bots and whoever has left are never written to first, whatever is on their schedules."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.clock import SteppedClock
from bot.nudges.drain import Drain
from bot.nudges.port import Address, Recipient
from bot.nudges.sweep import Sweep
from handlers.catalog import CATALOG
from handlers.context import Context
from handlers.messages import Message
from handlers.rows import Catalog, Nudge
from storage import Store
from storage.database import Connection, Database
from storage.directory import Role, add_workspace, people
from storage.outbox import outbox
from storage.schedules import Schedule
from tests.bot.matrix import NOW

NUDGED = int(os.environ.get("NUDGED", "200"))
SEED = int(os.environ.get("SEED", "7"))
LATER = timedelta(hours=1)
# What somebody may be, with whether they may be written to first, at last.
STATES: tuple[tuple[dict[str, Any], bool], ...] = (
    ({"role": Role.MEMBER}, True),
    ({"role": Role.LEAD}, True),
    ({"role": Role.ADMIN}, True),
    ({"role": Role.GUEST}, False),
    ({"role": Role.OUTSIDER}, False),
    ({"role": Role.ADMIN, "is_bot": True}, False),
    ({"role": Role.MEMBER, "is_active": False}, False),
    ({"role": Role.GUEST, "is_active": False, "is_bot": True}, False),
)
PERSONAL = [nudge.name for nudge in CATALOG.nudges if nudge.audience == "person"]


class Everybody:
    """A chat service that notes to whom it was asked to send."""

    def __init__(self) -> None:
        self.people: list[str] = []
        self.channels: list[str] = []

    async def send(self, recipient: Recipient, message: Message) -> Address:
        self.people += [recipient.person] if recipient.person else []
        self.channels += [recipient.channel] if recipient.channel else []
        return {"at": 1}


async def says_something(context: Context, schedule: Schedule) -> Message:
    """A nudge that would be sent to anybody."""
    return Message(f"{schedule.nudge} of {schedule.id}")


EAGER = Catalog(
    CATALOG.commands,
    CATALOG.actions,
    tuple(Nudge(nudge.name, says_something, nudge.audience, nudge.window) for nudge in CATALOG.nudges),
)


@dataclass
class Crowd:
    """People of all kinds, some in the team, each with a nudge due; `askable` are those who may get theirs."""

    chance: random.Random
    askable: set[str]
    size: int

    async def gather(self, connection: Connection) -> None:
        """Plant the crowd in a workspace with one team."""
        workspace = await add_workspace(connection, "test", "W1", "", NOW)
        store = Store(connection, workspace)
        channel = await store.directory.keep_channel("C1", name="#team")
        team = await store.teams.set_up(
            channel,
            NOW,
            name="Team",
            zone="UTC",
            locale="en_GB",
            days=(1, 2, 3, 4, 5),
            hour=NOW.time(),
            visibility="anonymous",
            retro_visibility="by_name",
            floor=4,
        )
        for number in range(self.size):
            await self._one(store, team, number)
        for nudge in CATALOG.nudges:
            if nudge.audience == "team":
                await store.schedules.put(nudge.name, nudge=nudge.name, team_id=team, zone="UTC", next_due_at=NOW)

    async def _one(self, store: Store, team: int, number: int) -> None:
        state, may = self.chance.choice(STATES)
        takes_part = self.chance.random() < 0.8
        external = f"U{number}"
        person = await store.directory.keep_person(
            external, NOW, name=external, zone="UTC", locale="en_GB", **state
        )
        if takes_part:
            await store.teams.join(team, person, self.chance.choice((Role.MEMBER, Role.LEAD)), NOW)
        nudge = self.chance.choice(PERSONAL)
        await store.schedules.put(
            f"{nudge}:{number}", nudge=nudge, team_id=team, person_id=person, zone="UTC", next_due_at=NOW
        )
        self.askable |= {external} if may and takes_part else set()


async def crowd(database: Database, size: int = NUDGED) -> Crowd:
    """A crowd drawn by the seed."""
    found = Crowd(random.Random(SEED), set(), size)  # noqa: S311 - what is drawn is no secret
    await database.write(found.gather)
    return found


async def promised_to(connection: Connection) -> set[str]:
    """Whom something is on its way to."""
    query = sa.select(people.c.external_id).join(outbox, outbox.c.person_id == people.c.id)
    return set((await connection.execute(query)).scalars())


async def test_exactly_those_who_may_be_asked_get_their_nudge_and_channels_get_theirs(database: Database) -> None:
    gathered, chat, clock = await crowd(database), Everybody(), SteppedClock(NOW)

    await Sweep(database, clock, EAGER)()
    promised = await database.read(promised_to)
    await Drain(database, clock, {"test": chat})()

    assert promised == gathered.askable, f"SEED={SEED}"
    assert sorted(chat.people) == sorted(gathered.askable), f"SEED={SEED}"
    assert len(chat.channels) == sum(nudge.audience == "team" for nudge in CATALOG.nudges)


async def test_nobody_gets_what_was_promised_before_they_ceased_to_be_askable(database: Database) -> None:
    gathered, chat, clock = await crowd(database), Everybody(), SteppedClock(NOW)
    await Sweep(database, clock, EAGER)()

    async def all_leave(connection: Connection) -> None:
        directory = Store(connection, 1).directory
        for external in gathered.askable:
            state, _ = gathered.chance.choice([each for each in STATES if not each[1]])
            await directory.keep_person(external, NOW, name="", zone="UTC", locale="en_GB", **state)

    await database.write(all_leave)
    await Drain(database, clock, {"test": chat})()

    assert gathered.askable
    assert chat.people == [], f"SEED={SEED}"
    assert chat.channels


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_personal_nudge_without_its_person_reaches_nobody(database: Database) -> None:
    chat, clock = Everybody(), SteppedClock(NOW)
    await crowd(database, size=5)

    async def of_nobody(connection: Connection) -> None:
        for nudge in PERSONAL:
            at = NOW + LATER
            await Store(connection, 1).schedules.put(
                f"{nudge}:nobody", nudge=nudge, team_id=1, person_id=None, zone="UTC", next_due_at=at
            )

    await Sweep(database, clock, EAGER)()
    await Drain(database, clock, {"test": chat})()
    before = len(chat.channels)
    await database.write(of_nobody)
    clock.set(NOW + LATER)
    await Sweep(database, clock, EAGER)()
    await Drain(database, clock, {"test": chat})()

    assert len(chat.channels) == before
