"""When something is due in somebody's local time: pure functions of rule, zone and instants."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
NO_JITTER = timedelta()
JITTER_S = 120
# Knuth's multiplicative hash: consecutive numbers, and every nth number, fall evenly over the range.
_GOLDEN = 2_654_435_761


@dataclass(frozen=True, slots=True)
class Rule:
    """At `hour` in local time on each of the ISO weekdays (1 is Monday), later by `jitter`."""

    days: tuple[int, ...]
    hour: time
    jitter: timedelta = NO_JITTER


def jitter_of(person_id: int) -> timedelta:
    """How much later than the hour a person is asked: 0 to 119 s, the same each day, spread evenly over people."""
    return timedelta(seconds=(person_id * _GOLDEN % 2**32) * JITTER_S >> 32)


def instant(day: date, hour: time, zone: str, jitter: timedelta = NO_JITTER) -> datetime | None:
    """The instant in UTC at which a local day reaches a local time; None for a day the zone skipped.

    A time that the clocks jump over is taken as if they had not jumped yet, so it falls on the same day,
    later by the jump; where that would be the next day, as if they had jumped already, earlier by the jump.
    A time that comes twice is the first of the two. `jitter` is added where it stays on the same local day.
    """
    rules = ZoneInfo(zone)
    for fold in (0, 1):
        found = datetime.combine(day, hour).replace(tzinfo=rules, fold=fold).astimezone(UTC)
        if found.astimezone(rules).date() == day:
            late = found + jitter
            return late if late.astimezone(rules).date() == day else found
    return None


def instant_on(day: date, hour: time, zone: str) -> datetime:
    """As `instant`, but of the next day where the zone skipped this one."""
    found = instant(day, hour, zone)
    return found or instant_on(day + A_DAY, hour, zone)


def between(rule: Rule, zone: str, since: datetime, until: datetime) -> Iterator[tuple[date, datetime]]:
    """Each local date and its instant in UTC, since < instant <= until, in order; one for each date there is."""
    # Where clocks went back over midnight, the date before is shown once more after its own occurrence.
    day, last = _local(since, zone) - A_DAY, _local(until, zone) + A_DAY
    while day <= last:
        found = instant(day, rule.hour, zone, rule.jitter) if day.isoweekday() in rule.days else None
        if found and since < found <= until:
            yield day, found
        day += A_DAY


def occurrences(
    days: Collection[int], hour: time, zone: str, after: datetime, jitter: timedelta = NO_JITTER
) -> Iterator[tuple[date, datetime]]:
    """As `between`, but without an end."""
    day = _local(after, zone) - A_DAY
    while True:
        found = instant(day, hour, zone, jitter) if day.isoweekday() in days else None
        if found and found > after:
            yield day, found
        day += A_DAY


def next_due(
    days: Collection[int], hour: time, zone: str, after: datetime, jitter: timedelta = NO_JITTER
) -> datetime:
    """The first instant later than `after`, in UTC, at which it is `hour` on one of the ISO weekdays.

    Raises ValueError where `days` is empty.
    """
    if not days:
        raise ValueError("no weekday was given")
    return next(found for _, found in occurrences(days, hour, zone, after, jitter))


def replanned(due_at: datetime, hour: time, zone: str, days: Collection[int] = EVERY_DAY) -> datetime:
    """What is due at `hour` on the wall, with its jitter, and was planned for `due_at` by other rules of its zone.

    That is the time it is `hour` on one of the ISO weekdays that is nearest to `due_at`; `due_at` itself where
    none is near.
    """
    shown = _local(due_at, zone)
    around = (day for day in (shown - A_DAY, shown, shown + A_DAY) if day.isoweekday() in days)
    found = [at for at in (instant(day, hour, zone) for day in around) if at]
    if not found:
        return due_at
    near = min(found, key=lambda at: abs(at - due_at))
    jitter = (due_at - near) % QUARTER  # clocks are changed by quarters of an hour, and jitter is less
    return near + jitter if jitter < timedelta(seconds=JITTER_S) else near


def _local(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
