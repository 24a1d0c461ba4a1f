"""Typed words made readable, or why they were not taken, in sentences a person can act on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

LONGEST = 200
_AS_ASCII = str.maketrans(
    {"−": "-", "’": "'", "‘": "'", "ʼ": "'", "′": "'", "٬": "'", "٪": "%", "،": ",", "⹁": ","}
)
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class Refused(ValueError):
    """Typed words that cannot be used; the text of the error is what the person reads, with the way out."""


class Ambiguous(Refused):
    """Typed words with more than one plausible meaning, and what to type instead.

    Each choice is (the text to type, what it means); the sentence names them too.
    """

    def __init__(self, sentence: str, choices: tuple[tuple[str, str], ...]) -> None:
        super().__init__(sentence)
        self.choices = choices


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


def quoted(text: str) -> str:
    """The typed words in quotation marks, shortened so that a sentence stays readable."""
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


def either(words: Sequence[str]) -> str:
    """The words as alternatives: "1200 or 1.2", "DKK, NOK or SEK"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


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
