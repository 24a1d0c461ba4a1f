"""A hundred writers at once: nobody is refused, no update is lost."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime

import sqlalchemy as sa

from storage.database import Connection, Database, open_database
from storage.directory import add_workspace
from storage.schema import metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COUNTER = metadata.tables["workspaces"]
WRITERS = 100
PROCESSES = {"sqlite": 1, "postgresql": 4}  # that share a database
WRITES = int(os.environ.get("WRITES", "300"))


async def count_up(connection: Connection) -> None:
    """Read what stands there, and write one more."""
    held = (await connection.execute(sa.select(COUNTER.c.name).with_for_update())).scalar_one()
    await connection.execute(sa.update(COUNTER).values(name=str(int(held) + 1)))


async def total(connection: Connection) -> int:
    """What has been counted."""
    return int((await connection.execute(sa.select(COUNTER.c.name))).scalar_one())


async def write(database: Database, times: int) -> None:
    """One writer's work, one after the other."""
    for _ in range(times):
        await database.write(count_up)


async def test_a_hundred_writers_who_read_first_are_never_refused_and_lose_no_update(database_url: str) -> None:
    processes = PROCESSES[sa.make_url(database_url).get_backend_name()]
    databases = [open_database(database_url) for _ in range(processes)]
    await databases[0].write(lambda connection: add_workspace(connection, "test", "counter", "0", NOW))

    await asyncio.gather(*(write(databases[number % processes], WRITES // WRITERS) for number in range(WRITERS)))

    counted = await databases[0].read(total)
    for each in databases:
        await each.close()
    assert counted == WRITES // WRITERS * WRITERS
