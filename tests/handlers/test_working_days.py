"""The days on which a team works."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers.working_days import WorkingDays, working_day_on_or_after, working_days_later

WEEKDAYS = (1, 2, 3, 4, 5)
ENGLAND = WorkingDays(WEEKDAYS, "GB-ENG", {date(2026, 12, 29): "Company retreat"})


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 12, 24), ""),
        (date(2026, 12, 25), "public holiday: Christmas Day"),
        (date(2026, 12, 26), "day off"),
        (date(2026, 12, 28), "public holiday: Boxing Day (observed)"),
        (date(2026, 12, 29), "team day off: Company retreat"),
        (date(2026, 12, 30), ""),
    ],
)
def test_a_day_is_off_for_a_reason(day: date, why: str) -> None:
    assert ENGLAND.why_off(day) == why


def test_the_working_day_after_christmas_eve_is_the_first_that_is_none_of_all_these() -> None:
    assert working_day_on_or_after(date(2026, 12, 25), ENGLAND) == date(2026, 12, 30)
    assert working_days_later(date(2026, 12, 24), 1, ENGLAND) == date(2026, 12, 30)
    assert working_day_on_or_after(date(2026, 12, 24), ENGLAND) == date(2026, 12, 24)


def test_three_working_days_after_a_thursday_is_a_tuesday() -> None:
    assert working_days_later(date(2026, 11, 26), 3, WorkingDays(WEEKDAYS)) == date(2026, 12, 1)


def test_a_team_that_is_always_off_is_given_the_day_itself() -> None:
    never = {date(2026, 1, 1) + timedelta(days=n): "Closed" for n in range(800)}

    assert working_day_on_or_after(date(2026, 3, 2), WorkingDays(WEEKDAYS, "", never)) == date(2026, 3, 2)


def test_a_year_end_a_leap_day_and_week_53_are_days_like_others() -> None:
    plain = WorkingDays(WEEKDAYS)

    assert working_days_later(date(2026, 12, 31), 1, plain) == date(2027, 1, 1)  # the Friday of ISO week 53
    assert working_days_later(date(2027, 1, 1), 1, plain) == date(2027, 1, 4)
    assert working_days_later(date(2028, 2, 28), 1, plain) == date(2028, 2, 29)
    assert working_days_later(date(2028, 2, 29), 1, plain) == date(2028, 3, 1)
