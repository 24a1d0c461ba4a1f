"""Workers whose database is restarted at once, or whose connections are cut: they go on by themselves."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from storage.database import Database, DatabaseError, open_database
from tests.bot.delivery.depot import promise, rows
from tests.bot.delivery.test_processes import WORKSPACES, sent, until, worker

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
Fault = Callable[[Any], Awaitable[None]]


async def restarted(server: Any) -> None:
    """The server ends at once, without a word to anybody, and starts again."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("checkpoint")  # or it looks through what all tests before have written
    postmaster = psutil.Process(server.get_pid())
    postmaster.send_signal(signal.SIGQUIT)
    await asyncio.to_thread(postmaster.wait, 30)
    await asyncio.to_thread(server.ensure_postgres_running)


async def cut_off(server: Any) -> None:
    """The server ends every connection."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        connection.execute(f"{others} and backend_type = 'client backend'")


async def ends(url: str) -> list[tuple[str, int | None]]:
    """Each message's state and channel, once none is on its way; asked of a database that comes and goes."""
    database = open_database(url)
    try:
        async with asyncio.timeout(60):
            while True:
                with suppress(DatabaseError):
                    found = await rows(database, "outbox", "state", "channel_id")
                    if not {"due", "sending"} & {state for state, _ in found}:
                        return found
                await asyncio.sleep(0.05)
    finally:
        await database.close()


@pytest.mark.parametrize("fault", [restarted, cut_off])
async def test_workers_go_on_when_their_database_comes_back_and_nobody_gets_anything_twice(
    database_url: str, database: Database, postgresql_server: Any, tmp_path: Path, fault: Fault
) -> None:
    ledger = tmp_path / "ledger"
    await promise(database, datetime.now(UTC), WORKSPACES, channels=1)

    async with (
        worker(database_url, ledger, takes_s=0.1) as one,
        worker(database_url, ledger, takes_s=0.1) as other,
    ):
        await until(lambda: len(sent(ledger)) > 10)
        await fault(postgresql_server)
        found = await ends(database_url)
        still_there = [one.returncode, other.returncode]

    taken = sent(ledger)
    assert still_there == [None, None]
    assert {state for state, channel in found if channel is None} <= {"sent", "unknown"}
    assert {state for state, channel in found if channel} == {"sent"}
    assert not [name for name, times in taken.items() if times > 1 and ":U" in name]
    assert {f"{workspace}:C0" for workspace in WORKSPACES} <= set(taken)
