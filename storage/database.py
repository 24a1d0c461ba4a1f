"""One database, SQLite or PostgreSQL, and the unit of work that a request or a sweep runs in."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa

BUSY_TIMEOUT_MS = 5_000
POSTGRESQL_WRITERS, POSTGRESQL_READERS = 6, 4
SQLITE_READERS = 4
SQLITE_TOGETHER = 16
# A thread waits no longer than this for a server that is gone, or for a row that somebody holds.
POSTGRESQL_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=30s",
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
        return ThreadedDatabase(sqlite_engine(parsed), 1, SQLITE_READERS, SQLITE_TOGETHER, pool)
    # One by one: on PostgreSQL those done together would wait for each other's locks.
    return ThreadedDatabase(_postgresql_engine(parsed), POSTGRESQL_WRITERS, POSTGRESQL_READERS, 1, pool)


async def check(database: Database) -> None:
    """Ask the database for nothing. Raises ConnectionError where it does not answer."""

    async def nothing(connection: Connection) -> None:
        await connection.execute(sa.text("select 1"))

    try:
        await database.read(nothing)
    except sa.exc.SQLAlchemyError as problem:
        raise ConnectionError("the database does not answer") from problem


class ThreadedDatabase:
    """A database whose transactions each run from beginning to end in a thread.

    A hop to a thread and back costs about as much as a statement. The usual asyncio drivers hop, or wake the
    loop, for each statement; this hops once for the whole transaction.
    """

    def __init__(self, engine: sa.Engine, writers: int, readers: int, together: int, pool: Pool) -> None:
        self._engine = engine
        self._together = together
        self._writers = pool(writers, "database-writer")
        self._readers = pool(readers, "database-reader")
        self._waiting: deque[_Job[Any]] = deque()

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that may write."""
        job = _Job(work, is_short=deadline_s is not None)
        self._waiting.append(job)
        self._writers.submit(self._write_waiting)
        running = asyncio.wrap_future(job.done)
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(running)
        except TimeoutError:
            if job.turn.give_up():
                running.add_done_callback(_forget)
                raise
            return await asyncio.shield(running)  # it was being committed when time ran out

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that sees one state of the database, whatever is written meanwhile."""
        async with asyncio.timeout(deadline_s):
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def tidy(self) -> None:
        """Empty SQLite's journal, in which erased words would stay until it is written over."""
        if self._engine.dialect.name == "sqlite":
            await asyncio.get_running_loop().run_in_executor(self._writers, self._empty_journal)

    def _empty_journal(self) -> None:
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    async def close(self) -> None:
        """Wait for what is running, and give every connection back."""
        await asyncio.to_thread(self._writers.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self._engine.dispose()

    def _write_waiting(self) -> None:
        """Do what waits, several in one transaction: beginning and ending one costs more than many statements."""
        jobs = self._next()
        try:
            if len(jobs) > 1 and self._write_together(jobs):
                return
            for job in jobs:
                job.run_alone(self._engine)
        finally:
            for job in jobs:
                job.fail(RuntimeError("the work was broken off"))  # whatever happens, nobody waits for ever

    def _next(self) -> list[_Job[Any]]:
        """What is done next: one that may take long by itself, or those with a deadline, as many as wait."""
        jobs: list[_Job[Any]] = []
        with suppress(IndexError):  # nothing waits, or another thread took it
            while len(jobs) < self._together and (not jobs or (jobs[0].is_short and self._waiting[0].is_short)):
                job = self._waiting.popleft()
                if job.done.set_running_or_notify_cancel():
                    jobs.append(job)
        return jobs

    def _write_together(self, jobs: Sequence[_Job[Any]]) -> bool:
        """Do several in one transaction. Returns False where one went wrong or is late: then none was done."""
        try:
            with self._engine.connect() as connection:
                results = [job.run(connection) for job in jobs]
                for job in jobs:
                    job.turn.commit()
                failed = _commit(connection)
        except Exception:  # noqa: BLE001 - each is done again by itself, and told what is wrong with it
            return False
        for job, result in zip(jobs, results, strict=True):
            if failed:
                job.fail(failed)
            else:
                job.done.set_result(result)
        return True

    def _read(self, work: Work[T]) -> T:
        with self._engine.connect().execution_options(reading=True) as connection, connection.begin():
            return _run(work(_InThread(connection)))


class _Job(Generic[T]):
    """Work that waits for its transaction. What is short has a deadline, and may be done together with others."""

    def __init__(self, work: Work[T], *, is_short: bool) -> None:
        self.turn = _Turn()
        self.done: Future[T] = Future()
        self.is_short = is_short
        self._work = work

    def run(self, connection: sa.Connection) -> T:
        """Do the work. Raises TimeoutError where nobody waits for it any more, which rolls it back."""
        self.turn.check()
        return _run(self._work(_InThread(connection)))

    def run_alone(self, engine: sa.Engine) -> None:
        """Do the work in a transaction of its own, and tell whoever waits what came of it."""
        try:
            with engine.begin() as connection:
                result = self.run(connection)
                self.turn.commit()
        except BaseException as problem:  # noqa: BLE001 - handed on as it is, to whoever asked for the work
            self.fail(problem)
        else:
            self.done.set_result(result)

    def fail(self, problem: BaseException) -> None:
        """Tell whoever still waits what went wrong."""
        if not self.done.done():
            self.done.set_exception(problem)


def _commit(connection: sa.Connection) -> Exception | None:
    """Commit; returns what went wrong with it. It may have happened all the same, so it is never done again."""
    try:
        connection.commit()
    except Exception as problem:  # noqa: BLE001 - handed on as it is, to whoever asked for the work
        return problem
    return None


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
        if self._decided == "late":
            raise TimeoutError


class _InThread:
    """A connection of this thread, in the shape of an asyncio one; the loop never has to wait for it."""

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


def _postgresql_engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=POSTGRESQL_WRITERS + POSTGRESQL_READERS,
        max_overflow=0,
        hide_parameters=True,
        connect_args=POSTGRESQL_PATIENCE,
    )


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
