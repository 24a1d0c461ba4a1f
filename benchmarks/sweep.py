"""The sweep over 100,000 schedules: empty, and with some of them due.

CPU of this process. The empty sweep must stay under a millisecond; due rows must cost in proportion.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from benchmarks.crowd import EVE, HOME, IN_TEAM, fill
from bot.clock import SteppedClock
from bot.nudges.sweep import Sweep
from handlers.catalog import CATALOG
from storage.database import Connection, Database, open_database
from storage.schedules import schedules

SCHEDULES = 100_000
DUE = (100, 200, 400, 800)
LIMIT_S = 0.001
MOST_UNEVEN = 1.5


async def empty(sweep: Sweep) -> float:
    """CPU seconds of one sweep that finds nothing due, on average of a hundred."""
    began = time.process_time()
    for _ in range(100):
        assert await sweep() == 0
    return (time.process_time() - began) / 100


async def with_due(sweep: Sweep, database: Database, first: int, count: int) -> float:
    """CPU seconds of one sweep that finds `count` due, from the `first` person on."""

    async def make_due(connection: Connection) -> None:
        some = schedules.c.person_id.between(first, first + count * IN_TEAM - 1)
        chosen = sa.and_(some, schedules.c.zone == HOME)  # one team in ten, for whom it is morning
        await connection.execute(sa.update(schedules).where(chosen).values(next_due_at=EVE))

    await database.write(make_due)
    began = time.process_time()
    assert await sweep() == count
    return time.process_time() - began


async def measure(url: str) -> tuple[float, list[float]]:
    """CPU seconds of an empty sweep, and for each that is due."""
    database = open_database(url)
    sweep = Sweep(database, SteppedClock(EVE), CATALOG)
    await with_due(sweep, database, 1, DUE[0])  # libraries, templates, statements
    idle = statistics.median([await empty(sweep) for _ in range(9)])
    each, first = [], 1 + DUE[0] * IN_TEAM
    for count in DUE:
        each.append(await with_due(sweep, database, first, count) / count)
        first += count * IN_TEAM
    await database.close()
    return idle, each


def main() -> bool:
    """Print the costs; returns whether they are within the limits."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        fill(url, SCHEDULES)
        idle, each = asyncio.run(measure(url))
    uneven = max(each) / min(each)
    print(f"empty sweep of {SCHEDULES:,} schedules {idle * 1e6:6.0f} µs CPU  (under {LIMIT_S * 1e6:.0f})")
    for count, cost in zip(DUE, each, strict=True):
        print(f"{count:4} due                      {cost * 1e6:10.0f} µs CPU each")
    print(f"dearest to cheapest each         {uneven:6.2f}  (at most {MOST_UNEVEN})")
    return idle < LIMIT_S and uneven <= MOST_UNEVEN


if __name__ == "__main__":
    sys.exit(not main())
