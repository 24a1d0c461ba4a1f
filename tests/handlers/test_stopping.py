"""An admin's switch: everything stops at once, and goes on without a burst."""

from __future__ import annotations

from datetime import timedelta

from tests.handlers.nudged import TUESDAY, came, make_admin, reason, why
from tests.handlers.retros.review import DEADLINE, opened, summaries
from tests.world import PEOPLE, World, words_of


async def switch(world: World, label: str) -> None:
    """Chi, an admin, taps the switch."""
    await make_admin(world, "chi")
    await world.press("chi", await world.say("chi", "admin"), label)


async def test_it_stops_what_was_on_its_way_too(world: World) -> None:
    world.clock.set(TUESDAY)
    await world.app.sweep()

    await switch(world, "Stop everything")
    await world.app.drain()

    assert not any("Would " in card.title for who in PEOPLE for card in world.chat.to(who))


async def test_while_it_is_stopped_nobody_is_asked_and_why_says_so(world: World) -> None:
    await switch(world, "Stop everything")

    await world.go_to(TUESDAY)

    assert [await came(world, who) for who in PEOPLE] == [[]] * 5
    assert await reason(world, "Tue 24 Nov") == "stopped"
    assert (await why(world))[0] == "Tue 24 Nov: The question did not come: an admin had stopped everything."
    assert "An admin has stopped everything" in words_of(await world.say("ben", "why"))


async def test_commands_go_on_answering(world: World) -> None:
    await switch(world, "Stop everything")

    assert (await world.say("ben", "checkin 4")).title.startswith("Saved: 4 of 5")


async def test_when_it_goes_on_each_is_asked_once_at_the_next_morning(world: World) -> None:
    await switch(world, "Stop everything")
    await world.go_to(TUESDAY + timedelta(days=2, hours=3))

    await switch(world, "Let it go on")
    await world.app.tick()
    at_once = [await came(world, who) for who in PEOPLE]
    await world.go_to(TUESDAY + timedelta(days=3))

    assert at_once == [[]] * 5
    assert [await came(world, who) for who in PEOPLE] == [["Fri 27 Nov"]] * 5


async def test_what_was_promised_for_a_day_is_done_after_it_goes_on(world: World) -> None:
    await opened(world)
    await switch(world, "Stop everything")
    await world.go_to(DEADLINE + timedelta(hours=2))
    closed_meanwhile = summaries(world)

    await switch(world, "Let it go on")
    await world.go_to(DEADLINE + timedelta(days=1, hours=2))

    assert closed_meanwhile == []
    assert len(summaries(world)) == 1


async def test_the_switch_is_for_admins(world: World) -> None:
    refused = await world.say("ben", "admin")
    tapped = await world.tap("ben", "admin.stop")
    await world.go_to(TUESDAY)

    assert "admin" in words_of(refused)
    assert "admin" in words_of(tapped)
    assert await came(world) == ["Tue 24 Nov"]
