"""Units of work in threads, each from its beginning to its end, and several of them in one transaction."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import sqlalchemy as sa

if TYPE_CHECKING:
    from storage.database import Pool, Work

TOGETHER = 16
HELP_AFTER_S = 0.05

T = TypeVar("T")


class ThreadedDatabase:
    """A database whose transactions each run from beginning to end in a thread.

    A hop to a thread and back costs about as much as a statement. The usual asyncio drivers hop, or wake the
    loop, for each statement; this hops once for the whole transaction.
    """

    def __init__(self, engine: sa.Engine, writers: int, readers: int, pool: Pool, alone: str = "") -> None:
        self._engine = engine
        self._pool = pool(writers, "database-writer")
        self._readers = pool(readers, "database-reader")
        self._writers = _Writers(engine, self._pool, writers, alone)

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that may write."""
        job = _Job(work, asyncio.get_running_loop())
        if deadline_s is None:
            self._writers.alone(job)  # it may take long
        else:
            self._writers.put(job)
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(job.done)
        except TimeoutError:
            if job.turn.give_up():
                job.done.add_done_callback(_forget)
                raise
            return await asyncio.shield(job.done)  # it was being committed when time ran out

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that sees one state of the database, whatever is written meanwhile."""
        async with asyncio.timeout(deadline_s):
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def tidy(self) -> None:
        """Empty SQLite's journal, in which erased words would stay until it is written over."""
        if self._engine.dialect.name == "sqlite":
            await asyncio.get_running_loop().run_in_executor(self._pool, self._empty_journal)

    def _empty_journal(self) -> None:
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    async def close(self) -> None:
        """Wait for what is running, and give every connection back."""
        self._writers.end()
        await asyncio.to_thread(self._pool.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self._engine.dispose()

    def _read(self, work: Work[T]) -> T:
        with self._engine.connect().execution_options(reading=True) as connection, connection.begin():
            return _run(work(_InThread(connection, _Last())))


class _Writers:
    """The threads that write. One of them does what waits, several at a time: beginning and ending a transaction
    costs more than many statements, and threads side by side hinder each other. Another one helps where somebody
    waits for longer than usual, because of a lock, a slow statement or a server far away.

    `alone` is what a transaction begins with that has one unit of work.
    """

    def __init__(self, engine: sa.Engine, pool: Executor, threads: int, alone: str) -> None:
        self._engine = engine
        self._pool = pool
        self._threads = threads
        self._alone = alone
        self._lock = threading.Lock()
        self._waiting: deque[_Job[Any]] = deque()
        self._at_work = 0
        self._help: asyncio.TimerHandle | None = None

    def put(self, job: _Job[Any]) -> None:
        """Do work soon, with whatever else waits. Only the loop may ask for it."""
        with self._lock:
            self._waiting.append(job)
            is_first = not self._at_work
            self._at_work += is_first
        if is_first:
            self._pool.submit(self._work)
        elif self._help is None and self._threads > 1:
            self._help = job.loop.call_later(HELP_AFTER_S, self._look_after, job.loop)

    def alone(self, job: _Job[Any]) -> None:
        """Do work soon, in a transaction of its own."""
        self._pool.submit(self._do_alone, job)

    def end(self) -> None:
        """Let the threads do what waits, and nobody else begin."""
        self._threads = 1
        if self._help:
            self._help.cancel()

    def _look_after(self, loop: asyncio.AbstractEventLoop) -> None:
        """Set another thread to work where somebody has waited too long."""
        self._help = None
        with self._lock:
            if not self._waiting:
                return
            left_s = self._waiting[0].since + HELP_AFTER_S - loop.time()
            helps = left_s <= 0 and self._at_work < self._threads
            self._at_work += helps
        if helps:
            self._pool.submit(self._work)
        self._help = loop.call_later(max(left_s, HELP_AFTER_S / 2), self._look_after, loop)

    def _work(self) -> None:
        """Do a transaction's worth of what waits; the next comes after whatever else the threads have to do."""
        with self._lock:
            jobs = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
        try:
            self._do(jobs)
        finally:
            with self._lock:
                goes_on = bool(self._waiting)
                self._at_work -= not goes_on
            if goes_on:
                self._later(self._work)

    def _do(self, jobs: Sequence[_Job[Any]]) -> None:
        try:
            outcomes = self._together(jobs)
        except Exception as problem:  # noqa: BLE001 - each is done again by itself, and told what is wrong with it
            is_lasting = not (self._alone and isinstance(problem, sa.exc.OperationalError))
            if len(jobs) == 1 and is_lasting:
                _tell([_Outcome(jobs[0], problem=problem)])
            else:
                for job in jobs:
                    self._later(self._do_alone, job)
        except BaseException:
            _tell([_Outcome(job, problem=RuntimeError("the work was broken off")) for job in jobs])
            raise
        else:
            _tell(outcomes)

    def _together(self, jobs: Sequence[_Job[Any]]) -> list[_Outcome]:
        """Do several in one transaction. Raises what went wrong with any of them, and then none was done."""
        with self._engine.connect() as connection:
            last = _Last()
            outcomes = [_attempt(job, connection, last) for job in jobs]
            last.add(connection)
            for outcome in outcomes:
                if not outcome.problem:
                    outcome.job.turn.commit()
            failed = _commit(connection)
        return [outcome._replace(problem=outcome.problem or failed) for outcome in outcomes]

    def _do_alone(self, job: _Job[Any]) -> None:
        """Do work in a transaction of its own, and tell whoever waits what came of it."""
        try:
            job.turn.check()
            with self._engine.begin() as connection:
                if self._alone:
                    connection.exec_driver_sql(self._alone)
                last = _Last()
                result = job.run(_InThread(connection, last))
                last.add(connection)
                job.turn.commit()
        except BaseException as problem:  # noqa: BLE001 - handed on as it is, to whoever asked for the work
            outcome = _Outcome(job, problem=problem)
        else:
            outcome = _Outcome(job, result)
        _tell([outcome])

    def _later(self, work: Callable[..., None], *about: Any) -> None:
        try:
            self._pool.submit(work, *about)
        except RuntimeError:  # the threads are ending, but what waits is done first
            work(*about)


class _Job(Generic[T]):
    """Work that waits for its transaction, for whoever waits in a loop."""

    def __init__(self, work: Work[T], loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.since = loop.time()
        self.turn = _Turn()
        self.done: asyncio.Future[T] = loop.create_future()
        self._work = work

    def run(self, connection: _InThread) -> T:
        """Do the work. Raises TimeoutError where nobody waits for it any more, which rolls it back."""
        self.turn.check()
        return _run(self._work(connection))


class _Outcome(NamedTuple):
    """What came of work."""

    job: _Job[Any]
    result: Any = None
    problem: BaseException | None = None


def _attempt(job: _Job[Any], connection: sa.Connection, last: _Last) -> _Outcome:
    """Do work beside others. Raises what went wrong with it, unless it had only looked: that costs nobody else."""
    mine = _InThread(connection, last)
    try:
        return _Outcome(job, job.run(mine))
    except sa.exc.SQLAlchemyError:
        raise
    except Exception as problem:
        if mine.has_written:
            raise
        return _Outcome(job, problem=problem)


def _tell(outcomes: Sequence[_Outcome]) -> None:
    """Tell whoever waits what came of it; a loop is woken once for all of them."""
    for loop in {outcome.job.loop for outcome in outcomes}:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(_told, [outcome for outcome in outcomes if outcome.job.loop is loop])


def _told(outcomes: Sequence[_Outcome]) -> None:
    for job, result, problem in outcomes:
        if job.done.done():
            continue  # cancelled
        if problem is None:
            job.done.set_result(result)
        else:
            job.done.set_exception(problem)


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


class _Last:
    """The rows that are added when a transaction ends, those of one table together."""

    def __init__(self) -> None:
        self._rows: dict[sa.Insert, list[Mapping[str, object]]] = {}
        self._taken: dict[sa.Insert, type[Exception]] = {}

    def put(self, insert: sa.Insert, row: Mapping[str, object], taken: type[Exception]) -> None:
        """Have a row added."""
        self._rows.setdefault(insert, []).append(row)
        self._taken[insert] = taken

    def add(self, connection: sa.Connection) -> None:
        """Add them all. Raises what was to be raised where one of them is there already."""
        for insert, rows in self._rows.items():
            if len(connection.execute(insert, rows).all()) < len(rows):
                raise self._taken[insert]


class _InThread:
    """A connection of this thread, in the shape of an asyncio one; the loop never has to wait for it."""

    def __init__(self, connection: sa.Connection, last: _Last) -> None:
        self._connection = connection
        self._last = last
        self.dialect = connection.dialect
        self.has_written = False

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> Any:
        self.has_written = self.has_written or not isinstance(statement, sa.Select)
        return self._connection.execute(statement, parameters)

    def add_at_the_end(self, insert: sa.Insert, row: Mapping[str, object], taken: type[Exception]) -> None:
        self.has_written = True
        self._last.put(insert, row, taken)

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
