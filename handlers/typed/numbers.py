"""Runs of digits and marks as numbers, by the decimal mark and the grouping of a person's locale."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from babel import Locale
from babel.numbers import get_group_symbol

from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.text import either, quoted

LARGEST = Decimal(10) ** 15
DIGITS = re.compile(r"(?:(?<![^\W\d_])[.,٫])?\d(?:[\d.,'_٫ ]*\d)?")
_DECIMALS = 10
_DECIMAL_MARKS = ".,٫"
_COMMAS = str.maketrans("،⹁", ",,")


@dataclass(frozen=True, slots=True)
class Typed:
    """What one person typed: all of it, the digits and marks of its number, and their locale."""

    text: str
    digits: str
    person: Locale


def read_number(typed: Typed) -> Decimal:
    readings = dict(_readings(typed.digits))
    if not readings:
        refuse_several(typed.text)
    if len(readings) > 1 and get_group_symbol(typed.person).translate(_COMMAS) not in readings:
        _ask_decimal(typed, readings)
    return bounded(Decimal(readings.get("whole") or next(iter(readings.values()))))


def _readings(number: str) -> Iterator[tuple[str, str]]:
    """Every well-formed reading of a run of digits and marks: its decimal mark or "whole", and the digits."""
    whole = _ungrouped(number)
    if whole:
        yield "whole", whole
    for mark in _DECIMAL_MARKS:
        head, found, decimals = number.partition(mark)
        if found and decimals.isdecimal() and (whole_part := _ungrouped(head) if head else "0"):
            yield mark, f"{whole_part}.{decimals}"


def _ungrouped(digits: str) -> str:
    """The digits without their grouping marks, or "" where the groups are not 3s (or India's 2s and a 3)."""
    marks = set(re.sub(r"\d", "", digits))
    if not marks:
        return digits
    groups = re.split(r"\D", digits)
    first, middle, last = groups[0], groups[1:-1], groups[-1]
    in_threes = len(first) <= 3 and all(len(group) == 3 for group in middle)
    as_in_india = len(first) <= 2 and all(len(group) == 2 for group in middle)
    fits = len(marks) == 1 and "٫" not in marks and len(last) == 3 and (in_threes or as_in_india)
    return "".join(groups) if fits and first and first[0] != "0" else ""


def _ask_decimal(typed: Typed, readings: Mapping[str, str]) -> NoReturn:
    mark = next(key for key in readings if key != "whole")
    decimal = readings[mark].rstrip("0").replace(".", mark).rstrip(mark)
    if len(decimal.partition(mark)[2]) == 3:
        decimal += "0"
    choices = [typed.text.replace(typed.digits, plain, 1) for plain in (readings["whole"], decimal)]
    raise Ambiguous(
        f"Is {typed.digits} the whole number {readings['whole']}, or {decimal} with decimals? "
        f"Type {either(choices)}.",
        ((choices[0], "the whole number"), (choices[1], "the number with decimals")),
    )


def bounded(value: Decimal) -> Decimal:
    if abs(value) > LARGEST:
        raise Refused("That is more than 10^15, too large to keep. Type it in a larger unit, such as 5000 TB.")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > _DECIMALS:
        raise Refused(f"That has more than {_DECIMALS} decimals. Type fewer, such as 0.125.")
    return value


def without_end_zeros(value: Decimal) -> Decimal:
    digits = f"{value:f}"
    plain = Decimal(digits.rstrip("0").rstrip(".") if "." in digits else digits)
    return plain if plain else Decimal(0)


def refuse_several(typed: str) -> NoReturn:
    if re.search(r"\d[eE][+-]?\d", typed):
        raise Refused(f"Please write the number out instead of {quoted(typed)}, such as 100000 or 100k.")
    raise Refused(f"I cannot read {quoted(typed)} as one number. Type just one, such as 1200 or 1.5 %.")
