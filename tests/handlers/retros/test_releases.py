"""Releasing, moving the day to look back, and taking a release back, through the dispatcher."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from handlers.messages import Form, Message, Quote
from storage import Store
from storage.initiatives import Status
from storage.releases import Retro, Stage
from storage.schedules import Schedule
from tests.handlers.initiatives.plan import define, inputs, kept, lines, started
from tests.world import CHANNEL, World


async def released(world: World, person: str = "ana", words: str = "release Checkout retry") -> Message:
    """The plan defined, started and released."""
    await started(world, person)
    return await world.say(person, words)


async def retros(world: World, title: str = "Checkout retry") -> list[Retro]:
    """The reviews of an initiative, newest first."""
    initiative, _, _ = await kept(world, title)
    async with world.reading() as connection:
        return await Store(connection, 1).retros.of_initiative(initiative.id)


async def planned_nudges(world: World, retro: Retro) -> dict[str, Schedule]:
    """What is scheduled about a review, by its nudge."""
    async with world.reading() as connection:
        schedules = Store(connection, 1).schedules
        found = [
            await schedules.called(f"{name}:{retro.id}") for name in ("review", "review-remind", "retro-open")
        ]
    return {each.nudge: each for each in found if each}


async def test_a_release_sets_the_day_to_look_back(world: World) -> None:
    card = await released(world)

    assert card.title == "Checkout retry is released"
    assert lines(card) == [
        "Measuring for 30 days. We look back on Wednesday 23 December. I ask you for the numbers then."
    ]
    assert [button.label for button in card.buttons] == ["Change the date", "It is not out yet"]
    assert (await kept(world))[0].status is Status.RELEASED
    assert [(retro.stage, retro.review_on) for retro in await retros(world)] == [
        (Stage.PLANNED, date(2026, 12, 23))
    ]


async def test_the_owner_is_asked_on_the_day_at_the_teams_hour_reminded_once_and_then_not_waited_for(
    world: World,
) -> None:
    await released(world)

    nudges = await planned_nudges(world, (await retros(world))[0])
    due = {name: f"{each.next_due_at:%a %d %b %H:%M}" for name, each in nudges.items()}
    assert due == {
        "review": "Wed 23 Dec 09:40",
        "review-remind": "Thu 24 Dec 09:40",
        "retro-open": "Tue 29 Dec 09:40",  # after Christmas and Boxing Day
    }


async def test_the_day_to_look_back_is_a_working_day(world: World) -> None:
    await started(world)
    form = await world.form("ana", "release")
    card = await world.submit("ana", form, initiative=form.inputs[0].value, days="5 days")

    assert lines(card)[0].startswith("Measuring for 7 days. We look back on Monday 30 November.")


async def test_the_form_starts_with_what_is_being_built_and_refuses_a_length_beside_its_field(
    world: World,
) -> None:
    await define(world, title="Wallet")
    await started(world)

    form = await world.form("ana", "release")
    again = await world.submit("ana", form, days="soon")

    assert [choice.label for choice in form.inputs[0].choices] == ["Checkout retry"]
    assert inputs(form)["initiative"]
    assert isinstance(again, Form)
    assert set(again.errors) == {"days"}
    assert inputs(again) == {"days": "soon"}
    assert again.values["initiative"] == inputs(form)["initiative"]
    assert await retros(world) == []


async def test_where_there_is_no_work_release_says_how_to_begin(world: World) -> None:
    reply = await world.say("ana", "release")

    assert reply.title.startswith("There is no work here yet")
    assert reply.buttons[0].action == "define-success"


async def test_what_was_never_started_is_not_released_and_can_be_started_at_once(world: World) -> None:
    await define(world)

    card = await world.say("ben", "release Checkout retry")
    begun = await world.press("ben", card, "Start it now")

    assert card.title == "Checkout retry has not been started"
    assert await retros(world) == []
    assert begun.title == "Checkout retry is being built"


async def test_what_was_dropped_says_so_with_the_reason(world: World) -> None:
    form = await world.press("ana", await define(world), "Drop")
    await world.submit("ana", form, reason="Nobody asked <b>for</b> it")

    card = await world.say("ana", "release Checkout retry")

    assert card.title == "Checkout retry was dropped, so it cannot be released"
    assert Quote("Nobody asked <b>for</b> it") in card.blocks
    assert (await kept(world))[0].status is Status.DROPPED


async def test_a_title_that_nobody_knows_is_told_with_the_nearest_above_what_can_be_picked(world: World) -> None:
    await started(world)

    form = await world.form("ana", "release Chekout rety")

    assert "Did you mean Checkout retry?" in repr(form.intro)
    assert [choice.label for choice in form.inputs[0].choices] == ["Checkout retry"]


async def test_releasing_what_is_out_says_since_when_and_a_second_release_has_its_own_review(world: World) -> None:
    await released(world)
    await world.pass_days(2)

    card = await world.say("ben", "release Checkout retry")
    again = await world.press("ben", card, "Release it again")

    assert card.title == "Checkout retry has been out since Monday 23 November"
    assert again.title == "Checkout retry is released"
    assert [retro.review_on for retro in await retros(world)] == [date(2026, 12, 29), date(2026, 12, 23)]


async def test_an_old_button_does_not_release_a_third_time(world: World) -> None:
    await released(world)
    card = await world.say("ben", "release Checkout retry")

    await world.press("ben", card, "Release it again")
    stale = await world.press("ana", card, "Release it again")

    assert stale.title.startswith("Checkout retry has been out since")
    assert len(await retros(world)) == 2


async def test_two_who_release_at_the_same_moment_release_once(world: World) -> None:
    await started(world)

    replies = await asyncio.gather(
        world.say("ana", "release Checkout retry"), world.say("ben", "release Checkout retry")
    )

    assert sorted(reply.title for reply in replies) == [
        "Checkout retry has been out since Monday 23 November",
        "Checkout retry is released",
    ]
    assert len(await retros(world)) == 1


async def test_whoever_releases_work_without_an_owner_owns_it(world: World) -> None:
    await started(world)
    async with world.writing() as connection:
        store = Store(connection, 1)
        await store.initiatives.change((await store.initiatives.of_team(1))[0].id, owner_id=None)

    card = await world.say("dev", "release Checkout retry")

    assert "I ask you for the numbers then." in lines(card)[0]
    async with world.reading() as connection:
        dev = await Store(connection, 1).directory.person_called("dev")
    assert dev
    assert (await kept(world))[0].owner_id == dev.id


async def test_another_date_moves_everything_that_is_planned(world: World) -> None:
    form = await world.press("ana", await released(world), "Change the date")
    card = await world.submit("ana", form, review_on="5 December")

    retro = (await retros(world))[0]
    nudges = await planned_nudges(world, retro)
    assert inputs(form) == {"review_on": "2026-12-23"}
    assert card.title == "Checkout retry: we look back on Monday 7 December"
    assert retro.review_on == date(2026, 12, 7)
    assert [f"{each.next_due_at:%d %b}" for each in nudges.values()] == ["07 Dec", "08 Dec", "09 Dec"]


@pytest.mark.parametrize("typed", ["yesterday", "1 November 2026", "32 December", "whenever"])
async def test_a_date_that_cannot_be_is_refused_beside_its_field(world: World, typed: str) -> None:
    form = await world.press("ana", await released(world), "Change the date")

    again = await world.submit("ana", form, review_on=typed)

    assert isinstance(again, Form)
    assert set(again.errors) == {"review_on"}
    assert inputs(again) == {"review_on": typed}
    assert (await retros(world))[0].review_on == date(2026, 12, 23)


async def test_what_is_not_out_after_all_is_being_built_again_and_nobody_is_asked(world: World) -> None:
    undone = await world.press("ben", await released(world), "It is not out yet")
    before = len(world.chat.to("ana"))
    await world.pass_days(40)

    assert undone.title == "Checkout retry is not out yet"
    assert (await kept(world))[0].status is Status.BUILDING
    assert await retros(world) == []
    assert not any("what did it reach" in message.title for message in world.chat.to("ana")[before:])
    assert (await world.press("ana", undone, "It is out")).title == "Checkout retry is released"


async def test_taking_a_second_release_back_leaves_the_first(world: World) -> None:
    await released(world)
    again = await world.press("ben", await world.say("ben", "release Checkout retry"), "Release it again")

    undone = await world.press("ben", again, "It is not out yet")

    assert "the earlier one stands" in lines(undone)[0]
    assert (await kept(world))[0].status is Status.RELEASED
    assert len(await retros(world)) == 1


async def test_a_release_whose_review_has_begun_stays(world: World) -> None:
    card = await released(world)
    await world.pass_days(31)

    reply = await world.press("ana", card, "It is not out yet")

    assert reply.title == "Checkout retry: its review has begun"
    assert [retro.stage for retro in await retros(world)] == [Stage.NUMBERS]


async def test_a_card_of_a_release_taken_back_says_that_it_is_gone(world: World) -> None:
    card = await released(world)
    await world.press("ana", card, "It is not out yet")

    again = await world.press("ben", card, "It is not out yet")
    form = await world.press("ben", card, "Change the date")

    assert again.title.startswith("I cannot find that review any more")
    assert form.title.startswith("I cannot find that review any more")


async def test_a_title_is_shown_letter_for_letter(world: World) -> None:
    hostile = "<!channel> *bold* {{ 7 * 7 }} &amp; <@U1>"
    await started(world, title=hostile)

    card = await world.say("ana", f"release {hostile}", channel=CHANNEL)

    assert card.title == f"{hostile} is released"
