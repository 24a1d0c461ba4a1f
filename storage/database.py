"""One database, SQLite or PostgreSQL, and the unit of work that a request or a sweep runs in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Connection = AsyncConnection

BUSY_TIMEOUT_MS = 5_000
POOL_SIZE = 10


class Database:
    """A database by its URL: `sqlite:///file.db` or `postgresql://…`, as people write them."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)
        # SQLite has one writer; waiting here is fair and costs nothing, its own busy handler polls.
        self._writer = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncConnection]:
        """One writing transaction: committed at the end, rolled back by any exception."""
        async with AsyncExitStack() as stack:
            if self._writer:
                await stack.enter_async_context(self._writer)
            yield await stack.enter_async_context(self.engine.begin())

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that only reads, and so waits for no writer on SQLite."""
        async with self.engine.connect() as plain:
            connection = await plain.execution_options(reading=True)
            async with connection.begin():
                yield connection

    async def check(self) -> None:
        """Ask the database for nothing. Raises ConnectionError where it does not answer."""
        try:
            async with self.reading() as connection:
                await connection.execute(sa.text("select 1"))
        except sa.exc.DBAPIError as problem:
            raise ConnectionError("the database does not answer") from problem

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()


def _postgresql(url: sa.URL) -> AsyncEngine:
    return create_async_engine(
        url.set(drivername="postgresql+psycopg"), pool_size=POOL_SIZE, max_overflow=0, hide_parameters=True
    )


def _sqlite(url: sa.URL) -> AsyncEngine:
    _make_folder(url)
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"), pool_size=POOL_SIZE, max_overflow=0, hide_parameters=True
    )
    _attend(engine.sync_engine)
    return engine


def sqlite_engine(url: sa.URL) -> sa.Engine:
    """An engine without asyncio over a SQLite file, for migrations; it begins transactions the same way."""
    _make_folder(url)
    engine = sa.create_engine(url.set(drivername="sqlite"), hide_parameters=True)
    _attend(engine)
    return engine


def _make_folder(url: sa.URL) -> None:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _attend(engine: sa.Engine) -> None:
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred; ours, below, is not
    cursor = connection.cursor()
    for pragma, wanted in (
        ("journal_mode=WAL", "wal"),
        ("synchronous=FULL", None),
        ("foreign_keys=ON", None),
        (f"busy_timeout={BUSY_TIMEOUT_MS}", None),
    ):
        cursor.execute(f"PRAGMA {pragma}")
        if wanted and cursor.fetchone()[0] != wanted:
            raise RuntimeError(f"SQLite refused {pragma}: is the file on a network drive?")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later fails at once when another one wrote in between,
    # whatever the busy timeout; taking the write lock at the start waits its turn instead.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
