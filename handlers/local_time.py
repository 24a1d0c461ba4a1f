"""When something is due next in somebody's local time: a pure function of rule, zone and instant."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def instant(day: date, hour: time, zone: str) -> datetime | None:
    """The instant in UTC at which a local day reaches a local time; None for a day the zone skipped.

    A time that the clocks jump over is taken as if they had not jumped yet, so it falls on the same day,
    later by the jump. A time that comes twice is the first of the two.
    """
    rules = ZoneInfo(zone)
    found = datetime.combine(day, hour, rules).replace(fold=0).astimezone(UTC)
    return found if found.astimezone(rules).date() == day else None


def instant_on(day: date, hour: time, zone: str) -> datetime:
    """As `instant`, but of the next day where the zone skipped this one."""
    found = instant(day, hour, zone)
    return found or instant_on(day + timedelta(days=1), hour, zone)


def next_due(days: Collection[int], hour: time, zone: str, after: datetime) -> datetime:
    """The first instant later than `after`, in UTC, at which it is `hour` on one of the ISO weekdays.

    Raises ValueError where `days` is empty.
    """
    if not days:
        raise ValueError("no weekday was given")
    return next(found for _, found in occurrences(days, hour, zone, after))


def occurrences(days: Collection[int], hour: time, zone: str, after: datetime) -> Iterator[tuple[date, datetime]]:
    """Each local date and instant at which it is `hour` on one of the weekdays, after an instant."""
    day = after.astimezone(ZoneInfo(zone)).date()
    while True:
        found = instant(day, hour, zone) if day.isoweekday() in days else None
        if found and found > after:
            yield day, found
        day += timedelta(days=1)


def working_day_on_or_after(day: date, days: Collection[int]) -> date:
    """The day itself where it is one of the ISO weekdays, else the next that is."""
    while day.isoweekday() not in days:
        day += timedelta(days=1)
    return day


def working_days_later(day: date, count: int, days: Collection[int]) -> date:
    """The day that is `count` working days after another."""
    for _ in range(count):
        day = working_day_on_or_after(day + timedelta(days=1), days)
    return day
