"""The processes of the bot: each is built over the same database, is killed at any moment, and starts again."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NoReturn, TypeVar

import sqlalchemy as sa

from bot.background import Background
from bot.dispatch import Answer, Dispatcher
from bot.metrics import Metrics
from bot.nudges.drain import Drain
from bot.nudges.sweep import Sweep
from bot.reading import Request
from handlers.catalog import CATALOG
from storage.database import Connection, Database, DatabaseError, Work, open_database
from storage.lanes import wait_for_next
from storage.schedules import upcoming
from storage.threads import ThreadedDatabase
from tests.simulation.chats import PACES, Chats, Wire
from tests.simulation.log import Log
from tests.simulation.time import Hesitant, ProcessClock, Time

T = TypeVar("T")

EVERY_S, LONGEST_S = 5.0, 1800.0
# How often of a thousand transactions, while things go wrong.
WRONG = {
    "killed before": 0.5,
    "killed inside": 0.5,
    "killed after": 0.7,
    "failed": 1.0,
    "failed in a statement": 0.5,
    "commit failed": 1.0,
    "committed and said it failed": 1.5,
}
AT_A_POINT = 0.0006  # how often a process is killed where it passes a crash point


class Killed(BaseException):
    """The process this happens in is no more."""


@dataclass
class Machine:
    """What all processes share: a database, a clock, chat services, and what goes wrong."""

    url: str
    time: Time
    chats: Chats
    log: Log
    chance: Random
    trouble: float = 0.0
    processes: dict[str, Process] = field(default_factory=dict)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    gone: list[Process] = field(default_factory=list)
    down: list[tuple[datetime, datetime]] = field(default_factory=list)
    away_until: datetime | None = None
    never: list[asyncio.Future[None]] = field(default_factory=list)
    has_ended: bool = False

    def start(self, name: str, off: timedelta) -> None:
        """Begin a process."""
        number = sum(each.name.startswith(name) for each in self.gone) + 1
        self.processes[name] = process = Process(self, f"{name}.{number}", off)
        process.begin()

    def ended(self, process: Process, why: str) -> None:
        """A process was killed: another takes its place in a while."""
        self.log.note(self.time.truth(), f"killed {why.split(' (')[0]}: {process.name} {why}")
        self.chats.forget(process.name)
        self.gone.append(process)
        name = process.name.split(".")[0]
        del self.processes[name]
        wait_s = self.chance.choice((1, 5, 60, 60, 900)) if self.trouble else 1
        self.spawn(self._again(name, process.off, wait_s))

    async def _again(self, name: str, off: timedelta, wait_s: float) -> None:
        since = self.time.now()
        await asyncio.sleep(wait_s)
        self.down.append((since, self.time.now()))
        self.start(name, off)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin work that belongs to no process."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        problem = None if task.cancelled() else task.exception()
        if problem and not isinstance(problem, Killed):
            place = "".join(traceback.format_exception(problem)[-6:])
            self.log.complaints.append(f"a task ended with {type(problem).__name__}: {problem} {place}")

    def any(self) -> Process | None:
        """One of the processes that run, by chance."""
        return self.chance.choice(list(self.processes.values())) if self.processes else None

    def stir(self) -> None:
        """Something was committed: every process looks, as the database would tell them."""
        for process in self.processes.values():
            process.stir()

    def fault(self) -> str:
        """What goes wrong with the next transaction; "" for nothing."""
        if self.away_until and self.time.truth() < self.away_until:
            return "failed"
        drawn = self.chance.random() * 1000 / max(self.trouble, 1e-9)
        for what, share in WRONG.items():
            drawn -= share
            if drawn < 0:
                return what
        return ""


class Process:
    """One process, as bot.app builds it: a dispatcher, a sweep and a drain over a database of its own."""

    def __init__(self, machine: Machine, name: str, off: timedelta) -> None:
        self.name = name
        self.off = off
        self.machine = machine
        self.clock = ProcessClock(machine.time, off)
        self.metrics = Metrics()
        self.told: Counter[str] = Counter()
        self.was_killed = False
        self._inner = open_database(machine.url, lambda _count, _name: Hesitant(self._moment))
        self.database = Faulty(self._inner, self)
        self._background = Background()
        senders = {platform: Wire(machine.chats, self, platform) for platform in PACES}
        chance = Random(name)  # noqa: S311 - it is to be the same each time
        self.drain = Drain(self.database, self.clock, senders, self.metrics, chance=chance, crash=self.crash)
        self.sweep = Sweep(self.database, self.clock, CATALOG)
        self.dispatch = Dispatcher(self.database, self.clock, CATALOG, self._soon, observer=self.metrics)
        self._stirred = {"sweep": asyncio.Event(), "drain": asyncio.Event()}
        self._died = asyncio.Event()

    def begin(self) -> None:
        """Plan and send from now on, each whenever something is due."""
        self.machine.spawn(self._every("sweep", self.sweep, self._next_due))
        self.machine.spawn(self._every("drain", self.drain, self._next_ready))

    def stir(self) -> None:
        """Look soon."""
        for event in self._stirred.values():
            event.set()

    def crash(self, point: str) -> None:
        """Be killed here, sometimes. Raises Killed."""
        if self.was_killed:
            raise Killed
        if self.machine.chance.random() < AT_A_POINT * self.machine.trouble:
            self.kill(f"at {point}")
            raise Killed

    def kill(self, why: str) -> None:
        """End here and now: nothing that this process still does has any effect."""
        if not self.was_killed:
            self.was_killed = True
            self._died.set()
            self.machine.ended(self, why)
            asyncio.get_running_loop().call_soon(self._hang_up)

    def _hang_up(self) -> None:
        """Close the connections, as the machine does for whom it has killed."""
        assert isinstance(self._inner, ThreadedDatabase)
        for engine in self._inner._engines:
            engine.dispose()

    async def alive(self) -> None:
        """Go on, unless this process was killed."""
        if self.was_killed:
            await self.nowhere()

    async def nowhere(self) -> NoReturn:
        """Never come back."""
        if self.machine.has_ended:
            raise asyncio.CancelledError
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.machine.never.append(never)  # or Python would collect who waits for it, and run what they clean up
        await never
        raise Killed

    async def answer(self, request: Request) -> Answer | None:
        """What somebody is answered; None where the process was killed before it had answered."""
        asked = self.machine.spawn(self._asked(request))
        await self.outlived(asked)
        return asked.result() if asked.done() and not self.was_killed else None

    async def outlived(self, task: asyncio.Task[Any]) -> None:
        """Wait for a task of this process, while there is one."""
        died = asyncio.ensure_future(self._died.wait())
        await asyncio.wait({task, died}, return_when=asyncio.FIRST_COMPLETED)
        died.cancel()

    async def close(self) -> None:
        """Give the database back."""
        await self._inner.close()

    async def _asked(self, request: Request) -> Answer | None:
        try:
            return await self.dispatch(request)
        except Killed:
            return None

    def _soon(self, workspace_id: int) -> None:
        if not self.was_killed:
            self.machine.spawn(self._quietly(lambda: self.drain.at_once(workspace_id)))

    async def _quietly(self, work: Callable[[], Awaitable[Any]]) -> bool:
        """Do what a loop of the product's own does again and again. Returns whether it went well."""
        try:
            await work()
        except (DatabaseError, Killed):
            return False
        return True

    async def _every(self, name: str, work: Callable[[], Awaitable[Any]], left: Callable[..., Any]) -> None:
        event, loop = self._stirred[name], asyncio.get_running_loop()
        while not self.was_killed:
            event.clear()
            wait_s = EVERY_S
            if await self._quietly(work):
                with_next: list[float] = []
                await self._quietly(lambda found=with_next: self._look(left, found))  # type: ignore[misc]
                wait_s = min(max(with_next[0], 0.05), LONGEST_S) if with_next else wait_s
            try:
                async with asyncio.timeout(wait_s):
                    await event.wait()
            except TimeoutError:
                continue
            grid_s = EVERY_S if name == "sweep" else 1.0
            await asyncio.sleep(grid_s - loop.time() % grid_s)

    async def _look(self, left: Callable[[Connection], Awaitable[float]], found: list[float]) -> None:
        found.append(await self.database.read(left))

    async def _next_due(self, connection: Connection) -> float:
        coming = await upcoming(connection, limit=1)
        at = coming[0].next_due_at if coming else None
        return max((at - self.clock.now()).total_seconds(), 0.0) + EVERY_S / 2 if at else LONGEST_S

    async def _next_ready(self, connection: Connection) -> float:
        wait = await wait_for_next(connection, None, PACES)
        return LONGEST_S if wait is None else wait.total_seconds()

    def _moment(self) -> float:
        return self.machine.chance.uniform(0.0005, 0.01)


