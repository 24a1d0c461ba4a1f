"""Dates, lengths, times, weekdays and zones, as people of many places type them.

Today is Wednesday 9 December 2026 throughout.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from babel import localedata
from babel.dates import format_date, format_timedelta
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.dates import (
    parse_date,
    parse_days,
    parse_days_span,
    parse_time,
    parse_until,
    parse_zone,
    write_days,
)
from handlers.refusals import Ambiguous, Refused

TODAY = date(2026, 12, 9)
SPOKEN = ("en_US", "en_GB", "de", "fr", "es", "nl", "pt_BR", "it", "pl")
WRITTEN = (*SPOKEN, "sv", "ru", "tr", "ja", "he", "hi", "uk", "fa", "ar", "zh", "ko", "th", "cs", "fi", "vi")
LOCALES = sorted(set(localedata.locale_identifiers()) - {"root"})


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


@pytest.mark.parametrize(
    ("text", "locale", "days"),
    [
        ("30", "en", 30),
        ("30 days", "en", 30),
        ("30-day", "en", 30),
        ("2 weeks", "en", 14),
        ("2w", "en", 14),
        ("6 wks", "en", 42),
        ("a month", "en", 30),
        ("month", "en", 30),
        ("1.5 months", "en", 45),
        ("quarter", "en", 91),
        ("a fortnight", "en", 14),
        ("2 years", "en", 730),
        ("30 days after release", "en", 30),
        ("30 days after v2 release", "en", 30),
        ("14 Tage", "de", 14),
        ("ein Monat", "de", 30),
        ("30 Tage nach Release", "de", 30),
        ("Quartal", "de", 91),
        ("deux semaines", "fr", 14),
        ("30 jours après la sortie", "fr", 30),
        ("dwa tygodnie", "pl", 14),
        ("2 weeks", "ja", 14),
    ],
)
def test_a_length_is_read_in_days(text: str, locale: str, days: int) -> None:
    assert parse_days_span(text, locale) == days


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0", "outside 1 to 730"),
        ("731 days", "outside 1 to 730"),
        ("9" * 100, "outside 1 to 730"),
        ("1.5 weeks", "Type 10 or 11"),
        ("-3 days", "cannot read"),
        ("30 days ago", "cannot read"),
        ("30 days before release", "cannot read"),
        ("30 days after 2 weeks", "cannot read"),
        ("10 working days", "cannot read"),
        ("thirty", "cannot read"),
        ("", "Nothing was typed"),
    ],
)
def test_what_is_not_a_length_in_days_is_refused(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse_days_span(text, "en")


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("until Monday", "en", "2026-12-14"),
        ("monday", "en", "2026-12-14"),
        ("tomorrow", "en", "2026-12-10"),
        ("2 weeks", "en", "2026-12-23"),
        ("for 2 weeks", "en", "2026-12-23"),
        ("until 3 January", "en", "2027-01-03"),
        ("until 24.12.", "en", "2026-12-24"),
        ("through friday", "en", "2026-12-12"),
        ("until friday inclusive", "en", "2026-12-12"),
        ("until the end of the week", "en", "2026-12-14"),
        ("end of month", "en", "2027-01-01"),
        ("next week", "en", "2026-12-14"),
        ("bis Montag", "de", "2026-12-14"),
        ("bis einschließlich Freitag", "de", "2026-12-12"),
        ("für 2 Wochen", "de", "2026-12-23"),
        ("jusqu’au 3 janvier", "fr", "2027-01-03"),
        ("hasta el lunes", "es", "2026-12-14"),
        ("tot maandag", "nl", "2026-12-14"),
        ("até segunda", "pt", "2026-12-14"),
        ("fino a lunedì", "it", "2026-12-14"),
        ("do poniedziałku", "pl", "2026-12-14"),
    ],
)
def test_a_pause_ends_on_the_first_day_the_person_is_asked_again(text: str, locale: str, expected: str) -> None:
    assert parse_until(text, datetime(2026, 12, 9, 0, 30, tzinfo=UTC), locale).isoformat() == expected


@pytest.mark.parametrize("text", ["today", "until today", "yesterday", "2 hours", "forever", "until 31 feb", ""])
def test_a_pause_without_a_day_ahead_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_until(text, datetime(2026, 12, 9, 23, 59, tzinfo=UTC), "en")


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("9:30", "en", time(9, 30)),
        ("9:30am", "en", time(9, 30)),
        ("9:30 p.m.", "en", time(21, 30)),
        ("0930", "en", time(9, 30)),
        ("930", "en", time(9, 30)),
        ("1730", "en", time(17, 30)),
        ("9", "en", time(9)),
        ("7", "en", time(7)),
        ("9.30", "en", time(9, 30)),
        ("9 30", "en", time(9, 30)),
        ("９：３０", "en", time(9, 30)),
        ("half past nine", "en", time(9, 30)),
        ("quarter to ten", "en", time(9, 45)),
        ("ten past 9", "en", time(9, 10)),
        ("nine", "en", time(9)),
        ("9 in the evening", "en", time(21)),
        ("at 9 o'clock", "en", time(9)),
        ("12am", "en", time(0)),
        ("12pm", "en", time(12)),
        ("12:30", "en", time(12, 30)),
        ("05:30", "en", time(5, 30)),
        ("5pm", "en", time(17)),
        ("noon", "en", time(12)),
        ("midnight", "en", time(0)),
        ("21h", "fr", time(21)),
        ("9h30", "fr", time(9, 30)),
        ("midi", "fr", time(12)),
        ("um 9 Uhr", "de", time(9)),
        ("17 Uhr 30", "de", time(17, 30)),
        ("a las 9", "es", time(9)),
        ("9:30 a. m.", "es", time(9, 30)),
        ("下午3:30", "zh", time(15, 30)),
    ],
)
def test_a_time_of_day_is_read(text: str, locale: str, expected: time) -> None:
    assert parse_time(text, locale) == expected


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("1", ["01:00", "13:00"]),
        ("5:30", ["05:30", "17:30"]),
        ("5 Uhr", ["05:00", "17:00"]),
        ("quarter to five", ["04:45", "16:45"]),
    ],
)
def test_an_early_hour_is_asked_about_with_both_halves_of_the_day(text: str, choices: list[str]) -> None:
    with pytest.raises(Ambiguous) as asked:
        parse_time(text)

    assert [typing for typing, _ in asked.value.choices] == choices
    assert [f"{parse_time(typing):%H:%M}" for typing in choices] == choices


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("25:00", "23:00 or 01:00"),
        ("24:00", "23:00 or 00:00"),
        ("2560", "23:59 or 01:59"),
        ("9:75", "9:59 or 10:15"),
        ("half past 25", "23:30 or 01:30"),
        ("13pm", "Type 13:00"),
        ("0am", "Type 00:00"),
        ("9-10", "cannot read"),
        ("soon", "cannot read"),
        ("pm", "cannot read"),
        ("", "Nothing was typed"),
    ],
)
def test_what_is_no_time_of_day_is_refused_with_the_nearest_that_are(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse_time(text)


@given(st.times(time(6)).map(lambda each: each.replace(second=0, microsecond=0)))
def test_a_time_is_read_on_the_clock_of_24_and_of_12(moment: time) -> None:
    for written in (f"{moment:%H:%M}", f"{moment:%H%M}", f"{moment:%I:%M %p}", f"{moment:%-Hh%M}"):
        assert parse_time(written) == moment


@pytest.mark.parametrize(
    ("text", "locale", "days"),
    [
        ("mon-thu", "en", (1, 2, 3, 4)),
        ("Mon.–Fri.", "en", (1, 2, 3, 4, 5)),
        ("M-F", "en", (1, 2, 3, 4, 5)),
        ("monday to thursday", "en", (1, 2, 3, 4)),
        ("tues through thurs", "en", (2, 3, 4)),
        ("sun-thu", "en", (1, 2, 3, 4, 7)),
        ("mon, wed & fri", "en", (1, 3, 5)),
        ("mon/wed/fri", "en", (1, 3, 5)),
        ("mon tue", "en", (1, 2)),
        ("Mondays and Fridays", "en", (1, 5)),
        ("weekdays", "en", (1, 2, 3, 4, 5)),
        ("weekdays and saturday", "en", (1, 2, 3, 4, 5, 6)),
        ("weekend", "en", (6, 7)),
        ("every day", "en", (1, 2, 3, 4, 5, 6, 7)),
        ("not friday", "en", (1, 2, 3, 4)),
        ("all but friday", "en", (1, 2, 3, 4)),
        ("not monday, friday", "en", (2, 3, 4)),
        ("weekdays except wed", "en", (1, 2, 4, 5)),
        ("every day but friday", "en", (1, 2, 3, 4, 6, 7)),
        ("all but sunday", "en", (1, 2, 3, 4, 5, 6)),
        ("weekdays", "he_IL", (1, 2, 3, 4, 7)),
        ("weekdays", "en_IN", (1, 2, 3, 4, 5)),
        ("Mo-Do", "de", (1, 2, 3, 4)),
        ("Montag bis Donnerstag", "de", (1, 2, 3, 4)),
        ("lun, mer et ven", "fr", (1, 3, 5)),
        ("tous les jours sauf lundi", "fr", (2, 3, 4, 5, 6, 7)),
        ("lunes a jueves", "es", (1, 2, 3, 4)),
        ("segunda-feira a quinta-feira", "pt", (1, 2, 3, 4)),
        ("ma t/m do", "nl", (1, 2, 3, 4)),
        ("lun, mer e ven", "it", (1, 3, 5)),
        ("pon do pt", "pl", (1, 2, 3, 4, 5)),
        ("周一至周五", "zh", (1, 2, 3, 4, 5)),
    ],
)
def test_days_of_the_week_are_read(text: str, locale: str, days: tuple[int, ...]) -> None:
    assert parse_days(text, locale) == days


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("none", "At least one day"),
        ("", "Nothing was typed"),
        ("fryday", "Do you mean friday"),
        ("1-5", "from Sunday or Monday"),
        ("mon-", "cannot read"),
        ("-mon", "cannot read"),
        ("mon-wed-fri", "cannot read"),
        ("except", "cannot read"),
        ("not weekdays", "leaves no day"),
    ],
)
def test_what_leaves_no_clear_days_is_refused(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse_days(text, "en")


@pytest.mark.parametrize(
    ("days", "locale", "written"),
    [
        ((1, 2, 3, 4), "en", "Monday to Thursday"),
        ((1, 3, 5), "en_US", "Monday, Wednesday and Friday"),
        ((1, 2, 3, 4, 5, 6, 7), "en", "every day"),
        ((1, 2, 3, 4, 7), "en", "Sunday to Thursday"),
        ((1, 2, 3, 5), "en", "Monday to Wednesday and Friday"),
        ((6, 7), "en", "Saturday and Sunday"),
        ((5,), "en", "Friday"),
        ((1, 2, 3, 4), "de", "Montag–Donnerstag"),
        ((1, 3, 5), "de", "Montag, Mittwoch und Freitag"),
    ],
)
def test_days_of_the_week_are_written_shortly(days: tuple[int, ...], locale: str, written: str) -> None:
    assert write_days(days, locale) == written


@given(st.sets(st.integers(1, 7), min_size=1), st.sampled_from(WRITTEN))
def test_written_days_are_read_back(days: set[int], locale: str) -> None:
    week = tuple(sorted(days))

    assert parse_days(write_days(week, locale), locale) == week


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


def any_kind_refuses_or_reads(text: str, locale: str) -> bool:
    """Every reader of this module on one text; any error but a refusal fails the test."""
    readers = (
        lambda: parse_date(text, TODAY, locale),
        lambda: parse_date(text, TODAY, locale, future=False),
        lambda: parse_days_span(text, locale),
        lambda: parse_until(text, datetime(2026, 12, 9, 12, tzinfo=UTC), locale),
        lambda: parse_time(text, locale),
        lambda: parse_days(text, locale),
        lambda: parse_zone(text),
    )
    for read in readers:
        try:
            read()
        except Refused as refused:
            if not str(refused):
                return False
    return True


@given(st.text(st.characters(), max_size=210), st.sampled_from((*LOCALES, "", "x", "zz_ZZ")))
@example("1 " * 100, "de")
@example("1/" * 100, "en")
@example("mon-" * 50, "en")
@example("in " * 66, "en")
@example("'" * 200, "en")
@example("٣" * 200, "ar")
def test_any_text_is_read_or_refused(text: str, locale: str) -> None:
    assert any_kind_refuses_or_reads(text, locale)


PIECES = (
    "0 1 9 30 31 2027 99999 jan feb mon friday next last end of in ago week days month the 15th am pm "
    "half past to - / . : , + GMT UTC EST until through after not all but every one a"
)
pieces = st.lists(st.sampled_from(PIECES.split()), max_size=12)


@given(pieces, st.sampled_from((" ", "")), st.sampled_from(("en", "en_US", *SPOKEN, "sv", "zh")))
def test_any_mix_of_known_words_is_read_or_refused(words: list[str], between: str, locale: str) -> None:
    assert any_kind_refuses_or_reads(between.join(words), locale)


def test_the_slow_library_is_loaded_only_when_a_date_is_read() -> None:
    check = "import sys, handlers.dates; sys.exit('dateparser' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
