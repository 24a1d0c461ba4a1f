"""What goes wrong on demand: throttling, errors, answers that never come, connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.teams.errors import ConnectorError


@dataclass
class Fault:
    """One thing that goes wrong with the next `times` calls of an operation, in one tenant or in all.

    `status` answers that, with a `code` and with `retry_after` seconds where they are given, and `after` says
    whether the effect has happened by then. `hang` and `drop` are `before` or `after` the effect: the answer
    comes on `release()`, or the connection breaks. The first `skip` calls pass.
    """

    operation: str
    status: int = 0
    code: str = ""
    retry_after: int | None = None
    after: bool = False
    hang: str = ""
    drop: str = ""
    times: int = 1
    skip: int = 0
    tenant: str = ""
    conversation: str = ""

    def is_for(self, operation: str, tenant: str, conversation: str) -> bool:
        """Whether it strikes this call."""
        return (
            self.times > 0
            and self.operation in {operation, "*"}
            and self.tenant in {"", tenant}
            and self.conversation in {"", conversation}
        )

    @property
    def error(self) -> ConnectorError:
        """What it answers."""
        code = self.code or {412: "PreconditionFailed", 429: "TooManyRequests"}.get(self.status, "ServiceError")
        return ConnectorError(self.status, code, "as it was asked to", self.retry_after)


@dataclass
class Faults:
    """All that is to go wrong; `held` are the calls that wait to be released."""

    planned: list[Fault] = field(default_factory=list)
    held: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def strike(self, operation: str, tenant: str, conversation: str) -> Fault | None:
        """The fault that this call meets, which has then happened once more."""
        found = next((each for each in self.planned if each.is_for(operation, tenant, conversation)), None)
        if found and found.skip:
            found.skip -= 1
            return None
        if found:
            found.times -= 1
        return found

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
