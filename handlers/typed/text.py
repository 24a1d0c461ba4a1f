"""Typed text made plain and comparable, and the ways a sentence quotes it or offers alternatives."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from babel.lists import format_list

from handlers.typed.refusals import Refused

LONGEST = 200
_AS_ASCII = str.maketrans(
    {"−": "-", "’": "'", "‘": "'", "ʼ": "'", "′": "'", "٬": "'", "٪": "%", "،": ",", "⹁": ","}
)
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def plain_text(text: str, example: str) -> str:
    """The text with every kind of digit, space, dash and apostrophe as its ASCII one, spaces single.

    Raises Refused, asking for `example`, where it is empty, longer than 200 characters or not text.
    """
    if len(text) > LONGEST:
        raise Refused(f"That is longer than {LONGEST} characters. Type {example}.")
    plain = " ".join("".join(_plain_character(each) for each in text).translate(_AS_ASCII).split())
    if _UNREADABLE in plain:
        raise Refused(f"That has characters I cannot read. Type {example}.")
    if not plain:
        raise Refused(f"Nothing was typed. Type {example}.")
    return plain


def _plain_character(each: str) -> str:
    category = unicodedata.category(each)
    if category == "Nd":
        return str(unicodedata.decimal(each))
    if category[0] == "Z" or each in "\t\n\r":
        return " "
    if category[0] == "C":
        return "" if category == "Cf" else _UNREADABLE
    if "\uff01" <= each <= "\uff5e" or "\uffe0" <= each <= "\uffe6":
        return unicodedata.normalize("NFKC", each)
    return "-" if category == "Pd" else each


def folded(text: str) -> str:
    """The words as they are compared: small letters without accents."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(each for each in letters if unicodedata.category(each) != "Mn").replace("ł", "l")


def plain_word(text: str) -> str:
    """A word as it is compared: small letters, single spaces, no full stop at its end, no invisible marks."""
    visible = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return " ".join(visible.casefold().split()).rstrip(".")


def prefix_of(text: str, words: tuple[str, ...]) -> str:
    """The longest of these words that the text begins with, not running on into more letters."""
    small = text.casefold()
    fits = (word for word in words if small.startswith(word) and not _runs_on(word, text[len(word) :]))
    return max(fits, key=len, default="")


def _runs_on(word: str, left: str) -> bool:
    return bool(left) and word[-1].isalpha() and (left[0].isalnum() or unicodedata.category(left[0])[0] == "M")


def quoted(text: str) -> str:
    """The typed words in quotation marks, shortened so that a sentence stays readable."""
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


def either(words: Sequence[str]) -> str:
    """The words as alternatives: "1200 or 1.2", "DKK, NOK or SEK"."""
    return format_list(words, style="or", locale="en_GB")
