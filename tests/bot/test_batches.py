"""What is due together is planned together, and yet each for itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.nudges.sweep import Sweep
from handlers.catalog import CATALOG
from handlers.context import Context
from handlers.messages import Message
from handlers.rows import Catalog, Done, Nudge
from storage import Store
from storage.schedules import Schedule, occurrences
from tests.world import MONDAY, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def plan(world: World, *nudges: Nudge) -> Sequence[tuple[str, str]]:
    """Plan these nudges, due to one person at the same time. Returns what became of each."""
    async with world.writing() as connection:
        for nudge in nudges:
            await Store(connection, 1).schedules.put(
                nudge.name,
                nudge=nudge.name,
                team_id=1,
                person_id=2,
                zone="UTC",
                next_due_at=MONDAY,
                local_date=MONDAY.date(),
            )
    catalog = Catalog(CATALOG.commands, CATALOG.actions, (*CATALOG.nudges, *nudges))
    await Sweep(world.app.database, world.clock, catalog)()
    async with world.reading() as connection:
        query = sa.select(occurrences.c.nudge, occurrences.c.outcome + occurrences.c.reason)
        found = await connection.execute(query.where(occurrences.c.nudge.in_([each.name for each in nudges])))
        return [(row[0], row[1]) for row in found]


async def says(_context: Context, _schedule: Schedule) -> Message:
    """A nudge that is sent."""
    return Message("Said")


async def test_the_second_for_a_person_knows_what_the_first_changed_about_them(world: World) -> None:
    async def pauses(context: Context, _schedule: Schedule) -> Done:
        await context.store.directory.pause(context.me.id, context.today + timedelta(days=3))
        return Done()

    found = await plan(world, Nudge("first", pauses, asked_for=True), Nudge("second", says, asked_for=True))

    assert found == [("first", "sent"), ("second", "skippedpaused")]


async def test_of_one_that_fails_half_way_nothing_stays(world: World) -> None:
    async def fails_after_writing(context: Context, _schedule: Schedule) -> Message:
        await context.tell("half", context.me, Message("Half"))
        await context.store.directory.pause(context.me.id, context.today + timedelta(days=3))
        raise RuntimeError

    days = timedelta(days=8)  # so late that it is not tried again
    fails = Nudge("fails", fails_after_writing, asked_for=True, window=2 * days)
    world.clock.set(MONDAY + days)

    found = await plan(world, fails, Nudge("works", says, asked_for=True, window=2 * days))
    await world.app.drain()

    assert found == [("fails", "skippedfailed"), ("works", "sent")]
    assert "Half" not in [message.title for message in world.chat.to("ben")]


@contextmanager
def asked() -> Iterator[dict[str, Any]]:
    """What any database is asked meanwhile: each statement with its values."""
    statements: dict[str, Any] = {}

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.setdefault(statement, values)

    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    yield statements
    sa.event.remove(sa.Engine, "before_cursor_execute", hear)


async def test_planning_reads_no_table_from_end_to_end(world: World) -> None:
    world.clock.set(MONDAY + timedelta(days=1, hours=1, minutes=45))

    with asked() as statements:
        planned = await world.app.sweep()

    about_rows = {what: values for what, values in statements.items() if what.startswith(("SELECT", "UPDATE"))}
    with closing(sqlite3.connect(world.url.removeprefix("sqlite:///"))) as connection:
        steps = [
            (step, what)
            for what, values in about_rows.items()
            for *_, step in connection.execute(f"explain query plan {what}", values)
        ]
    assert planned == 5
    assert len(steps) > 10
    assert [step for step in steps if step[0].startswith("SCAN") and "CONSTANT ROW" not in step[0]] == []
