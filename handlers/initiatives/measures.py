"""What people type for a measure of success, made into numbers that belong together. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from handlers import fields
from handlers.errors import FieldError
from handlers.typed import amounts
from handlers.typed.amounts import Amount
from handlers.typed.refusals import Ambiguous, Refused
from prompts import Reader
from storage.initiatives import Criterion

BOUNDS = ("at_most", "at_least")
UNKNOWN = {"?", "-", "n/a", "tbd", "none", "not known", "not known yet", "not yet known", "unknown", "don't know"}
# Scores and temperatures may lie below zero; people, tickets and seconds may not.
BELOW_ZERO = ("point", "pt", "pp", "°", "degree", "nps", "score")

Values = Mapping[str, object]


def measured(text: str, reader: Reader) -> Amount:
    """A number with its unit. Raises Refused for one below zero of something that is counted."""
    amount = fields.amount(text, reader)
    if amount.value < 0 and not _may_be_negative(amount.unit):
        number = amounts.write_amount(amount.value, "", reader.locale)
        raise Refused(
            f"There is no less than 0 {amount.unit}. For a change or a score, type {number} points, "
            f"{number} % change, or {number} alone."
        )
    return amount


def measured_or_unknown(text: str, reader: Reader) -> Amount | None:
    """As `measured`, or None where the person says that it is not known yet."""
    said = text.strip().casefold().replace("’", "'").rstrip(".!")
    return None if said in UNKNOWN else measured(text, reader)


def measure(
    measure: str, baseline: Amount | None, target: Amount, source: str, reader: Reader
) -> dict[str, object]:
    """A criterion's columns for a measure to be reached. Raises FieldError beside the target."""
    unit = _common_unit(baseline, target)
    if baseline and baseline.value == target.value:
        here = amounts.write_amount(target.value, unit, reader.locale)
        raise FieldError("target", f"The target equals where you are now ({here}). What should it become?")
    return _columns(measure, unit, baseline, target, source)


def guardrail(
    measure: str, baseline: Amount | None, bound: str, target: Amount, source: str, reader: Reader
) -> dict[str, object]:
    """A criterion's columns for a measure that must not get worse. Raises FieldError beside the limit."""
    unit = _common_unit(baseline, target)
    is_ceiling = bound == "at_most"
    if baseline and (baseline.value > target.value if is_ceiling else baseline.value < target.value):
        here = amounts.write_amount(baseline.value, unit, reader.locale)
        past = "above" if is_ceiling else "below"
        raise FieldError("target", f"You are {past} that limit already ({here}). What is the limit from now on?")
    limits = {"is_guardrail": True, "is_ceiling": is_ceiling}
    return _columns(measure, unit, baseline, target, source) | limits


def as_typed(number: Decimal | None, unit: str, reader: Reader) -> str:
    """A number as the reader could have typed it, so that a form sent back unchanged means the same."""
    if number is None:
        return ""
    written = amounts.write_amount(number, unit, reader.locale)
    try:
        amounts.parse_amount(written, reader.locale)
    except Ambiguous as asked:
        meant = Amount(number, unit)
        same = (text for text, _ in asked.choices if amounts.parse_amount(text, reader.locale) == meant)
        return next(same, written)
    return written


def typed(criterion: Criterion, reader: Reader) -> dict[str, str]:
    """A criterion as the inputs of its form."""
    bound = {"bound": "at_most" if criterion.is_ceiling else "at_least"} if criterion.is_guardrail else {}
    return {
        **bound,
        "measure": criterion.measure,
        "baseline": as_typed(criterion.baseline, criterion.unit, reader),
        "target": as_typed(criterion.target, criterion.unit, reader),
        "source": criterion.source,
    }


def _columns(measure: str, unit: str, baseline: Amount | None, target: Amount, source: str) -> dict[str, object]:
    start = baseline.value if baseline else None
    return {"measure": measure, "unit": unit, "baseline": start, "target": target.value, "source": source}


def _common_unit(baseline: Amount | None, target: Amount) -> str:
    """The unit of both: where only one names a unit, it counts for both."""
    here, there = baseline.unit if baseline else "", target.unit
    if here and there and _bare(here) != _bare(there):
        raise FieldError(
            "target",
            f"Where you are now is in {here}, the target in {there}. Type both in the same unit.",
        )
    return max(there, here, key=len)


def _bare(unit: str) -> str:
    return unit.casefold().removesuffix("s")


def _may_be_negative(unit: str) -> bool:
    is_money = unit[:3].isupper() and not unit[3:4].isalnum() and len(unit) > 2
    return not unit or is_money or unit.startswith("% ") or unit.casefold().startswith(BELOW_ZERO)
