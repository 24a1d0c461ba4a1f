"""Days of the calendar: the nearest one with some number, and how a person is asked which they meant."""

from __future__ import annotations

import calendar
from datetime import date
from typing import NoReturn

from babel.dates import format_date

from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.text import either

EXAMPLE = "a day such as friday, 15 January or 2026-12-24"
YEARS = range(2000, 2101)


def nearest_date(day: int, month: int, year: int | None, today: date, *, past: bool) -> date:
    """That day of the year, or of the nearest year that has it: from today on, or up to today."""
    if not 1 <= month <= 12:
        raise Refused(f"There is no month {month}. Type {EXAMPLE}.")
    if year is not None and year not in YEARS:
        raise Refused(f"The year {year} is too far away. Type {EXAMPLE}.")
    longest = calendar.monthrange(year or 2028, month)[1]
    if not 1 <= day <= longest:
        name = format_date(date(2028, month, 1), "MMMM", locale="en") + (f" {year}" if year else "")
        last = longest if year or month != 2 else 28
        raise Refused(f"{name} has no day {day}. Its last is {last} {name}: type that or another day.")
    if year is not None:
        return date(year, month, day)
    years = range(today.year, today.year + (-9 if past else 9), -1 if past else 1)
    real = (date(each, month, day) for each in years if day <= calendar.monthrange(each, month)[1])
    return next(each for each in real if (each <= today if past else each >= today))


def nearest_day_of_month(day: int, today: date, *, past: bool) -> date:
    """The nearest date with that number: from today on, or up to today."""
    if not 1 <= day <= 31:
        raise Refused(f"No month has a day {day}. Type {EXAMPLE}.")
    firsts = [months_later(today.replace(day=1), -count if past else count) for count in range(9)]
    real = (each.replace(day=day) for each in firsts if day <= calendar.monthrange(each.year, each.month)[1])
    return next(each for each in real if (each <= today if past else each >= today))


def months_later(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def written(day: date) -> str:
    """A day in full: Thursday 24 December 2026."""
    return format_date(day, "EEEE d MMMM y", locale="en")


def ask_day(sentence: str, *days: date) -> NoReturn:
    """Raises Ambiguous with each of these days as a choice."""
    choices = tuple((day.isoformat(), written(day)) for day in days)
    meanings = either([f"{typing} for {meaning}" for typing, meaning in choices])
    raise Ambiguous(f"{sentence} Type {meanings}.", choices)
