"""The time. The only place that reads the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the instant, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The instant, in UTC."""
        return datetime.now(UTC)


class SteppedClock:
    """A clock that stands still until it is set, and never goes back. For the playground and for tests."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it was last set to, in UTC."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move on to an instant; one before the present changes nothing."""
        self._at = max(self._at, at.astimezone(UTC))
