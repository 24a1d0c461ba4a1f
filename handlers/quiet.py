"""Quiet hours: the local times of day between which a person is not disturbed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from handlers.local_time import A_DAY, instant_on


@dataclass(frozen=True, slots=True)
class Quiet:
    """From a local time until another, over midnight where `until` is the earlier; none where they are equal."""

    since: time
    until: time

    def covers(self, hour: time) -> bool:
        """Whether it is quiet at a time of day on the wall."""
        if self.since <= self.until:
            return self.since <= hour < self.until
        return hour >= self.since or hour < self.until


def is_quiet(at: datetime, quiet: Quiet, zone: str) -> bool:
    """Whether an instant is within the quiet hours of somebody in a zone."""
    return quiet.covers(at.astimezone(ZoneInfo(zone)).time())


def quiet_over(at: datetime, quiet: Quiet, zone: str) -> datetime:
    """The first instant from `at` on, in UTC, that is not quiet: `at` itself where it is not."""
    if not is_quiet(at, quiet, zone):
        return at
    day = at.astimezone(ZoneInfo(zone)).date()
    ends = (instant_on(day + n * A_DAY, quiet.until, zone) for n in range(3))
    return next(end for end in ends if end > at and not is_quiet(end, quiet, zone))
