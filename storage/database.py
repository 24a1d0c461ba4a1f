"""One database, SQLite or PostgreSQL, and the unit of work that a request or a sweep runs in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

BUSY_TIMEOUT_MS = 5_000
POSTGRESQL_CONNECTIONS = 10
SQLITE_READERS = 4

T = TypeVar("T")


class Connection(Protocol):
    """What queries need of a connection, on either database."""

    @property
    def dialect(self) -> sa.Dialect: ...

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> Any: ...

    def begin_nested(self) -> Any: ...


Work = Callable[[Connection], Awaitable[T]]


class Database(Protocol):
    """A database. Work is one transaction: committed when it returns, rolled back by any exception.

    Work awaits its connection and nothing else, so that no transaction is ever open while a chat service
    is waited for; on SQLite anything else is an error at once.
    """

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work that may write. Raises TimeoutError past the deadline, and then nothing was written."""
        ...

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work that only reads, and so waits for no writer on SQLite."""
        ...

    async def tidy(self) -> None:
        """Let go of the remains of what was deleted."""
        ...

    async def close(self) -> None:
        """Give every connection back."""
        ...


def open_database(url: str) -> Database:
    """A database by its URL: `sqlite:///file.db` or `postgresql://…`, as people write them."""
    parsed = sa.make_url(url)
    return SqliteDatabase(parsed) if parsed.get_backend_name() == "sqlite" else PostgresqlDatabase(parsed)


async def check(database: Database) -> None:
    """Ask the database for nothing. Raises ConnectionError where it does not answer."""

    async def nothing(connection: Connection) -> None:
        await connection.execute(sa.text("select 1"))

    try:
        await database.read(nothing)
    except sa.exc.SQLAlchemyError as problem:
        raise ConnectionError("the database does not answer") from problem


class PostgresqlDatabase:
    """PostgreSQL, over asyncio."""

    def __init__(self, url: sa.URL) -> None:
        self._engine = create_async_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=POSTGRESQL_CONNECTIONS,
            max_overflow=0,
            hide_parameters=True,
        )

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction."""
        async with asyncio.timeout(deadline_s), self._engine.begin() as connection:
            return await work(connection)

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that is not expected to write."""
        return await self.write(work, deadline_s)

    async def tidy(self) -> None:
        """Nothing to do: PostgreSQL vacuums by itself."""

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


class SqliteDatabase:
    """SQLite: each transaction runs from beginning to end in a thread, all that write in one.

    A hop to a thread and back costs about as much as a statement. The usual asyncio driver makes several
    for each statement; this makes one for the whole transaction, and one writing thread is also the fair
    queue that SQLite's own busy handler is not.
    """

    def __init__(self, url: sa.URL) -> None:
        self._engine = sqlite_engine(url)
        self._writer = ThreadPoolExecutor(1, "sqlite-writer")
        self._readers = ThreadPoolExecutor(SQLITE_READERS, "sqlite-reader")

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that holds the write lock from its beginning."""
        turn = _Turn()
        running = asyncio.get_running_loop().run_in_executor(self._writer, self._write, work, turn)
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(running)
        except TimeoutError:
            if turn.give_up():
                running.add_done_callback(_forget)
                raise
            return await running  # it was being committed when time ran out

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that sees one state of the file, whatever is written meanwhile."""
        async with asyncio.timeout(deadline_s):
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def tidy(self) -> None:
        """Empty the journal, in which erased words would stay until it is written over."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self._empty_journal)

    def _empty_journal(self) -> None:
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    async def close(self) -> None:
        """Wait for what is running, and give every connection back."""
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self._engine.dispose()

    def _write(self, work: Work[T], turn: _Turn) -> T:
        turn.check()
        with self._engine.begin() as connection:
            done = _run(work(_InThread(connection)))
            turn.commit()
            return done

    def _read(self, work: Work[T]) -> T:
        with self._engine.connect().execution_options(reading=True) as connection, connection.begin():
            return _run(work(_InThread(connection)))


class _Turn:
    """Decides, once, whether a transaction is committed or its deadline came first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decided = ""

    def _decide(self, outcome: str) -> bool:
        with self._lock:
            self._decided = self._decided or outcome
            return self._decided == outcome

    def give_up(self) -> bool:
        """The deadline came; returns False where the commit had begun."""
        return self._decide("late")

    def commit(self) -> None:
        """The work is done. Raises TimeoutError where the deadline came first, which rolls it back."""
        if not self._decide("committed"):
            raise TimeoutError

    def check(self) -> None:
        """Raises TimeoutError for work that nobody waits for any more."""
        if self._decided:
            raise TimeoutError


class _InThread:
    """A connection of this thread, in the shape of an asyncio one; it never has to wait."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> Any:
        return self._connection.execute(statement, parameters)

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        with self._connection.begin_nested():
            yield


def _run(work: Awaitable[T]) -> T:
    """Run work to its end without a loop: nothing in it may wait for anything but its connection."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as finished:
        result: T = finished.value
        return result
    steps.close()
    raise RuntimeError("a unit of work may wait for nothing but its connection")


def _forget(running: asyncio.Future[Any]) -> None:
    running.exception()  # looked at, so that asyncio does not report it as unseen


def sqlite_engine(url: sa.URL) -> sa.Engine:
    """An engine over a SQLite file whose transactions take the write lock when they begin."""
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url.set(drivername="sqlite"),
        hide_parameters=True,
        pool_size=SQLITE_READERS + 1,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is deferred; ours, below, is not
    cursor = connection.cursor()
    for pragma, wanted in (
        (f"busy_timeout={BUSY_TIMEOUT_MS}", None),
        ("journal_mode=WAL", "wal"),
        ("synchronous=FULL", None),
        ("foreign_keys=ON", None),
        ("secure_delete=ON", None),  # or what somebody erased could still be read in the file's free pages
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
