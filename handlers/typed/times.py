"""Times of day as people type them."""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache
from typing import NoReturn

from babel import Locale

from handlers.typed.locales import known_locale
from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.text import either, folded, plain_text, quoted
from handlers.typed.units import count_words
from handlers.typed.vocabulary import HALVES, NOONS

_EXAMPLE = "a time such as 9:30, 9:30am or 14:00"
_CLOCK = re.compile(r"(\d\d?)(?:(?: ?[:.h] ?| ?uhr ?| )(\d\d)(?::00)?| ?(?:h|uhr|o'clock|oclock))?|(\d\d?)(\d\d)")
_SPOKEN_CLOCK = re.compile(r"(half|quarter|five|ten|twenty|\d\d?) (past|to) ([a-z]+|\d\d?)")
_AT = re.compile(r"^(?:at|um|a las|a la|a|om|as|alle|o|kl) ")


def parse_time(text: str, locale: str = "en") -> time:
    """A time of day, to the minute: "9:30", "0930", "half past nine", "21h", "noon"; 7 is in the morning.

    Raises Refused, or Ambiguous from 1:00 to 5:59 without am, pm or a leading zero, as either could be meant.
    """
    typed = plain_text(text, _EXAMPLE).rstrip(" .,;:!?")
    words = _AT.sub("", _without_stops(folded(typed)), count=1)
    noon = _noons(known_locale(locale)).get(words)
    if noon is not None:
        return time(noon)
    clock, half = _half_of_day(words, known_locale(locale))
    hour, minute, is_exact = _spoken(clock) or _digital(clock) or _refuse_time(typed)
    _check_clock(typed, hour, minute, half)
    if half is None and 1 <= hour <= 5 and not is_exact:
        _ask_half(typed, time(hour, minute), time(hour + 12, minute))
    return time(hour if half is None else hour % 12 + half, minute)


@lru_cache(maxsize=64)
def _noons(person: Locale) -> dict[str, int]:
    """Hours by the words for noon and midnight."""
    own = person.day_periods["format"]["wide"]
    return NOONS | {folded(own[name]): hour for name, hour in (("noon", 12), ("midnight", 0)) if name in own}


def _half_of_day(words: str, person: Locale) -> tuple[str, int | None]:
    """The words without "am" or "pm", and the hours that adds to a clock of 12."""
    for name, hours in _halves(person).items():
        after = words.removeprefix(name) if not name.isascii() else words
        before = words.removesuffix(name)
        if before not in (words, "") and not before[-1].isalpha():
            return before.strip(), hours
        if after not in (words, "") and not after[0].isalpha():
            return after.strip(), hours
    return words, None


@lru_cache(maxsize=64)
def _halves(person: Locale) -> dict[str, int]:
    """Hours to add by every name for the halves of the day, the longest first."""
    halves = dict(HALVES)
    for width in ("abbreviated", "wide"):
        own = person.day_periods["format"][width]
        both = ((own[name], hours) for name, hours in (("am", 0), ("pm", 12)) if name in own)
        halves |= {_without_stops(folded(name)): hours for name, hours in both}
    return dict(sorted(halves.items(), key=lambda half: -len(half[0])))


def _without_stops(words: str) -> str:
    """The words with "a. m." as "am"."""
    return re.sub(r"(?<=[a-z])\. ?", "", words)


def _digital(clock: str) -> tuple[int, int, bool] | None:
    """Hour, minute and whether a leading zero puts it on the clock of 24."""
    found = _CLOCK.fullmatch(clock)
    if not found:
        return None
    hour, minute = found[1] or found[3], found[2] or found[4] or "0"
    return int(hour), int(minute), len(hour) == 2 and hour[0] == "0"


def _spoken(clock: str) -> tuple[int, int, bool] | None:
    found = _SPOKEN_CLOCK.fullmatch(clock)
    counts = count_words("en")
    named = counts.get(clock)
    if named:
        return int(named), 0, False
    hour = counts.get(found[3], found[3]) if found else ""
    if not found or not hour.isdecimal():
        return None
    words = {"half": 30, "quarter": 15, "five": 5, "ten": 10, "twenty": 20}
    minutes = words[found[1]] if found[1] in words else int(found[1])
    if found[2] == "past":
        return int(hour), minutes, False
    return (int(hour) - 2) % 12 + 1, 60 - minutes, False


def _check_clock(typed: str, hour: int, minute: int, half: int | None) -> None:
    if half is not None and not 1 <= hour <= 12:
        raise Refused(f"{quoted(typed)} mixes two clocks. Type {hour % 24:02}:{min(minute, 59):02}.")
    if hour > 23:
        past = min(minute, 59)
        raise Refused(f"A day has 24 hours, 00:00 to 23:59. Type 23:{past:02} or {hour % 24:02}:{past:02}.")
    if minute > 59:
        later = f"{(hour + minute // 60) % 24}:{minute % 60:02}"
        raise Refused(f"An hour has 60 minutes. Type {hour % 24}:59 or {later}.")


def _ask_half(typed: str, morning: time, afternoon: time) -> NoReturn:
    choices = ((f"{morning:%H:%M}", "in the morning"), (f"{afternoon:%H:%M}", "in the afternoon"))
    typings = either([typing for typing, _ in choices])
    raise Ambiguous(f"Is {quoted(typed)} in the morning or in the afternoon? Type {typings}.", choices)


def _refuse_time(typed: str) -> NoReturn:
    raise Refused(f"I cannot read {quoted(typed)} as a time. Type {_EXAMPLE}.")
