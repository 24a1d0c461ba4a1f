"""Days of the week, as people type them and as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed.refusals import Refused
from handlers.typed.weekdays import parse_days, write_days
from tests.locales import EVERY, WRITTEN


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


@given(st.sets(st.integers(1, 7), min_size=1), st.sampled_from(EVERY))
def test_days_written_in_english_are_read_back_whatever_the_locale(days: set[int], locale: str) -> None:
    week = tuple(sorted(days))

    assert parse_days(write_days(week, "en"), locale) == week
