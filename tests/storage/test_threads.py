"""Several units of work in one transaction: what one of them waits for or gets wrong costs the others nothing."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy as sa

from storage.database import Connection, Database, Work
from storage.directory import add_workspace
from storage.queries import insert_once
from storage.schema import metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORKSPACES = metadata.tables["workspaces"]
LONG_S = 60.0
SHORT_S = 4.0  # less than somebody by himself waits for a lock
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Taken(Exception):
    """The row is there already."""


@pytest.fixture
async def held(database: Database, database_url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Somebody else's connection, who holds the row of the workspace "held"."""
    await database.write(adds("held"))
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("select 1 from workspaces for update")
        yield other


def adds(name: str) -> Work[int]:
    """Work that adds a workspace."""
    return lambda connection: add_workspace(connection, "test", name, "", NOW)


async def names(database: Database) -> list[str]:
    """The workspaces that are saved."""

    async def work(connection: Connection) -> list[str]:
        query = sa.select(WORKSPACES.c.external_id).order_by(WORKSPACES.c.external_id)
        return list((await connection.execute(query)).scalars())

    return await database.read(work)


async def renames(connection: Connection) -> str:
    """Work that needs the row which somebody holds."""
    await connection.execute(
        sa.update(WORKSPACES).values(name="renamed").where(WORKSPACES.c.external_id == "held")
    )
    return "renamed"


@ON_POSTGRESQL
async def test_a_row_that_somebody_holds_keeps_only_those_waiting_who_need_it(
    database: Database, held: psycopg.AsyncConnection
) -> None:
    needing = [asyncio.ensure_future(database.write(renames, LONG_S)) for _ in range(2)]
    await asyncio.gather(*(database.write(adds(f"w{number}"), SHORT_S) for number in range(40)))

    assert not any(each.done() for each in needing)
    await held.rollback()
    assert await asyncio.gather(*needing) == ["renamed"] * 2
    assert len(await names(database)) == 41


@ON_POSTGRESQL
async def test_work_that_takes_long_is_overtaken(database: Database) -> None:
    began, ends = threading.Event(), threading.Event()

    async def takes_long(connection: Connection) -> None:
        began.set()
        ends.wait(LONG_S)

    long = asyncio.ensure_future(database.write(takes_long, LONG_S))
    await asyncio.to_thread(began.wait, LONG_S)
    await asyncio.gather(*(database.write(adds(f"w{number}"), LONG_S) for number in range(40)))

    assert not long.done()
    ends.set()
    await long


async def test_what_is_refused_before_it_wrote_anything_has_nothing_done_again(database: Database) -> None:
    tried: Counter[str] = Counter()

    def looks_and_refuses(name: str) -> Work[None]:
        async def work(connection: Connection) -> None:
            tried[name] += 1
            await connection.execute(sa.select(WORKSPACES))
            raise PermissionError(name)

        return work

    def counts(name: str) -> Work[int]:
        async def work(connection: Connection) -> int:
            tried[name] += 1
            return await add_workspace(connection, "test", name, "", NOW)

        return work

    every = [
        database.write(looks_and_refuses(f"w{number}") if number % 2 else counts(f"w{number}"), LONG_S)
        for number in range(12)
    ]
    outcomes = await asyncio.gather(*every, return_exceptions=True)

    assert [str(each) for each in outcomes if isinstance(each, PermissionError)] == [
        f"w{n}" for n in range(1, 12, 2)
    ]
    assert await names(database) == sorted(f"w{number}" for number in range(0, 12, 2))
    assert set(tried.values()) == {1}


async def test_what_is_refused_after_it_wrote_leaves_nothing_of_it(database: Database) -> None:
    async def writes_and_refuses(connection: Connection) -> None:
        await add_workspace(connection, "test", "refused", "", NOW)
        raise PermissionError

    def adds_at_the_end_and_refuses(name: str) -> Work[None]:
        async def work(connection: Connection) -> None:
            await at_the_end(name)(connection)
            raise PermissionError

        return work

    wrong = [writes_and_refuses, adds_at_the_end_and_refuses("refused at the end")]
    every = [database.write(work, LONG_S) for work in (adds("a"), *wrong, adds("b"))]
    outcomes = await asyncio.gather(*every, return_exceptions=True)

    assert [type(each) for each in outcomes] == [int, PermissionError, PermissionError, int]
    assert await names(database) == ["a", "b"]


def at_the_end(name: str) -> Work[str]:
    """Work that adds a workspace with its transaction's last statement."""

    async def work(connection: Connection) -> str:
        row = {"platform": "test", "external_id": name, "name": "", "created_at": NOW}
        connection.add_at_the_end(insert_once(WORKSPACES, connection.dialect.name), row, Taken)
        return name

    return work


@pytest.mark.parametrize("deadline_s", [None, LONG_S], ids=["alone", "together"])
async def test_what_is_added_at_the_end_is_added_once(database: Database, deadline_s: float | None) -> None:
    wanted = ["a", "b", "c", "b", "d"]
    outcomes = await asyncio.gather(
        *(database.write(at_the_end(name), deadline_s) for name in wanted), return_exceptions=True
    )

    assert Counter(map(str, outcomes)) == {"a": 1, "b": 1, "c": 1, "d": 1, "": 1}
    assert [type(each) for each in outcomes].count(Taken) == 1
    assert await names(database) == ["a", "b", "c", "d"]


@ON_POSTGRESQL
async def test_connections_that_were_lost_while_nobody_wrote_cost_nobody_an_answer(
    database: Database, database_url: str
) -> None:
    await database.write(adds("before"), LONG_S)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )

    await database.write(adds("after"), LONG_S)

    assert await names(database) == ["after", "before"]


async def test_what_waits_is_done_before_the_threads_end(database: Database) -> None:
    ends = threading.Event()

    async def takes_long(connection: Connection) -> None:
        await connection.execute(sa.select(1))
        ends.wait(LONG_S)

    long = asyncio.ensure_future(database.write(takes_long, LONG_S))
    waiting = [asyncio.ensure_future(database.write(adds(f"w{number:02}"), LONG_S)) for number in range(40)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(database.close())
    await asyncio.sleep(0)
    ends.set()

    assert len(await asyncio.gather(*waiting)) == 40
    await asyncio.gather(long, closing)
