"""Public holidays by country and part of it, for any year."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays as library

ENGLISH = "en_US"


def holiday(region: str, day: date) -> str:
    """The English name of the public holiday that a date is in a region; "" where it is none.

    A region is an ISO 3166 country, or one with a part such as "GB-ENG"; "" has no holidays. Raises
    ValueError for one that is not known.
    """
    return _of_year(region, day.year).get(day, "") if region else ""


@lru_cache(maxsize=4096)
def _of_year(region: str, year: int) -> dict[date, str]:
    """Every holiday of a region in a year."""
    country, _, part = region.partition("-")
    try:
        found = library.country_holidays(
            country, subdiv=part or None, years=year, language=_language(country), expand=False
        )
    except NotImplementedError as unknown:
        raise ValueError(f"no holidays are known for {region}") from unknown
    return {day: name for day, name in found.items() if day.year == year}


@lru_cache(maxsize=1)
def _languages() -> dict[str, list[str]]:
    return dict(library.list_localized_countries())


def _language(country: str) -> str | None:
    """The country's own English where it has one."""
    known = [each for each in _languages().get(country, ()) if each.startswith("en_")]
    return next((each for each in known if each != ENGLISH), ENGLISH if known else None)
