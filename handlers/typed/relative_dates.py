"""Dates told from today: a weekday, the end of a month or the next one, a distance such as "in 3 weeks"."""

from __future__ import annotations

from datetime import date, timedelta

from babel import Locale

from handlers.typed.calendar_days import EXAMPLE, ask_day, months_later
from handlers.typed.refusals import Refused
from handlers.typed.units import DAYS_IN, MONTHS_IN, find_span, period_units
from handlers.typed.vocabulary import COMPOUND_ENDS, ENDS, FILLERS, LAST, NEXT
from handlers.typed.weekdays import day_numbers


def read_weekday(words: str, today: date, person: Locale, *, past: bool) -> date | None:
    """The nearest such weekday, never today itself; "next friday" is asked about where two lie ahead."""
    tokens = words.split()
    name = " ".join(each for each in tokens if each not in FILLERS | NEXT | LAST)
    number = day_numbers(person).get(words) or day_numbers(person).get(name)
    if number is None:
        return None
    ahead = (number - today.isoweekday() - 1) % 7 + 1
    if LAST.intersection(tokens) or (past and not NEXT.intersection(tokens)):
        return today + timedelta(days=ahead - 7 or -7)
    day = today + timedelta(days=ahead)
    next_week = _next_start(today, "week") + timedelta(days=number - 1)
    if NEXT.intersection(tokens) and day != next_week and not past:
        ask_day("Is that the coming one or the one in the week after?", day, next_week)
    return day


def read_period(words: str, today: date, person: Locale) -> date | None:
    """The last day of a week, month, quarter or year, or the first day of the next one."""
    end = end_of_period(words, today, person)
    if end and _unit_in(words, person) == "week":
        ask_day("Does that week end on Friday or on Sunday?", end - timedelta(days=2), end)
    is_next = not NEXT.isdisjoint(words.split())
    unit = _unit_in(words, person)
    return end or (_next_start(today, unit) if is_next and unit else None)


def end_of_period(words: str, today: date, person: Locale) -> date | None:
    """The last day of this or the next week, month, quarter or year."""
    tokens = words.split()
    unit = _unit_in(words, person)
    if not unit or not (ENDS.intersection(tokens) or words in COMPOUND_ENDS):
        return None
    start = _next_start(today, unit)
    return (_next_start(start, unit) if NEXT.intersection(tokens) else start) - timedelta(days=1)


def read_distance(words: str, today: date, person: Locale, *, past: bool) -> date | None:
    """The day that lies so many days, weeks, months, quarters or years from today."""
    count, unit, sign = find_span(words, person) or ("", "", 0)
    if not count.isdecimal() or (past and sign == 0):
        return None
    if len(count) > 5 or int(count) * DAYS_IN[unit] > 40_000:
        raise Refused(f"That is too far away. Type {EXAMPLE}.")
    if unit in MONTHS_IN:
        return months_later(today, MONTHS_IN[unit] * int(count) * (sign or 1))
    return today + timedelta(days=int(count) * DAYS_IN[unit] * (sign or 1))


def _unit_in(words: str, person: Locale) -> str:
    """The week, month, quarter or year these words are about, "" where they say anything more."""
    rest = " ".join(each for each in words.split() if each not in FILLERS | NEXT | ENDS)
    return COMPOUND_ENDS.get(words) or period_units(person).get(rest, "")


def _next_start(day: date, unit: str) -> date:
    if unit == "week":
        return day + timedelta(days=8 - day.isoweekday())
    first_month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return months_later(day.replace(month=first_month, day=1), MONTHS_IN[unit])
