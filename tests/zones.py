"""Where and when clocks change, by looking at every zone, and what a wall clock shows, by walking along it."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2028, 12, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SLOTS = tuple(time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45))
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a zone's clocks: the instant, and the offsets before and after it."""

    at: datetime
    before: timedelta
    after: timedelta


def offset(zone: str, at: datetime) -> timedelta:
    """How far the clocks of a zone are ahead of UTC."""
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def changes(zone: str, start: datetime = START, end: datetime = END) -> tuple[Change, ...]:
    """Every change of a zone's clocks between two instants, at most one every other day."""
    days = [start + n * A_DAY for n in range((end - start).days + 1)]
    offsets = [offset(zone, day) for day in days]
    return tuple(_change(zone, days[n - 1]) for n in range(1, len(days)) if offsets[n] != offsets[n - 1])


def _change(zone: str, since: datetime) -> Change:
    before = offset(zone, since)
    seconds = range(86_401)
    found = bisect(seconds, False, key=lambda n: offset(zone, since + timedelta(seconds=n)) != before)
    at = since + timedelta(seconds=found)
    return Change(at, before, offset(zone, at))


@lru_cache(maxsize=1)
def changing() -> dict[str, tuple[Change, ...]]:
    """Every zone whose clocks change in the two years, and when."""
    found = {zone: changes(zone) for zone in sorted(available_timezones())}
    return {zone: each for zone, each in found.items() if each}


def one_of_each() -> dict[str, tuple[Change, ...]]:
    """One zone for each way in which clocks change."""
    return {zone: changing()[zone] for zone in {each: zone for zone, each in changing().items()}.values()}


def expected(change: Change, zone: str) -> Iterator[tuple[date, time, datetime]]:
    """Each date and quarter-hour around a change, and the instant at which it is due.

    Found by walking along UTC and reading the wall clock: the first time that it shows the quarter-hour, or,
    where the change jumps over it, as long after the change as it would have been, or before it if that is
    the next day.
    """
    rules = ZoneInfo(zone)
    shown: dict[tuple[date, time], datetime] = {}
    start = change.at.replace(minute=0, second=0) - 2 * A_DAY
    for n in range(4 * 24 * 4):
        wall = (start + n * QUARTER).astimezone(rules)
        shown.setdefault((wall.date(), wall.time()), start + n * QUARTER)
    dates = sorted({day for day, _ in shown})[1:-1]
    for day in dates:
        for slot in SLOTS:
            yield day, slot, shown.get((day, slot)) or _jumped_over(change, day, slot)


def _jumped_over(change: Change, day: date, slot: time) -> datetime:
    missed = datetime.combine(day, slot, UTC)
    wall_before = change.at + change.before
    late = change.at + (missed - wall_before)
    is_same_day = (late + change.after).date() == day
    return late if is_same_day else change.at - (change.at + change.after - missed)
