"""One typed command that writes one row, through the dispatcher, beside the bare insert of the same row.

CPU seconds of this process, both in one run, taking turns so that noise falls on both alike.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from bot.reading import Request
from storage.arrivals import Envelope
from storage.database import _begin_sqlite, _prepare_sqlite
from storage.migrate import upgrade
from storage.schema import metadata
from tests.world import World

ROUNDS, PER_ROUND = 12, 200
LIMIT = 2.0
START = date(2020, 1, 1)


async def bare(world: World, first: int) -> float:
    """CPU seconds of one bare insert, on average: a transaction, the insert, the commit."""
    reflections = metadata.tables["reflections"]
    engine = create_async_engine(sa.make_url(world.url).set(drivername="sqlite+aiosqlite"))
    sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    async with engine.begin() as connection:
        await connection.execute(sa.text("select 1"))
    began = time.process_time()
    for number in range(first, first + PER_ROUND):
        async with engine.begin() as connection:
            await connection.execute(
                sa.insert(reflections).values(
                    workspace_id=1,
                    team_id=1,
                    person_id=1,
                    question="bare",
                    local_date=START + timedelta(days=number),
                    score=4,
                    sentence="a good day",
                    prompt="user.stuck",
                    promised="anonymous",
                    is_late=False,
                    created_at=datetime(2026, 11, 23, tzinfo=UTC),
                )
            )
    spent = time.process_time() - began
    await engine.dispose()
    return spent / PER_ROUND


async def typed(world: World, first: int) -> float:
    """CPU seconds of one typed check-in, on average, each on a day of its own."""
    spent = 0.0
    for number in range(first, first + PER_ROUND):
        world.clock.set(world.clock.now() + timedelta(days=1))
        request = Request(Envelope("test", "W1", "ben", None), f"k{number}", "words", "checkin 4 a good day", {})
        began = time.process_time()
        answer = await world.app.dispatch(request)
        spent += time.process_time() - began
        assert "Saved: 4" in answer.reply.title, answer.reply
    return spent / PER_ROUND


async def main() -> float:
    """Print both costs and their ratio; returns the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        upgrade(url)
        world = await World.create(url)
        await typed(world, 0)
        pairs = []
        for turn in range(1, ROUNDS + 1):
            pairs.append((await typed(world, turn * PER_ROUND), await bare(world, turn * PER_ROUND)))
        await world.app.close()
    ours, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"typed command   {ours * 1e6:8.0f} µs CPU")
    print(f"bare insert     {plain * 1e6:8.0f} µs CPU")
    print(f"ratio           {ratio:8.2f}  (at most {LIMIT})")
    return ratio


if __name__ == "__main__":
    sys.exit(asyncio.run(main()) > LIMIT)
