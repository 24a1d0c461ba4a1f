"""Countries and their parts, by whose public holidays a team goes, as people name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NoReturn

from babel import Locale
from rapidfuzz import fuzz, process

from handlers.typed.locales import known_locale
from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.region_names import codes, countries, key, name_of, parts, parts_of
from handlers.typed.text import either, plain_text, quoted
from handlers.typed.zones import parse_zone

NONE = "none"
_EXAMPLE = "a country or a part of one, such as Germany, England or US-CA, or none"
_NONE = frozenset(("none", "no holidays", "no public holidays", "no country", "nowhere", "nothing", "without"))
# A country and a part of another; where a part is known as a country too, as Puerto Rico is, it is the country.
_NAMESAKES = {"georgia": ["GE", "US-GA"], "no": ["NO", ""]}
_CITY = re.compile(r"^([A-Z]{2})\t[^\t]+\t([^\t\n]+)", re.MULTILINE)
_FEW, _SIMILAR, _AS_GOOD = 3, 68, 15


def parse_region(text: str, locale: str = "en") -> str:
    """The region whose public holidays are meant, as "DE" or "DE-BY"; "" for "none".

    Raises Ambiguous where a name is that of several, and Refused with the nearest names.
    """
    typed = plain_text(text, _EXAMPLE).strip(" .,;:!?")
    words, person = key(typed), known_locale(locale)
    if words in _NONE:
        return ""
    meant = ["NO"] if typed == "NO" else _meant(words, person)
    if len(meant) > 1:
        _ask(typed, meant, person)
    return meant[0] if meant else _refuse(typed, words, person)


def region_name(code: str, locale: str) -> str:
    """A region as a person reads it, and can type it: "Germany", "Bavaria, Germany"; "" for none."""
    person = known_locale(locale)
    country, _, part = code.partition("-")
    if code not in codes():
        return code
    whole = name_of(country, person)
    if part:
        return f"{name_of(code, person)}, {whole}"
    return f"{whole} ({code})" if key(whole) in _NAMESAKES else whole


def region_of_zone(zone: str) -> str:
    """The country that the city of a time zone is in, as a first guess; "" where it is in none."""
    return _countries_of_zones().get(zone, "")


@lru_cache(maxsize=1)
def _countries_of_zones() -> dict[str, str]:
    listing = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text()
    return {zone: country for country, zone in _CITY.findall(listing) if country in codes()}


def _meant(words: str, person: Locale) -> list[str]:
    """Every region that these words could name."""
    if words in _NAMESAKES:
        return _NAMESAKES[words]
    country = countries(person).get(words)
    here = parts_of(person.territory or "").get(words)
    if country:
        return [country, here] if here and len(words) == 2 else [country]
    return [here] if here else [*parts().get(words, ())] or _within(words, person)


def _within(words: str, person: Locale) -> list[str]:
    """The part of a country that is named with the country before or after it."""
    for country, rest in _countries_in(words, person):
        if rest in parts_of(country):
            return [parts_of(country)[rest]]
    return []


def _countries_in(words: str, person: Locale) -> Iterator[tuple[str, str]]:
    """Each country at the start or the end of the words, longest names first, and the words beside it."""
    each = words.split()
    for n in range(len(each) - 1, 0, -1):
        for name, rest in ((each[:n], each[n:]), (each[-n:], each[:-n])):
            country = countries(person).get(" ".join(name))
            if country:
                yield country, " ".join(rest)


def _ask(typed: str, meant: list[str], person: Locale) -> NoReturn:
    choices = tuple((_typing(code, person), _explained(code, person)) for code in meant)
    typings = either([f"{typing} for {means}" if typing != means else typing for typing, means in choices])
    raise Ambiguous(f"{quoted(typed)} can be more than one place. Type {typings}.", choices)


def _explained(code: str, person: Locale) -> str:
    return region_name(code, str(person)) if code else "no public holidays"


def _typing(code: str, person: Locale) -> str:
    """The region's name where that names nothing else, else its code."""
    if not code:
        return NONE
    name = name_of(code, person)
    return name if _meant(key(name), person) == [code] else code


def _refuse(typed: str, words: str, person: Locale) -> NoReturn:
    country, rest = next(_countries_in(words, person), ("", ""))
    if country:
        _refuse_part(typed, country, rest, person)
    city = _country_of_city(typed)
    if city:
        raise Refused(f"{quoted(typed)} is a city. Type its country, {name_of(city, person)}, or a part of that.")
    near = _nearest(words, countries(person) | {name: each[0] for name, each in parts().items()}, person)
    raise Refused(f"I know no country {quoted(typed)}. Type {either([*near, NONE]) if near else _EXAMPLE}.")


def _refuse_part(typed: str, country: str, rest: str, person: Locale) -> NoReturn:
    whole, known = name_of(country, person), parts_of(country)
    if not known:
        raise Refused(f"I know the same holidays for all of {whole}. Type {whole} without a part of it.")
    near = _nearest(rest, known, person) or [_typing(code, person) for code in sorted(set(known.values()))[:_FEW]]
    raise Refused(f"I know no such part of {whole}: {quoted(typed)}. Type {either([whole, *near])}.")


def _country_of_city(typed: str) -> str:
    try:
        return region_of_zone(parse_zone(typed))
    except Refused:
        return ""


def _nearest(words: str, known: dict[str, str], person: Locale) -> list[str]:
    """What to type for up to three regions of the most similar names."""
    names = [name for name in known if len(name) > 2]
    near = process.extract(words, names, scorer=fuzz.ratio, limit=9, score_cutoff=_SIMILAR)
    found = dict.fromkeys(known[name] for name, score, _ in near if score > near[0][1] - _AS_GOOD)
    return [_typing(code, person) for code in found][:_FEW]
