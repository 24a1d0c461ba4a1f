"""Public holidays, by country and part of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers.holidays import holiday


@pytest.mark.parametrize(
    ("region", "day", "name"),
    [
        ("GB-ENG", date(2026, 8, 31), "Late Summer Bank Holiday"),
        ("GB-SCT", date(2026, 8, 31), ""),
        ("GB-SCT", date(2026, 11, 30), "Saint Andrew's Day"),
        ("DE-BY", date(2026, 6, 4), "Corpus Christi"),
        ("DE-BE", date(2026, 6, 4), ""),
        ("DE", date(2026, 10, 3), "German Unity Day"),
        ("US", date(2026, 11, 26), "Thanksgiving Day"),
        ("JP", date(2026, 2, 11), "Foundation Day"),
        ("GB", date(2026, 12, 28), "Boxing Day (observed)"),
        ("", date(2026, 12, 25), ""),
    ],
)
def test_a_holiday_is_known_by_its_english_name(region: str, day: date, name: str) -> None:
    assert holiday(region, day) == name


def test_holidays_are_known_for_years_ahead() -> None:
    days = [date(2036, 3, 20) + timedelta(days=n) for n in range(40)]

    assert [holiday("DE", day) for day in days if holiday("DE", day)] == ["Good Friday", "Easter Monday"]


@pytest.mark.parametrize("region", ["XX", "GB-XYZ", "DE-CA"])
def test_a_region_that_is_not_known_is_an_error(region: str) -> None:
    with pytest.raises(ValueError, match="no holidays are known"):
        holiday(region, date(2026, 1, 1))
