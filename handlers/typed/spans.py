"""Lengths of time in days, and the day on which a pause is over, as people type them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NoReturn

from handlers.typed.calendar_days import EXAMPLE as DATE_EXAMPLE
from handlers.typed.dates import parse_date
from handlers.typed.locales import known_locale
from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.relative_dates import end_of_period
from handlers.typed.text import folded, plain_text, quoted
from handlers.typed.units import DAYS_IN, find_span

LONGEST_SPAN = 730
_EXAMPLE = "a length such as 30 days, 2 weeks or a quarter"
_AFTER = re.compile(
    r" (?:after|from|following|since|nach|apres|despues|tras|na|depois|apos|dopo|po|past) (?!.*(?<!\w)\d).*"
)
_UNTIL = re.compile(
    r"(?:(?P<through>through|thru|bis einschliesslich|tot en met|t/m)|until|till|'?til|up to|for|bis|fur"
    r"|jusqu'au|jusqu'a|pendant|pour|hasta|por|durante|tot|voor|ate|fino al|fino a|per|do|przez|na) "
)
_INCLUDED = re.compile(r" \(?(?:inclusive|included|incl|inkl|inclus|incluido|inclusief|compreso)\)?$", re.I)


def parse_days_span(text: str, locale: str) -> int:
    """A length in days, 1 to 730: "30", "2 weeks", "30 days after release".

    A month counts 30 days, a quarter 91, a year 365. Raises Refused, or Ambiguous for part of a day.
    """
    typed = plain_text(text, _EXAMPLE).rstrip(" .,;:!?")
    words = _AFTER.sub("", folded(typed))
    person = known_locale(locale)
    bare = (words, "day", 0) if words.isdecimal() else None
    count, unit, sign = bare or find_span(words, person) or find_span(f"1 {words}", person) or ("", "", 0)
    if not count or sign < 0:
        raise Refused(f"I cannot read {quoted(typed)} as a length of time. Type {_EXAMPLE}.")
    if len(count) > 6:
        _refuse_span()
    tenths = round(float(count.replace(",", ".")) * 10) * DAYS_IN[unit]
    if tenths % 10:
        _ask_days(typed, tenths // 10)
    if not 1 <= tenths // 10 <= LONGEST_SPAN:
        _refuse_span()
    return tenths // 10


def parse_until(text: str, now_local: datetime, locale: str) -> date:
    """The first local date on which a person who pauses is asked again, always after today.

    "until Monday" is Monday; "2 weeks" is today in 14 days; "through Friday" and "end of month" leave out
    that last day and give the one after it.
    """
    today, person = now_local.date(), known_locale(locale)
    typed = plain_text(text, DATE_EXAMPLE).rstrip(" .,;:!?")
    lead = _UNTIL.match(folded(typed))
    wish = " ".join(typed.split()[lead[0].count(" ") :]) if lead else typed
    is_last_day = bool(lead and lead["through"]) or bool(_INCLUDED.search(wish))
    wish = _INCLUDED.sub("", wish)
    end = end_of_period(folded(wish), today, person)
    day = end or parse_date(wish, today, locale, future=True)
    back = day + timedelta(days=1) if end or is_last_day else day
    if back <= today:
        raise Refused("That pause would be over already. Type a day from tomorrow on, such as until monday.")
    return back


def _refuse_span() -> NoReturn:
    raise Refused(f"That is outside 1 to {LONGEST_SPAN} days. Type {_EXAMPLE}.")


def _ask_days(typed: str, days: int) -> NoReturn:
    choices = tuple((str(count), f"{count} days") for count in (days, days + 1))
    raise Ambiguous(f"{quoted(typed)} is not whole days. Type {days} or {days + 1}.", choices)
