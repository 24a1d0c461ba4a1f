"""Workers as processes over one PostgreSQL: killed, stopped, with clocks apart; nobody gets anything twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from bot.clock import SteppedClock, SystemClock
from bot.nudges.drain import Drain
from bot.nudges.pace import Pace, Rate
from storage.database import Connection, Database
from storage.lanes import CHANNEL, wake
from storage.listening import listen
from tests.bot.delivery.depot import Taker, promise, rows

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
LEASE_S = 1.5
WORKSPACES = {f"W{n}": 4 for n in range(30)}


@asynccontextmanager
async def worker(
    url: str, ledger: Path, off_s: float = 0, takes_s: float = 0.01
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker at work, killed in the end."""
    arguments = [url, str(ledger), str(off_s), str(LEASE_S), str(takes_s)]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bot.delivery.worker", *arguments)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(holds: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.02)


async def until_nothing_waits(database: Database) -> list[str]:
    """The states of all messages, once none is on its way."""
    async with asyncio.timeout(30):
        while {"due", "sending"} & set(found := await rows(database, "outbox", "state")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found


def sent(ledger: Path) -> Counter[str]:
    """How often each message was taken."""
    return Counter(ledger.read_text().split()) if ledger.exists() else Counter()


async def test_two_workers_whose_clocks_differ_by_two_minutes_send_everything_once(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    await promise(database, SystemClock().now() + timedelta(minutes=1), WORKSPACES)

    async with worker(database_url, ledger, off_s=-60), worker(database_url, ledger, off_s=60):
        states = await until_nothing_waits(database)

    assert set(states) == {"sent"}
    assert set(sent(ledger).values()) == {1}
    assert len(sent(ledger)) == len(states)


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped past its lease"])
async def test_what_a_worker_never_finished_is_sent_by_nobody_twice_to_a_person(
    database_url: str, database: Database, tmp_path: Path, fault: signal.Signals
) -> None:
    ledger = tmp_path / "ledger"
    await promise(database, datetime.now(UTC), WORKSPACES, channels=1)

    async with worker(database_url, ledger, takes_s=0.2) as first, worker(database_url, ledger, takes_s=0.2):
        await until(lambda: len(sent(ledger)) > 10)
        first.send_signal(fault)
        await until_nothing_waits(database)
        if fault is signal.SIGSTOP:
            first.send_signal(signal.SIGCONT)
        states = await until_nothing_waits(database)

    twice = [name for name, times in sent(ledger).items() if times > 1]
    assert set(states) <= {"sent", "unknown"}
    assert not [name for name in twice if ":U" in name]
    assert {f"{workspace}:C0" for workspace in WORKSPACES} <= set(sent(ledger))


async def test_whoever_listens_hears_at_once_and_again_after_a_lost_connection(
    database_url: str, database: Database
) -> None:
    heard: list[str] = []
    listening = asyncio.create_task(listen(database_url, lambda: heard.append("woken"), again_s=0.01))
    await until(lambda: len(heard) == 1)

    await database.write(wake)
    await until(lambda: len(heard) == 2)
    await database.write(lose_the_listener)
    await until(lambda: len(heard) == 3)
    await database.write(wake)
    await until(lambda: len(heard) == 4)

    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def lose_the_listener(connection: Connection) -> None:
    """The server ends the connection that listens."""
    query = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where query like 'listen%' and datname = current_database()"
    )
    await connection.execute(sa.text(query))


async def test_what_a_process_that_only_answers_may_not_send_yet_is_handed_over(
    database_url: str, database: Database
) -> None:
    chat, clock = OnePerSecond(), SteppedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    web = Drain(database, clock, {"test": chat}, paced=True)

    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute(f"listen {CHANNEL}")
        listener.execute("listen the_end")
        said = []
        for _ in range(2):
            await promise(database, clock.now(), {"W1": 0}, channels=1)
            await web.at_once(1)
            listener.execute("notify the_end")
            said.append([each.channel for each in listener.notifies(timeout=10, stop_after=1)])

    assert [each[0] for each in said] == ["the_end", CHANNEL]
    assert (chat.taken, chat.replaced) == (["W1:C0"], [])


class OnePerSecond(Taker):
    """A chat service that takes one message a second in a channel."""

    pace = Pace(recipient=(Rate(1, 1),))
