"""Making a channel a team, from the empty form to the first question."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from handlers.messages import Note
from storage.directory import Role
from tests.handlers.initiatives.plan import inputs
from tests.handlers.setup import (
    asked,
    count,
    facts,
    join_channel,
    next_question,
    picked,
    setup,
    team_of,
)
from tests.world import CHANNEL, PEOPLE, World, words_of


async def test_the_form_starts_with_what_suits_most_teams(empty_world: World) -> None:
    form = await empty_world.form("ana", "setup", channel=CHANNEL)

    assert inputs(form) == {
        "name": "Checkout",
        "payer": "",
        "pays": "",
        "people": await picked(empty_world, *PEOPLE),
        "days": "Monday to Friday",
        "hours": "08:00-18:00",
        "hour": "09:40",
        "zone": "Europe/London",
        "region": "United Kingdom",
        "visibility": "anonymous",
        "retro_visibility": "by_name",
    }
    assert {shown.name for shown in form.inputs if shown.optional} == {"payer", "pays"}


async def test_typed_words_become_the_name(empty_world: World) -> None:
    form = await empty_world.form("ana", "setup Payments and more", channel=CHANNEL)

    assert inputs(form)["name"] == "Payments and more"


async def test_guests_bots_and_leavers_are_not_offered(empty_world: World) -> None:
    await join_channel(empty_world, "sam", name="Sam Guest", role=Role.GUEST)
    await join_channel(empty_world, "bot", name="Build bot", is_bot=True)
    await join_channel(empty_world, "lea", name="Lea Gone", is_active=False)

    form = await empty_world.form("ana", "setup", channel=CHANNEL)

    offered = {shown.name: [choice.label for choice in shown.choices] for shown in form.inputs}["people"]
    assert offered == [
        "Ana Ruiz, Product manager",
        "Ben Okafor, Engineer",
        "Chi Nguyen, Designer",
        "Dev Patel, Engineer",
        "Eva Lindqvist, Support",
    ]


async def test_the_preview_says_who_is_asked_what_and_when_and_who_is_not(empty_world: World) -> None:
    await join_channel(empty_world, "sam", name="Sam Guest", role=Role.GUEST)
    await join_channel(empty_world, "bot", name="Build bot", is_bot=True)
    four = await picked(empty_world, "ana", "ben", "chi", "dev")

    preview = await setup(empty_world, people=four, payer="Shop owners", pays="They pay us €49 a month")

    assert preview.title == "#checkout as a team: this is what will happen"
    assert "Nothing has started yet, and nobody has been told." in words_of(preview)
    assert facts(preview) == {
        "Who is asked": "Ana Ruiz, Ben Okafor, Chi Nguyen and Dev Patel: one question a day",
        "When": "Monday to Friday, at 09:40 in each person's own time; you first Tuesday 24 November at 09:40",
        "Besides, in private": "Within the question's card, once a week: are we still focusing on value, for each "
        "piece of work being built. For new members: ten short ideas, one a day, with a button to stop them. "
        "One reminder in the afternoon while the question is open. Never more than 8 a week in all",
        "Not on": "Public holidays of United Kingdom, or of each person's own country where they say so",
        "Posted here": "A summary of the week, each Friday at 16:00 in Europe/London",
        "Who sees check-ins": "The team, without names, once 4 people have answered; nobody sees who did not",
        "Retro answers": "By name, after the retro has closed; nobody sees others' answers before",
        "Who pays": "Shop owners. They pay us €49 a month",
    }
    left_out = "Not asked, as guests or bots: Build bot and Sam Guest. In the channel but not in the team: "
    assert Note(f"{left_out}Eva Lindqvist.") in preview.blocks
    assert [button.label for button in preview.buttons] == [
        "Start",
        "Change",
        "Send me the first question now, only to me",
    ]


async def test_a_preview_starts_nothing(empty_world: World) -> None:
    await setup(empty_world)
    await empty_world.pass_days(8)

    assert await count(empty_world, "schedules") == 0
    assert await count(empty_world, "outbox") == 0
    assert empty_world.chat.sent == []
    assert (await team_of(empty_world)).started_at is None


async def test_start_tells_each_member_once_and_nobody_else(empty_world: World) -> None:
    four = await picked(empty_world, "ana", "ben", "chi", "dev")
    preview = await setup(empty_world, people=four, payer="Shop owners")

    begun = await empty_world.press("ana", preview, "Start", channel=CHANNEL)

    assert begun.title == "Checkout has started"
    assert "4 people got a note in private. Your next question comes Tuesday 24 November at 09:40." in words_of(
        begun
    )
    told = {who: [message.title for message in empty_world.chat.to(who)] for who in PEOPLE}
    note = ["You are in Checkout: one question a day"]
    assert told == {"ana": note, "ben": note, "chi": note, "dev": note, "eva": []}
    assert "Ana Ruiz set this up in #checkout. From Tuesday 24 November at 09:40" in words_of(
        empty_world.chat.to("ben")[0]
    )
    assert empty_world.chat.posted() == []


async def test_pressing_start_again_starts_nothing_again(empty_world: World) -> None:
    preview = await setup(empty_world)

    first = await empty_world.press("ana", preview, "Start", channel=CHANNEL)
    began = (await team_of(empty_world)).started_at
    await empty_world.go_to(datetime(2026, 11, 24, 12, 0, tzinfo=UTC))
    again = await empty_world.press("ana", preview, "Start", channel=CHANNEL)

    assert (first.title, again.title) == ("Checkout has started", "Checkout has started")
    assert (await team_of(empty_world)).started_at == began
    assert "Wednesday 25 November at 09:40" in words_of(again)
    assert len(empty_world.chat.to("ben")) == 2  # the note and one question


async def test_pressing_start_many_times_at_once_starts_once(empty_world: World) -> None:
    preview = await setup(empty_world)

    await asyncio.gather(*(empty_world.press("ana", preview, "Start", channel=CHANNEL) for _ in range(5)))

    assert {who: len(empty_world.chat.to(who)) for who in PEOPLE} == dict.fromkeys(PEOPLE, 1)
    assert await count(empty_world, "schedules") == 16  # a question, a pulse and the ideas for each; the summary


async def test_each_is_asked_first_on_the_next_working_day_of_their_own_zone(empty_world: World) -> None:
    await join_channel(empty_world, "tui", name="Tui", zone="Pacific/Auckland")
    await join_channel(empty_world, "mia", name="Mia", zone="America/Los_Angeles")
    await empty_world.go_to(datetime(2026, 11, 26, 20, 0, tzinfo=UTC))  # Friday morning in Auckland

    preview = await setup(empty_world)
    await empty_world.press("ana", preview, "Start", channel=CHANNEL)

    first = {who: await next_question(empty_world, who) for who in ("ben", "chi", "tui", "mia")}
    assert first == {
        "ben": datetime(2026, 11, 27, 9, 40, tzinfo=UTC),
        "chi": datetime(2026, 11, 27, 8, 40, tzinfo=UTC),
        "tui": datetime(2026, 11, 29, 20, 40, tzinfo=UTC),
        "mia": datetime(2026, 11, 27, 17, 40, tzinfo=UTC),
    }


async def test_nobody_is_asked_on_the_day_of_the_start_however_early_it_is(empty_world: World) -> None:
    preview = await setup(empty_world)
    await empty_world.press("ana", preview, "Start", channel=CHANNEL)

    await empty_world.go_to(datetime(2026, 11, 23, 23, 0, tzinfo=UTC))

    assert asked(empty_world) == []


async def test_the_first_question_now_goes_to_the_one_who_asks_for_it_alone(empty_world: World) -> None:
    preview = await setup(empty_world, payer="Shop owners")

    card = await empty_world.press("ana", preview, "Send me the first question now", channel=CHANNEL)
    receipt = await empty_world.press("ana", card, "4")

    assert card.title == "Would Shop owners be happy to pay for today?"
    assert receipt.title == "Saved: 4 of 5"
    assert empty_world.chat.sent == []
    assert (await team_of(empty_world)).started_at is None
