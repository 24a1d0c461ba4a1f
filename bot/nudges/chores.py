"""The bot's own chores: does what is due for each workspace, each once, whatever the number of processes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.nudges.port import NotSent
from storage import chores
from storage.chores import Chore, ChoreList, claim_chores, extend, is_due, let_go
from storage.database import Connection, Database
from storage.directory import workspace_called

AT_ONCE = 4
LEASE = timedelta(minutes=3)
EXTEND_EVERY_S = 60.0
SOONEST = timedelta(seconds=1)  # nothing is done twice in one turn
RETRY = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)

# Takes the chat service's id of a workspace, and returns how long until it is due again.
Work = Callable[[str], Awaitable[timedelta]]

log = structlog.get_logger()


class Chores:
    """Does the chores of one platform's workspaces. `work` is by the chore's name.

    A turn does all that was due when it began, a few at a time: where one ends, the next begins. No transaction
    is open while one is done. A chore is kept by a lease for as long as it takes, and broken off where the lease
    was lost. Workspaces that the bot was removed from have none.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        work: Mapping[str, Work],
        *,
        platform: str,
        extend_every_s: float = EXTEND_EVERY_S,
    ) -> None:
        self._database = database
        self._clock = clock
        self._work = work
        self._platform = platform
        self._extend_every_s = extend_every_s
        self._doing: set[asyncio.Task[None]] = set()

    async def __call__(self) -> int:
        """Begin a turn, as much of it as is done at once. Returns how many were begun; waits for none."""
        turn, free = self._clock.now(), AT_ONCE - len(self._doing)
        if not free or not await self._database.read(lambda connection: self._is_due(connection, turn)):
            return 0
        claimed = await self._claim(turn, free)
        for chore in claimed:
            task = asyncio.create_task(self._do_all(chore, turn))
            self._doing.add(task)
            task.add_done_callback(self._finished)
        return len(claimed)

    async def settle(self) -> None:
        """Wait until all that is due is done, that which comes due meanwhile included."""
        while await self() or self._doing:
            await asyncio.gather(*self._doing, return_exceptions=True)

    async def close(self) -> None:
        """Break off what is being done; another process may take it at once."""
        for task in self._doing:
            task.cancel()
        await asyncio.gather(*self._doing, return_exceptions=True)

    async def ensure(self, workspace: str, names: Collection[str], now: datetime) -> None:
        """See to it that a workspace has these chores; those it did not have are due now (UTC)."""

        async def work(connection: Connection) -> None:
            number = await workspace_called(connection, self._platform, workspace)
            if number:
                await ChoreList(connection, number).ensure(names, now)

        await self._database.write(work)

    async def _is_due(self, connection: Connection, turn: datetime) -> bool:
        return await is_due(connection, self._platform, self._work, turn)

    async def _claim(self, turn: datetime, limit: int) -> Sequence[Chore]:
        """Take some of what was due when the turn began: what comes due meanwhile waits for the next."""
        token, until = secrets.token_hex(8), self._clock.now() + LEASE

        async def work(connection: Connection) -> Sequence[Chore]:
            return await claim_chores(connection, self._platform, self._work, token, turn, until, limit)

        claiming = asyncio.ensure_future(self._database.write(work))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            for chore in await claiming:  # which is written, whether anybody waits for it or not
                await self._let_go(chore)
            raise

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._doing.discard(task)
        if not task.cancelled() and (problem := task.exception()):  # the database failed: the lease will run out
            log.error("chore not settled", kind=type(problem).__name__)

    async def _do_all(self, chore: Chore, turn: datetime) -> None:
        """Do a chore, and then one after the other what nobody has taken yet of the turn."""
        left: Sequence[Chore] = (chore,)
        while left:
            await self._do(left[0], turn)
            left = await self._claim(turn, 1)

    async def _do(self, chore: Chore, began: datetime) -> None:
        try:
            next_in = await self._keeping(chore, self._work[chore.name](chore.workspace))
        except asyncio.CancelledError:
            await self._let_go(chore)
            raise
        except Exception as problem:  # noqa: BLE001 - a chore that fails must not stop the others
            await self._failed(chore, problem)
        else:
            now, wait = self._clock.now(), max(next_in, SOONEST)
            await self._database.write(lambda connection: chores.done(connection, chore, began, now, wait))

    async def _let_go(self, chore: Chore) -> None:
        await self._database.write(lambda connection: let_go(connection, chore))

    async def _keeping(self, chore: Chore, work: Awaitable[timedelta]) -> timedelta:
        """Do the work and extend its lease meanwhile. Raises LeaseLost where somebody has taken it over."""
        working = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({working}, timeout=self._extend_every_s))[0]:
                await self._extend(chore)
            return working.result()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def _extend(self, chore: Chore) -> None:
        until = self._clock.now() + LEASE
        if not await self._database.write(lambda connection: extend(connection, chore, until)):
            raise LeaseLost

    async def _failed(self, chore: Chore, problem: Exception) -> None:
        # The text of an exception may quote a token or a name: only its kind is logged.
        log.error("chore failed", chore=chore.name, kind=type(problem).__name__, failures=chore.failures + 1)
        now, told = self._clock.now(), problem.retry_at if isinstance(problem, NotSent) else None
        due_at = max(told or now + min(RETRY * 2 ** min(chore.failures, 10), LONGEST_WAIT), now + SOONEST)
        await self._database.write(lambda connection: chores.failed(connection, chore, due_at))


class LeaseLost(Exception):
    """Another process does this chore now."""
