"""The settler: records what became of loads, all that are done at the same time in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from bot.clock import Clock
from bot.crashes import Crash
from bot.nudges.aftermath import tell
from storage.database import Connection, Database, DatabaseError
from storage.settling import DEAD, Outcome, Result, let_go, settle

TOGETHER = 200  # messages: more, and people's own requests would wait for it on SQLite
AGAIN_S = 0.5

log = structlog.get_logger()


class Settler:
    """Settles what it is given, and does not give up before the lease does. Everybody waits for their own."""

    def __init__(self, database: Database, clock: Clock, own_time: bool, lease_s: float, crash: Crash) -> None:
        self._database = database
        self._clock = clock
        self._own_time = own_time
        self._lease_s = lease_s
        self._crash = crash
        self._waiting: list[tuple[Result, asyncio.Future[Sequence[Outcome]]]] = []
        self._settling: asyncio.Task[None] | None = None

    async def __call__(self, result: Result) -> Sequence[Outcome]:
        """Settle one load. Returns what counts; nothing where the database stayed away for a whole lease."""
        done: asyncio.Future[Sequence[Outcome]] = asyncio.get_running_loop().create_future()
        self._waiting.append((result, done))
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle_waiting())
        return await done

    async def _settle_waiting(self) -> None:
        while self._waiting:
            batch = self._next()
            try:
                settled = await self._settle([result for result, _ in batch])
            except Exception:  # noqa: BLE001 - one of them may be at fault: the others are settled all the same
                settled = [await self._settle_patiently(result) for result, _ in batch]
            for (_, done), outcomes in zip(batch, settled, strict=True):
                if not done.done():  # whoever was stopped meanwhile does not wait any more
                    done.set_result(outcomes)

    def _next(self) -> list[tuple[Result, asyncio.Future[Sequence[Outcome]]]]:
        batch, size = [], 0
        while self._waiting and size < TOGETHER:
            batch.append(self._waiting.pop(0))
            size += len(batch[-1][0].outcomes)
        return batch

    async def _settle_patiently(self, result: Result) -> Sequence[Outcome]:
        until = _tick() + self._lease_s
        while True:
            try:
                return (await self._settle([result]))[0]
            except Exception as problem:  # noqa: BLE001 - nothing may end the settling of what comes after it
                log.error("delivery not settled", kind=type(problem).__name__)
                if not isinstance(problem, DatabaseError) or _tick() >= until:
                    return ()
            await asyncio.sleep(AGAIN_S)

    async def _settle(self, results: Sequence[Result]) -> list[Sequence[Outcome]]:
        now = self._clock.now()
        told = None if self._own_time else now

        async def work(connection: Connection) -> list[Sequence[Outcome]]:
            self._crash("drain.settling")
            by_token: dict[str, list[Outcome]] = {}
            for result in results:
                by_token.setdefault(result.load.lane.token, []).extend(result.outcomes)
            counted = [
                each for token, found in by_token.items() for each in await settle(connection, found, token, told)
            ]
            self._crash("drain.settled")
            for outcome in counted:
                if outcome.state == DEAD:
                    await tell(connection, outcome, now)
            self._crash("drain.told")
            await let_go(connection, results, told)
            self._crash("drain.let go")
            kept = {id(outcome) for outcome in counted}
            return [[each for each in result.outcomes if id(each) in kept] for result in results]

        settled = await self._database.write(work)
        self._crash("drain.settle committed")
        return settled


def _tick() -> float:
    return asyncio.get_running_loop().time()
