"""The arithmetic of planned against actual."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from handlers.retros.verdicts import (
    Guard,
    Reach,
    Reading,
    Verdict,
    bars,
    distance,
    guard,
    overall,
    percent,
    reach,
    share,
    split,
)
from storage.initiatives import Criterion

NUMBERS = some.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=10)


def measure(baseline: str | Decimal | None, target: str | Decimal, actual: str | Decimal | None) -> Reading:
    return Reading(_criterion(baseline, target), None if actual is None else Decimal(actual))


def guardrail(limit: str, actual: str | None, *, is_ceiling: bool = True) -> Reading:
    criterion = _criterion(None, limit, is_guardrail=True, is_ceiling=is_ceiling)
    return Reading(criterion, None if actual is None else Decimal(actual))


def _criterion(
    baseline: str | Decimal | None, target: str | Decimal, *, is_guardrail: bool = False, is_ceiling: bool = False
) -> Criterion:
    start = None if baseline is None else Decimal(baseline)
    return Criterion(1, 1, 1, "measure", "%", start, Decimal(target), is_guardrail, is_ceiling, "dashboard")


@pytest.mark.parametrize(
    ("baseline", "target", "actual", "expected", "in_percent"),
    [
        ("12", "20", "17.4", Reach.PARTLY, 68),
        ("12", "20", "20", Reach.REACHED, 100),
        ("12", "20", "22", Reach.REACHED, 125),
        ("12", "20", "12", Reach.NOT, 0),
        ("12", "20", "10", Reach.NOT, -25),
        ("300", "200", "250", Reach.PARTLY, 50),
        ("300", "200", "150", Reach.REACHED, 150),
        ("300", "200", "310", Reach.NOT, -10),
        ("0", "1000", "999.9", Reach.PARTLY, 99),
        ("0", "1000", "0.1", Reach.PARTLY, 1),
        ("-10", "10", "0", Reach.PARTLY, 50),
        ("12", "20", None, Reach.UNKNOWN, None),
        (None, "20", "25", Reach.UNKNOWN, None),
        (None, "20", "20.0", Reach.REACHED, None),
        ("20", "20", "25", Reach.UNKNOWN, None),
        ("20", "20", "20", Reach.REACHED, None),
    ],
)
def test_how_far_a_measure_came(
    baseline: str | None, target: str, actual: str | None, expected: Reach, in_percent: int | None
) -> None:
    reading = measure(baseline, target, actual)

    assert reach(reading) is expected
    assert percent(reading) == in_percent


@pytest.mark.parametrize(
    ("limit", "actual", "is_ceiling", "expected"),
    [
        ("5", "5", True, Guard.HELD),
        ("5", "5.01", True, Guard.BROKEN),
        ("5", "5", False, Guard.HELD),
        ("5", "4.99", False, Guard.BROKEN),
        ("5", None, True, Guard.UNKNOWN),
    ],
)
def test_what_must_not_get_worse_holds_up_to_its_limit(
    limit: str, actual: str | None, is_ceiling: bool, expected: Guard
) -> None:
    assert guard(guardrail(limit, actual, is_ceiling=is_ceiling)) is expected


REACHED, PARTLY, NOT = measure("0", "10", "10"), measure("0", "10", "5"), measure("0", "10", "0")
UNTOLD, HELD, BROKEN = measure("0", "10", None), guardrail("5", "5"), guardrail("5", "6")


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([], Verdict.UNKNOWN),
        ([UNTOLD], Verdict.UNKNOWN),
        ([UNTOLD, HELD], Verdict.UNKNOWN),
        ([HELD], Verdict.UNKNOWN),
        ([REACHED], Verdict.YES),
        ([REACHED, HELD], Verdict.YES),
        ([REACHED, UNTOLD], Verdict.YES),
        ([REACHED, PARTLY], Verdict.PARTLY),
        ([REACHED, NOT], Verdict.PARTLY),
        ([REACHED, BROKEN], Verdict.PARTLY),
        ([PARTLY], Verdict.PARTLY),
        ([PARTLY, NOT], Verdict.PARTLY),
        ([NOT], Verdict.NO),
        ([NOT, UNTOLD], Verdict.NO),
        ([PARTLY, BROKEN], Verdict.NO),
        ([UNTOLD, BROKEN], Verdict.NO),
    ],
)
def test_the_verdict_by_the_measures(readings: list[Reading], expected: Verdict) -> None:
    assert overall(readings) is expected
    assert overall(reversed(readings)) is expected


@given(baseline=NUMBERS, target=NUMBERS, actual=NUMBERS)
def test_a_measure_can_always_be_told_where_its_numbers_are_known(
    baseline: Decimal, target: Decimal, actual: Decimal
) -> None:
    assume(baseline != target)
    reading = measure(baseline, target, actual)

    gone = share(baseline, target, actual)

    assert gone is not None
    assert reach(reading) is not Reach.UNKNOWN
    assert percent(reading) is not None


@given(baseline=NUMBERS, target=NUMBERS, actual=NUMBERS)
def test_looking_at_a_measure_upside_down_changes_nothing(
    baseline: Decimal, target: Decimal, actual: Decimal
) -> None:
    assert reach(measure(baseline, target, actual)) is reach(measure(-baseline, -target, -actual))


@given(baseline=NUMBERS, target=NUMBERS, first=NUMBERS, second=NUMBERS)
def test_nearer_to_the_target_is_never_worse(
    baseline: Decimal, target: Decimal, first: Decimal, second: Decimal
) -> None:
    assume(baseline != target)
    order = [Reach.NOT, Reach.PARTLY, Reach.REACHED]
    low, high = sorted((first, second), reverse=target < baseline)

    assert order.index(reach(measure(baseline, target, low))) <= order.index(
        reach(measure(baseline, target, high))
    )


@given(baseline=NUMBERS, target=NUMBERS, actual=NUMBERS)
def test_the_words_never_round_just_short_to_all_the_way(
    baseline: Decimal, target: Decimal, actual: Decimal
) -> None:
    assume(baseline != target)
    reading = measure(baseline, target, actual)
    whole = percent(reading)
    assert whole is not None

    if reach(reading) is Reach.PARTLY:
        assert 0 < whole < 100
    else:
        assert whole >= 100 or whole <= 0


@given(some.lists(some.sampled_from(["yes", "partly", "no", "unknown"])))
def test_the_widest_split_leaves_out_who_cannot_tell(votes: list[str]) -> None:
    apart = split(votes)

    told = set(votes) - {"unknown"}
    assert (apart is not None) == (len(told) > 1)
    assert apart is None or set(apart) <= told
    assert distance(apart) == (2 if told >= {"yes", "no"} else 1 if len(told) > 1 else 0)


@given(some.lists(NUMBERS, min_size=1, max_size=3))
def test_bars_lie_between_nothing_and_the_longest(values: list[Decimal]) -> None:
    drawn = bars(values)

    assert all(0 <= bar <= 1 for bar in drawn)
    assert drawn[values.index(max(values))] == max(drawn)
