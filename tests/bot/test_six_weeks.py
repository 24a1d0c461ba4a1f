"""Whatever people do: one card a day, in their hours, under their cap, eight hours apart, and nothing lost.

LIVES=30 for more of them, LIVES_SEED for others.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from handlers import calendars
from handlers.catalog import CATALOG
from handlers.weekly_cap import WEEKLY_CAP
from handlers.working_days import WorkingDays
from storage import Store
from storage.teams import Team
from tests.bot.lives import A_DAY, END, KINDS, Life, Sent
from tests.world import MONDAY, World

COUNT = int(os.environ.get("LIVES", "4"))
SEED = int(os.environ.get("LIVES_SEED", "1"))
AT_WILL = {nudge.name for nudge in CATALOG.nudges if nudge.asked_for}
BESIDE = {nudge.name for nudge in CATALOG.nudges if nudge.place == "beside"}
CARD = CATALOG.card.name
FIRST, LAST = MONDAY.date() + 2 * A_DAY, END.date() - 2 * A_DAY

Lived = tuple[Life, dict[int, Team]]


@pytest.fixture(scope="module")
def lived(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Six weeks, lived through once for all that is asked of them."""
    path = tmp_path_factory.mktemp("lives") / "lives.db"
    path.write_bytes(migrated_sqlite.read_bytes())

    async def live() -> Lived:
        world = await World.create(f"sqlite:///{path}", with_team=False)
        life = Life(world, Random(SEED))  # noqa: S311 - what is drawn is no secret
        await life.begin(COUNT)
        await life.live()
        async with world.reading() as connection:
            teams = {number: await Store(connection, 1).teams.get(number) for number in (1, 2, 3)}
        await world.app.close()
        return life, {number: team for number, team in teams.items() if team}

    return asyncio.run(live())


def of_each(life: Life, among: set[str] | None = None) -> dict[str, list[Sent]]:
    """What came to each person unasked, in order; only some nudges, or all."""
    found = defaultdict(list)
    for each in life.sent:
        if each.nudge not in AT_WILL and (among is None or each.nudge in among):
            found[each.person.external_id].append(each)
    return found


def cards(life: Life) -> dict[str, list[Sent]]:
    return of_each(life, {nudge.name for nudge in CATALOG.nudges} - BESIDE)


def test_a_life_has_enough_in_it(lived: Lived) -> None:
    life, _ = lived

    assert len(life.sent) > COUNT * 10
    assert {"sent", "skipped"} == {each.outcome for each in life.decided}
    assert life.changed
    assert life.days_off


def test_one_card_a_person_and_local_date(lived: Lived) -> None:
    life, _ = lived

    for name, sent in cards(life).items():
        days = Counter(each.local_date for each in sent)
        assert set(days.values()) == {1}, (SEED, name, days)
        assert all(each.local.date() == each.local_date for each in sent), (SEED, name)


def test_cards_are_eight_hours_apart(lived: Lived) -> None:
    life, _ = lived

    for name, sent in cards(life).items():
        near = [(one, two) for one, two in pairwise(sent) if two.at - one.at < timedelta(hours=8)]
        assert not near, (SEED, name, near)


def test_nothing_comes_outside_of_hours_in_quiet_or_in_a_pause(lived: Lived) -> None:
    life, teams = lived

    for sent in of_each(life).values():
        for each in sent:
            team, person, hour = teams[each.team_id], each.person, each.local.time()
            assert calendars.works_at(team, hour), (SEED, each)
            assert not calendars.quiet_of(person).covers(hour), (SEED, each)
            assert not person.paused_until or each.local_date >= person.paused_until, (SEED, each)


def test_nothing_comes_on_a_day_that_is_off(lived: Lived) -> None:
    life, teams = lived

    for sent in of_each(life).values():
        for each in sent:
            team = teams[each.team_id]
            off = {day: "" for channel, day in life.days_off if channel == KINDS[team.id - 1].channel}
            region = team.region if each.person.region is None else each.person.region
            assert not WorkingDays(team.days, region, off).why_off(each.local_date), (SEED, each)


def test_nobody_gets_more_than_their_cap_in_a_week(lived: Lived) -> None:
    life, _ = lived

    for name, sent in of_each(life).items():
        weeks: dict[tuple[int, int], list[Sent]] = defaultdict(list)
        for each in sent:
            weeks[each.local_date.isocalendar()[:2]].append(each)
        for week, came in weeks.items():
            for number, each in enumerate(came, 1):
                assert number <= (each.person.cap or WEEKLY_CAP), (SEED, name, week)


def test_every_message_was_a_nudge_and_every_nudge_a_message(lived: Lived) -> None:
    life, _ = lived
    nudged = Counter((each.person.external_id, each.at) for each in life.sent)

    assert nudged == Counter(life.arrived), SEED


def test_every_date_of_a_rule_was_sent_or_skipped_for_a_reason(lived: Lived) -> None:
    life, teams = lived
    numbers = {each.person.id: each.person.external_id for each in life.sent}
    decided: dict[tuple[int, int], list[date]] = defaultdict(list)
    for each in life.decided:
        assert each.outcome == "sent" or each.reason, (SEED, each)
        assert each.reason != "failed", (SEED, each)
        if each.nudge == CARD and each.person_id and numbers.get(each.person_id) not in life.changed:
            decided[each.person_id, each.team_id].append(each.local_date)

    for (person, team), days in decided.items():
        every = [min(days) + n * A_DAY for n in range((LAST - min(days)).days + 1)]
        expected = [day for day in every if day.isoweekday() in teams[team].days]
        assert min(days) <= FIRST, (SEED, person, team)
        assert sorted(day for day in days if day <= LAST) == expected, (SEED, person, team)


def test_whatever_comes_again_is_still_to_come(lived: Lived) -> None:
    life, _ = lived
    coming = Counter((each.person_id, each.team_id) for each in life.left if each.nudge == CARD and each.days)

    assert {(each.person_id, each.team_id) for each in life.decided if each.nudge == CARD} == set(coming)
    assert all(each.next_due_at and END < each.next_due_at < END + 10 * A_DAY for each in life.left if each.days)
