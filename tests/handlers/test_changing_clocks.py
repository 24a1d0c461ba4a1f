"""Every zone whose clocks change in two years, at every quarter-hour around every change.

Everyday one zone for each way of changing; CLOCKS=all for every zone by itself.
"""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.local_time import Rule, between, next_due
from tests.zones import A_DAY, SLOTS, Change, changes, changing, expected, one_of_each

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
LONGEST_JITTER = timedelta(seconds=119)


def subject() -> dict[str, tuple[Change, ...]]:
    return changing() if os.environ.get("CLOCKS") == "all" else one_of_each()


def due_around(change: Change, zone: str) -> dict[time, dict[date, datetime]]:
    """What is to be due at each quarter-hour."""
    found: dict[time, dict[date, datetime]] = defaultdict(dict)
    for day, slot, at in expected(change, zone):
        found[slot][day] = at
    return found


def test_more_than_a_hundred_zones_change_their_clocks_and_most_of_them_twice_a_year() -> None:
    assert len(changing()) > 100
    assert sum(len(each) >= 4 for each in changing().values()) > 100


def test_every_quarter_hour_comes_once_on_every_date_around_every_change() -> None:
    for zone, all_changes in subject().items():
        for change in all_changes:
            for slot, due in due_around(change, zone).items():
                start, end = min(due.values()) - timedelta(seconds=1), max(due.values())

                found = list(between(Rule(EVERY_DAY, slot), zone, start, end))

                assert found == sorted(due.items()), (zone, change, slot)


def test_jitter_moves_none_of_them_into_another_date_nor_by_more_than_itself() -> None:
    for zone, all_changes in subject().items():
        rules = ZoneInfo(zone)
        for change in all_changes:
            for slot, due in due_around(change, zone).items():
                start, end = min(due.values()) - timedelta(seconds=1), max(due.values()) + LONGEST_JITTER

                found = list(between(Rule(EVERY_DAY, slot, LONGEST_JITTER), zone, start, end))

                assert [day for day, _ in found] == sorted(due), (zone, change, slot)
                assert all(at.astimezone(rules).date() == day for day, at in found), (zone, change, slot)
                assert all(timedelta() <= at - due[day] <= LONGEST_JITTER for day, at in found), (zone, slot)


def test_working_days_only_come_on_working_days() -> None:
    for zone, (change, *_) in subject().items():
        since, until = change.at - 4 * A_DAY, change.at + 4 * A_DAY
        for slot in SLOTS[::8]:
            every = between(Rule(EVERY_DAY, slot), zone, since, until)

            found = list(between(Rule((1, 3, 7), slot), zone, since, until))

            assert found == [each for each in every if each[0].isoweekday() in (1, 3, 7)]


@pytest.mark.parametrize(
    ("zone", "year", "skipped"),
    [
        ("Pacific/Apia", 2011, date(2011, 12, 30)),
        ("Pacific/Fakaofo", 2011, date(2011, 12, 30)),
        ("Pacific/Kiritimati", 1994, date(1994, 12, 31)),
        ("Pacific/Kwajalein", 1993, date(1993, 8, 21)),
    ],
)
def test_a_date_that_a_zone_skipped_is_skipped_at_every_quarter_hour(zone: str, year: int, skipped: date) -> None:
    change = next(each for each in changes(zone, *_year(year)) if abs(each.after - each.before) > A_DAY / 2)

    for slot, due in due_around(change, zone).items():
        start, end = min(due.values()) - timedelta(seconds=1), max(due.values())
        found = dict(between(Rule(EVERY_DAY, slot), zone, start, end))

        assert found == due
        assert skipped not in found
        assert {skipped - A_DAY, skipped + A_DAY} <= set(found)


def test_asking_from_each_occurrence_finds_the_next_one_around_every_change() -> None:
    for zone, (change, *_) in subject().items():
        for slot in SLOTS[::4]:
            found = [
                at for _, at in between(Rule(EVERY_DAY, slot), zone, change.at - 2 * A_DAY, change.at + 2 * A_DAY)
            ]

            assert [next_due(EVERY_DAY, slot, zone, at) for at in found[:-1]] == found[1:], (zone, slot)


def _year(year: int) -> tuple[datetime, datetime]:
    rules = ZoneInfo("UTC")
    return datetime(year, 1, 1, tzinfo=rules), datetime(year + 1, 2, 1, tzinfo=rules)
