"""Several units of work in one transaction: what one of them waits for or gets wrong costs the others nothing."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from storage.database import POSTGRESQL, Connection, Database, Work
from storage.directory import add_workspace
from storage.queries import insert_once
from storage.schema import metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORKSPACES = metadata.tables["workspaces"]
LONG_S = 60.0
MANY = 8_000
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
    needing = [asyncio.ensure_future(database.write(renames, LONG_S)) for _ in range(12)]
    await asyncio.gather(*(database.write(adds(f"w{number}"), SHORT_S) for number in range(40)))

    assert not any(each.done() for each in needing)
    await held.rollback()
    assert await asyncio.gather(*needing) == ["renamed"] * 12
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
        connection.at_the_end(insert_once(WORKSPACES, connection.dialect.name), row, Taken)
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


async def test_what_is_done_at_the_end_comes_after_all_that_others_do(database: Database) -> None:
    await database.write(adds("a"))
    named = sa.update(WORKSPACES).values(name=sa.bindparam("so"))

    async def first(connection: Connection) -> None:
        connection.at_the_end(named, {"so": "at the end"})

    async def second(connection: Connection) -> None:
        await connection.execute(named, {"so": "at once"})

    async with together(database):
        both = [asyncio.create_task(database.write(work, LONG_S)) for work in (first, second)]
    await asyncio.gather(*both)

    async def name(connection: Connection) -> object:
        return (await connection.execute(sa.select(WORKSPACES.c.name))).scalar_one()

    assert await database.read(name) == "at the end"


@asynccontextmanager
async def together(database: Database) -> AsyncIterator[None]:
    """What is begun in here is done in one transaction, afterwards."""
    began, ends = threading.Event(), threading.Event()

    async def holds_the_thread(connection: Connection) -> None:
        began.set()
        ends.wait(LONG_S)

    holding = asyncio.create_task(database.write(holds_the_thread, LONG_S))
    await asyncio.to_thread(began.wait, LONG_S)
    yield
    await asyncio.sleep(0)
    ends.set()
    await holding


@contextmanager
def busy(database: Database) -> Iterator[None]:
    """Every thread in which work is done alone is held up."""
    ends = threading.Event()

    async def takes_long(connection: Connection) -> None:
        ends.wait(LONG_S)

    holding = [asyncio.ensure_future(database.write(takes_long)) for _ in range(max(POSTGRESQL.alone, 1))]
    try:
        yield
    finally:
        ends.set()
    assert not any(each.done() for each in holding)


async def test_whoever_is_late_costs_the_others_nothing(database: Database) -> None:
    began, ends = threading.Event(), threading.Event()

    async def is_late(connection: Connection) -> None:
        await add_workspace(connection, "test", "late", "", NOW)
        began.set()
        ends.wait(LONG_S)

    async with together(database):
        others = [asyncio.create_task(database.write(adds(f"w{number}"), LONG_S)) for number in range(3)]
        late = asyncio.create_task(late_by(database, is_late, 2))
    await asyncio.to_thread(began.wait, LONG_S)
    with busy(database):
        await late
        ends.set()
        await asyncio.gather(*others)

    assert await names(database) == ["w0", "w1", "w2"]


async def test_whoever_is_done_again_keeps_the_deadline(database: Database) -> None:
    tries, is_again, ends = Counter[str](), threading.Event(), threading.Event()

    async def takes_long_the_second_time(connection: Connection) -> None:
        tries["of it"] += 1
        await add_workspace(connection, "test", "done again", "", NOW)
        if tries["of it"] > 1:
            is_again.set()
            ends.wait(LONG_S)

    async def is_late(connection: Connection) -> None:
        await add_workspace(connection, "test", "late", "", NOW)
        is_again.wait(0.8)

    async with together(database):
        other = asyncio.create_task(late_by(database, takes_long_the_second_time, 1.5))
        late = asyncio.create_task(late_by(database, is_late, 0.5))
    await asyncio.gather(late, other)
    ends.set()

    await database.write(adds("next"), LONG_S)
    assert await names(database) == ["next"]


async def late_by(database: Database, work: Work[Any], deadline_s: float) -> None:
    """Somebody who is told that the deadline came."""
    with pytest.raises(TimeoutError):
        await database.write(work, deadline_s)


@pytest.mark.parametrize("goes_on", [False, True], ids=["refuses", "goes on"])
async def test_a_failure_that_is_passed_over_costs_nobody_what_they_were_told(
    database: Database, goes_on: bool
) -> None:
    async def passes_over(connection: Connection) -> None:
        with suppress(sa.exc.SQLAlchemyError):
            await connection.execute(sa.select(sa.text("nothing from nowhere")))
        if not goes_on:
            raise PermissionError

    every = [database.write(work, LONG_S) for work in (adds("a"), adds("b"), passes_over)]
    outcomes = await asyncio.gather(*every, return_exceptions=True)

    assert [type(each) for each in outcomes[:2]] == [int, int]
    assert isinstance(outcomes[2], sa.exc.SQLAlchemyError if goes_on else PermissionError)
    assert await names(database) == ["a", "b"]


async def test_work_that_ends_oddly_is_told_so_and_the_others_what_is_theirs(database: Database) -> None:
    def odd(_connection: Connection) -> Awaitable[None]:
        raise StopIteration

    every = [database.write(work, LONG_S) for work in (odd, adds("a"), adds("b"))]
    outcomes = await asyncio.gather(*every, return_exceptions=True)

    assert [type(each) for each in outcomes] == [RuntimeError, int, int]
    assert await names(database) == ["a", "b"]


@ON_POSTGRESQL
async def test_only_those_who_write_together_are_hasty_about_locks(database: Database) -> None:
    async def patience(connection: Connection) -> str:
        return str((await connection.execute(sa.text("show lock_timeout"))).scalar_one())

    assert await database.read(patience) == "5s"
    assert await database.write(patience) == "5s"
    assert await database.write(patience, LONG_S) == "100ms"


async def test_a_database_that_was_closed_says_so_at_once(database: Database) -> None:
    await database.close()

    for deadline_s in (None, LONG_S, LONG_S):
        with pytest.raises(RuntimeError):
            await database.write(adds("late"), deadline_s)


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


async def test_what_is_gathered_is_done_before_the_threads_end(database: Database) -> None:
    await asyncio.gather(*(database.write(looks, LONG_S) for _ in range(8)))

    last = asyncio.ensure_future(database.write(looks, LONG_S))
    await asyncio.sleep(0)
    await database.close()

    await last


async def looks(connection: Connection) -> None:
    """Work that does nothing."""


async def test_what_waits_is_done_before_the_threads_end(database: Database) -> None:
    ends = threading.Event()

    async def takes_long(connection: Connection) -> None:
        await connection.execute(sa.select(1))
        ends.wait(LONG_S)

    long = asyncio.ensure_future(database.write(takes_long, LONG_S))
    waiting = [asyncio.ensure_future(database.write(looks, LONG_S)) for _ in range(MANY)]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(database.close())
    await asyncio.sleep(0)
    ends.set()

    assert len(await asyncio.gather(*waiting)) == MANY
    await asyncio.gather(long, closing)
