"""What countries and their parts are called, and by which of these names each is known."""

from __future__ import annotations

import re
from functools import lru_cache

import holidays as library
from babel import Locale
from babel.languages import get_official_languages

from handlers.typed.text import folded

_COUNTRIES = {
    "AE": "uae emirates",
    "AG": "antigua",
    "AT": "österreich",
    "BA": "bosnia",
    "BE": "belgië belgique",
    "BR": "brasil",
    "CD": "drc",
    "CH": "schweiz suisse svizzera",
    "CI": "ivory_coast",
    "CV": "cabo_verde",
    "CZ": "czech_republic česko",
    "DE": "deutschland",
    "DK": "danmark",
    "ES": "españa",
    "FI": "suomi",
    "GE": "georgia_ge",
    "GB": "uk britain great_britain united_kingdom_of_great_britain",
    "HK": "hong_kong",
    "IE": "eire republic_of_ireland",
    "IT": "italia",
    "JP": "nippon",
    "KR": "korea",
    "MK": "macedonia",
    "MM": "burma",
    "MO": "macau macao",
    "MX": "méxico",
    "NL": "holland nederland",
    "NO": "norge",
    "PL": "polska",
    "PS": "palestine",
    "RO": "românia",
    "RU": "russian_federation",
    "SE": "sverige",
    "SZ": "swaziland",
    "TL": "east_timor",
    "TR": "türkiye turkey",
    "TT": "trinidad",
    "VA": "vatican",
    "US": "usa america united_states_of_america",
}
# In English; the names in a country's own languages come with its holidays.
_PARTS = {
    "AT": {
        "2": "Carinthia",
        "3": "Lower Austria",
        "4": "Upper Austria",
        "6": "Styria",
        "7": "Tyrol",
        "9": "Vienna",
    },
    "BE": {"Flemish": "Flanders", "French": "French Community", "German": "German-speaking Community"},
    "CH": {"GE": "Geneva", "GR": "Grisons", "LU": "Lucerne", "SG": "St. Gallen"},
    "DE": {
        "BY": "Bavaria",
        "HE": "Hesse",
        "MV": "Mecklenburg-Western Pomerania",
        "NI": "Lower Saxony",
        "NW": "North Rhine-Westphalia",
        "RP": "Rhineland-Palatinate",
        "SN": "Saxony",
        "ST": "Saxony-Anhalt",
        "TH": "Thuringia",
    },
    "ES": {
        "AN": "Andalusia",
        "CL": "Castile and León",
        "CM": "Castile-La Mancha",
        "CN": "Canary Islands",
        "CT": "Catalonia",
        "IB": "Balearic Islands",
        "NC": "Navarre",
        "PV": "Basque Country",
        "VC": "Valencia",
    },
    "IT": {
        "BZ": "South Tyrol",
        "FI": "Florence",
        "GE": "Genoa",
        "MI": "Milan",
        "NA": "Naples",
        "PD": "Padua",
        "RM": "Rome",
        "TO": "Turin",
        "VE": "Venice",
    },
    "PT": {"11": "Lisbon", "13": "Oporto", "20": "Azores", "30": "Madeira"},
}
_LANGUAGES = frozenset(("flemish", "french", "german"))  # of Belgium's communities, not names of places
_BOTH = {"england and wales": "GB-ENG"}  # they keep the same holidays
_EXPANDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def key(text: str) -> str:
    """A name as it is compared: small letters and digits, single spaces, no article."""
    return " ".join(re.sub(r"[^\w]|_", " ", folded(text.replace("&", " and "))).split()).removeprefix("the ")


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """Every region there is: countries such as "DE", and parts such as "DE-BY"."""
    listed = library.list_supported_countries(include_aliases=False)
    return frozenset(listed) | {f"{country}-{part}" for country, parts in listed.items() for part in parts}


@lru_cache(maxsize=1)
def _own_names() -> dict[str, tuple[str, ...]]:
    """What the parts of countries are called there, by code; some are known by their code alone."""
    names: dict[str, tuple[str, ...]] = {}
    for code in codes():
        country, _, part = code.partition("-")
        if part:
            aliases = getattr(getattr(library, country), "subdivisions_aliases", {})
            names[code] = tuple(name for name, of in aliases.items() if of == part)
    return names


def name_of(code: str, person: Locale) -> str:
    """A country's name as the person reads it; a part's as it is called there, or else in English."""
    country, _, part = code.partition("-")
    if not part:
        return str(person.territories.get(country) or Locale("en").territories.get(country) or country)
    english = _PARTS.get(country, {}).get(part)
    own = next((name for name in _own_names()[code] if not name.isupper()), "") or part
    return own if not english or person.language in get_official_languages(country) else english


@lru_cache(maxsize=64)
def countries(person: Locale) -> dict[str, str]:
    """Countries by every compared name and code of two or three letters."""
    found: dict[str, str] = {}
    for code in library.list_supported_countries(include_aliases=True):
        found[key(code)] = str(getattr(library, code).country)
    for country, names in _COUNTRIES.items():
        found |= {key(name): country for name in names.split()}
    for locale in (Locale("en"), person):
        named = {key(name): code for code, name in locale.territories.items() if code in codes()}
        found = named | found
    return found


@lru_cache(maxsize=256)
def parts_of(country: str) -> dict[str, str]:
    """The parts of one country by every compared name and by the code within it."""
    found: dict[str, str] = {}
    for code in sorted(codes()):
        if code.startswith(f"{country}-"):
            part = code.partition("-")[2]
            names = (part, *_own_names()[code], _PARTS.get(country, {}).get(part, part))
            found |= {key(name): code for each in names for name in (each, each.casefold().translate(_EXPANDED))}
    return found


@lru_cache(maxsize=1)
def parts() -> dict[str, tuple[str, ...]]:
    """Every part by each compared name, or code of three letters and more, that needs no country beside it."""
    found: dict[str, tuple[str, ...]] = {name: (code,) for name, code in _BOTH.items()}
    for country in sorted(each for each in codes() if "-" not in each):
        for name, code in parts_of(country).items():
            if len(name) > 2 and not name.isdecimal() and name not in _LANGUAGES:
                found[name] = (*found.get(name, ()), code)
    return found
