"""Units of work in threads, each from its beginning to its end, and several of them in one transaction."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import sqlalchemy as sa

from storage.jobs import InThread, Job, Last, Outcome, Spoilt, attempt, commit, commits, run, tell

if TYPE_CHECKING:
    from storage.database import Pool, Work

TOGETHER = 16
GATHER_S = 0.0015  # what comes side by side is waited for so long
HELP_AFTER_S = 0.05
LONGEST_TURN_S = 0.25  # what a transaction of several is reckoned with at most
RESERVE = 1.5
LOCK_S = 5.0  # nobody waits longer for a row that somebody holds
_PATIENCE = {"postgresql": "set local lock_timeout = '{ms}ms'"}

T = TypeVar("T")


class Engines(NamedTuple):
    """Two ways to one database: by `hasty` connections, locks are waited for but for a moment."""

    patient: sa.Engine
    hasty: sa.Engine


class Threads(NamedTuple):
    """How many threads write together, write alone (0: the same ones do both), and read."""

    together: int
    alone: int
    readers: int


class ThreadedDatabase:
    """A database whose transactions each run from beginning to end in a thread.

    A hop to a thread and back costs about as much as a statement. The usual asyncio drivers hop, or wake the
    loop, for each statement; this hops once for the whole transaction.
    """

    def __init__(self, engines: Engines, threads: Threads, pool: Pool) -> None:
        self._engines = engines
        self._pool = pool(threads.together, "database-writer")
        self._alone = pool(threads.alone, "database-alone") if threads.alone else self._pool
        self._readers = pool(threads.readers, "database-reader")
        self._writers = _Writers(engines, self._pool, self._alone, threads.together)
        for each in {self._pool, self._alone}:
            each.submit(_nothing)  # there is one thread from the start, whatever the machine refuses later

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that may write."""
        job = Job(work, asyncio.get_running_loop(), deadline_s)
        self._writers.put(job)
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(job.done)
        except TimeoutError:
            if job.turn.give_up():
                raise
            return await asyncio.shield(job.done)  # it was being committed when time ran out

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work in a transaction that sees one state of the database, whatever is written meanwhile."""
        async with asyncio.timeout(deadline_s):
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def tidy(self) -> None:
        """Empty SQLite's journal, in which erased words would stay until it is written over."""
        if self._engines.patient.dialect.name == "sqlite":
            await asyncio.get_running_loop().run_in_executor(self._pool, self._empty_journal)

    def _empty_journal(self) -> None:
        connection = self._engines.patient.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    async def close(self) -> None:
        """Wait for what is running, and give every connection back."""
        self._writers.end()
        for pool in (self._pool, self._alone, self._readers):  # those together may still hand work on
            await asyncio.to_thread(pool.shutdown)
        for engine in self._engines:
            engine.dispose()

    def _read(self, work: Work[T]) -> T:
        with self._engines.patient.connect().execution_options(reading=True) as connection, connection.begin():
            return run(work(InThread(connection, Last())))


def _nothing() -> None:
    """What a thread is started with."""


