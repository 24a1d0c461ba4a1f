"""Sending one load: the messages of one workspace that a worker took, each tried once and its outcome named."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import structlog

from bot.clock import Clock
from bot.crashes import Crash
from bot.nudges.pace import Pace, also_spent
from bot.nudges.port import Address, Astray, InPieces, NotSent, Partly, Recipient, Refused, Sender
from handlers.messages import MESSAGE
from storage.delivery import Load, Parcel
from storage.outbox import MAX_TRIES
from storage.settling import BACK, DEAD, DUE, SENT, UNKNOWN, Outcome, Result

AT_ONCE = 5
FIRST_WAIT, LONGEST_WAIT, GROWS = timedelta(seconds=15), timedelta(hours=1), 4
JITTER = 0.25

log = structlog.get_logger()


def wait_before(tries: int, chance: Random) -> timedelta:
    """How long to wait after so many tries: four times as long each time, give or take a quarter."""
    wait: timedelta = min(FIRST_WAIT * GROWS ** (tries - 1), LONGEST_WAIT)
    return wait * chance.uniform(1 - JITTER, 1 + JITTER)


class Sending:
    """One load on its way. `may_begin` says whether another message may still be begun.

    Messages to one recipient go in their order, those to several side by side. Where the platform says to wait,
    nothing more is begun. What a message takes of the `pace` beyond its first piece is reckoned after it.
    """

    def __init__(
        self,
        load: Load,
        sender: Sender,
        clock: Clock,
        chance: Random,
        may_begin: Callable[[], bool],
        calls: asyncio.Semaphore,
        deadline_s: float,
        crash: Crash,
        pace: Pace | None = None,
    ) -> None:
        self._load = load
        self._sender = sender
        self._clock = clock
        self._chance = chance
        self._may_begin = may_begin
        self._calls = calls
        self._deadline_s = deadline_s
        self._crash = crash
        self._pace = pace
        self._more: list[str] = []
        self._hold: timedelta | None = None
        self._outcomes: list[Outcome] = []

    async def __call__(self) -> Result:
        """Send it. Never raises: whatever goes wrong is an outcome."""
        queues: dict[tuple[str | None, str | None], deque[Parcel]] = {}
        for parcel in self._load.parcels:
            queues.setdefault((parcel.person, parcel.channel), deque()).append(parcel)
        waiting = deque(queues.values())
        if self._load.lane.limited:
            await self._one(waiting[0].popleft())  # whether the platform takes anything again
        if len(waiting) == 1:
            await self._queues(waiting)
        else:
            await asyncio.gather(*(self._queues(waiting) for _ in range(min(AT_ONCE, len(waiting)))))
        return self._result(self._outcomes)

    def broken_off(self) -> Result:
        """What became of it where it was cancelled: the rest was not begun."""
        known = {outcome.parcel.id for outcome in self._outcomes}
        rest = [Outcome(parcel, BACK) for parcel in self._load.parcels if parcel.id not in known]
        return self._result([*self._outcomes, *rest])

    def _result(self, outcomes: Sequence[Outcome]) -> Result:
        lane, spent = self._load.lane, None
        if self._pace and self._more:
            spent = also_spent(self._pace, self._load.choice.spent, lane.at, self._more)
        return Result(self._load, outcomes, self._hold, spent)

    async def _queues(self, waiting: deque[deque[Parcel]]) -> None:
        while waiting:
            queue = waiting.popleft()
            while queue:
                await self._one(queue.popleft())

    async def _one(self, parcel: Parcel) -> None:
        if parcel.astray:
            self._outcomes.append(_held_back(parcel))
            return
        async with self._calls:
            is_held = self._hold or not self._may_begin()
            self._outcomes.append(Outcome(parcel, BACK) if is_held else await self._try(parcel))

    async def _try(self, parcel: Parcel) -> Outcome:
        recipient = Recipient(parcel.workspace, parcel.person, parcel.channel, parcel.thread, parcel.address)
        self._crash("drain.sending")
        try:
            async with asyncio.timeout(self._deadline_s):
                address = await self._sender.send(recipient, MESSAGE.validate_json(parcel.body))
        except asyncio.CancelledError:  # this process ends while it is being sent
            self._outcomes.append(self._unknown(parcel, "CancelledError"))
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it was, it may have arrived
            return self._failed(parcel, problem)
        self._crash("drain.sent")
        self._stands(parcel, address)
        return Outcome(parcel, SENT, address)

    def _failed(self, parcel: Parcel, problem: Exception) -> Outcome:
        match problem:
            case Partly():
                self._stands(parcel, problem.address)
                # Where more of it stands now, the try was not in vain: it is not counted.
                tries = parcel.tries if problem.address == parcel.address else max(1, parcel.tries - 1)
                tried = replace(parcel, tries=tries)
                return replace(self._failed(tried, problem.rest), address=problem.address)
            case Astray():
                return _held_back(replace(parcel, astray=str(problem)))
            case NotSent():
                return self._not_sent(parcel, problem)
            case Refused():
                log.warning("delivery refused", parcel=parcel.id, reason=str(problem))
                return Outcome(parcel, DEAD, error=str(problem), refused=True)
            case _:
                return self._unknown(parcel, type(problem).__name__)

    def _stands(self, parcel: Parcel, address: Address) -> None:
        self._more += [parcel.rated_as] * (self._pieces(address) - 1)

    def _pieces(self, address: Address) -> int:
        return self._sender.pieces(address) if isinstance(self._sender, InPieces) else 1

    def _not_sent(self, parcel: Parcel, passing: NotSent) -> Outcome:
        wait = wait_before(parcel.tries, self._chance)
        if passing.retry_at:
            # As long as was told, from now on by whatever clock counts: this process's own may be wrong.
            wait = max(passing.retry_at - self._clock.now(), timedelta())
            self._hold = max(self._hold or wait, wait)
        return self._again(parcel, str(passing), wait)

    def _unknown(self, parcel: Parcel, kind: str) -> Outcome:
        """It may have arrived. To a person it is never sent twice; to a channel it is tried again."""
        log.error("delivery unknown", parcel=parcel.id, kind=kind)
        if parcel.person:
            return Outcome(parcel, UNKNOWN, error=kind, unknown=True)
        return self._again(parcel, kind, wait_before(parcel.tries, self._chance), unknown=True)

    def _again(self, parcel: Parcel, error: str, wait: timedelta, *, unknown: bool = False) -> Outcome:
        state = DEAD if parcel.tries >= MAX_TRIES else DUE
        return Outcome(parcel, state, error=error, wait=wait, unknown=unknown)


def _held_back(parcel: Parcel) -> Outcome:
    """It may not go any more where it was promised to."""
    log.warning("delivery held back", parcel=parcel.id, reason=parcel.astray)
    return Outcome(parcel, DEAD, error=parcel.astray)
