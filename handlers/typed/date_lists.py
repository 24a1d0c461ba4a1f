"""Several days ahead, one by one and from one to another, as people type them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from handlers.typed.dates import parse_date
from handlers.typed.refusals import Refused
from handlers.typed.text import plain_text, quoted

MOST = 60
_EXAMPLE = "days such as 24 December, 27-31 December"
_EACH = re.compile(r" ?[,;] ?| (?:and|und|y|et|en) ", re.I)
_RANGE = re.compile(r" (?:-|to|until|bis|hasta|tot) ", re.I)
_DASH = re.compile(r"(?<!\d)-|-(?!\d)")  # not the dashes within 2026-12-24
_SHORT = re.compile(r"(?P<first>\d{1,2})\.? ?- ?(?P<last>\d{1,2}\.? ?\D.*)")
_A_DAY = timedelta(days=1)


def parse_dates(text: str, today: date, locale: str) -> tuple[date, ...]:
    """Days from today on, in order, each once: "24 December, 27-31 December", "Friday to Monday".

    Raises Refused where a part cannot be read, a span runs backwards, or there are more than 60.
    """
    typed = plain_text(text, _EXAMPLE).strip(" .,;")
    found: set[date] = set()
    for part in _EACH.split(typed):
        found |= set(_span(part.strip(), today, locale))
    if len(found) > MOST:
        raise Refused(f"That is {len(found)} days; up to {MOST} fit here. Type fewer, and the rest after them.")
    return tuple(sorted(found))


def _span(part: str, today: date, locale: str) -> list[date]:
    first, last = _ends(part)
    if not last:
        return [parse_date(first, today, locale, future=True)]
    until = parse_date(last, today, locale, future=True)
    since = parse_date(first, today, locale, future=True)
    if since > until:
        raise Refused(f"{quoted(part)} ends before it begins. Type {_EXAMPLE}.")
    if (until - since).days >= 366:
        raise Refused(f"{quoted(part)} is longer than a year. Type {_EXAMPLE}.")
    return [since + n * _A_DAY for n in range((until - since).days + 1)]


def _ends(part: str) -> tuple[str, str]:
    """The first and the last day of a span; "" for the last of a single day."""
    short = _SHORT.fullmatch(part)
    if short:
        month = re.sub(r"^\d{1,2}\.? ?", "", short["last"])
        return f"{short['first']} {month}", short["last"]
    ends = [end for end in (_RANGE if _RANGE.search(part) else _DASH).split(part) if end]
    return (ends[0], ends[1]) if len(ends) == 2 else (part, "")
