"""Hours from one time of day until another, as people type them."""

from __future__ import annotations

import re
from datetime import time

from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.text import plain_text, quoted
from handlers.typed.times import parse_time

_EXAMPLE = "two times such as 8:00-18:00"
_LEAD = re.compile(r"^(?:from|between|von|zwischen|de|desde|entre|van|tussen) ", re.I)
_BETWEEN = re.compile(r" ?- ?| (?:to|until|till|and|bis|und|a|hasta|y|à|et|tot|en) ", re.I)


def parse_hours(text: str, locale: str = "en", *, overnight: bool = False) -> tuple[time, time]:
    """Two times of day, "8-18" or "from 9am to half past five": from when until when.

    An hour that could be either half of the day is the afternoon, "9-5" being 09:00 to 17:00; where the
    hours may run `overnight`, it is the morning, "22-5" being 22:00 to 05:00. Raises Refused for anything else.
    """
    typed = plain_text(text, _EXAMPLE).strip(" .,;:!?")
    parts = [part.strip() for part in _BETWEEN.split(_LEAD.sub("", typed)) if part.strip()]
    if len(parts) != 2:
        raise Refused(f"I cannot read {quoted(typed)} as hours. Type {_EXAMPLE}.")
    since, until = (_read(part, locale, afternoon=not overnight) for part in parts)
    if since == until:
        raise Refused(f"That begins and ends at {since:%H:%M}. From when until when? Type {_EXAMPLE}.")
    if not overnight and since > until and until.hour < 12 and until.hour + 12 > since.hour:
        until = until.replace(hour=until.hour + 12)  # "8-6"
    if not overnight and since > until:
        raise Refused(
            f"{since:%H:%M} is after {until:%H:%M}. Type the earlier one first: {until:%H:%M}-{since:%H:%M}."
        )
    return since, until


def _read(part: str, locale: str, *, afternoon: bool) -> time:
    try:
        return parse_time(part, locale)
    except Ambiguous as either:
        morning, evening = (time.fromisoformat(typing) for typing, _ in either.choices)
        return evening if afternoon else morning
