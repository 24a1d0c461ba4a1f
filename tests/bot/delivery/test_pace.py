"""Pace: no window of time holds more messages than a platform lets through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nudges.pace import EVERYBODY, Bucket, Pace, Rate, also_spent, bucket, choose

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SLACK = Pace((Rate(1, 1),), (Rate(300, 60),))
TEAMS = Pace((Rate(7, 1), Rate(8, 2), Rate(60, 30), Rate(1800, 3600)), (Rate(30, 1),))


def lived(pace: Pace, waiting: list[str], most: int = 20) -> list[tuple[float, str]]:
    """When each message leaves, in seconds from noon, and to whom, where each is sent as soon as it may be."""
    log: list[tuple[float, str]] = []
    spent: Mapping[str, float] = {}
    now = NOON
    while waiting:
        choice = choose(pace, most, spent, now, waiting)
        log += [((now - NOON).total_seconds(), waiting[place]) for place in choice.chosen]
        waiting = [name for place, name in enumerate(waiting) if place not in set(choice.chosen)]
        spent, now = dict(choice.spent), max(choice.more_at or now, now)
    return log


def most_in(window: float, times: list[float]) -> int:
    """The most messages in any window of so many seconds, its end not included."""
    return max(sum(begin <= at < begin + window for at in times) for begin in times)


@pytest.mark.parametrize("pace", [SLACK, TEAMS], ids=["slack", "teams"])
@given(waiting=st.lists(st.sampled_from(["c1", "c2", "p1", "p2", "p3"]), min_size=1, max_size=120))
def test_no_window_holds_more_than_the_platform_lets_through(pace: Pace, waiting: list[str]) -> None:
    log = lived(pace, waiting)

    times = defaultdict(list)
    for at, recipient in log:
        times[recipient].append(at)
    for rate in pace.recipient:
        assert all(most_in(rate.seconds, each) <= rate.count for each in times.values()), rate
    for rate in pace.workspace:
        assert most_in(rate.seconds, [at for at, _ in log]) <= rate.count, rate


@given(waiting=st.lists(st.sampled_from(["c1", "c2", "p1"]), min_size=1, max_size=60))
def test_everything_leaves_once_and_in_order_for_each_recipient(waiting: list[str]) -> None:
    numbered = [f"{name}" for name in waiting]

    log = lived(SLACK, numbered)

    assert sorted(name for _, name in log) == sorted(waiting)
    assert [at for at, _ in log] == sorted(at for at, _ in log)


def test_what_has_no_rate_leaves_at_once() -> None:
    choice = choose(None, 20, {}, NOON, ["c1"] * 5)

    assert (list(choice.chosen), choice.more_at, dict(choice.spent)) == ([0, 1, 2, 3, 4], None, {})


def test_more_than_are_taken_at_once_are_left_for_at_once() -> None:
    choice = choose(None, 2, {}, NOON, ["p1", "p2", "p3"])

    assert (list(choice.chosen), choice.more_at) == ([0, 1], NOON)


def test_a_recipient_who_must_wait_holds_up_nobody_else() -> None:
    choice = choose(SLACK, 20, {"c1": NOON.timestamp() + 1}, NOON, ["c1", "p1", "c1", "p2"])

    assert list(choice.chosen) == [1, 3]
    assert choice.more_at == NOON + timedelta(seconds=1)


def test_a_workspace_that_spent_its_rate_waits_as_a_whole() -> None:
    paced = bucket(SLACK.workspace)
    assert paced

    choice = choose(SLACK, 20, {EVERYBODY: NOON.timestamp() + 30}, NOON, ["p1"])

    assert list(choice.chosen) == []
    assert choice.more_at == NOON + timedelta(seconds=30 - (paced.burst - 1) * paced.every_s)


def test_one_bucket_keeps_all_rates_at_once() -> None:
    assert bucket(()) is None
    assert bucket((Rate(1, 1),)) == Bucket(1, 1.02)
    teams = bucket(TEAMS.recipient)
    assert teams
    assert teams.burst == 7
    assert 2 < teams.every_s < 2.1


def test_what_went_as_several_messages_is_reckoned_as_so_many() -> None:
    once = choose(SLACK, 20, {}, NOON, ["c1"]).spent

    spent = also_spent(SLACK, once, NOON, ["c1", "c1"])

    later = choose(SLACK, 20, spent, NOON + timedelta(seconds=1.1), ["c1", "c2"])
    assert list(later.chosen) == [1]
    assert later.more_at == NOON + timedelta(seconds=3 * 1.02)
    assert spent[EVERYBODY] == pytest.approx(once[EVERYBODY] + 2 * (once[EVERYBODY] - NOON.timestamp()))


def test_a_clock_that_was_set_back_by_a_day_holds_up_nothing_for_longer_than_minutes() -> None:
    tomorrow = (NOON + timedelta(days=1)).timestamp()

    choice = choose(SLACK, 20, {"c1": tomorrow, EVERYBODY: tomorrow}, NOON, ["c1"])
    later = choose(SLACK, 20, choice.spent, NOON + timedelta(minutes=3), ["c1"])

    assert choice.more_at
    assert choice.more_at <= NOON + timedelta(minutes=3)
    assert list(later.chosen) == [0]
