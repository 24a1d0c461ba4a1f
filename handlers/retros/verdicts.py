"""What the planned measures say, as arithmetic: how far each came, what held, and the verdict on the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from storage.initiatives import Criterion

SCALE = ("no", "partly", "yes")


class Reach(StrEnum):
    """How far a measure came: to its target, part of the way, no nearer, or nobody can tell."""

    REACHED = "reached"
    PARTLY = "partly"
    NOT = "not"
    UNKNOWN = "unknown"


class Guard(StrEnum):
    """Whether what must not get worse held."""

    HELD = "held"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """Whether it was a success by the planned measures."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """A criterion and what it reached; None where that cannot be told."""

    criterion: Criterion
    actual: Decimal | None


def share(baseline: Decimal, target: Decimal, actual: Decimal) -> Decimal | None:
    """How much of the way from baseline to target was gone: 1 is all of it, below 0 the wrong way.

    (actual − baseline) / (target − baseline); None where the two are equal, as there was no way to go.
    """
    way = target - baseline
    return (actual - baseline) / way if way else None


def reach(reading: Reading) -> Reach:
    """How far a measure came.

    Without a baseline nobody knows which side of the target is the good one, so that only the target
    itself counts as reached. The same holds for a target equal to its baseline.
    """
    planned, actual = reading.criterion, reading.actual
    if actual is None:
        return Reach.UNKNOWN
    if planned.baseline is None or planned.baseline == planned.target:
        return Reach.REACHED if actual == planned.target else Reach.UNKNOWN
    # The signs are compared rather than the quotient, whose rounding could turn just short into reached.
    is_growing = planned.target > planned.baseline
    gone, left = actual - planned.baseline, planned.target - actual
    if not is_growing:
        gone, left = -gone, -left
    if left <= 0:
        return Reach.REACHED
    return Reach.PARTLY if gone > 0 else Reach.NOT


def guard(reading: Reading) -> Guard:
    """Whether a guardrail held: at most its limit for a ceiling, at least it otherwise."""
    limit, actual = reading.criterion.target, reading.actual
    if actual is None:
        return Guard.UNKNOWN
    held = actual <= limit if reading.criterion.is_ceiling else actual >= limit
    return Guard.HELD if held else Guard.BROKEN


def percent(reading: Reading) -> int | None:
    """The share in whole percent, for a sentence; None where there is no share.

    Just short of the target never reads as 100 %, and a first step never as 0 %.
    """
    planned = reading.criterion
    if reading.actual is None or planned.baseline is None:
        return None
    exact = share(planned.baseline, planned.target, reading.actual)
    if exact is None:
        return None
    whole = int((exact * 100).to_integral_value(ROUND_HALF_UP))
    return min(max(whole, 1), 99) if reach(reading) is Reach.PARTLY else whole


def overall(readings: Iterable[Reading]) -> Verdict:
    """The verdict by the measures. What cannot be told is left out:

    unknown: no measure can be told and no guardrail broke.
    yes:     every measure told reached its target, and no guardrail broke.
    no:      no measure told came any nearer; or a guardrail broke and no measure reached its target.
    partly:  everything else.
    """
    known = list(readings)
    reached = {reach(one) for one in known if not one.criterion.is_guardrail} - {Reach.UNKNOWN}
    is_broken = any(one.criterion.is_guardrail and guard(one) is Guard.BROKEN for one in known)
    if not reached and not is_broken:
        return Verdict.UNKNOWN
    if reached == {Reach.REACHED} and not is_broken:
        return Verdict.YES
    if reached == {Reach.NOT} or (is_broken and Reach.REACHED not in reached):
        return Verdict.NO
    return Verdict.PARTLY


def split(votes: Iterable[str]) -> tuple[str, str] | None:
    """The two verdicts furthest apart, the higher first; None where all who could tell agree."""
    told = sorted({SCALE.index(vote) for vote in votes if vote in SCALE})
    return (SCALE[told[-1]], SCALE[told[0]]) if len(told) > 1 else None


def distance(apart: tuple[str, str] | None) -> int:
    """How far apart two verdicts are: 0 for none, 1 for neighbours, 2 for yes and no."""
    return SCALE.index(apart[0]) - SCALE.index(apart[1]) if apart else 0


def bars(values: Sequence[Decimal]) -> list[float]:
    """Each value as a share of the longest bar, 0 to 1, counted from zero or from the lowest below it."""
    low, high = min(Decimal(0), *values), max(Decimal(0), *values)
    return [float((value - low) / (high - low)) if high > low else 0.0 for value in values]
