"""What goes wrong on demand: throttling, errors, answers that never come, connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.world import Channel


@dataclass
class Fault:
    """One thing that goes wrong with the next `times` calls of a method, in one workspace or in all.

    `error` answers `ok: false`; `status` answers that HTTP status; `hang` and `drop` are `before` or `after` the
    effect: the answer comes on `release()`, or the connection breaks. What hangs `on the way` takes effect then.
    """

    method: str
    error: str = ""
    status: int = 0
    hang: str = ""
    drop: str = ""
    times: int = 1
    workspace: str = ""

    def is_for(self, method: str, workspace: str) -> bool:
        """Whether it strikes this call."""
        return self.times > 0 and self.method in {method, "*"} and self.workspace in {"", workspace}


@dataclass
class Throttle:
    """A method that answers 429 for some seconds, from the first call on."""

    method: str
    retry_after: int
    workspace: str = ""
    until: datetime | None = None


class Throttled(Exception):
    """Answered with 429 and these seconds to wait."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"wait {retry_after} s")
        self.retry_after = retry_after


@dataclass
class Faults:
    """All that is to go wrong. `too_early` lists the calls that came before their `Retry-After` had passed."""

    planned: list[Fault] = field(default_factory=list)
    throttles: list[Throttle] = field(default_factory=list)
    too_early: list[str] = field(default_factory=list)
    paced: bool = False
    posted: dict[tuple[str, str], datetime] = field(default_factory=dict)
    held: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def strike(self, method: str, workspace: str) -> Fault | None:
        """The fault that this call meets, which has then happened once more."""
        found = next((each for each in self.planned if each.is_for(method, workspace)), None)
        if found:
            found.times -= 1
        return found

    def throttled(self, now: datetime, method: str, workspace: str) -> None:
        """Raise Throttled while a method is to be left alone."""
        for each in self.throttles:
            if each.method not in {method, "*"} or each.workspace not in {"", workspace}:
                continue
            if each.until is None:
                each.until = now + timedelta(seconds=each.retry_after)
                raise Throttled(each.retry_after)
            if now < each.until:
                self.too_early.append(method)
                raise Throttled(-int(-(each.until - now).total_seconds() // 1))

    def pace(self, now: datetime, channel: Channel) -> None:
        """About one message a second and channel, where that is held."""
        if not self.paced:
            return
        key = (channel.team, channel.id)
        last = self.posted.get(key)
        if last and (now - last).total_seconds() < 1:
            raise Throttled(1)
        self.posted[key] = now

    async def hold(self, tell: Callable[[], None]) -> None:
        """Wait for the next release, and tell that somebody waits."""
        self.held += 1
        tell()
        released = self.released
        try:
            await released.wait()
        finally:
            self.held -= 1

    def release(self) -> None:
        """Let go whatever is held; what comes later is held anew."""
        self.released.set()
        self.released = asyncio.Event()


def broken(fault: Fault) -> None:
    """Raise the error that a fault asks for."""
    if fault.error:
        raise SlackError(fault.error)
