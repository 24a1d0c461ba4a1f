"""Lengths of time and the ends of pauses, as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.typed.refusals import Refused
from handlers.typed.spans import parse_days_span, parse_until


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
