"""A pulse of one team within the day's card of another: what is tapped counts where it was asked."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.messages import Message
from storage import Store
from storage.reflections import Reflection, pulse
from tests.handlers.initiatives.plan import PLAN, lines
from tests.handlers.setup import number
from tests.world import World, find_button

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WEDNESDAY = date(2026, 11, 25)
TWO = "Shelf labels: are we still focusing on value?"


async def in_two_teams(world: World) -> Message:
    """Ben's card on Wednesday: asked by his first team, with the pulse of his second one."""
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        channel = await directory.keep_channel("shelves", name="#shelves")
        ben = await directory.person_called("ben")
        assert ben
        await directory.set_members(channel, [ben.id])
    await world.start_team("ben", "shelves", hour="11:00", visibility="private", payer="Shelf makers")
    form = await world.form("ben", "define-success", channel="shelves")
    defined = await world.submit("ben", form, channel="shelves", **{**PLAN, "title": "Shelf labels"})
    await world.press("ben", defined, "Start it", channel="shelves")
    await world.go_to(world.clock.now().replace(day=25, hour=9, minute=45))
    return world.chat.to("ben")[-1]


async def kept(world: World, question: str, day: date) -> Reflection:
    """What Ben answered."""
    async with world.reading() as connection:
        found = await Store(connection, 1).reflections.get(await number(world, "ben"), question, day)
    assert found
    return found


async def test_the_card_goes_on_to_ask_for_its_own_team(world: World) -> None:
    card = await in_two_teams(world)
    assert TWO in lines(card)

    after = await world.press("ben", card, "Yes")

    assert isinstance(after, Message)
    assert after.title == "Would Shop owners be happy to pay for today?"
    assert find_button(after, "4").values["team"] == "1"
    assert find_button(after, "Edit").values["team"] == "2"


async def test_each_answer_counts_for_the_team_that_asked(world: World) -> None:
    card = await in_two_teams(world)

    after = await world.press("ben", card, "Yes")
    await world.press("ben", after, "4")

    assert (await kept(world, pulse(1), date(2026, 11, 23))).team_id == 2
    assert (await kept(world, "paying_customer", WEDNESDAY)).team_id == 1


async def test_the_card_in_the_chat_reads_as_the_one_that_was_tapped(world: World) -> None:
    card = await in_two_teams(world)

    after = await world.press("ben", card, "Unsure")

    assert world.chat.to("ben")[-1].title == "Would Shop owners be happy to pay for today?"
    assert find_button(world.chat.to("ben")[-1], "4").values == find_button(after, "4").values


async def test_what_is_skipped_elsewhere_leaves_the_card_with_its_team(world: World) -> None:
    card = await in_two_teams(world)
    here = await world.say("ben", "checkin", channel="shelves")

    await world.press("ben", here, "Skip", channel="shelves")
    undone = await world.press("ben", world.chat.to("ben")[-1], "Answer")

    assert undone.title == card.title


async def test_who_has_left_the_team_that_asked_is_asked_by_the_other(world: World) -> None:
    card = await in_two_teams(world)
    async with world.writing() as connection:
        await Store(connection, 1).teams.leave(1, await number(world, "ben"))

    after = await world.press("ben", card, "Yes")

    assert find_button(after, "4").values["team"] == "2"


async def test_after_the_days_card_the_next_question_comes_on_another_day(world: World) -> None:
    card = await in_two_teams(world)

    told = await world.press("ben", card, "Not today")

    assert told.title == "Nothing more today; I ask again Thursday 26 November at 09:40"
