"""The sweep over 100,000 schedules: empty, and with some of them due.

CPU of this process. The empty sweep must stay under a millisecond; due rows must cost in proportion.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from storage.migrate import upgrade
from storage.schema import metadata
from tests.world import World

SCHEDULES = 100_000
DUE = (100, 200, 400, 800)
LIMIT_S = 0.001
MOST_UNEVEN = 1.5


async def fill(world: World) -> None:
    """Schedules that are due a year from now, and people for them."""
    now = world.clock.now()
    people = [
        {
            "workspace_id": 1,
            "external_id": f"p{n}",
            "name": f"P {n}",
            "zone": "UTC",
            "locale": "en_GB",
            "role": 2,
            "created_at": now,
        }
        for n in range(sum(DUE))
    ]
    rows = [
        {
            "workspace_id": 1,
            "key": f"bench:{n}",
            "nudge": "checkin",
            "team_id": 1,
            "person_id": 6 + n % len(people),
            "zone": "UTC",
            "local_date": now.date(),
            "next_due_at": now + timedelta(days=365, seconds=n),
        }
        for n in range(SCHEDULES)
    ]
    memberships = [
        {"workspace_id": 1, "team_id": 1, "person_id": 6 + n, "role": 2, "joined_at": now}
        for n in range(len(people))
    ]
    async with world.writing() as connection:
        await connection.execute(sa.insert(metadata.tables["people"]), people)
        await connection.execute(sa.insert(metadata.tables["memberships"]), memberships)
        await connection.execute(sa.insert(metadata.tables["schedules"]), rows)


async def empty(world: World) -> float:
    """CPU seconds of one sweep that finds nothing due, on average of a hundred."""
    began = time.process_time()
    for _ in range(100):
        assert await world.app.sweep() == 0
    return (time.process_time() - began) / 100


async def with_due(world: World, count: int, first: int) -> float:
    """CPU seconds of one sweep that finds `count` due."""
    schedules = metadata.tables["schedules"]
    async with world.writing() as connection:
        number = sa.func.replace(schedules.c.key, "bench:", "").cast(sa.Integer)
        chosen = sa.and_(schedules.c.key.like("bench:%"), number >= first, number < first + count)
        await connection.execute(sa.update(schedules).where(chosen).values(next_due_at=world.clock.now()))
    began = time.process_time()
    assert await world.app.sweep() == count
    return time.process_time() - began


async def main() -> bool:
    """Print the costs; returns whether they are within the limits."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        upgrade(url)
        world = await World.create(url)
        await fill(world)
        await empty(world)
        idle = statistics.median([await empty(world) for _ in range(9)])
        each, first = [], 0
        for count in DUE:
            each.append(await with_due(world, count, first) / count)
            first += count
        await world.app.close()
    uneven = max(each) / min(each)
    print(f"empty sweep of {SCHEDULES:,} schedules {idle * 1e6:6.0f} µs CPU  (under {LIMIT_S * 1e6:.0f})")
    for count, cost in zip(DUE, each, strict=True):
        print(f"{count:4} due                      {cost * 1e6:10.0f} µs CPU each")
    print(f"dearest to cheapest each         {uneven:6.2f}  (at most {MOST_UNEVEN})")
    return idle < LIMIT_S and uneven <= MOST_UNEVEN


if __name__ == "__main__":
    sys.exit(not asyncio.run(main()))