class Faulty:
    """A process's database, with which everything goes wrong that can."""

    def __init__(self, inner: Database, process: Process) -> None:
        self._inner = inner
        self._process = process
        self.tidy, self.close = inner.tidy, inner.close

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Read, or fail to."""
        await self._process.alive()
        machine = self._process.machine
        if machine.away_until and machine.time.truth() < machine.away_until:
            raise failure("the database is away")
        found = await self._inner.read(work, deadline_s)
        await self._process.alive()
        return found

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Write, or fail to, or be killed before, while or after it is written."""
        process = self._process
        await process.alive()
        fault = process.machine.fault()
        if fault == "killed before":
            process.kill("before a transaction")
            await process.alive()
        if fault == "failed":
            raise failure(fault)

        async def done(connection: Connection) -> T:
            if process.was_killed:
                raise Killed
            statements = process.machine.chance.randrange(30) if fault == "failed in a statement" else -1
            result = await work(Unlucky(connection, statements) if statements >= 0 else connection)
            if fault == "killed inside":
                process.kill("inside a transaction")
                raise Killed
            if fault == "commit failed":
                raise failure(fault)
            return result

        result = await self._inner.write(done, deadline_s)
        if not process.was_killed:
            process.machine.stir()
        if fault == "killed after":
            process.kill("after a transaction")
        await process.alive()
        if fault == "committed and said it failed":
            process.machine.log.note(process.machine.time.truth(), "committed and said it failed")
            raise failure(fault)
        return result


class Unlucky:
    """A connection that breaks after so many statements."""

    def __init__(self, connection: Connection, statements: int) -> None:
        self._connection = connection
        self._left = statements
        self.dialect = connection.dialect

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> Any:
        """Execute, while it lasts."""
        self._left -= 1
        if self._left < 0:
            raise failure("the connection was lost")
        return await self._connection.execute(statement, parameters)

    def at_the_end(
        self, statement: sa.Executable, row: Mapping[str, object], taken: type[Exception] | None = None
    ) -> None:
        """Have something done with the transaction's last statements, which do not fail."""
        self._connection.at_the_end(statement, row, taken)

    @asynccontextmanager
    async def begin_nested(self) -> Any:
        """A savepoint, in which what is done counts with the rest."""
        async with self._connection.begin_nested():
            yield


def failure(why: str) -> DatabaseError:
    """What a driver says."""
    return sa.exc.OperationalError(why, {}, Exception(why))
