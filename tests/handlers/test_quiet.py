"""Quiet hours, on ordinary nights and when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.quiet import Quiet, is_quiet, quiet_over
from tests.handlers.test_local_time import ZONES

NIGHT = Quiet(time(20), time(8))
LUNCH = Quiet(time(12), time(13, 30))


def at(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "hour", "expected"),
    [
        (NIGHT, "19:59", False),
        (NIGHT, "20:00", True),
        (NIGHT, "00:00", True),
        (NIGHT, "07:59", True),
        (NIGHT, "08:00", False),
        (LUNCH, "11:59", False),
        (LUNCH, "12:00", True),
        (LUNCH, "13:30", False),
        (Quiet(time(9), time(9)), "09:00", False),
    ],
)
def test_it_is_quiet_from_the_first_minute_until_before_the_last(quiet: Quiet, hour: str, expected: bool) -> None:
    assert is_quiet(at(f"2026-11-24 {hour}", "Asia/Kolkata"), quiet, "Asia/Kolkata") is expected


@pytest.mark.parametrize(
    ("said", "over"),
    [
        ("2026-11-24 21:00", "2026-11-25 08:00"),
        ("2026-11-25 03:00", "2026-11-25 08:00"),
        ("2026-11-25 12:00", "2026-11-25 12:00"),
    ],
)
def test_a_night_is_over_in_the_morning(said: str, over: str) -> None:
    assert quiet_over(at(said, "Europe/London"), NIGHT, "Europe/London") == at(over, "Europe/London")


def test_a_night_that_loses_or_gains_an_hour_is_over_by_the_clock_on_the_wall() -> None:
    spring, autumn = at("2027-03-27 21:00", "Europe/Berlin"), at("2027-10-30 21:00", "Europe/Berlin")

    assert quiet_over(spring, NIGHT, "Europe/Berlin") - spring == timedelta(hours=10)
    assert quiet_over(autumn, NIGHT, "Europe/Berlin") - autumn == timedelta(hours=12)


def test_quiet_that_ends_where_the_clocks_jump_ends_with_the_jump() -> None:
    until_half_past_two = Quiet(time(23), time(2, 30))

    over = quiet_over(at("2027-03-28 01:00", "Europe/Berlin"), until_half_past_two, "Europe/Berlin")

    assert over == at("2027-03-28 03:00", "Europe/Berlin")


def test_quiet_that_ends_in_an_hour_that_comes_twice_is_over_where_neither_is_quiet() -> None:
    night = Quiet(time(23), time(2, 30))
    within_the_second = at("2027-10-31 02:10", "Europe/Berlin", fold=1)

    assert quiet_over(within_the_second, night, "Europe/Berlin") == at("2027-10-31 02:30", "Europe/Berlin", fold=1)


@given(
    zone=st.sampled_from(ZONES),
    since=st.times(),
    until=st.times(),
    said=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
)
def test_quiet_is_over_within_a_day_and_the_first_time_that_it_is(
    zone: str, since: time, until: time, said: datetime
) -> None:
    quiet, start = Quiet(since, until), said.replace(tzinfo=UTC)

    over = quiet_over(start, quiet, zone)

    assert not is_quiet(over, quiet, zone)
    assert start <= over <= start + timedelta(hours=25)
    halfway = start + (over - start) / 2
    assert over == start or (
        is_quiet(halfway, quiet, zone) and is_quiet(over - timedelta(microseconds=1), quiet, zone)
    )
