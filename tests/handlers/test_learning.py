"""Ten ideas for a new member: one a day with the question, stopped on a tap, read again at any time."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import pytest

from handlers import learning
from handlers.catalog import CATALOG
from handlers.context import Context
from handlers.messages import Message
from prompts.ideas import ideas
from prompts.questions import bank
from storage import Store
from tests.handlers.initiatives.plan import lines
from tests.handlers.setup import join_channel, picked, setup
from tests.world import PEOPLE, World, words_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TUESDAY = datetime(2026, 11, 24, 9, 45, tzinfo=UTC)
A_DAY = timedelta(days=1)
TENETS = {question.tenet for question in bank() if question.stage == "daily"}


async def planned(world: World, person: str = "ben") -> None:
    """Somebody first takes part."""
    async with world.writing() as connection:
        store = Store(connection, 1)
        who = await store.directory.person_called(person)
        assert who
        context = Context(who, await store.teams.get(1), None, None, world.clock.now(), store, CATALOG)
        await learning.plan(context, who)


def told(world: World, person: str = "ben") -> list[str]:
    """The titles of the ideas that stand in a person's cards, each once: a reminder shows the day's again."""
    titles = {f"{number} of 10: {idea.title}" for number, idea in enumerate(ideas(), 1)}
    found = [[line for line in (card.title, *lines(card)) if line in titles] for card in world.chat.to(person)]
    return list(dict.fromkeys(title for each in found for title in each))


async def today(world: World) -> Message:
    """Ben's card of the day."""
    return world.chat.to("ben")[-1]


async def test_everybody_gets_the_first_on_the_day_after_the_start(empty_world: World) -> None:
    await empty_world.start_team(with_ideas=True)

    await empty_world.go_to(TUESDAY)

    first = f"1 of 10: {ideas()[0].title}"
    assert [told(empty_world, who) for who in PEOPLE] == [[first]] * 5


async def test_who_is_taken_in_later_gets_them_and_who_was_there_gets_none_anew(world: World) -> None:
    await join_channel(world, "fay")
    await setup(world, people=await picked(world, *PEOPLE, "fay"))

    await world.go_to(TUESDAY)

    assert told(world, "fay") == [f"1 of 10: {ideas()[0].title}"]
    assert told(world, "ben") == []


async def test_one_a_day_comes_with_the_question_for_ten_days(world: World) -> None:
    await planned(world)
    await world.go_to(TUESDAY + A_DAY)
    async with world.writing() as connection:
        await Store(connection, 1).schedules.put(
            "learning:2", nudge="learning", team_id=1, zone="UTC", subject_id=9
        )
    await world.go_to(TUESDAY + 3 * A_DAY)
    await world.say("ben", "checkin 4")

    await world.go_to(TUESDAY + 6 * A_DAY)

    assert told(world) == [f"{number} of 10: {ideas()[number - 1].title}" for number in (1, 2, 9, 10)]
    assert (await today(world)).title.startswith("Would Shop owners")


async def test_stopping_leaves_the_day_as_it_is_and_sends_no_more(world: World) -> None:
    await planned(world)
    await world.go_to(TUESDAY)

    card = await world.press("ben", await today(world), "Stop these")
    await world.go_to(TUESDAY + A_DAY)

    assert card.title.startswith("Would Shop owners")
    assert "No more ideas come by themselves." in words_of(card)
    assert len(told(world)) <= 1


async def test_stopped_ideas_go_on_where_they_were(world: World) -> None:
    await planned(world)
    await world.go_to(TUESDAY)
    card = await world.press("ben", await today(world), "Stop these")

    await world.press("ben", card, "Send them after all")
    await world.go_to(TUESDAY + A_DAY)

    assert told(world)[-1] == f"2 of 10: {ideas()[1].title}"


async def test_nobody_gets_them_twice(world: World) -> None:
    await planned(world)
    await world.go_to(TUESDAY)
    async with world.writing() as connection:
        await Store(connection, 1).schedules.cancel("learning:2")

    await planned(world)
    await world.go_to(TUESDAY + A_DAY)

    assert told(world) == [f"1 of 10: {ideas()[0].title}"]


async def test_on_a_day_of_something_more_important_the_idea_waits(world: World) -> None:
    from tests.handlers.initiatives.plan import started

    await started(world)
    await planned(world)

    await world.go_to(TUESDAY + 2 * A_DAY)

    assert told(world) == [f"{number} of 10: {ideas()[number - 1].title}" for number in (1, 2)]


@pytest.mark.parametrize(("typed", "title"), [("3", "3 of 10: "), ("#10", "10 of 10: "), ("", "Ten ideas")])
async def test_they_can_be_read_at_any_time_by_anybody(world: World, typed: str, title: str) -> None:
    assert (await world.say("ben", f"learn {typed}")).title.startswith(title)


async def test_the_way_leads_from_one_to_the_next_and_back(world: World) -> None:
    first = await world.press("ben", await world.say("ben", "learn"), "Read the first")
    second = await world.press("ben", first, "Next idea")
    back = await world.press("ben", second, "The one before")

    assert second.title.startswith("2 of 10")
    assert back == first


@pytest.mark.parametrize("typed", ["0", "11", "money", "²"])
async def test_a_number_that_is_none_is_told_with_those_there_are(world: World, typed: str) -> None:
    reply = await world.say("ben", f"learn {typed}")

    assert "Type learn and a number from 1 to 10" in words_of(reply)


def test_an_idea_takes_a_minute_and_they_cover_every_tenet(database_url: str) -> None:
    every = " ".join(f"{idea.title} {idea.text}" for idea in ideas()).casefold()

    assert len(ideas()) == 10
    assert all(len(" ".join(astuple(idea)).split()) <= 90 for idea in ideas())
    assert all(tenet.split()[0].casefold() in every for tenet in TENETS)
    assert "!" not in every
