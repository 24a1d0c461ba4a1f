"""The drain: sends what was promised, through the port, and settles what became of it.

It takes a few lanes that are ready, sends the messages it got of each, settles them, and looks again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from random import Random

import structlog

from bot.clock import Clock, SystemClock
from bot.crashes import Crash, nowhere
from bot.nudges.pace import Pace, choose
from bot.nudges.port import Paced, Sender
from bot.nudges.sending import Sending
from bot.nudges.settler import Settler
from bot.observer import NOBODY, Observer
from storage.database import Connection, Database, DatabaseError
from storage.delivery import ROWS, Claim, Load, claim
from storage.lanes import is_left, wait_for_next, wake
from storage.settling import BACK, Result, hand_back

LANES, TAKEN_TOGETHER = 120, 20
# Fewer than the connections that an HTTP client holds: waiting for one would look like a platform that hangs.
CALLS = 80
SEND_DEADLINE_S = 10.0
# Long enough for what is begun to end, and to be settled with a database that hesitates.
LEASE_S = 30.0
BEGIN_FOR_S = 2.0
POLL_S = 5.0

log = structlog.get_logger()


class Drain:
    """Sends what is due. `senders` are by platform; any number of processes may drain the same database.

    Messages of a platform without a sender here wait for a process that has one. On the machine's own clock,
    times are compared by the database's, on which all processes agree.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        senders: Mapping[str, Sender],
        observer: Observer = NOBODY,
        *,
        paced: bool | None = None,
        lease_s: float = LEASE_S,
        send_s: float = SEND_DEADLINE_S,
        chance: Random | None = None,
        crash: Crash = nowhere,
    ) -> None:
        self._database = database
        self._clock = clock
        self._senders = senders
        self._observer = observer
        self._own_time = isinstance(clock, SystemClock)
        self._paced = self._own_time if paced is None else paced
        self._lease_s = lease_s
        self._send_s = send_s
        self._chance = chance or Random()  # noqa: S311 - it spreads times, and keeps no secret
        self._crash = crash
        self._settler = Settler(database, clock, self._own_time, lease_s, crash)
        self._calls = {platform: asyncio.Semaphore(CALLS) for platform in senders}
        self._woken = asyncio.Event()
        self._is_running = False
        self._is_stopping = False

    async def __call__(self) -> int:
        """Send all that may be sent now. Returns how many messages were tried."""
        if not self._senders or await self._wait() != timedelta():
            return 0
        return sum(await asyncio.gather(*(self._drain(platform) for platform in self._senders)))

    async def at_once(self, workspace_id: int) -> None:
        """Send what one workspace has just promised, however much waits elsewhere."""
        for platform in self._senders:
            await self._drain(platform, workspace_id)
        await self._hand_over(workspace_id)

    async def _hand_over(self, workspace_id: int) -> None:
        """See to it that what its pace leaves over is sent as soon as that allows: here, or by whoever listens."""
        if self._is_running and not self._is_stopping:
            self.wake()
        elif await self._database.read(lambda connection: is_left(connection, workspace_id, self._now())):
            await self._database.write(wake)

    async def run(self) -> None:
        """Send whatever comes due, until `stop`. Survives a database that goes and comes back."""
        self._is_running = True
        while not self._is_stopping:
            self._woken.clear()
            try:
                await self()
                wait = await self._wait()
            except DatabaseError as problem:
                log.error("draining failed", kind=type(problem).__name__)
                wait = None
            pause_s = POLL_S if wait is None else min(wait.total_seconds(), POLL_S)
            await _wait_until(self._woken, max(pause_s, 0.05))

    def wake(self) -> None:
        """Look at once whether anything waits."""
        self._woken.set()

    def stop(self) -> None:
        """Begin to send nothing more; what was claimed and not begun goes back at once."""
        self._crash("drain.stopping")
        self._is_stopping = True
        self.wake()

    async def _wait(self) -> timedelta | None:
        """How long until a lane is ready; reading waits for no writer, and mostly nothing is."""
        return await self._database.read(lambda connection: wait_for_next(connection, self._now(), self._senders))

    async def _drain(self, platform: str, only: int | None = None) -> int:
        """Take lanes of one platform and send their loads, several at a time, until none is ready any more."""
        loads: set[asyncio.Task[int]] = set()
        try:
            return await self._drain_with(loads, platform, only)
        finally:  # where it is broken off, each says what became of its messages before it ends
            for task in loads:
                task.cancel()
            await asyncio.gather(*loads, return_exceptions=True)

    async def _drain_with(self, loads: set[asyncio.Task[int]], platform: str, only: int | None) -> int:
        tried, may_be_more = 0, True
        while may_be_more or loads:
            free = LANES - len(loads)
            if may_be_more and free >= TAKEN_TOGETHER and not self._is_stopping:
                found = await self._claim(platform, min(free, LANES // 2), only)
                loads |= {asyncio.create_task(self._deliver(load, platform, began)) for load, began in found}
                may_be_more = bool(found)
            elif loads:
                done, _ = await asyncio.wait(loads, return_when=asyncio.FIRST_COMPLETED)
                loads -= done
                tried += sum(task.result() for task in done)
                may_be_more = True
            else:
                break
        return tried

    async def _claim(self, platform: str, most: int, only: int | None) -> list[tuple[Load, float]]:
        began, token = _tick(), secrets.token_hex(8)
        pace = self._pace(platform)
        lease = timedelta(seconds=self._lease_s)

        async def work(connection: Connection) -> Claim:
            self._crash("drain.claiming")
            chosen = partial(choose, pace, ROWS)
            found = await claim(connection, platform, token, self._now(), lease, most, chosen, only)
            self._crash("drain.claimed")
            return found

        try:
            found = await self._database.write(work)
        except DatabaseError:
            await self._database.write(lambda connection: hand_back(connection, token))
            raise
        self._crash("drain.claim committed")
        for personal, state in found.adopted:
            log.warning("delivery taken over", personal=personal, state=state)
            self._observer.delivered(platform, "personal" if personal else "channel", "unknown")
        return [(load, began) for load in found.loads]

    async def _deliver(self, load: Load, platform: str, began: float) -> int:
        # What is begun has to end within the lease, or somebody else would have taken it over by then.
        last = min(_tick() + BEGIN_FOR_S, began + self._lease_s * 0.9 - self._send_s)
        sending = Sending(
            load,
            self._senders[platform],
            self._clock,
            self._chance,
            lambda: _tick() <= last and not self._is_stopping,
            self._calls[platform],
            self._send_s,
            self._crash,
            self._pace(platform),
        )
        try:
            result = await sending()
        except asyncio.CancelledError:
            self._tell(platform, sending.broken_off())
            await self._settler(sending.broken_off())
            raise
        self._crash("drain.load sent")
        self._tell(platform, result)
        await self._settler(result)
        return sum(outcome.state != BACK for outcome in result.outcomes)

    def _tell(self, platform: str, result: Result) -> None:
        if result.hold:
            self._observer.told_to_wait(platform)
        for outcome in result.outcomes:
            if outcome.state != BACK:
                kind = "personal" if outcome.parcel.person else "channel"
                self._observer.delivered(platform, kind, outcome.seen_as)

    def _pace(self, platform: str) -> Pace | None:
        sender = self._senders[platform]
        return sender.pace if self._paced and isinstance(sender, Paced) else None

    def _now(self) -> datetime | None:
        return None if self._own_time else self._clock.now()


def _tick() -> float:
    """Seconds by the loop's own clock, which only ever counts on."""
    return asyncio.get_running_loop().time()


async def _wait_until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
