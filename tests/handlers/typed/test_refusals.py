"""Any text at all is read or refused, whatever kind of answer it is meant to be."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from handlers.typed.dates import parse_date
from handlers.typed.refusals import Refused
from handlers.typed.spans import parse_days_span, parse_until
from handlers.typed.times import parse_time
from handlers.typed.weekdays import parse_days
from handlers.typed.zones import parse_zone
from tests.locales import EVERY, SPOKEN

TODAY = date(2026, 12, 9)


def any_kind_refuses_or_reads(text: str, locale: str) -> bool:
    """Every reader of days, lengths, times and zones on one text; any error but a refusal fails the test."""
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


@given(st.text(st.characters(), max_size=210), st.sampled_from((*EVERY, "", "x", "zz_ZZ")))
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
