"""Time zones, as people name them."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.zones import parse_zone


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/London", "Europe/London"),
        ("europe/berlin", "Europe/Berlin"),
        ("london", "Europe/London"),
        ("new york", "America/New_York"),
        ("New_York", "America/New_York"),
        ("San Francisco, CA", "America/Los_Angeles"),
        ("mumbai", "Asia/Kolkata"),
        ("Kolkata", "Asia/Kolkata"),
        ("Calcutta", "Asia/Kolkata"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Pacific", "America/Los_Angeles"),
        ("Oslo", "Europe/Oslo"),
        ("Zürich", "Europe/Zurich"),
        ("buenos aires", "America/Argentina/Buenos_Aires"),
        ("UTC", "UTC"),
    ],
)
def test_a_time_zone_is_read_from_its_id_or_its_city(text: str, zone: str) -> None:
    assert parse_zone(text) == zone


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("CET", "Europe/Berlin"),
        ("EST", "America/New_York"),
        ("ET", "America/New_York"),
        ("PST", "America/Los_Angeles"),
        ("IST", "Asia/Kolkata"),
        ("GMT", "Europe/London"),
        ("GMT+2", "Europe/Berlin"),
        ("+02:00", "Europe/Berlin"),
        ("UTC-5", "America/New_York"),
        ("+05:30", "Asia/Kolkata"),
    ],
)
def test_an_offset_or_an_abbreviation_is_asked_about_with_places(text: str, place: str) -> None:
    with pytest.raises(Ambiguous, match="does not say when clocks change") as asked:
        parse_zone(text)

    places = [typing for typing, _ in asked.value.choices]
    assert place in places
    assert [parse_zone(typing) for typing in places] == places


@pytest.mark.parametrize(
    ("text", "says"),
    [("Lodnon", "Europe/London"), ("xyzzy", "nearest big city"), ("+99", "nearest big city"), ("", "Nothing")],
)
def test_an_unknown_place_is_refused_with_near_names(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse_zone(text)


def test_every_zone_with_a_city_is_read_as_a_zone() -> None:
    cities = [name for name in available_timezones() if name.startswith(("Europe/", "Asia/", "America/"))]

    assert {parse_zone(name) for name in cities} <= available_timezones()
