"""Backing off: five in a row without an answer, one question whether to go on, and then rarely."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.messages import Form, Message
from tests.handlers.nudged import TUESDAY, came, only, reason, why
from tests.world import World, words_of

FIVE = ["Tue 24 Nov", "Wed 25 Nov", "Thu 26 Nov", "Fri 27 Nov", "Mon 30 Nov"]
SIXTH = datetime(2026, 12, 1, 9, 42, tzinfo=UTC)


async def ignored(world: World, until: datetime = SIXTH) -> Message:
    """Ben reacts to nothing until then; his last card."""
    await only(world, "ben")
    await world.go_to(until)
    return world.chat.to("ben")[-1]


async def test_after_five_in_a_row_a_card_asks_whether_to_go_on(world: World) -> None:
    card = await ignored(world)

    assert card.title == "Shall I go on asking?"
    assert [button.label for button in card.buttons] == ["Go on as before", "Other hours or days", "Stop asking"]
    assert "Nobody is told" in words_of(card)


async def test_then_one_comes_a_week_and_later_one_in_four_weeks(world: World) -> None:
    await ignored(world, datetime(2027, 1, 27, tzinfo=UTC))

    asked = await came(world)

    assert asked[:5] == FIVE
    assert asked[5:] == ["Tue 1 Dec", "Tue 8 Dec", "Tue 15 Dec", "Tue 22 Dec", "Tue 19 Jan"]
    assert await reason(world, "Wed 2 Dec") == "unanswered"


async def test_why_says_that_less_is_asked_because_of_silence(world: World) -> None:
    await ignored(world, SIXTH + timedelta(days=1))

    assert "Wed 2 Dec: The question did not come: several had gone unanswered, so I ask less often." in await why(
        world
    )


@pytest.mark.parametrize("deed", ["checkin 4", "evidence They paid twice", "pause until tomorrow"])
async def test_whatever_they_say_or_change_ends_it(world: World, deed: str) -> None:
    await ignored(world, SIXTH + timedelta(days=1))

    await world.ask("ben", deed)
    await world.go_to(SIXTH + timedelta(days=2))

    assert (await came(world))[-1] == "Thu 3 Dec"


async def test_go_on_says_when_the_next_question_comes(world: World) -> None:
    card = await ignored(world)

    going_on = await world.press("ben", card, "Go on")
    await world.go_to(SIXTH + timedelta(days=1))

    assert "Wednesday 2 December at 09:40" in words_of(going_on)
    assert (await came(world))[-1] == "Wed 2 Dec"


async def test_moving_opens_the_hours_and_stopping_pauses_for_a_year(world: World) -> None:
    card = await ignored(world)

    form = await world.press("ben", card, "Other hours")
    stopped = await world.press("ben", card, "Stop asking")
    await world.go_to(SIXTH + timedelta(days=8))

    assert isinstance(form, Form)
    assert "December 2027" in words_of(stopped)
    assert (await came(world))[-1] == "Tue 1 Dec"


async def test_an_answer_between_starts_the_count_anew(world: World) -> None:
    await only(world, "ben")
    await world.go_to(TUESDAY + timedelta(days=2))
    await world.say("ben", "checkin 4")

    await world.go_to(SIXTH)

    assert world.chat.to("ben")[-1].title.startswith("Would ")
