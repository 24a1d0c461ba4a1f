"""Words and letters that multiply a number, such as "k", "Mio." or "lakh"."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NoReturn

from babel import Locale

from handlers.typed.currencies import find_currency
from handlers.typed.numbers import Typed, read_number
from handlers.typed.refusals import Ambiguous
from handlers.typed.text import either, plain_word, prefix_of, quoted

_OF = re.compile(r"^(?:d'|de |di )", re.IGNORECASE)
_ENGLISH_POWERS = {"thousand": 3, "million": 6, "millions": 6, "bn": 9, "billion": 9, "billions": 9}
_ENGLISH_POWERS |= {"trillion": 12, "trillions": 12}
_POWERS = _ENGLISH_POWERS | {"k": 3, "tsd": 3, "mio": 6, "mn": 6, "mln": 6, "mrd": 9, "mld": 9}
_POWERS |= {"lac": 5, "lakh": 5, "lakhs": 5, "crore": 7, "crores": 7}
_LETTERS = {"m": (6, "million", ("metres", "minutes")), "b": (9, "billion", ("bytes",))}


def read_scale(typed: Typed, after: str, code: str) -> tuple[int, str]:
    """The power of ten that "k", "Mio." or "mil millones" stands for, and the words after it."""
    power, rest = 0, after
    for _ in range(2):
        word = prefix_of(rest, (*_powers(typed.person), *_LETTERS))
        if not word:
            break
        left = _OF.sub("", rest[len(word) :].removeprefix(".").strip(), count=1)
        power += _power(typed, rest[: len(word)], left, code)
        rest = left
    return power, rest


def _power(typed: Typed, word: str, left: str, code: str) -> int:
    key = word.casefold()
    if key in _LETTERS:
        power, name, units = _LETTERS[key]
        if not (code or left[:1].isalpha() or find_currency(typed, left)[0] or word == "M"):
            _ask_letter(typed, word, (name, *units))
        return power
    powers = {_powers(typed.person)[key], _ENGLISH_POWERS.get(key, _powers(typed.person)[key])}
    if len(powers) > 1:
        _ask_scale(typed, word, sorted(powers))
    return powers.pop()


def _ask_letter(typed: Typed, letter: str, names: tuple[str, ...]) -> NoReturn:
    choices = tuple((_spelled_out(typed, letter, f"{typed.digits} {name}"), name) for name in names)
    typings = either([typing for typing, _ in choices])
    raise Ambiguous(f"What does the {letter} in {quoted(typed.text)} stand for? Type {typings}.", choices)


def _ask_scale(typed: Typed, word: str, powers: list[int]) -> NoReturn:
    number = read_number(typed)
    choices = tuple((_spelled_out(typed, word, f"{number.scaleb(power):f}"), f"{power} zeros") for power in powers)
    typings = either([typing for typing, _ in choices])
    raise Ambiguous(
        f"The word {word} has {powers[0]} zeros in some languages and {powers[1]} in others. Type {typings}.",
        choices,
    )


def _spelled_out(typed: Typed, word: str, instead: str) -> str:
    """All that was typed, with other words in place of the number and the word that scales it."""
    scaled = re.escape(typed.digits) + r"\s*" + re.escape(word)
    return re.sub(scaled, lambda _: instead, typed.text, count=1)


@lru_cache(maxsize=64)
def _powers(person: Locale) -> dict[str, int]:
    """Powers of ten by the words of this locale (from CLDR's compact numbers) and of English."""
    words = _POWERS | ({"mil": 6} if person.language == "en" else {})
    for style in ("short", "long"):
        for patterns in (person.compact_decimal_formats.get(style) or {}).values():
            for magnitude, pattern in patterns.items():
                zeros = pattern.pattern.count("0")
                word = plain_word(pattern.pattern.replace("0", "").replace("'", ""))
                if zeros and (len(word) > 1 or not word.isascii()):
                    words[word] = words[_without_accents(word)] = len(magnitude) - zeros
    words.pop("", None)
    return words


def _without_accents(text: str) -> str:
    spread = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(each for each in spread if each != "\N{COMBINING ACUTE ACCENT}"))
