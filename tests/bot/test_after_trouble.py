"""After trouble: clocks that jump, machines that sleep, people who change their hours late at night."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from storage.schedules import occurrences
from tests.handlers.nudged import TUESDAY, came, choose, decided, only, reason
from tests.handlers.setup import schedules, setup
from tests.handlers.test_mine import second_team
from tests.handlers.test_people import tell
from tests.world import PEOPLE, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = ["Tue 24 Nov", "Wed 25 Nov", "Thu 26 Nov", "Fri 27 Nov"]


async def cards(world: World) -> Counter[tuple[int, str]]:
    """How many questions each person was sent for each date."""
    c = occurrences.c
    query = sa.select(c.person_id, c.local_date).where(c.nudge == "checkin", c.outcome == "sent")
    async with world.reading() as connection:
        return Counter((row[0], f"{row[1]:%a %-d %b}") for row in (await connection.execute(query)).all())


async def tick_at(world: World, *instants: datetime) -> None:
    """The host's clock shows these instants, one after another."""
    for at in instants:
        world.clock.set(at)
        await world.app.tick()


async def test_two_sweeps_at_once_give_somebody_in_two_teams_one_card(world: World) -> None:
    await second_team(world, "ben", hour="09:40")
    world.clock.set(TUESDAY)

    await asyncio.gather(*(world.app.sweep() for _ in range(4)))
    await asyncio.gather(*(world.app.drain() for _ in range(4)))

    assert await came(world) == ["Tue 24 Nov"]
    assert sum("happy to pay" in card.title for card in world.chat.to("ben")) == 1
    assert [each.reason for each in await decided(world) if each.reason] == ["asked by another team"]


@SQLITE
@pytest.mark.parametrize(
    ("jump", "asked"),
    [(HOUR, WEEK), (-HOUR, WEEK), (-DAY, WEEK), (DAY, WEEK[1:])],
    ids=["an hour on", "an hour back", "a day back", "a day on"],
)
async def test_a_clock_that_jumps_and_is_set_right_doubles_nothing_and_loses_what_seemed_too_late_alone(
    world: World, jump: timedelta, asked: list[str]
) -> None:
    await only(world, "ben", "eva")
    await world.go_to(TUESDAY - timedelta(minutes=5))

    await tick_at(world, world.clock.now() + jump, TUESDAY - timedelta(minutes=4))
    await world.go_to(TUESDAY + 3 * DAY)

    assert set((await cards(world)).values()) == {1}
    assert await came(world) == await came(world, "eva") == asked


@SQLITE
async def test_a_clock_that_jumps_ahead_for_good_gives_one_card_and_no_burst(world: World) -> None:
    await world.go_to(TUESDAY - HOUR)
    before = len(world.chat.sent)

    await tick_at(world, TUESDAY + DAY + HOUR)

    assert await came(world) == ["Wed 25 Nov"]
    assert await reason(world, "Tue 24 Nov") == "late"
    assert len(world.chat.sent) - before == len(PEOPLE)


@SQLITE
async def test_eight_hours_of_sleep_lose_what_is_too_late_and_nothing_that_is_not(world: World) -> None:
    await only(world, "ben", "eva")
    await choose(world, "eva", hour="14:00")
    await world.go_to(TUESDAY - HOUR)

    await tick_at(world, TUESDAY + 7 * HOUR)

    assert await reason(world, "Tue 24 Nov") == "late"
    assert await came(world, "eva") == ["Tue 24 Nov"]


@SQLITE
async def test_three_days_down_give_each_one_catch_up_and_count_what_expired(world: World) -> None:
    await only(world, "ben")

    await tick_at(world, TUESDAY + 3 * DAY + HOUR)

    told = [(each.outcome, each.reason) for each in await decided(world) if each.nudge == "checkin"]
    assert sorted(told) == [("sent", ""), ("skipped", "late")]
    assert await came(world) == ["Fri 27 Nov"]


@SQLITE
async def test_a_reminder_missed_while_down_is_skipped_and_the_next_day_is_as_ever(world: World) -> None:
    await only(world, "ben")
    await world.go_to(TUESDAY)

    await tick_at(world, TUESDAY.replace(hour=20))
    await world.go_to(TUESDAY + DAY)

    assert await reason(world, "Tue 24 Nov", nudge="checkin-remind") == "late"
    assert await came(world) == WEEK[:2]


@SQLITE
async def test_an_hour_changed_from_late_at_night_to_early_keeps_eight_hours_apart(world: World) -> None:
    await setup(world, hours="00:00-23:59", hour="22:00")
    await only(world, "ben")
    await world.go_to(TUESDAY.replace(hour=22, minute=30))

    shown = await choose(world, "ben", hour="05:00")
    await world.go_to(TUESDAY + 3 * DAY)

    at = [each.due_at for each in await decided(world) if each.nudge == "checkin" and each.outcome == "sent"]
    assert all(later - earlier >= 8 * HOUR for earlier, later in pairwise(at))
    assert [f"{each:%a %H:%M}" for each in at] == ["Tue 22:00", "Thu 05:00", "Fri 05:00"]
    assert "Thursday 26 November at 05:00" in repr(shown)


@SQLITE
async def test_the_hour_moved_to_and_fro_never_brings_a_second_card_for_a_date(world: World) -> None:
    await only(world, "ben")
    await world.go_to(TUESDAY)

    for hour in ("16:00", "10:00", "17:30"):
        await choose(world, "ben", hour=hour)
    await world.go_to(TUESDAY.replace(hour=20))

    assert await came(world) == ["Tue 24 Nov"]


@SQLITE
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Pacific/Honolulu", "America/New_York", "Pacific/Auckland"])
async def test_whoever_moves_after_the_question_is_asked_next_on_a_later_date_and_eight_hours_on(
    world: World, zone: str
) -> None:
    await only(world, "ben")
    await world.go_to(TUESDAY + HOUR)

    await tell(world, zone=zone)
    following = next(each for each in await schedules(world, "ben") if each.nudge == "checkin").next_due_at
    await world.go_to(TUESDAY + 3 * DAY)

    assert following
    assert following >= TUESDAY + 8 * HOUR
    assert set((await cards(world)).values()) == {1}
    assert len(await came(world)) >= 2


@SQLITE
async def test_a_new_year_and_a_leap_day_are_days_like_others(world: World) -> None:
    await only(world, "ben")
    await tick_at(world, datetime(2027, 12, 30, 20, tzinfo=UTC))
    await world.go_to(datetime(2028, 1, 4, 12, tzinfo=UTC))
    new_year = (await came(world))[-2:]
    await world.say("ben", "checkin 4")
    await tick_at(world, datetime(2028, 2, 27, 20, tzinfo=UTC))

    await world.go_to(datetime(2028, 2, 29, 12, tzinfo=UTC))

    assert new_year == ["Fri 31 Dec", "Tue 4 Jan"]  # Monday the third is the holiday of Saturday the first
    assert (await came(world))[-2:] == ["Mon 28 Feb", "Tue 29 Feb"]
