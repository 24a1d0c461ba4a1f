"""Text as any screen shows it: without what is unseen or turns others round, and cut where it is too long.

Lengths are in code points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

CUT = "…"
EMPTY = "–"  # stands where there is nothing to see
SPACE_ENOUGH = 200  # a long text is split at a line's end or a space as far back as this
CLUSTER = 30  # an emoji of several signs, or a letter with its marks, is not cut through; a storm of marks is
JOINER = "\u2060"  # seen by nobody; what calls somebody or links somewhere does neither beside it

_HALVES = re.compile("[\ud800-\udfff\0]")
_ODD = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_TURNED = ("RLE", "LRE", "PDF", "RLO", "LRO", "LRI", "RLI", "FSI", "PDI")
_BREAKS = "\r\v\f\x85\u2028\u2029"


def literal(text: str) -> str:
    """A text as it is shown: without what no screen shows, and what would turn round the letters after it."""
    return _ODD.sub(_mended, text.replace("\r\n", "\n")) if _ODD.search(text) else text


def line(text: str) -> str:
    """A text as it is shown where there is one line: nobody's words begin a line of their own there."""
    return literal(text).replace("\n", " ")


def whole(text: str) -> str:
    """A text as it travels unseen: without halves of characters and NUL, which no service carries."""
    return _HALVES.sub("\ufffd", text)


def is_seen(text: str) -> bool:
    """Whether there is anything in a text but blanks, marks that nobody sees and controls."""
    return any(not (c.isspace() or unicodedata.category(c) in ("Cf", "Cc")) for c in text)


def trim(text: str, limit: int) -> str:
    """The text, cut visibly where it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: _between(text, limit - len(CUT))].rstrip() + CUT


def pieces(text: str, limit: int) -> Iterator[str]:
    """The whole text in pieces of at most `limit` characters, broken at a line or a space where one is near."""
    while len(text) > limit:
        breaks = (text.rfind(blank, max(0, limit - SPACE_ENOUGH), limit) + 1 for blank in "\n ")
        at = next(filter(None, breaks), 0) or _between(text, limit)
        yield text[:at]
        text = text[at:]
    yield text


def _mended(found: re.Match[str]) -> str:
    if found[0] in _BREAKS:
        return "\n"
    return "" if unicodedata.bidirectional(found[0]) in _TURNED else "\ufffd"


def _between(text: str, at: int) -> int:
    """Where to cut at `at` or a little before it, so that no sign is cut through."""
    for place in range(at, max(0, at - CLUSTER), -1):
        if not _clings(text[place]) and text[place - 1] != "\N{ZERO WIDTH JOINER}":
            return place
    return at


def _clings(sign: str) -> bool:
    """Whether a sign belongs to the one before it: marks, joiners, skin tones."""
    return unicodedata.category(sign)[0] == "M" or sign == "\u200d" or "\U0001f3fb" <= sign <= "\U0001f3ff"
