"""Quiet hours: the local times of day between which a person is not disturbed."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.local_time import A_DAY

SECOND = timedelta(seconds=1)


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
    end = min(each for each in _ends(at, quiet, zone) if each > at and not is_quiet(each, quiet, zone))
    change = _clock_change(at, end, zone)
    return change if change and not is_quiet(change, quiet, zone) else end


def _ends(at: datetime, quiet: Quiet, zone: str) -> Iterator[datetime]:
    """The instants in the next days at which quiet ends by the clock on the wall, both where it comes twice."""
    rules = ZoneInfo(zone)
    day = at.astimezone(rules).date()
    for n in range(3):
        for fold in (0, 1):
            yield datetime.combine(day + n * A_DAY, quiet.until).replace(tzinfo=rules, fold=fold).astimezone(UTC)


def _clock_change(since: datetime, until: datetime, zone: str) -> datetime | None:
    """The second at which the clocks of a zone are changed between two instants; None where they are not."""
    rules = ZoneInfo(zone)
    offset = since.astimezone(rules).utcoffset()
    if until.astimezone(rules).utcoffset() == offset:
        return None
    start, seconds = since.replace(microsecond=0), range(int((until - since).total_seconds()) + 2)
    changed = bisect(seconds, False, key=lambda n: (start + n * SECOND).astimezone(rules).utcoffset() != offset)
    return start + changed * SECOND
