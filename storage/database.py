"""One database, SQLite or PostgreSQL, and the unit of work that a request or a sweep runs in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psycopg
import sqlalchemy as sa

from storage.threads import LOCK_S, Engines, ThreadedDatabase, Threads

BUSY_TIMEOUT_MS = 5_000
SQLITE = Threads(together=1, alone=0, readers=4)
POSTGRESQL = Threads(together=2, alone=4, readers=4)
HASTY_LOCK_S = 0.1  # how long several who write together wait for a row that somebody holds
# A thread waits no longer than this for a server that is gone.
POSTGRESQL_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}

T = TypeVar("T")

# What goes wrong with a database, for those who may not know which library asks it.
DatabaseError = sa.exc.SQLAlchemyError
# Of it, what says nothing about what was asked: a lock that is held, two who wait for each other, a lost server.
Busy = sa.exc.OperationalError


class Connection(Protocol):
    """What queries need of a connection, on either database."""

    @property
    def dialect(self) -> sa.Dialect: ...

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> Any: ...

    def begin_nested(self) -> Any: ...

    def at_the_end(
        self, statement: sa.Executable, row: Mapping[str, object], taken: type[Exception] | None = None
    ) -> None:
        """Do a statement for a row when the transaction ends, together with the rows of others who write in it.

        Where it gives nothing back for the row, because it is there already, the transaction fails with `taken`.
        """
        ...


Work = Callable[[Connection], Awaitable[T]]
# Makes what runs transactions: so many threads, with a name.
Pool = Callable[[int, str], Executor]


class Database(Protocol):
    """A database. Work is one transaction: committed when it returns, rolled back by any exception.

    Work awaits its connection and nothing else, so that no transaction is ever open while a chat service
    is waited for; anything else is an error at once.
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


def open_database(url: str, pool: Pool = ThreadPoolExecutor) -> Database:
    """A database by its URL: `sqlite:///file.db` or `postgresql://…`, as people write them."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sqlite_engine(parsed)
        return ThreadedDatabase(Engines(engine, engine), SQLITE, pool)
    patient = _postgresql_engine(parsed, POSTGRESQL.alone + POSTGRESQL.readers, LOCK_S)
    hasty = _postgresql_engine(parsed, POSTGRESQL.together, HASTY_LOCK_S)
    return ThreadedDatabase(Engines(patient, hasty), POSTGRESQL, pool)


async def check(database: Database) -> None:
    """Ask the database for nothing. Raises ConnectionError where it does not answer."""

    async def nothing(connection: Connection) -> None:
        await connection.execute(sa.text("select 1"))

    try:
        await database.read(nothing)
    except sa.exc.SQLAlchemyError as problem:
        raise ConnectionError("the database does not answer") from problem


def _postgresql_engine(url: sa.URL, connections: int, lock_s: float) -> sa.Engine:
    limits = f"-c lock_timeout={lock_s * 1000:.0f}ms -c idle_in_transaction_session_timeout=30s"
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        connect_args={**POSTGRESQL_PATIENCE, "options": limits, "cursor_factory": _Cursor},
    )


class _Cursor(psycopg.Cursor[Any]):
    """A cursor that describes a column when it is asked for it.

    psycopg makes an object of every column of every result; SQLAlchemy, which knows its statements' columns,
    mostly looks only whether there are any.
    """

    @property
    def description(self) -> Any:
        """What psycopg says of the result's columns, each when it is looked at."""
        result = self.pgresult
        return _Columns(self, result.nfields) if result and result.nfields else super().description


class _Columns(Sequence[psycopg.Column]):
    def __init__(self, cursor: psycopg.Cursor[Any], many: int) -> None:
        self._cursor = cursor
        self._many = many

    def __len__(self) -> int:
        return self._many

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice):
            return [self[number] for number in range(self._many)[which]]
        return psycopg.Column(self._cursor, range(self._many)[which])


def sqlite_engine(url: sa.URL) -> sa.Engine:
    """An engine over a SQLite file whose transactions take the write lock when they begin."""
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url.set(drivername="sqlite"),
        hide_parameters=True,
        pool_size=SQLITE.readers + SQLITE.together,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    sa.event.listen(engine, "handle_error", _forget_read_only)
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


def _forget_read_only(failed: sa.ExceptionContext) -> None:
    # A file that was opened while its disk was read-only stays so, for as long as any connection has it open;
    # and one with a cursor is not closed.
    if "readonly" in str(failed.original_exception):
        failed.is_disconnect = True
        if failed.execution_context:
            failed.execution_context.cursor.close()
        if failed.engine:
            failed.engine.dispose()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later fails at once when another one wrote in between,
    # whatever the busy timeout; taking the write lock at the start waits its turn instead.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
