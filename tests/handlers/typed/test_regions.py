"""Countries and their parts, as people name them."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import available_timezones

import pytest

from handlers.holidays import holiday
from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.region_names import codes
from handlers.typed.regions import parse_region, region_name, region_of_zone


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("England", "GB-ENG"),
        ("england and wales", "GB-ENG"),
        ("Scotland", "GB-SCT"),
        ("UK", "GB"),
        ("Germany", "DE"),
        ("Germany, Bavaria", "DE-BY"),
        ("Bavaria (Germany)", "DE-BY"),
        ("Deutschland, Bayern", "DE-BY"),
        ("Bayern", "DE-BY"),
        ("DE-BY", "DE-BY"),
        ("de by", "DE-BY"),
        ("DEU", "DE"),
        ("Baden-Wuerttemberg", "DE-BW"),
        ("US", "US"),
        ("the USA", "US"),
        ("California, USA", "US-CA"),
        ("US/CA", "US-CA"),
        ("New South Wales Australia", "AU-NSW"),
        ("NSW", "AU-NSW"),
        ("Vienna", "AT-9"),
        ("Catalunya", "ES-CT"),
        ("Côte d'Ivoire", "CI"),
        ("Puerto Rico", "PR"),
        ("NO", "NO"),
    ],
)
def test_a_region_is_read_from_its_code_or_its_name(text: str, region: str) -> None:
    assert parse_region(text) == region


@pytest.mark.parametrize(("text", "locale", "region"), [("Allemagne", "fr", "DE"), ("日本", "ja", "JP")])
def test_a_country_is_read_in_the_persons_language_too(text: str, locale: str, region: str) -> None:
    assert parse_region(text, locale) == region
    assert parse_region("Japan", locale) == "JP"


@pytest.mark.parametrize("text", ["none", "None", "no holidays", "No public holidays."])
def test_none_is_no_region(text: str) -> None:
    assert parse_region(text) == ""


@pytest.mark.parametrize(
    ("text", "locale", "meant"),
    [
        ("Georgia", "en", ["GE", "US-GA"]),
        ("La Rioja", "en", ["AR-F", "ES-RI"]),
        ("CA", "en_US", ["CA", "US-CA"]),
        ("no", "en", ["NO", ""]),
    ],
)
def test_a_name_of_several_is_asked_about_with_what_to_type_for_each(
    text: str, locale: str, meant: list[str]
) -> None:
    with pytest.raises(Ambiguous, match="more than one place") as asked:
        parse_region(text, locale)

    assert [parse_region(typing, locale) for typing, _ in asked.value.choices] == meant
    assert all(typing in str(asked.value) for typing, _ in asked.value.choices)


def test_where_somebody_is_says_which_of_two_parts_is_meant() -> None:
    assert parse_region("La Rioja", "es_AR") == "AR-F"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Germny", "Germany"),
        ("Scotlnd", "Scotland"),
        ("Baveria", "Bavaria"),
        ("Germany, Bavria", "Bavaria"),
        ("Germany, Texas", "Germany"),
        ("Czechia, Prague", "Czechia without a part"),
        ("London", "United Kingdom"),
        ("🦆", "Germany, England or US-CA"),
        ("D", "none"),
        ("x" * 400, "none"),
        ("  ", "none"),
    ],
)
def test_a_wrong_country_is_refused_with_what_to_type(text: str, said: str) -> None:
    with pytest.raises(Refused, match=r"\.$") as refused:
        parse_region(text)

    assert said in str(refused.value)


def test_every_region_is_read_back_from_its_code_and_from_its_name() -> None:
    for code in codes():
        assert parse_region(code) == code
        assert parse_region(region_name(code, "en")) == code


def test_every_region_has_holidays_but_for_one_at_war_and_three_where_nobody_lives() -> None:
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]

    without = {code for code in codes() if not any(holiday(code, day) for day in year)}

    assert without <= {"UA", "BV", "HM", "IO"}


def test_a_region_is_named_as_its_reader_names_it() -> None:
    assert region_name("DE-BY", "en") == "Bavaria, Germany"
    assert region_name("DE-BY", "de") == "Bayern, Deutschland"
    assert region_name("FR", "es") == "Francia"
    assert region_name("", "en") == ""


def test_the_zone_of_a_city_suggests_its_country() -> None:
    assert region_of_zone("Europe/London") == "GB"
    assert region_of_zone("UTC") == ""
    assert {region_of_zone(zone) for zone in available_timezones()} <= codes() | {""}
