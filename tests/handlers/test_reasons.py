"""Why: each question that came or did not, explained."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.messages import Items
from storage import Store
from storage.directory import Role
from tests.handlers.initiatives.plan import lines
from tests.handlers.retros.review import REVIEW_DAY, asked, numbers
from tests.handlers.setup import join_channel, picked, setup
from tests.handlers.test_mine import second_team
from tests.world import PEOPLE, World, words_of

TUESDAY_0942 = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
WEDNESDAY_0942 = TUESDAY_0942 + timedelta(days=1)


async def why(world: World, person: str = "ben") -> list[str]:
    """What a person reads about each day, newest first."""
    message = await world.say(person, "why")
    return [line for block in message.blocks if isinstance(block, Items) for line in block.items]


async def test_a_question_that_came_is_explained_by_the_teams_days_and_hour(world: World) -> None:
    await world.go_to(TUESDAY_0942)

    message = await world.say("ben", "why")

    assert message.title == "Why you got something today at 09:40"
    assert lines(message)[:3] == [
        "Checkout asks Monday to Friday at 09:40. It was 09:40 in Europe/London, one of those days and no "
        "holiday, and you were not paused.",
        "You have had 1 nudge this week, of 8 at most.",
        "Tue 24 Nov: The question came at 09:40.",
    ]
    assert lines(message)[-1] == "The next one comes Wednesday 25 November at 09:40."
    assert "Type schedule for other hours or days of your own" in words_of(message)
    assert [button.label for button in message.buttons] == ["Change my hours", "Pause", "What I am asked"]


async def test_times_are_in_the_zone_of_whoever_asks(world: World) -> None:
    await world.go_to(TUESDAY_0942)

    message = await world.say("chi", "why")

    assert "It was 09:40 in Europe/Berlin" in words_of(message)


async def test_days_off_and_days_before_the_start_are_named(world: World) -> None:
    await world.go_to(datetime(2026, 11, 29, 12, tzinfo=UTC))

    assert [line for line in await why(world) if "reminder" not in line and "pulse" not in line] == [
        "Sun 29 Nov: no question, not one of your days.",
        "Sat 28 Nov: no question, not one of your days.",
        "Fri 27 Nov: The question came at 09:40.",
        "Thu 26 Nov: The question came at 09:40.",
        "Wed 25 Nov: The question came at 09:40.",
        "Tue 24 Nov: The question came at 09:40.",
        "Mon 23 Nov: no question, your team had not started by that morning.",
    ]


async def test_before_the_hour_todays_question_is_still_to_come(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(minutes=3))

    message = await world.say("ben", "why")

    assert message.title == "Why nothing came"
    assert lines(message)[0] == "Tue 24 Nov: no question, its time is still to come today."
    assert lines(message)[-1] == "The next one comes today at 09:40."


async def test_a_pause_is_named_and_so_is_the_first_question_after_it(world: World) -> None:
    await world.say("ben", "pause until Thursday")
    await world.go_to(WEDNESDAY_0942 - timedelta(hours=1))

    message = await world.say("ben", "why")

    assert lines(message)[:2] == [
        "Wed 25 Nov: no question, you have paused.",
        "Tue 24 Nov: The question did not come: you had paused.",
    ]
    assert lines(message)[-1] == "The next one comes Thursday 26 November at 09:40."


async def test_a_question_answered_before_it_came_is_named(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(hours=1))
    await world.say("ben", "checkin 4")
    await world.go_to(TUESDAY_0942)

    assert (await why(world))[0] == "Tue 24 Nov: The question did not come: you had answered already."


async def test_while_the_bot_was_down_nothing_came_and_it_says_so(world: World) -> None:
    world.clock.set(TUESDAY_0942 + timedelta(days=3, hours=6))
    await world.app.tick()

    assert (await why(world))[:5] == [
        "Fri 27 Nov: no question, I was down.",
        "Thu 26 Nov: no question, I was down.",
        "Wed 25 Nov: The weekly pulse did not come: I was down when it was due, and then it was too late.",
        "Wed 25 Nov: no question, I was down.",
        "Tue 24 Nov: The question did not come: I was down when it was due, and then it was too late.",
    ]


async def test_a_snoozed_question_came_again_because_it_was_asked_to(world: World) -> None:
    await world.go_to(TUESDAY_0942 + timedelta(minutes=18))
    await world.press("ben", world.chat.to("ben")[-1], "In an hour")
    await world.go_to(TUESDAY_0942 + timedelta(hours=2))

    message = await world.say("ben", "why")

    assert message.title == "Why you got something today at 11:00"
    assert lines(message)[0] == "You asked to get that question again an hour later."
    assert lines(message)[2:4] == [
        "Tue 24 Nov: The question, again, came at 11:00.",
        "Tue 24 Nov: The question came at 09:40.",
    ]


@pytest.mark.parametrize("changes", [{"hour": "8:00"}, {"days": "Monday"}])
async def test_no_rule_of_today_is_given_for_a_question_of_an_earlier_rule(
    world: World, changes: dict[str, str]
) -> None:
    await world.go_to(TUESDAY_0942)
    await setup(world, **changes)

    assert lines(await world.say("ben", "why"))[0] == (
        "It was due by the days and the hour that held then; they have changed since."
    )


async def test_a_review_is_explained_by_its_own_day(world: World) -> None:
    card = await asked(world)
    await world.go_to(REVIEW_DAY + timedelta(minutes=50))
    await numbers(world, card)

    await world.say("ben", "checkin 4")
    await world.go_to(REVIEW_DAY + timedelta(days=1))
    message = await world.say("ben", "why")

    assert "Tue 1 Dec: A retro's questions came with that day's question." in lines(message)


async def test_every_nudge_to_a_person_is_told_in_words(world: World) -> None:
    await asked(world)
    await world.go_to(datetime(2026, 12, 3, 9, tzinfo=UTC))

    told = await why(world, "ana") + await why(world, "ben")

    assert not any("note" in line or "-" in line.partition(":")[2] for line in told)


@pytest.mark.parametrize(
    ("profile", "said"),
    [({"is_active": False}, "your account was not active"), ({"role": Role.GUEST}, "your account was not active")],
)
async def test_somebody_who_comes_back_reads_what_they_were_spared(
    world: World, profile: dict[str, Any], said: str
) -> None:
    known = {
        "name": "Ben Okafor",
        "zone": "Europe/London",
        "locale": "en_GB",
        "role": Role.MEMBER,
        "is_active": True,
    }
    await join_profile(world, **{**known, **profile})
    await world.go_to(TUESDAY_0942)
    await join_profile(world, **known)

    assert (await why(world))[0] == f"Tue 24 Nov: The question did not come: {said}."


async def join_profile(world: World, **profile: Any) -> None:
    """The chat service tells how Ben is now."""
    async with world.writing() as connection:
        await Store(connection, 1).directory.keep_person("ben", world.clock.now(), **profile)


async def test_somebody_taken_in_today_had_no_question_due_and_reads_when_the_first_comes(world: World) -> None:
    await world.go_to(WEDNESDAY_0942 + timedelta(hours=1))
    await join_channel(world, "fay", name="Fay Moreau")
    await setup(world, people=await picked(world, *PEOPLE, "fay"))

    message = await world.say("fay", "why")

    assert lines(message)[:2] == [
        "Wed 25 Nov: no question, none was due.",
        "Tue 24 Nov: no question, none was due.",
    ]
    assert lines(message)[-1] == "The next one comes Thursday 26 November at 09:40."


async def test_in_no_team_nothing_is_asked_and_that_is_all(empty_world: World) -> None:
    message = await empty_world.say("ben", "why")

    assert message.title == "Why nothing came"
    assert "You take part in no team, so nothing is asked." in words_of(message)
    assert lines(message) == []


async def test_who_has_left_still_reads_why_something_came(world: World) -> None:
    await world.go_to(TUESDAY_0942)
    await setup(world, people=await picked(world, "ana", "chi", "dev", "eva"))

    message = await world.say("ben", "why")

    assert lines(message)[2:] == ["Tue 24 Nov: The question came at 09:40."]
    assert "You take part in no team" in words_of(message)


async def test_in_two_teams_the_reason_is_that_of_the_team_that_asked(world: World) -> None:
    await second_team(world, "ben", hour="8:00")
    await world.go_to(TUESDAY_0942 - timedelta(hours=1))

    message = await world.say("ben", "why")

    assert lines(message)[0].startswith("Billing asks Monday to Friday at 08:00. It was 08:00 in Europe/London")


async def test_why_shows_nothing_of_anybody_else(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(hours=1))
    await world.say("eva", "checkin 4")
    await world.go_to(TUESDAY_0942)

    assert not any("answered already" in line for line in await why(world))
