"""The weekly cap: what is most important finds room, and what is left out says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.handlers.initiatives.plan import started
from tests.handlers.nudged import came, choose, decided, only, reason, why
from tests.world import World, words_of

SUNDAY = datetime(2026, 11, 29, 12, tzinfo=UTC)
SATURDAY = SUNDAY + timedelta(days=6)
WEEK = ["Mon 30 Nov", "Tue 1 Dec", "Wed 2 Dec", "Thu 3 Dec", "Fri 4 Dec"]


async def at_sunday(world: World, *who: str) -> None:
    """The first days go by while the bot is down."""
    await only(world, *who)
    world.clock.set(SUNDAY)
    await world.app.tick()


async def test_eight_a_week_are_five_cards_and_three_reminders(world: World) -> None:
    await at_sunday(world, "ben")

    await world.go_to(SATURDAY)

    assert await came(world) == WEEK
    assert await came(world, nudge="checkin-remind") == WEEK[:3]
    assert await reason(world, "Thu 3 Dec", nudge="checkin-remind") == "budget"
    assert (
        "Fri 4 Dec: A reminder of the question did not come: your nudges of that week were used up, and it was "
        "the least important."
    ) in await why(world)
    assert "You have had 8 nudges this week, of 8 at most." in words_of(await world.say("ben", "why"))


async def test_an_own_cap_keeps_room_for_the_review_of_thursday(world: World) -> None:
    await started(world, "ana")
    form = await world.form("ana", "release")
    await world.submit("ana", form, initiative=form.inputs[0].value, days="10 days")
    await choose(world, "ana", cap="3")
    await at_sunday(world, "ana")

    await world.go_to(SATURDAY)

    assert await came(world, "ana") == ["Wed 2 Dec", "Thu 3 Dec", "Fri 4 Dec"]
    assert await came(world, "ana", "review") == ["Thu 3 Dec"]
    assert [await reason(world, day, "ana") for day in WEEK] == ["budget", "budget", "", "", ""]
    assert await came(world, "ana", "checkin-remind") == []


async def test_a_new_week_has_its_own_room(world: World) -> None:
    await choose(world, "ben", cap="1")
    await at_sunday(world, "ben")

    await world.go_to(SATURDAY + timedelta(days=7))

    assert await came(world) == ["Wed 2 Dec", "Wed 9 Dec"]  # the day of the weekly pulse


async def test_what_a_person_asked_for_themselves_comes_whatever_their_cap(world: World) -> None:
    await choose(world, "ben", cap="1")
    await at_sunday(world, "ben")
    await world.go_to(SUNDAY + timedelta(days=3))

    await world.press("ben", world.chat.to("ben")[-1], "In an hour")
    await world.go_to(SUNDAY + timedelta(days=3, hours=2))

    assert [each.nudge for each in await decided(world) if each.outcome == "sent"] == ["checkin", "checkin-again"]
