"""Dates, as people of many places type them. Today is Wednesday 9 December 2026 throughout."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from babel.dates import format_date, format_timedelta
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed.dates import parse_date
from handlers.typed.refusals import Ambiguous, Refused
from tests.locales import SPOKEN

TODAY = date(2026, 12, 9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2026-12-09"),
        ("tomorrow", "2026-12-10"),
        ("yesterday", "2026-12-08"),
        ("day after tomorrow", "2026-12-11"),
        ("friday", "2026-12-11"),
        ("this Friday", "2026-12-11"),
        ("last friday", "2026-12-04"),
        ("next monday", "2026-12-14"),
        ("next week", "2026-12-14"),
        ("next month", "2027-01-01"),
        ("next quarter", "2027-01-01"),
        ("end of month", "2026-12-31"),
        ("end of next month", "2027-01-31"),
        ("end of the quarter", "2026-12-31"),
        ("EOY", "2026-12-31"),
        ("in 3 weeks", "2026-12-30"),
        ("in two weeks", "2026-12-23"),
        ("3 weeks from now", "2026-12-30"),
        ("in 2 weeks' time", "2026-12-23"),
        ("in a fortnight", "2026-12-23"),
        ("in a month", "2027-01-09"),
        ("in 2 quarters", "2027-06-09"),
        ("3 days ago", "2026-12-06"),
        ("two weeks from tomorrow", "2026-12-24"),
        ("15 Jan", "2027-01-15"),
        ("January 15th", "2027-01-15"),
        ("jan 15, 2027", "2027-01-15"),
        ("Fri 15 January", "2027-01-15"),
        ("friday 15 january", "2027-01-15"),
        ("the 15th", "2026-12-15"),
        ("31st", "2026-12-31"),
        ("29 feb", "2028-02-29"),
        ("24.12.", "2026-12-24"),
        ("24/12/2026", "2026-12-24"),
        ("24-12-26", "2026-12-24"),
        ("2026-12-24", "2026-12-24"),
        ("2026/1/5", "2026-01-05"),
        ("20261224", "2026-12-24"),
        ("１５ Jan", "2027-01-15"),
    ],
)
def test_a_day_is_read_in_english(text: str, expected: str) -> None:
    assert parse_date(text, TODAY, "en").isoformat() == expected


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("morgen", "de", "2026-12-10"),
        ("übermorgen", "de", "2026-12-11"),
        ("Do", "de", "2026-12-10"),
        ("am Freitag", "de_AT", "2026-12-11"),
        ("kommenden Montag", "de", "2026-12-14"),
        ("nächste Woche", "de", "2026-12-14"),
        ("in einem Monat", "de", "2027-01-09"),
        ("in zwei Wochen", "de", "2026-12-23"),
        ("vor 3 Tagen", "de", "2026-12-06"),
        ("Ende des Monats", "de", "2026-12-31"),
        ("24. Dezember", "de", "2026-12-24"),
        ("3. 4. 2027", "de", "2027-04-03"),
        ("après-demain", "fr", "2026-12-11"),
        ("lundi prochain", "fr", "2026-12-14"),
        ("dans deux semaines", "fr", "2026-12-23"),
        ("1er mars", "fr", "2027-03-01"),
        ("fin du mois", "fr", "2026-12-31"),
        ("mañana", "es", "2026-12-10"),
        ("pasado mañana", "es", "2026-12-11"),
        ("miercoles", "es", "2026-12-16"),
        ("en dos semanas", "es", "2026-12-23"),
        ("15 de enero", "es", "2027-01-15"),
        ("overmorgen", "nl", "2026-12-11"),
        ("over twee weken", "nl", "2026-12-23"),
        ("volgende week", "nl", "2026-12-14"),
        ("sexta-feira", "pt_BR", "2026-12-11"),
        ("daqui a 3 semanas", "pt_BR", "2026-12-30"),
        ("depois de amanhã", "pt_BR", "2026-12-11"),
        ("dopodomani", "it", "2026-12-11"),
        ("tra due settimane", "it", "2026-12-23"),
        ("fine mese", "it", "2026-12-31"),
        ("w środę", "pl", "2026-12-16"),
        ("za dwa tygodnie", "pl", "2026-12-23"),
        ("za miesiąc", "pl", "2027-01-09"),
        ("明日", "ja", "2026-12-10"),
        ("2027年1月15日", "zh_CN", "2027-01-15"),
        ("tomorrow", "de", "2026-12-10"),
        ("tomorrow", "zz", "2026-12-10"),
    ],
)
def test_a_day_is_read_in_the_language_of_the_person(text: str, locale: str, expected: str) -> None:
    assert parse_date(text, TODAY, locale).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("03/04/2027", "en_US", "2027-03-04"),
        ("03/04/2027", "en_GB", "2027-04-03"),
        ("3.4.", "de", "2027-04-03"),
        ("3/4", "fr", "2027-04-03"),
        ("3/4", "ja", "2027-03-04"),
        ("24/12/2026", "en_US", "2026-12-24"),
        ("3/3/2027", "en", "2027-03-03"),
    ],
)
def test_the_locale_settles_whether_day_or_month_comes_first(text: str, locale: str, expected: str) -> None:
    assert parse_date(text, TODAY, locale).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "locale", "choices"),
    [
        ("03/04/2027", "en", ["2027-04-03", "2027-03-04"]),
        ("3/4", "en_CA", ["2027-04-03", "2027-03-04"]),
        ("next friday", "en", ["2026-12-11", "2026-12-18"]),
        ("vendredi prochain", "fr", ["2026-12-11", "2026-12-18"]),
        ("end of week", "en", ["2026-12-11", "2026-12-13"]),
    ],
)
def test_a_day_with_two_readings_is_asked_about_with_both(text: str, locale: str, choices: list[str]) -> None:
    with pytest.raises(Ambiguous) as asked:
        parse_date(text, TODAY, locale)

    assert [typing for typing, _ in asked.value.choices] == choices
    assert all(meaning in str(asked.value) for _, meaning in asked.value.choices)
    assert [parse_date(typing, TODAY, locale).isoformat() for typing in choices] == choices


@pytest.mark.parametrize("today", [TODAY + timedelta(days=ahead) for ahead in range(7)])
def test_a_weekday_is_the_nearest_one_after_today_or_before_it(today: date) -> None:
    name = format_date(today, "EEEE", locale="en")

    assert parse_date(name, today, "en") == today + timedelta(days=7)
    assert parse_date(name, today, "en", future=False) == today - timedelta(days=7)
    assert parse_date(f"next {name}", today, "en") == today + timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9 december", "2026-12-09"),
        ("15 dec", "2025-12-15"),
        ("29 feb", "2024-02-29"),
        ("3/12", "2026-12-03"),
        ("tuesday", "2026-12-08"),
        ("10th", "2026-11-10"),
        ("2 weeks ago", "2026-11-25"),
    ],
)
def test_what_has_happened_is_the_nearest_day_before(text: str, expected: str) -> None:
    assert parse_date(text, TODAY, "en_GB", future=False).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "future", "says"),
    [
        ("yesterday", True, "Tuesday 8 December 2026 is past"),
        ("1 jan 2026", True, "Thursday 1 January 2026 is past"),
        ("tomorrow", False, "Thursday 10 December 2026 is still to come"),
        ("next friday", False, "still to come"),
    ],
)
def test_a_day_on_the_wrong_side_of_today_is_refused_by_its_name(text: str, future: bool, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse_date(text, TODAY, "en", future=future)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("31 February", "February has no day 31"),
        ("31. Februar", "February has no day 31"),
        ("29 february 2027", "February 2027 has no day 29"),
        ("31/4", "April has no day 31"),
        ("2026-02-30", "February 2026 has no day 30"),
        ("2026-13-01", "no month 13"),
        ("13/13/2027", "no month 13"),
        ("the 32nd", "No month has a day 32"),
        ("0000-01-01", "too far"),
        ("15 jan 2150", "too far"),
        ("99999999 weeks", "too far"),
        ("January", "Which day of January"),
        ("monday 15 january", "Friday 15 January 2027 is not the weekday"),
        ("tomorrow 9:30", "has a time in it"),
        ("tonight", "has a time in it"),
        ("15 jan or 16 jan", "cannot read"),
        ("friday banana", "cannot read"),
        ("2 days after tomorrow", "cannot read"),
        ("-5 days", "cannot read"),
        ("5", "cannot read"),
        ("2027", "cannot read"),
        ("asap", "cannot read"),
        ("", "Nothing was typed"),
        ("1" * 201, "longer than 200"),
    ],
)
def test_what_is_not_one_day_is_refused_with_the_reason_and_a_way_out(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        parse_date(text, TODAY, "de")

    assert "ype " in str(refused.value)


def test_a_two_digit_year_is_refused_where_years_come_first() -> None:
    with pytest.raises(Refused, match="in full"):
        parse_date("24/12/26", TODAY, "sv")


@given(st.dates(date(2026, 12, 10), date(2100, 12, 31)), st.sampled_from(SPOKEN))
def test_a_written_date_is_read_back(day: date, locale: str) -> None:
    for written in (format_date(day, "d MMMM y", locale=locale), day.isoformat(), f"{day:%d.%m.%Y}"):
        if written[2] != "." or locale != "en_US":
            assert parse_date(written, TODAY, locale) == day


@given(st.integers(2, 99), st.sampled_from(SPOKEN), st.sampled_from((1, -1)))
def test_a_distance_in_days_is_read_as_cldr_writes_it(days: int, locale: str, sign: int) -> None:
    away = timedelta(days=days * sign)
    written = format_timedelta(away, "day", threshold=999, add_direction=True, locale=locale)

    assert parse_date(written, TODAY, locale) == TODAY + away


def test_the_slow_library_is_loaded_only_when_a_date_is_read() -> None:
    check = "import sys, handlers.typed.dates; sys.exit('dateparser' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
