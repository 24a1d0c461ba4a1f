"""Dates as people type them: in digits, with a month's name, or told from today."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NoReturn

from babel import Locale

from handlers.typed.calendar_days import EXAMPLE, YEARS, ask_day, nearest_date, nearest_day_of_month, written
from handlers.typed.locales import known_locale
from handlers.typed.refusals import Refused
from handlers.typed.relative_dates import read_distance, read_period, read_weekday
from handlers.typed.text import folded, plain_text, quoted
from handlers.typed.vocabulary import AHEAD, FILLERS
from handlers.typed.weekdays import full_names

_YEAR_FIRST = re.compile(r"(\d{4})(?:\s?[-/. ]\s?(\d\d?)\s?[-/. ]\s?(\d\d?)|(\d\d)(\d\d))")
_YEAR_LAST = re.compile(r"(\d\d?)\s?[-/. ]\s?(\d\d?)(?:\s?[-/. ]\s?(\d{4}|\d\d))?")
_DAY_OF_MONTH = re.compile(r"(?:the|am|le|den|el|il|op|em|na) (\d\d?)(?:st|nd|rd|th)?|(\d\d?)(?:st|nd|rd|th)")


def parse_date(text: str, today: date, locale: str, *, future: bool | None = None) -> date:
    """The day a person meant, `today` being the local date they typed it on.

    A weekday or a date without a year is the nearest one: a weekday is never today itself (people say
    "today"), a date may be. Nearest ahead, or with `future=False` (for what has happened) nearest before.
    "next friday" is asked about where this week's and next week's both lie ahead; "next week" is its Monday,
    "next month" its first day. 03/04/2027 follows the locale; English without a country is asked.
    Raises Refused, also for a day before today with `future=True` or after it with `future=False`.
    """
    typed = plain_text(text, EXAMPLE).rstrip(" .,;:!?")
    person = known_locale(locale)
    day = _date(typed, today, person, past=future is False)
    if day is None:
        raise Refused(f"I cannot read {quoted(typed)} as one day. Type {EXAMPLE}.")
    if day.year not in YEARS:
        raise Refused(f"{written(day)} is too far away. Type {EXAMPLE}.")
    if future is True and day < today:
        raise Refused(f"{written(day)} is past. Type a day from today on, such as tomorrow.")
    if future is False and day > today:
        raise Refused(f"{written(day)} is still to come. Type a day up to today, such as yesterday.")
    return day


def _date(typed: str, today: date, person: Locale, *, past: bool) -> date | None:
    words = folded(typed)
    return (
        _numeric(words, today, person, past=past)
        or read_weekday(words, today, person, past=past)
        or read_period(words, today, person)
        or read_distance(words, today, person, past=past)
        or _named(typed, today, person, past=past)
    )


def _numeric(words: str, today: date, person: Locale, *, past: bool) -> date | None:
    first, _, rest = words.partition(" ")
    digits = rest if first in FILLERS else words
    if found := _YEAR_FIRST.fullmatch(digits):
        parts = [int(group) for group in found.groups() if group]
        return nearest_date(parts[2], parts[1], parts[0], today, past=past)
    if not (found := _YEAR_LAST.fullmatch(digits)):
        return None
    year = int(found[3]) if found[3] else None
    order = _order(person)
    if year is not None and year < 100:
        if order is None and person.language != "en":
            raise Refused(f"Which part of {quoted(words)} is the year? Type it in full, such as 2026-12-24.")
        year += 2000
    return _in_order(int(found[1]), int(found[2]), year, today, order, past=past)


def _order(person: Locale) -> str | None:
    """ "dm" or "md" as this locale writes dates, None where it does not say: English at large, year first."""
    pattern = re.sub(r"[^dMy]", "", person.date_formats["short"].pattern)
    if pattern.startswith("y"):
        return "md" if person.language in ("zh", "ja", "ko", "hu") else None
    if person.language == "en" and not person.territory:
        return None
    return "dm" if pattern.startswith("d") else "md"


def _in_order(first: int, second: int, year: int | None, today: date, order: str | None, *, past: bool) -> date:
    day_first, month_first = (first, second), (second, first)
    readings = [reading for reading in dict.fromkeys((day_first, month_first)) if reading[1] <= 12]
    if len(readings) == 2 and order:
        readings = [day_first if order == "dm" else month_first]
    days = [nearest_date(*reading, year, today, past=past) for reading in readings or [day_first]]
    if len(days) > 1:
        ask_day("Is that the day or the month first?", *days)
    return days[0]


def _named(typed: str, today: date, person: Locale, *, past: bool) -> date | None:
    """A date with a month's name, "tomorrow" and the like, read by dateparser."""
    words = folded(typed)
    if words in AHEAD:
        return today + timedelta(days=AHEAD[words])
    if numbered := _DAY_OF_MONTH.fullmatch(words):
        return nearest_day_of_month(int(numbered[1] or numbered[2]), today, past=past)
    if not any(each.isalpha() for each in typed):
        return None
    day = _parsed(typed, today, person, "day", "month", "year")
    if day is None and (found := _parsed(typed, today, person, "day", "month")):
        day = nearest_date(found.day, found.month, None, today, past=past)
    if day is None:
        _explain(typed, today, person)
        return None
    for name, number in full_names(person):
        if number != day.isoweekday() and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words):
            raise Refused(f"{written(day)} is not the weekday you typed. Type {day.isoformat()} if you mean it.")
    return day


def _explain(typed: str, today: date, person: Locale) -> None:
    """Refuses with the reason, where one is plain: a time, a month alone, or a month without that day."""
    if ":" in typed:
        _refuse_clock(typed)
    longest = re.search(r"(?<!\d)(?:29|30|31)(?!\d)", typed)
    if longest:
        shorter = typed[: longest.start()] + "28" + typed[longest.end() :]
        if found := _parsed(shorter, today, person, "day", "month"):
            year = found.year if _parsed(shorter, today, person, "day", "month", "year") else None
            nearest_date(int(longest[0]), found.month, year, today, past=False)
    is_wordy = len(typed) > 2 and not re.search(r"\d", re.sub(r"\b\d{4}\b", "", typed))
    if is_wordy and _parsed(typed, today, person, "month"):
        raise Refused(f"Which day of {typed}? Type it in full, such as 15 January 2027.")


def _refuse_clock(typed: str) -> NoReturn:
    raise Refused(f"{quoted(typed)} has a time in it. Type the day alone, such as friday or 2026-12-24.")


def _parsed(typed: str, today: date, person: Locale, *parts: str) -> date | None:
    """What dateparser reads, where the words themselves say all these parts of a date.

    Relative words are read only without digits: with them it takes "2 days after tomorrow" for tomorrow.
    """
    import dateparser  # loaded when first needed, as it is slow to import

    moment = dateparser.parse(
        typed,
        languages=_languages(person),
        settings={
            "PARSERS": ["absolute-time"] if re.search(r"\d", typed) else ["relative-time", "absolute-time"],
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": datetime.combine(today, time()),
            "REQUIRE_PARTS": list(parts),
            "RETURN_AS_TIMEZONE_AWARE": False,
            "SKIP_TOKENS": [],
            "TIMEZONE": "UTC",
        },
    )
    if moment is not None and moment.time() != time():
        _refuse_clock(typed)
    return moment.date() if moment else None


@lru_cache(maxsize=64)
def _languages(person: Locale) -> list[str]:
    """The person's language, where dateparser has it, and English."""
    from dateparser.data import language_locale_dict

    return list(dict.fromkeys((person.language, "en") if person.language in language_locale_dict else ("en",)))
