"""Tables and bar charts in letters of one width, for blocks that show letters so."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

from bot.letters import line
from handlers.messages import Bar

WIDTH = 40  # letters that stand side by side on a phone
BAR = 12  # letters of the longest bar


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns; "" where they are wider than a phone, or nothing."""
    cells = [[line(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip_longest(*cells, fillvalue="")]
    if sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        return ""
    lines = ("  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=False)) for row in cells)
    return "\n".join(each.rstrip() for each in lines)


def picture(bars: Sequence[Bar]) -> str:
    """A bar chart, each bar in one line where that is narrow enough for a phone, else under its label."""
    drawn = [(bar.label, _bar(bar.share), bar.value) for bar in bars]
    return columns(drawn) or "\n".join(f"{line(label)}\n{bar}  {line(value)}" for label, bar, value in drawn)


def _bar(share: float) -> str:
    filled = round(max(0.0, min(1.0, share)) * BAR)
    return "█" * filled + "░" * (BAR - filled)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """How many letters wide a text is: some signs take two, marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
