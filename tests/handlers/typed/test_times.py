"""Times of day, as people type them."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.times import parse_time


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
