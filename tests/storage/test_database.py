"""The unit of work: all or nothing, in turn, and never after its deadline."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database import Connection, Database, Work, check, open_database
from storage.directory import add_workspace
from storage.schema import metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORKSPACES = metadata.tables["workspaces"]


@pytest.fixture
def own_sqlite(migrated_sqlite: Path, tmp_path: Path) -> Path:
    """A migrated SQLite file of the test's own."""
    path = tmp_path / "own.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return path


async def names(database: Database) -> list[str]:
    """The workspaces that are saved."""

    async def work(connection: Connection) -> list[str]:
        query = sa.select(WORKSPACES.c.external_id).order_by(WORKSPACES.c.id)
        return list((await connection.execute(query)).scalars())

    return await database.read(work)


async def test_work_that_fails_leaves_nothing(database: Database) -> None:
    async def fails(connection: Connection) -> None:
        await add_workspace(connection, "test", "W1", "", NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fails)

    assert await names(database) == []


async def test_work_that_fails_inside_costs_only_what_is_inside(database: Database) -> None:
    async def fails(connection: Connection) -> None:
        async with connection.begin_nested():
            await add_workspace(connection, "test", "inside", "", NOW)
            raise ZeroDivisionError

    async def survives(connection: Connection) -> None:
        await add_workspace(connection, "test", "before", "", NOW)
        with pytest.raises(ZeroDivisionError):
            await fails(connection)
        await add_workspace(connection, "test", "after", "", NOW)

    await database.write(survives)

    assert await names(database) == ["before", "after"]


async def test_one_of_many_that_goes_wrong_costs_the_others_nothing(database: Database) -> None:
    async def fails(connection: Connection) -> None:
        await add_workspace(connection, "test", "wrong", "", NOW)
        raise ZeroDivisionError

    def adds(name: str) -> Work[int]:
        return lambda connection: add_workspace(connection, "test", name, "", NOW)

    every = [database.write(fails if number % 7 == 3 else adds(f"w{number:02}"), 60) for number in range(40)]
    outcomes = await asyncio.gather(*every, return_exceptions=True)

    went_wrong = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, ZeroDivisionError)]
    assert went_wrong == [number for number in range(40) if number % 7 == 3]
    assert sorted(await names(database)) == [f"w{number:02}" for number in range(40) if number % 7 != 3]


async def test_work_done_together_is_done_once(own_sqlite: Path) -> None:
    database = open_database(f"sqlite:///{own_sqlite}")
    began = threading.Event()

    async def holds_the_thread(connection: Connection) -> None:
        began.wait(10)

    async def breaks_the_foreign_key(connection: Connection) -> None:
        await connection.execute(sa.text("insert into people (workspace_id, external_id) values (99, 'x')"))

    holding = asyncio.ensure_future(database.write(holds_the_thread))
    adding = [
        asyncio.ensure_future(database.write(lambda c, n=n: add_workspace(c, "test", f"w{n}", "", NOW), 60))  # type: ignore[misc]
        for n in range(5)
    ]
    breaking = asyncio.ensure_future(database.write(breaks_the_foreign_key, 60))
    await asyncio.sleep(0)
    began.set()
    await asyncio.gather(holding, *adding)

    with pytest.raises(sa.exc.IntegrityError):
        await breaking
    assert await names(database) == [f"w{n}" for n in range(5)]
    await database.close()


async def test_somebody_who_stops_waiting_leaves_nobody_else_waiting(own_sqlite: Path) -> None:
    database = open_database(f"sqlite:///{own_sqlite}")
    began = threading.Event()

    async def holds_the_thread(connection: Connection) -> None:
        began.wait(10)

    holding = asyncio.ensure_future(database.write(holds_the_thread))
    first, second = (
        asyncio.ensure_future(database.write(lambda c, n=n: add_workspace(c, "test", n, "", NOW), 60))  # type: ignore[misc]
        for n in ("first", "second")
    )
    await asyncio.sleep(0)
    first.cancel()
    began.set()
    await asyncio.gather(holding, second)

    assert "second" in await names(database)
    await database.close()


async def test_short_work_does_not_wait_for_long_work_beyond_its_deadline(own_sqlite: Path) -> None:
    database = open_database(f"sqlite:///{own_sqlite}")
    ends = threading.Event()

    async def takes_long(connection: Connection) -> None:
        ends.wait(10)

    long = asyncio.ensure_future(database.write(takes_long))
    await asyncio.sleep(0)

    with pytest.raises(TimeoutError):
        await database.write(lambda connection: add_workspace(connection, "test", "short", "", NOW), 0.05)
    ends.set()
    await long
    assert await names(database) == []
    await database.close()


async def test_work_past_its_deadline_is_rolled_back_even_when_it_gets_its_turn_later(
    own_sqlite: Path,
) -> None:
    database = open_database(f"sqlite:///{own_sqlite}")
    other = sqlite3.connect(own_sqlite, isolation_level=None)
    other.execute("begin immediate")

    with pytest.raises(TimeoutError):
        await database.write(lambda connection: add_workspace(connection, "test", "late", "", NOW), 0.05)
    other.execute("rollback")
    await database.write(lambda connection: add_workspace(connection, "test", "next", "", NOW))

    assert await names(database) == ["next"]
    other.close()
    await database.close()


async def test_work_that_waits_for_anything_else_is_an_error(own_sqlite: Path) -> None:
    database = open_database(f"sqlite:///{own_sqlite}")

    async def waits(connection: Connection) -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="nothing but its connection"):
        await database.write(waits)
    await database.close()


async def test_a_database_that_does_not_answer_is_a_connection_error() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(ConnectionError):
        await check(database)
    await database.close()
