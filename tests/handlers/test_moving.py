"""People who move between time zones, over the date line and back: never twice for a date, nor within eight hours.

MOVES=10000 for more of them, MOVES_SEED for others.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from handlers.local_time import jitter_of, next_due
from handlers.schedules import moved
from storage.schedules import Schedule

MOVES = int(os.environ.get("MOVES", "1000"))
SEED = int(os.environ.get("MOVES_SEED", "1"))
ZONES = (
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "Europe/London",
    "Atlantic/Azores",
    "America/New_York",
    "America/Santiago",
    "Pacific/Honolulu",
    "Pacific/Pago_Pago",
    "Etc/GMT+12",
)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
EIGHT_HOURS = timedelta(hours=8)


@dataclass
class Traveller:
    """Somebody who is asked each day, at most four hours late, and who moves."""

    random: Random
    schedule: Schedule
    asked: list[tuple[date, datetime]] = field(default_factory=list)

    def live_until(self, now: datetime) -> None:
        """Ask all that is due by then, the latest of it as late as that."""
        while self.due_at <= now:
            late = timedelta(minutes=self.random.choice((0, 0, 0, 1, 239)))
            asked_at = min(now, self.due_at + late)
            self.asked.append((self.due_at.astimezone(ZoneInfo(self.schedule.zone)).date(), asked_at))
            self.schedule = replace(self.schedule, next_due_at=self._following(asked_at - timedelta(hours=4)))

    def move(self, zone: str, now: datetime) -> None:
        """Live somewhere else from now on."""
        asked_at = self.asked[-1][1] if self.asked else None
        self.schedule = replace(self.schedule, zone=zone, next_due_at=moved(self.schedule, zone, asked_at, now))

    @property
    def due_at(self) -> datetime:
        """When they are asked next."""
        assert self.schedule.next_due_at
        return self.schedule.next_due_at

    def _following(self, oldest: datetime) -> datetime:
        assert self.schedule.days
        assert self.schedule.hour
        after = max(self.due_at, oldest)
        return next_due(self.schedule.days, self.schedule.hour, self.schedule.zone, after, jitter_of(7))


def some_days(random: Random) -> tuple[int, ...]:
    return EVERY_DAY if random.random() < 0.5 else tuple(sorted(random.sample(EVERY_DAY, random.randint(1, 7))))


def traveller(random: Random, now: datetime, days: tuple[int, ...]) -> Traveller:
    zone, hour = random.choice(ZONES), time(random.randrange(24), random.randrange(60))
    due_at = next_due(days, hour, zone, now, jitter_of(7))
    schedule = Schedule(1, 1, "checkin:1:7", "checkin", 1, 7, None, days, hour, zone, None, due_at)
    return Traveller(random, schedule)


def test_whoever_moves_is_asked_once_a_local_date_and_eight_hours_apart() -> None:
    for n in range(MOVES // 20):
        random, now = Random(f"{SEED}:{n}"), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=7 * n)  # noqa: S311
        person = traveller(random, now, some_days(random))
        for _ in range(20):
            now += timedelta(minutes=random.choice((5, 60, 300, 900, 1440, 4000)))
            person.live_until(now)
            person.move(random.choice(ZONES), now)

        days = [day for day, _ in person.asked]
        assert days == sorted(set(days)), (SEED, n, person.asked)
        apart = [later - earlier for (_, earlier), (_, later) in pairwise(person.asked)]
        assert all(each >= EIGHT_HOURS for each in apart), (SEED, n, person.asked)


def test_whoever_moves_once_is_asked_again_within_three_days() -> None:
    for n in range(100):
        random, now = Random(f"{SEED}:once:{n}"), datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=7 * n)  # noqa: S311
        person = traveller(random, now, EVERY_DAY)
        now += timedelta(minutes=random.choice((5, 60, 900)))
        person.live_until(now)

        person.move(random.choice(ZONES), now)

        assert person.due_at - now <= timedelta(days=3), (SEED, n, person.schedule)


@pytest.mark.parametrize(
    ("from_zone", "asked", "to_zone", "next_asked"),
    [
        ("Pacific/Auckland", "2026-11-24 09:00", "Pacific/Honolulu", "2026-11-25 09:00"),
        ("Pacific/Honolulu", "2026-11-24 09:00", "Asia/Tokyo", "2026-11-26 09:00"),
        ("Europe/London", "2026-11-24 09:00", "America/New_York", "2026-11-25 09:00"),
        ("Pacific/Pago_Pago", "2026-11-24 09:00", "Pacific/Kiritimati", "2026-11-26 09:00"),
        ("Pacific/Kiritimati", "2026-11-24 09:00", "Pacific/Pago_Pago", "2026-11-25 09:00"),
    ],
)
def test_a_flight_after_the_question_of_a_day(from_zone: str, asked: str, to_zone: str, next_asked: str) -> None:
    asked_at = datetime.fromisoformat(asked).replace(tzinfo=ZoneInfo(from_zone)).astimezone(UTC)
    due_at = next_due(EVERY_DAY, time(9), from_zone, asked_at)
    schedule = Schedule(1, 1, "digest:1", "digest", 1, None, None, EVERY_DAY, time(9), from_zone, None, due_at)

    at = moved(schedule, to_zone, asked_at, asked_at + timedelta(minutes=5))

    assert at.astimezone(ZoneInfo(to_zone)).strftime("%Y-%m-%d %H:%M") == next_asked
