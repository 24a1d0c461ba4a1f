"""Numbers, percentages and money as people type them, and the way back to words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency, format_decimal

from handlers.typed.currencies import DOLLARS, currency_codes, find_currency
from handlers.typed.locales import known_locale
from handlers.typed.numbers import DIGITS, Typed, bounded, read_number, refuse_several, without_end_zeros
from handlers.typed.refusals import Refused
from handlers.typed.scales import read_scale
from handlers.typed.text import plain_text, prefix_of, quoted

_UNIT_LENGTH = 40
_EXAMPLE = "a number with its unit, such as 1200, 17.4 % or €49"
_MONEY = re.compile(r"([A-Z]{3})([ /].*)?")
_PERCENT = (
    *("%", "percent", "per cent", "pct", "prozent", "procent", "procentów"),
    *("pour cent", "por ciento", "por cento", "per cento"),
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and what it counts.

    `unit` is "" for a plain number, "%" for percent, an ISO 4217 code for money ("EUR", or "EUR per seat"),
    otherwise the unit as typed ("ms", "tickets").
    """

    value: Decimal
    unit: str


def parse_amount(text: str, locale: str) -> Amount:
    """The amount a person meant, read by the decimal mark, grouping, number words and money of their locale.

    Up to 10^15 either way and 10 decimals, never rounded. Raises Refused, or Ambiguous where two readings
    are plausible and the locale does not settle it.
    """
    words = plain_text(text, _EXAMPLE).rstrip(" .,;:!?")
    found = DIGITS.search(words)
    if found is None:
        raise Refused(f"I found no number in {quoted(words or text)}. Type {_EXAMPLE}.")
    typed = Typed(words, found.group(), known_locale(locale))
    before, after = words[: found.start()].strip(), words[found.end() :].strip()
    if re.search(r"\d", after):
        refuse_several(words)
    negative, before = _sign(before)
    number = read_number(typed)
    code = before if before in ("", "%") else _whole_currency(typed, before)
    power, rest = read_scale(typed, after, code)
    value = bounded(without_end_zeros(number.scaleb(power)))
    return Amount(-value if negative and value else value, _unit(typed, code, rest))


def write_amount(value: Decimal, unit: str, locale: str) -> str:
    """The amount as a person of this locale reads it, every digit kept and no zero added: "€1,200,000"."""
    person = known_locale(locale)
    plain = without_end_zeros(value)
    money = _MONEY.fullmatch(unit)
    if money and money[1] in currency_codes():
        return _write_money(plain, money[1], person) + (money[2] or "")
    number = format_decimal(plain, locale=person, decimal_quantization=False)
    if not unit or unit.startswith("/"):
        return number + unit
    return f"{number}\N{NO-BREAK SPACE}{unit}" if unit.startswith("%") else f"{number} {unit}"


def _sign(before: str) -> tuple[bool, str]:
    """Whether a minus stands at either end of what comes before the number, and the rest of it."""
    for mark in "-+":
        if before.startswith(mark) or before.endswith(mark):
            return mark == "-", (before[1:] if before.startswith(mark) else before[:-1]).strip()
    return False, before


def _whole_currency(typed: Typed, before: str) -> str:
    code, left = find_currency(typed, before, is_before=True)
    if not code or left:
        raise Refused(f"I cannot read {quoted(before)} before the number. Type {_EXAMPLE}.")
    return code


def _unit(typed: Typed, before: str, rest: str) -> str:
    percent = prefix_of(rest, _PERCENT) if not before else ""
    if before == "%" or percent:
        return f"% {_joined('', rest[len(percent) :].strip())}".strip()
    code, left = find_currency(typed, rest)
    if not code:
        return _joined(before, rest)
    if before not in ("", code) and not {before, code} <= {"USD", *DOLLARS.values()}:
        raise Refused(f"That names both {before} and {code}. Type one of them, such as {before} 49.")
    return _joined(code, left)


def _joined(code: str, words: str) -> str:
    """A currency and the words after it ("EUR per seat"), or just those words, checked to be a unit."""
    if not words:
        return code
    starts_well = words[0].isalpha() or words[0] in "/°‰#"
    if not starts_well or len(words) > _UNIT_LENGTH or (code and len(words) == 1):
        raise Refused(f"I cannot read {quoted(words)} after the number. Type {_EXAMPLE}.")
    return code + (words if not code or words[0] == "/" else f" {words}")


def _write_money(value: Decimal, code: str, person: Locale) -> str:
    pattern = re.sub(r"0\.0+", "0.##", person.currency_formats["standard"].pattern)
    return format_currency(
        value, code, format=pattern, locale=person, currency_digits=False, decimal_quantization=False
    )
