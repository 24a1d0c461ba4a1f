"""Counts of days, weeks, months, quarters and years, as CLDR and people word them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_timedelta
from babel.units import format_unit

from handlers.typed.text import folded
from handlers.typed.vocabulary import COUNTS, IN, INFLECTED_UNITS, ONES, SHORT_UNITS, TWOS

MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
DAYS_IN = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 91, "year": 365}
_Unit = Literal["day", "week", "month", "year"]
_TIMED_UNITS: dict[_Unit, float] = {"day": 1, "week": 7, "month": 30.5, "year": 365.01}


def find_span(words: str, person: Locale) -> tuple[str, str, int] | None:
    """The count, unit and direction (1 ahead, -1 ago, 0 not said) of words such as "in 3 weeks"."""
    text = re.sub(r"(?<=\d)-(?=[a-z])", " ", words)
    for language in dict.fromkeys((person.language, "en")):
        counts = {} if re.search(r"\d", text) else count_words(language)
        counted = " ".join(counts.get(word, word) for word in text.split())
        if not re.search(r"\d", counted):
            counted = re.sub(r" (?=\S+$)", " 1 ", counted)  # "za miesiąc", in a month
        numbers = re.findall(r"\d+(?:[.,]\d(?!\d))?", counted)
        template = counted.replace(numbers[0], "{}", 1).replace("{} ", "{}") if len(numbers) == 1 else ""
        if template in _span_forms(person):
            return numbers[0], *_span_forms(person)[template]
    return None


@lru_cache(maxsize=16)
def count_words(language: str) -> dict[str, str]:
    """Digits by the words from one to twelve."""
    counts = {word: str(count) for count, word in enumerate(COUNTS.get(language, "").split(), start=1)}
    counts |= dict.fromkeys(ONES.get(language, "").split(), "1")
    return counts | dict.fromkeys(TWOS.get(language, "").split(), "2")


@lru_cache(maxsize=64)
def period_units(person: Locale) -> dict[str, str]:
    """Week, month, quarter or year by the words for it in English and the locale."""
    forms = _span_forms(person).items()
    words = {form.removeprefix("{}"): unit for form, (unit, _) in forms if form.startswith("{}")}
    usable = {word: unit for word, unit in (words | INFLECTED_UNITS).items() if len(word) > 2}
    return {word: unit for word, unit in usable.items() if unit in ("week", "month", "quarter", "year")}


@lru_cache(maxsize=64)
def _span_forms(person: Locale) -> dict[str, tuple[str, int]]:
    """Unit and direction by template ("{}weeks", "in {}weeks", "vor {}wochen"), in English and the locale."""
    forms: dict[str, tuple[str, int]] = {}
    for locale in dict.fromkeys((person, Locale("en"))):
        spans = {form: unit for form, unit in _unit_forms(locale) if form.startswith("{}")}
        spans |= {"{}" + word: unit for word, unit in SHORT_UNITS.items()}
        ways = (*IN.get(locale.language, ()), *IN["en"])
        found = [(form, (unit, 0)) for form, unit in spans.items()]
        found += [(form, (unit, sign)) for form, unit, sign in _relative_forms(locale)]
        found += [(way.replace("{}", form), (unit, 1)) for way in ways for form, unit in spans.items()]
        forms = dict(found) | forms
    return forms


def _unit_forms(locale: Locale) -> Iterator[tuple[str, str]]:
    for unit in ("day", "week", "month", "quarter", "year"):
        for count in (1, 2, 3, 5):
            for length in ("long", "short", "narrow") if locale.language == "en" else ("long", "short"):
                form = _template(format_unit(count, f"duration-{unit}", length, locale=locale), count)
                if "duration-" not in form:
                    yield form, unit
    for form, unit, _ in _relative_forms(locale):
        yield form[form.find("{}") :], unit


def _relative_forms(locale: Locale) -> Iterator[tuple[str, str, int]]:
    for unit, days in _TIMED_UNITS.items():
        for count in (1, 2, 3, 5):
            for sign in (1, -1):
                span = timedelta(days=days * count * sign)
                shown = format_timedelta(span, unit, threshold=999, add_direction=True, locale=locale)
                yield _template(shown, count), unit, sign


def _template(shown: str, count: int) -> str:
    return " ".join(folded(shown).replace(str(count), "{}").split()).replace("{} ", "{}").rstrip(".")