class _Writers:
    """The threads that write. One of them does what waits, several at a time: beginning and ending a transaction
    costs more than many statements, and threads side by side hinder each other. So what comes while others are
    about is gathered for a moment. Another thread helps where somebody waits for longer than usual, because of a
    lock, a slow statement or a server far away.

    What has no deadline may take long, and is done alone; so is what did not go well together.
    """

    def __init__(self, engines: Engines, pool: Executor, alone: Executor, threads: int) -> None:
        self._engines = engines
        self._pool = pool
        self._alone = alone
        self._threads = threads
        self._lock = threading.Lock()
        self._waiting: deque[Job[Any]] = deque()
        self._at_work = 0
        self._gathers = False  # whether work has come side by side of late
        self._beginning: asyncio.TimerHandle | None = None
        self._help: asyncio.TimerHandle | None = None
        self._each_s = 0.0  # what one takes of a transaction of several, with some to spare
        self._has_ended = False
        self._is_hasty = engines.hasty is not engines.patient

    def put(self, job: Job[Any]) -> None:
        """Do work soon. Only its loop may ask for it. Raises RuntimeError once the threads are ending."""
        if job.until is None:
            self._alone.submit(self._do_alone, job)
            return
        with self._lock:
            if self._has_ended:
                raise RuntimeError("the database is closed")
            self._waiting.append(job)
            is_first = not self._at_work
            self._at_work += is_first
            gathers = self._gathers
            self._gathers |= not is_first
        if is_first and gathers:
            self._beginning = job.loop.call_later(GATHER_S, self._begin_gathered)
        elif is_first:
            self._begin()
        elif self._help is None and self._threads > 1:
            self._help = job.loop.call_later(HELP_AFTER_S, self._look_after, job.loop)

    def end(self) -> None:
        """Do what waits, and nothing else."""
        if self._help:
            self._help.cancel()
        if self._beginning:
            self._beginning.cancel()
            self._begin_gathered()
        with self._lock:
            self._has_ended = True

    def _begin_gathered(self) -> None:
        self._beginning = None
        self._begin()

    def _look_after(self, loop: asyncio.AbstractEventLoop) -> None:
        """Set another thread to work where somebody has waited too long."""
        self._help = None
        with self._lock:
            if not self._waiting or self._has_ended:
                return
            left_s = self._waiting[0].since + HELP_AFTER_S - loop.time()
            helps = left_s <= 0 and self._at_work < self._threads
            self._at_work += helps
        if helps:
            self._begin()
        self._help = loop.call_later(max(left_s, HELP_AFTER_S / 2), self._look_after, loop)

    def _begin(self) -> bool:
        """Set a thread to work. Returns False where they are ending and take nothing more."""
        try:
            self._pool.submit(self._work)
        except RuntimeError:
            return (
                not self._has_ended
            )  # where no thread can be started, the next that is free finds it in their queue
        return True

    def _work(self) -> None:
        """Do a transaction's worth of what waits; the next comes after whatever else the threads have to do."""
        while True:
            with self._lock:
                jobs = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
                self._gathers &= len(jobs) > 1
            try:
                self._do(self._in_hope(jobs))
            finally:
                with self._lock:
                    goes_on = bool(self._waiting)
                    self._at_work -= not goes_on
            if not goes_on or self._begin():
                return

    def _in_hope(self, jobs: Sequence[Job[Any]]) -> list[Job[Any]]:
        """Those who need not be late. The others have waited too long: all who are done with them were late too,
        and then the next ones.
        """
        lasts_s = min(len(jobs) * self._each_s, LONGEST_TURN_S)
        hopeless = [job for job in jobs if job.left_s() <= lasts_s < job.waited_s()]
        for job in hopeless:
            job.turn.give_up()
        tell([Outcome(job, problem=TimeoutError()) for job in hopeless])
        return [job for job in jobs if job not in hopeless]

    def _do(self, jobs: Sequence[Job[Any]]) -> None:
        """Do several together; where one of them spoils it, the others together again, without it."""
        while jobs:
            try:
                tell(self._together(jobs))
                return
            except Spoilt as spoilt:
                jobs = self._without(spoilt, jobs)
            except Exception:  # noqa: BLE001 - each is told what is wrong with it
                jobs = self._in_time(jobs)
                for job in jobs:
                    self._hand_on(job)
                return
            except BaseException:
                tell([Outcome(job, problem=RuntimeError("the work was broken off")) for job in jobs])
                raise

    def _without(self, spoilt: Spoilt, jobs: Sequence[Job[Any]]) -> Sequence[Job[Any]]:
        """Those who can be done together after all was rolled back; the one who spoilt it may do better alone."""
        again = self._in_time(jobs)
        if spoilt.job in again:
            may_pass = self._is_hasty and isinstance(spoilt.problem, sa.exc.OperationalError)
            if len(jobs) > 1 or may_pass:
                self._hand_on(spoilt.job)
            else:
                tell([Outcome(spoilt.job, problem=spoilt.problem)])
        return [job for job in again if job is not spoilt.job]

    def _in_time(self, jobs: Sequence[Job[Any]]) -> list[Job[Any]]:
        """Those somebody still waits for, after all was rolled back; the others are told so."""
        again = [job for job in jobs if job.turn.again()]
        tell([Outcome(job, problem=TimeoutError()) for job in jobs if job not in again])
        return again

    def _hand_on(self, job: Job[Any]) -> None:
        try:
            self._alone.submit(self._do_alone, job)
        except RuntimeError:
            if self._has_ended:
                self._do_alone(job)  # the threads take nothing more, but what waits is done first

    def _together(self, jobs: Sequence[Job[Any]]) -> list[Outcome]:
        """Do several in one transaction. Raises Spoilt, or what went wrong in the end, and then none was done."""
        last = Last()
        with self._timed(jobs), self._engines.hasty.connect() as connection:
            outcomes = [attempt(job, connection, last) for job in jobs]
            last.do(connection)
            for outcome in outcomes:
                if not outcome.problem:
                    commits(outcome.job)
            failed = commit(connection)
        return [outcome._replace(problem=outcome.problem or failed) for outcome in outcomes]

    @contextmanager
    def _timed(self, jobs: Sequence[Job[Any]]) -> Iterator[None]:
        began = jobs[0].loop.time()
        try:
            yield
        finally:
            self._each_s = RESERVE * (jobs[0].loop.time() - began) / len(jobs)

    def _do_alone(self, job: Job[Any]) -> None:
        """Do work in a transaction of its own, and tell whoever waits what came of it."""
        try:
            job.turn.check()
            with self._engines.patient.begin() as connection:
                self._hurry(job, connection)
                last = Last()
                result = job.run(InThread(connection, last))
                last.do(connection)
                job.turn.commit()
        except BaseException as problem:  # noqa: BLE001 - handed on as it is, to whoever asked for the work
            outcome = Outcome(job, problem=problem)
        else:
            outcome = Outcome(job, result)
        tell([outcome])

    def _hurry(self, job: Job[Any], connection: sa.Connection) -> None:
        """Have a lock waited for no longer than somebody waits for the work."""
        patience = _PATIENCE.get(connection.dialect.name)
        if patience and job.until is not None:
            ms = int(min(max(job.left_s(), 0.001), LOCK_S) * 1000)
            connection.exec_driver_sql(patience.format(ms=ms))
