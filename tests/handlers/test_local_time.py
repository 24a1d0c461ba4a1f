"""Local time: gaps, repeats, skipped days, and zones in general."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.local_time import instant, next_due, occurrences, working_days_later

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
ZONES = (
    "Europe/London",
    "America/New_York",
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Havana",
    "America/Santiago",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
)


def local(found: datetime | None, zone: str) -> str:
    """The instant as a clock on the wall shows it."""
    assert found
    return found.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def test_an_ordinary_morning_is_that_morning() -> None:
    assert local(instant(date(2026, 11, 24), time(9, 40), "Europe/London"), "Europe/London") == "2026-11-24 09:40"


@pytest.mark.parametrize(
    ("zone", "day", "hour", "shifted"),
    [
        ("Europe/Berlin", date(2027, 3, 28), time(2, 30), "2027-03-28 03:30"),
        ("Africa/Cairo", date(2026, 4, 24), time(0, 15), "2026-04-24 01:15"),
        ("Asia/Beirut", date(2026, 3, 29), time(0, 0), "2026-03-29 01:00"),
    ],
)
def test_a_time_the_clocks_jump_over_moves_on_the_same_day(zone: str, day: date, hour: time, shifted: str) -> None:
    assert local(instant(day, hour, zone), zone) == shifted


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    found = instant(date(2026, 10, 25), time(1, 30), "Europe/London")

    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_that_never_was_is_left_out() -> None:
    assert instant(date(2011, 12, 30), time(9, 0), "Pacific/Apia") is None

    days = [day for day, _ in _first(6, EVERY_DAY, time(9), "Pacific/Apia", datetime(2011, 12, 27, tzinfo=UTC))]
    assert date(2011, 12, 30) not in days


def test_no_day_of_the_week_is_an_error() -> None:
    with pytest.raises(ValueError, match="no weekday"):
        next_due((), time(9), "UTC", datetime(2026, 1, 1, tzinfo=UTC))


def test_three_working_days_after_a_thursday_is_a_tuesday() -> None:
    assert working_days_later(date(2026, 11, 26), 3, (1, 2, 3, 4, 5)) == date(2026, 12, 1)


@given(
    zone=st.sampled_from(ZONES),
    hour=st.times(),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    days=st.sets(st.integers(1, 7), min_size=1),
)
def test_every_working_date_comes_exactly_once_and_in_order(
    zone: str, hour: time, start: datetime, days: set[int]
) -> None:
    found = _first(20, tuple(days), hour, zone, start.replace(tzinfo=UTC))

    instants = [at for _, at in found]
    dates = [day for day, _ in found]
    assert instants == sorted(set(instants))
    assert dates == sorted(set(dates))
    assert all(at.astimezone(ZoneInfo(zone)).date() == day for day, at in found)
    between = [dates[0] + timedelta(days=n) for n in range((dates[-1] - dates[0]).days + 1)]
    assert dates == [day for day in between if day.isoweekday() in days and instant(day, hour, zone)]


@given(
    zone=st.sampled_from(ZONES),
    hour=st.times(),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
)
def test_asking_again_at_the_instant_found_finds_the_next_one(zone: str, hour: time, start: datetime) -> None:
    found = _first(5, EVERY_DAY, hour, zone, start.replace(tzinfo=UTC))

    for (_, one), (_, following) in pairwise(found):
        assert next_due(EVERY_DAY, hour, zone, one) == following


def _first(
    count: int, days: tuple[int, ...], hour: time, zone: str, after: datetime
) -> list[tuple[date, datetime]]:
    return [pair for _, pair in takewhile(lambda n: n[0] < count, enumerate(occurrences(days, hour, zone, after)))]
