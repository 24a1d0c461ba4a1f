"""Local time: gaps, repeats, skipped days, and zones in general."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.local_time import Rule, between, instant, instant_on, jitter_of, next_due, occurrences
from tests.zones import changing

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
        ("America/Havana", date(2026, 3, 8), time(0, 45), "2026-03-08 01:45"),
        ("America/Santiago", date(2026, 9, 6), time(0, 0), "2026-09-06 01:00"),
        ("Atlantic/Azores", date(2027, 3, 28), time(0, 30), "2027-03-28 01:30"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-04 02:45"),
        ("Antarctica/Troll", date(2027, 3, 28), time(1, 30), "2027-03-28 03:30"),
    ],
)
def test_a_time_the_clocks_jump_over_moves_on_the_same_day(zone: str, day: date, hour: time, shifted: str) -> None:
    assert local(instant(day, hour, zone), zone) == shifted


@pytest.mark.parametrize("zone", ["America/Nuuk", "America/Scoresbysund"])
def test_a_time_jumped_over_in_the_last_hour_of_a_day_comes_before_the_jump(zone: str) -> None:
    assert local(instant(date(2027, 3, 27), time(23, 30), zone), zone) == "2027-03-27 22:30"
    assert local(instant(date(2027, 3, 28), time(0, 0), zone), zone) == "2027-03-28 00:00"


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    found = instant(date(2026, 10, 25), time(1, 30), "Europe/London")

    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_that_never_was_is_left_out() -> None:
    assert instant(date(2011, 12, 30), time(9, 0), "Pacific/Apia") is None

    assert local(instant_on(date(2011, 12, 30), time(9), "Pacific/Apia"), "Pacific/Apia") == "2011-12-31 09:00"
    days = [day for day, _ in _first(6, EVERY_DAY, time(9), "Pacific/Apia", datetime(2011, 12, 27, tzinfo=UTC))]
    assert date(2011, 12, 30) not in days


@pytest.mark.parametrize(
    ("after", "days"),
    [
        ("2028-02-28", ["2028-02-28", "2028-02-29", "2028-03-01"]),
        ("2027-02-27", ["2027-03-01", "2027-03-02", "2027-03-03"]),
        ("2026-12-31", ["2026-12-31", "2027-01-01", "2027-01-04"]),  # Thursday and Friday of ISO week 53
        ("2032-12-31", ["2032-12-31", "2033-01-03", "2033-01-04"]),
    ],
)
def test_leap_days_year_ends_and_week_53_are_days_like_others(after: str, days: list[str]) -> None:
    start = datetime.fromisoformat(after).replace(tzinfo=UTC)

    found = [day.isoformat() for day, _ in _first(3, (1, 2, 3, 4, 5), time(9), "Europe/London", start)]

    assert found == days


def test_no_day_of_the_week_is_an_error() -> None:
    with pytest.raises(ValueError, match="no weekday"):
        next_due((), time(9), "UTC", datetime(2026, 1, 1, tzinfo=UTC))


def test_a_person_is_asked_at_the_same_second_each_day_up_to_two_minutes_after_the_hour() -> None:
    jitter = jitter_of(42)

    first, second = (
        at for _, at in _first(2, EVERY_DAY, time(9), "UTC", datetime(2026, 1, 1, tzinfo=UTC), jitter)
    )

    assert jitter_of(42) == jitter
    assert first == datetime(2026, 1, 1, 9, tzinfo=UTC) + jitter
    assert second == first + timedelta(days=1)


@pytest.mark.parametrize("step", [1, 2, 10, 60, 120])
def test_jitter_spreads_people_evenly_whichever_of_them_are_asked(step: int) -> None:
    people = range(7, 7 + 12_000 * step, step)

    counts = Counter(jitter_of(person) for person in people)

    assert set(counts) == {timedelta(seconds=n) for n in range(120)}
    assert max(counts.values()) <= 130  # a hundred would be perfectly even


def test_jitter_that_would_pass_midnight_is_left_out() -> None:
    found = instant(date(2026, 11, 24), time(23, 59), "Asia/Kolkata", timedelta(seconds=90))

    assert local(found, "Asia/Kolkata") == "2026-11-24 23:59"


MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
RULES = st.builds(
    Rule,
    st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days))),
    st.times(),
    st.integers(0, 119).map(lambda seconds: timedelta(seconds=seconds)),
)
ANYWHERE = st.deferred(lambda: st.sampled_from((*ZONES, *changing())))


@given(zone=ANYWHERE, rule=RULES, start=MOMENTS, length=st.timedeltas(timedelta(), timedelta(days=40)))
def test_every_window_has_each_existing_working_date_within_it_once(
    zone: str, rule: Rule, start: datetime, length: timedelta
) -> None:
    found = list(between(rule, zone, start, start + length))

    rules = ZoneInfo(zone)
    first, last = start.astimezone(rules).date(), (start + length).astimezone(rules).date()
    within = [first + timedelta(days=n) for n in range(1, (last - first).days)]
    dates = [day for day, _ in found if first < day < last]
    assert dates == [day for day in within if day.isoweekday() in rule.days and instant(day, rule.hour, zone)]
    assert all(start < at <= start + length for _, at in found)
    assert [at for _, at in found] == sorted({at for _, at in found})
    assert len({day for day, _ in found}) == len(found)


@given(zone=ANYWHERE, rule=RULES, moments=st.tuples(MOMENTS, st.integers(0, 900), st.integers(0, 900)))
def test_two_windows_one_after_the_other_are_as_one(
    zone: str, rule: Rule, moments: tuple[datetime, int, int]
) -> None:
    start, first, second = moments
    middle, end = start + timedelta(hours=first), start + timedelta(hours=first + second)

    together = list(between(rule, zone, start, end))

    assert [*between(rule, zone, start, middle), *between(rule, zone, middle, end)] == together


@given(zone=ANYWHERE, rule=RULES, start=MOMENTS, which=st.integers(0, 9))
def test_a_window_cut_at_the_very_instant_of_an_occurrence_loses_and_doubles_nothing(
    zone: str, rule: Rule, start: datetime, which: int
) -> None:
    end = start + timedelta(days=80)
    together = list(between(rule, zone, start, end))
    cut = together[which][1]

    assert [*between(rule, zone, start, cut), *between(rule, zone, cut, end)] == together


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
    count: int, days: tuple[int, ...], hour: time, zone: str, after: datetime, jitter: timedelta = timedelta()
) -> list[tuple[date, datetime]]:
    return list(islice(occurrences(days, hour, zone, after, jitter), count))
