"""A unit of work in a thread: what is done, for whom, by when, and what came of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import sqlalchemy as sa

if TYPE_CHECKING:
    from storage.database import Work

T = TypeVar("T")


class Job(Generic[T]):
    """Work that waits for its transaction, for whoever waits in a loop, `until` a time of that loop's clock."""

    def __init__(self, work: Work[T], loop: asyncio.AbstractEventLoop, deadline_s: float | None) -> None:
        self.loop = loop
        self.since = loop.time()
        self.until = None if deadline_s is None else self.since + deadline_s
        self.turn = Turn()
        self.done: asyncio.Future[T] = loop.create_future()
        self.done.add_done_callback(_forget)
        self._work = work

    def left_s(self) -> float:
        """How long anybody still waits for it, in seconds; less than none where nobody does."""
        return float("inf") if self.until is None else self.until - self.loop.time()

    def waited_s(self) -> float:
        """How long it has waited, in seconds."""
        return self.loop.time() - self.since

    def run(self, connection: InThread) -> T:
        """Do the work. Raises TimeoutError where nobody waits for it any more, which rolls it back."""
        self.turn.check()
        try:
            result = run(self._work(connection))
        except StopIteration as odd:
            raise RuntimeError("a unit of work ended oddly") from odd  # which no future takes as it is
        if connection.failed:
            raise connection.failed  # passed over, although PostgreSQL keeps nothing of a transaction after it
        return result


class Outcome(NamedTuple):
    """What came of work."""

    job: Job[Any]
    result: Any = None
    problem: BaseException | None = None


class Spoilt(Exception):
    """Nothing is done, because of one unit of work among several."""

    def __init__(self, job: Job[Any], problem: Exception) -> None:
        super().__init__()
        self.job = job
        self.problem = problem


def attempt(job: Job[Any], connection: sa.Connection, last: Last) -> Outcome:
    """Do work beside others. Raises Spoilt where it went wrong, unless it only looked: that costs nobody else."""
    mine = InThread(connection, last)
    try:
        return Outcome(job, job.run(mine))
    except Exception as problem:
        if mine.has_written or mine.failed:
            raise Spoilt(job, problem) from problem
        return Outcome(job, problem=problem)


def commits(job: Job[Any]) -> None:
    """Work beside others is done, and is to be committed. Raises Spoilt where its deadline came first."""
    try:
        job.turn.commit()
    except TimeoutError as problem:
        raise Spoilt(job, problem) from problem


def tell(outcomes: Sequence[Outcome]) -> None:
    """Tell whoever waits what came of it; a loop is woken once for all of them."""
    for loop in {outcome.job.loop for outcome in outcomes}:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(_told, [outcome for outcome in outcomes if outcome.job.loop is loop])


def _told(outcomes: Sequence[Outcome]) -> None:
    for job, result, problem in outcomes:
        if job.done.done():
            continue  # cancelled
        if problem is None:
            job.done.set_result(result)
        else:
            job.done.set_exception(problem)


def commit(connection: sa.Connection) -> Exception | None:
    """Commit; returns what went wrong with it. It may have happened all the same, so it is never done again."""
    try:
        connection.commit()
    except Exception as problem:  # noqa: BLE001 - handed on as it is, to whoever asked for the work
        return problem
    return None


class Turn:
    """Decides, once, whether a transaction is committed or its deadline came first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decided = ""
        self._is_late = False

    def _decide(self, outcome: str) -> bool:
        self._decided = self._decided or outcome
        return self._decided == outcome

    def give_up(self) -> bool:
        """The deadline came; returns False where the commit had begun."""
        with self._lock:
            self._is_late = True
            return self._decide("late")

    def commit(self) -> None:
        """The work is done. Raises TimeoutError where the deadline came first, which rolls it back."""
        with self._lock:
            if not self._decide("committed"):
                raise TimeoutError

    def again(self) -> bool:
        """It was rolled back all the same; returns False where the deadline has come meanwhile."""
        with self._lock:
            self._decided = "late" if self._is_late else ""
            return not self._is_late

    def check(self) -> None:
        """Raises TimeoutError for work that nobody waits for any more."""
        if self._decided == "late":
            raise TimeoutError


class Last:
    """What is done when a transaction ends, each statement once for all who work in it.

    First what can be refused; then the rest, rows in their order, so that nobody waits in a circle.
    """

    def __init__(self) -> None:
        self._rows: dict[sa.Executable, list[Mapping[str, Any]]] = {}
        self._taken: dict[sa.Executable, type[Exception]] = {}

    def put(self, statement: sa.Executable, row: Mapping[str, object], taken: type[Exception] | None) -> None:
        """Have it done for a row."""
        self._rows.setdefault(statement, []).append(row)
        if taken:
            self._taken[statement] = taken

    def do(self, connection: sa.Connection) -> None:
        """Do all of it. Raises what was to be raised where one of the rows is there already."""
        for insert, taken in self._taken.items():
            rows = self._rows.pop(insert)
            if len(connection.execute(insert, rows).all()) < len(rows):
                raise taken
        for statement, rows in self._rows.items():
            connection.execute(statement, sorted(rows, key=lambda row: tuple(row.values())))


class InThread:
    """A connection of this thread, in the shape of an asyncio one; the loop never has to wait for it.

    `failed` is what a statement failed with, outside of any savepoint.
    """

    def __init__(self, connection: sa.Connection, last: Last) -> None:
        self._connection = connection
        self._last = last
        self.dialect = connection.dialect
        self.has_written = False
        self.failed: sa.exc.SQLAlchemyError | None = None

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> Any:
        self.has_written = self.has_written or not isinstance(statement, sa.Select)
        try:
            return self._connection.execute(statement, parameters)
        except sa.exc.SQLAlchemyError as problem:
            self.failed = problem
            raise

    def at_the_end(
        self, statement: sa.Executable, row: Mapping[str, object], taken: type[Exception] | None = None
    ) -> None:
        self.has_written = True
        self._last.put(statement, row, taken)

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        before = self.failed
        with self._connection.begin_nested():
            try:
                yield
            except BaseException:
                self.failed = before  # it goes with the savepoint
                raise


def run(work: Awaitable[T]) -> T:
    """Run work to its end without a loop: nothing in it may wait for anything but its connection."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as finished:
        result: T = finished.value
        return result
    steps.close()
    raise RuntimeError("a unit of work may wait for nothing but its connection")


def _forget(done: asyncio.Future[Any]) -> None:
    # Looked at, so that asyncio does not report it where nobody waits: its text may be somebody's words.
    if not done.cancelled():
        done.exception()
