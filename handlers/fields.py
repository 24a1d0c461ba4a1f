"""The fields that commands and actions take: each with a pure check that turns typed words into a value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from handlers.quiet import Quiet
from handlers.typed.amounts import Amount, parse_amount
from handlers.typed.date_lists import parse_dates
from handlers.typed.dates import parse_date
from handlers.typed.hours import parse_hours
from handlers.typed.refusals import Refused
from handlers.typed.regions import parse_region
from handlers.typed.spans import parse_days_span, parse_until
from handlers.typed.times import parse_time
from handlers.typed.weekdays import parse_days, write_days
from handlers.typed.zones import parse_zone
from prompts import Reader

Check = Callable[[str, Reader], object]

LINE_LIMIT = 150
TEXT_LIMIT = 3000
YEARS = range(2000, 2100)
MOST_A_WEEK = 14
NO_MONDAY = re.compile(r",? *\b(?:no|not|without|except|but not) mondays?\b", re.I)
BLANKS = "\N{HANGUL FILLER}\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}\N{BRAILLE PATTERN BLANK}"
OLD = "This button is from an earlier version of the card. Type help to see what you can do now."


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a command or action needs. Its words are in the row's prompt, under its name.

    `check` turns the typed text into the handler's argument, or raises Refused with a sentence. A field
    that is not `shown` travels with a button or form unseen. An optional field left empty is None.
    """

    name: str
    check: Check
    kind: Literal["line", "text", "choice", "many"] = "line"
    choices: tuple[str, ...] = ()
    optional: bool = False
    shown: bool = True
    limit: int = LINE_LIMIT
    label: str = ""
    hint: str = ""


def line(text: str, reader: Reader) -> str:
    """One line of words."""
    return " ".join(text.split())


def name(text: str, reader: Reader) -> str:
    """One line by which people know something. Raises Refused where nothing in it can be seen."""
    found = line(text, reader)
    if not any(unicodedata.category(each)[0] in "LNPS" and each not in BLANKS for each in found):
        raise Refused("There is no letter or sign in that. What do people call it?")
    return found


def words(text: str, reader: Reader) -> str:
    """Words of any length, their line breaks kept."""
    return text.strip()


def whole(text: str, reader: Reader) -> int:
    """A number that a button carries."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(OLD)
    return int(text)


def day(text: str, reader: Reader) -> date:
    """A date that a button carries, as 2026-12-24."""
    try:
        found = date.fromisoformat(text)
    except ValueError as wrong:
        raise Refused(OLD) from wrong
    if found.year not in YEARS:
        raise Refused(OLD)
    return found


def score(text: str, reader: Reader) -> int:
    """A score from 1 to 5."""
    digit = text.strip()
    if len(digit) != 1 or not digit.isdecimal() or not 1 <= int(digit) <= 5:
        raise Refused("A score is a whole number from 1 (not at all) to 5 (delighted). Which one is it?")
    return int(digit)


def amount(text: str, reader: Reader) -> Amount:
    """A number with its unit."""
    return parse_amount(text, reader.locale)


def date_ahead(text: str, reader: Reader) -> date:
    """A date from today on."""
    return parse_date(text, reader.today, reader.locale, future=True)


def date_past(text: str, reader: Reader) -> date:
    """A date up to today."""
    return parse_date(text, reader.today, reader.locale, future=False)


def until(text: str, reader: Reader) -> date:
    """The first date on which to be asked again."""
    return parse_until(text, reader.now.astimezone(reader.zone_info).replace(tzinfo=None), reader.locale)


def span(text: str, reader: Reader) -> int:
    """A length of time in days."""
    return parse_days_span(text, reader.locale)


def hour(text: str, reader: Reader) -> object:
    """A time of day."""
    return parse_time(text, reader.locale)


def weekdays(text: str, reader: Reader) -> tuple[int, ...]:
    """Days of the week, 1 for Monday."""
    return parse_days(text, reader.locale)


def zone(text: str, reader: Reader) -> str:
    """An IANA time zone."""
    return parse_zone(text)


def team_weekdays(text: str, reader: Reader) -> tuple[int, ...]:
    """The days a team works, 1 for Monday. Raises Refused where Monday is missing and that is not said."""
    without = NO_MONDAY.search(text)
    days = parse_days(NO_MONDAY.sub("", text), reader.locale)
    if 1 in days or without:
        return tuple(each for each in days if each != 1 or not without)
    written = write_days(days, "en")
    with_it = write_days(tuple(sorted({1, *days})), "en")
    raise Refused(f"Monday is not among {written}. Type {with_it}, or, where Monday is off, {written}, no Monday.")


def hours(text: str, reader: Reader) -> tuple[time, time]:
    """From when until when a team works."""
    return parse_hours(text, reader.locale)


def quiet_hours(text: str, reader: Reader) -> Quiet | None:
    """Hours in which nothing comes, over midnight or not; None for "none"."""
    if text.strip().casefold() in ("none", "no", "never", "-"):
        return None
    return Quiet(*parse_hours(text, reader.locale, overnight=True))


def dates_ahead(text: str, reader: Reader) -> tuple[date, ...]:
    """Days from today on, in order."""
    return parse_dates(text, reader.today, reader.locale)


def weekly_cap(text: str, reader: Reader) -> int:
    """How many nudges a week, 1 to 14."""
    digits = text.strip()
    if not (digits.isdecimal() and len(digits) < 4 and 1 <= int(digits) <= MOST_A_WEEK):
        raise Refused(
            f"That is not a number from 1 to {MOST_A_WEEK}. Type how many may come in a week; 8 is usual."
        )
    return int(digits)


def region(text: str, reader: Reader) -> str:
    """The country or part of one whose public holidays are kept; "" for none."""
    return parse_region(text, reader.locale)


def numbers(text: str, reader: Reader) -> tuple[int, ...]:
    """The numbers of the things picked."""
    return tuple(whole(part, reader) for part in text.split(",") if part)


def one_of(*allowed: str) -> Check:
    """A check for one of a few values."""

    def check(text: str, reader: Reader) -> str:
        if text not in allowed:
            raise Refused(f"Please pick one of these: {', '.join(allowed)}.")
        return text

    return check


def clean(text: str) -> str:
    """Typed text without what no database or screen can hold: NUL, other controls, halves of characters."""
    kept = (c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking: the handler's arguments, a sentence for each refused field, what is missing."""

    arguments: dict[str, object]
    errors: dict[str, str]
    missing: tuple[Field, ...]


def check(fields: tuple[Field, ...], typed: Mapping[str, str], reader: Reader) -> Checked:
    """Check every field, so that all that is wrong is said at once."""
    arguments: dict[str, object] = {}
    errors: dict[str, str] = {}
    missing = []
    for field in fields:
        text = typed.get(field.name, "")
        if not text.strip():
            arguments[field.name] = None
            missing += [] if field.optional else [field]
        elif len(text) > field.limit:
            errors[field.name] = _too_long(text, field)
        else:
            try:
                arguments[field.name] = field.check(text, reader)
            except Refused as refused:
                errors[field.name] = str(refused)
    return Checked(arguments, errors, tuple(missing))


def _too_long(text: str, field: Field) -> str:
    return f"That is {len(text):,} characters; {field.limit:,} fit here. Please shorten it, or link to the rest."
