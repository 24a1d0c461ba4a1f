"""What happened, in order: every call of a chat service and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One call: who made it, when by the truth and by the machine's clock, to whom, and the message's own text.

    `outcome` is what the process was told: accepted, later, refused, unknown; or gone, where it was killed before
    it was told. `effect` tells whether the message stands there now, as a new one or in place of another.
    """

    at: datetime
    by_clock: datetime
    ended: datetime
    process: str
    platform: str
    workspace: str
    person: str | None
    channel: str | None
    replacing: bool
    title: str
    body: str
    outcome: str
    effect: bool

    @property
    def to(self) -> tuple[str, str, str]:
        """Where it went."""
        return self.platform, self.workspace, self.person or f"#{self.channel}"


@dataclass
class Log:
    """All calls, all that went wrong on purpose, and what a chat service has to complain about."""

    calls: list[Call] = field(default_factory=list)
    events: list[tuple[datetime, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    def note(self, at: datetime, what: str) -> None:
        """Something happened, other than a call."""
        self.events.append((at, what))
        self.counted[what.split(":")[0]] += 1

    def lines(self) -> list[str]:
        """Everything as text, to be compared with another run of the same seed."""
        calls = [
            (call.at, f"{call.to} {call.outcome} {call.effect} {call.replacing} {call.body}")
            for call in self.calls
        ]
        return [
            f"{at.isoformat()} {what}" for at, what in sorted([*calls, *self.events], key=lambda each: each[0])
        ]
