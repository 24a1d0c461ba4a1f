"""Days of the week as people type them, and the way back to words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NoReturn

from babel import Locale
from babel.lists import format_list
from rapidfuzz import fuzz, process

from handlers.typed.locales import known_locale
from handlers.typed.refusals import Refused
from handlers.typed.text import folded, plain_text, quoted
from handlers.typed.vocabulary import EVERY_DAY, FILLERS, NO_DAY, POLISH_GENITIVES, TO, WEEKDAYS, WEEKEND

_EXAMPLE = "days such as mon-thu, weekdays, or mon, wed and fri"
_UNSPACED = frozenset(("zh", "yue", "th", "km", "lo", "my"))
_JOINED_AND = re.compile(r"(?<!\w)[\N{HEBREW LETTER VAV}\N{ARABIC LETTER WAW}](?=\w)")
_EXCEPT = re.compile(
    r"(?<!\w)(?:but not|not|all but|but|all except|except for|except|excluding|without|ohne|ausser|nicht"
    r"|sauf|sans|excepto|menos|sin|behalve|zonder|niet|exceto|sem|tranne|eccetto|oprocz|bez)(?!\w)"
)


def parse_days(text: str, locale: str) -> tuple[int, ...]:
    """ISO weekdays (1 is Monday), sorted: "mon-thu", "weekdays", "mon, wed & fri", "all but friday".

    "not friday" leaves a day out of the weekdays, "not sunday" out of the whole week. Weekdays are what the
    person's country calls them. Raises Refused.
    """
    typed = plain_text(text, _EXAMPLE)
    words = " ".join(folded(typed.replace(".", " ")).replace("t/m", "tot").split())
    person = known_locale(locale)
    if re.search(r"\d", words):
        raise Refused(f"Is {quoted(typed)} counted from Sunday or Monday? Type names instead: {_EXAMPLE}.")
    if words in NO_DAY or not words:
        raise Refused(f"At least one day is needed. Type {_EXAMPLE}, or stop for a while with pause.")
    out = _EXCEPT.search(words)
    if out is None:
        return tuple(sorted(_listed(words, person)))
    left_out, kept = _listed(words[out.end() :].strip() or words, person), words[: out.start()].strip(" ,")
    usual = _weekdays(person) if left_out <= _weekdays(person) else frozenset(range(1, 8))
    days = (usual if kept in ("", "all") else _listed(kept, person)) - left_out
    if not days:
        raise Refused(f"{quoted(typed)} leaves no day. Type {_EXAMPLE}.")
    return tuple(sorted(days))


def write_days(days: tuple[int, ...], locale: str) -> str:
    """ISO weekdays as the person reads them: "Monday to Thursday", "Monday, Wednesday and Friday"."""
    person = known_locale(locale)
    names = person.days["format"]["wide"]
    english = person.language == "en"
    if len(set(days)) == 7 and english:
        return "every day"
    to = " to " if english else "–"
    pieces: list[str] = []
    for run in _runs(sorted(set(days))):
        shown = [names[day - 1] for day in run]
        pieces += [f"{shown[0]}{to}{shown[-1]}"] if len(run) > 2 else shown
    return format_list(pieces, locale=Locale("en", "001") if english else person)


def _runs(days: list[int]) -> Iterator[list[int]]:
    """Neighbouring weekdays together, Sunday beside Monday, each run from its first day."""
    for day in days:
        is_whole_week = len(days) == 7 and day == 1
        if (day - 2) % 7 + 1 not in days or is_whole_week:
            run = [day]
            while len(run) < len(days) and run[-1] % 7 + 1 in days:
                run.append(run[-1] % 7 + 1)
            yield run


@lru_cache(maxsize=64)
def day_numbers(person: Locale) -> dict[str, int]:
    """ISO weekdays by every name in English and the locale, but for names that mean "to" or "on"."""
    names = {"tues": 2, "weds": 3, "thur": 4, "thurs": 4, "srode": 3, "sobote": 6, "niedziele": 7}
    names |= {word: number for number, word in enumerate(POLISH_GENITIVES.split(), start=1)}
    short = (("format", "short"), ("stand-alone", "abbreviated"), ("format", "abbreviated"))
    for locale in (Locale("en"), person):
        for context, width in short:
            names |= {_name(name): day + 1 for day, name in locale.days[context][width].items()}
    for name, number in full_names(person):
        names |= {name: number, name + "s": number, name.removesuffix("-feira"): number}
    taken = TO["en"] | TO.get(person.language, frozenset()) | _ands(person) | {"on"}
    return {name: number for name, number in names.items() if name not in taken}


def full_names(person: Locale) -> Iterator[tuple[str, int]]:
    """Every day's name in full with its ISO weekday, in English and the locale."""
    for locale in (Locale("en"), person):
        for context in ("format", "stand-alone"):
            yield from ((_name(name), day + 1) for day, name in locale.days[context]["wide"].items())


