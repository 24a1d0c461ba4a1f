"""Time zones as people name them: by id or by city."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import fuzz, process

from handlers.typed.places import CITIES, KNOWN_PLACES
from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.text import either, folded, plain_text, quoted

_EXAMPLE = "the nearest big city, such as London or New York"
_OFFSET = re.compile(r"(?:utc|gmt|etc/gmt)? ?([+-]) ?(\d\d?)(?::?([0-5]\d))?")
_PRESENT = re.compile(r"^[A-Z]{2}\t[^\t]+\t([^\t\n]+)", re.MULTILINE)
_LINK = re.compile(r"^L (\S+) (\S+)$", re.MULTILINE)


def parse_zone(text: str) -> str:
    """The IANA time zone a person named by its id or its city, in the spelling of the tz database.

    Raises Ambiguous with places for an abbreviation or an offset, which says nothing about summer time, and
    Refused with up to three near names for anything else.
    """
    typed = plain_text(text, _EXAMPLE).rstrip(" .,;:!?")
    words = " ".join(folded(typed).replace("_", " ").split())
    if words in ("utc", "z", "zulu", "etc/utc"):
        return "UTC"
    places = _places_by_clock(words)
    if places:
        choices = tuple((place, place.rpartition("/")[2].replace("_", " ")) for place in places)
        raise Ambiguous(
            f"{quoted(typed)} does not say when clocks change. Type a place: {either(places)}.", choices
        )
    zone = _zones().get(words) or _zones().get(words.partition(",")[0])
    if zone:
        return zone
    near = process.extract(words, list(_zones()), scorer=fuzz.ratio, score_cutoff=70)
    names = list(dict.fromkeys(_zones()[name] for name, _, _ in near))[:3]
    raise Refused(f"I know no time zone {quoted(typed)}. Type {either(names) if names else _EXAMPLE}.")


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Time zones by small-letter id, city and well-known other city; an old spelling gives the present one."""
    listing = files("tzdata").joinpath("zoneinfo")
    present = set(_PRESENT.findall(listing.joinpath("zone.tab").read_text()))
    links = {old: new for new, old in _LINK.findall(listing.joinpath("tzdata.zi").read_text())}
    zones: dict[str, str] = {}
    for name in sorted(available_timezones(), key=lambda each: (each not in present, each)):
        zone = name if name in present else links.get(name, "")
        if zone in present:
            zones.setdefault(folded(name).replace("_", " "), zone)
            zones.setdefault(folded(name.rpartition("/")[2]).replace("_", " "), zone)
    for zone, cities in CITIES.items():
        zones |= dict.fromkeys(cities, zone)
    return zones


def _places_by_clock(words: str) -> tuple[str, ...]:
    """Up to three places whose clocks show this abbreviation or offset at some time of the year."""
    found = _OFFSET.fullmatch(words)
    offset = None
    if found:
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        offset *= -1 if (found[1] == "-") != words.startswith("etc/") else 1  # Etc/GMT+2 is west of Greenwich
    wanted = {"et": "est", "ct": "cst", "mt": "mst", "pt": "pst", "mez": "cet", "mesz": "cest"}.get(words, words)
    return tuple(place for place in KNOWN_PLACES if _shows(place, wanted, offset))[:3]


def _shows(place: str, abbreviation: str, offset: timedelta | None) -> bool:
    moments = [datetime(2026, month, 1, tzinfo=ZoneInfo(place)) for month in (1, 7)]
    return any(each.utcoffset() == offset or str(each.tzname()).casefold() == abbreviation for each in moments)
