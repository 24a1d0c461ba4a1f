"""The time of a chat service that is played: a clock that stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Clock(Protocol):
    """Tells the instant, in UTC."""

    def now(self) -> datetime: ...


class StillClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = MORNING) -> None:
        self._at = at

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self._at

    def advance(self, seconds: float) -> None:
        """Let some seconds pass."""
        self._at += timedelta(seconds=seconds)