def _name(text: str) -> str:
    """A name from CLDR as it is compared with what people type."""
    return folded(plain_text(text, text)).rstrip(".")


def _weekdays(person: Locale) -> frozenset[int]:
    """The working week of the person's country; Monday to Friday where its weekend is not two days."""
    start, end = person.weekend_start, person.weekend_end
    weekend = {start + 1, end + 1} if (end - start) % 7 == 1 else {6, 7}
    return frozenset(range(1, 8)) - weekend


def _listed(words: str, person: Locale) -> frozenset[int]:
    """The weekdays in a list of names, ranges and groups of them."""
    days: set[int] = set()
    previous, is_range = 0, False
    for word in _day_tokens(words, person):
        if word.isdecimal():
            span = (int(word) - previous) % 7 if is_range else 0
            days |= {(int(word) - 1 - back) % 7 + 1 for back in range(span + 1)}
            previous, is_range = 0 if is_range else int(word), False
        elif word == "-" and previous and not is_range:
            is_range = True
        elif word != "," or is_range:
            _refuse_days(words if word in "-," else word, person)
    if is_range or not days:
        _refuse_days(words, person)
    return frozenset(days)


def _day_tokens(words: str, person: Locale) -> Iterator[str]:
    """Weekday numbers, "-" for a range, "," between; any other word as it is."""
    groups = _groups(person)
    words = _JOINED_AND.sub("", words) if person.language in ("ar", "he") else words
    numbered = _day_pattern(person).sub(lambda found: f" \0{groups[found[0]]} ", words)
    for word in re.findall(r"\0\d+|[-,;/&+]|[^\s\0,;/&+-]+", numbered):
        if word.startswith("\0"):
            yield from word[1:]
        elif word in TO["en"] or word in TO.get(person.language, ()) or word == "-":
            yield "-"
        elif word in _ands(person) or word in ",;/&+" or word in FILLERS:
            yield ","
        else:
            yield word


@lru_cache(maxsize=64)
def _groups(person: Locale) -> dict[str, str]:
    """Weekday numbers by every name of a day or of a group of days."""
    usual = _weekdays(person)
    groups = {name: str(number) for name, number in day_numbers(person).items()}
    groups |= {"m": "1", "w": "3", "f": "5"} if person.language == "en" else {}
    groups |= dict.fromkeys(EVERY_DAY, "1234567")
    groups |= dict.fromkeys(WEEKDAYS, "".join(str(day) for day in sorted(usual)))
    return groups | dict.fromkeys(WEEKEND, "".join(str(day) for day in range(1, 8) if day not in usual))


@lru_cache(maxsize=64)
def _day_pattern(person: Locale) -> re.Pattern[str]:
    longest_first = sorted(_groups(person), key=len, reverse=True)
    names = "|".join(map(re.escape, longest_first))
    return re.compile(names if person.language in _UNSPACED else rf"(?<!\w)(?:{names})(?!\w)")


@lru_cache(maxsize=64)
def _ands(person: Locale) -> frozenset[str]:
    patterns = person.list_patterns["standard"]
    words: list[str] = folded(re.sub(r"\{\d\}|,", " ", "".join(patterns.values()))).split()
    return frozenset(("and", *words))


def _refuse_days(word: str, person: Locale) -> NoReturn:
    near = process.extractOne(word, list(day_numbers(person)), scorer=fuzz.ratio, score_cutoff=60)
    meant = f" Do you mean {near[0]}?" if near else ""
    raise Refused(f"I cannot read {quoted(word)} as days of the week.{meant} Type {_EXAMPLE}.")
