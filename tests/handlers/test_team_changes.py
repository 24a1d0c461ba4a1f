"""Changing a team: before it has started, and while it is being asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handlers.messages import Form, Message
from storage import Store
from tests.handlers.initiatives.plan import inputs
from tests.handlers.setup import (
    asked,
    count,
    facts,
    join_channel,
    next_question,
    number,
    picked,
    questions,
    refused,
    schedules,
    setup,
    team_of,
)
from tests.world import CHANNEL, PEOPLE, World, words_of

TUESDAY_0942 = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
TUESDAY_0940 = TUESDAY_0942 - timedelta(minutes=2)
FRIEND = {"name": "Fay Moreau", "does": "Data", "zone": "Europe/London"}


async def due(world: World, who: str) -> datetime | None:
    """When a person is asked next."""
    return await next_question(world, who)


async def test_the_form_to_change_starts_from_what_was_said(empty_world: World) -> None:
    four = await picked(empty_world, "ana", "ben", "chi", "dev")
    preview = await setup(
        empty_world, name="Payments", people=four, days="mon-thu", hour="10.15am", payer="Shop owners", pays="€49"
    )

    form = await empty_world.press("ana", preview, "Change", channel=CHANNEL)

    assert inputs(form) == {
        "name": "Payments",
        "payer": "Shop owners",
        "pays": "€49",
        "people": four,
        "days": "Monday to Thursday",
        "hours": "08:00-18:00",
        "hour": "10:15",
        "region": "United Kingdom",
        "zone": "Europe/London",
        "visibility": "anonymous",
        "retro_visibility": "by_name",
    }


async def test_a_change_before_the_start_shows_the_new_preview_and_still_starts_nothing(
    empty_world: World,
) -> None:
    form = await empty_world.press("ana", await setup(empty_world), "Change", channel=CHANNEL)

    preview = await empty_world.submit("ana", form, channel=CHANNEL, days="Mondays and Wednesdays", hour="14:00")

    assert preview.title == "#checkout as a team: this is what will happen"
    assert facts(preview)["When"] == (
        "Monday and Wednesday, at 14:00 in each person's own time; you first Wednesday 25 November at 14:00"
    )
    assert facts(preview)["Posted here"] == "A summary of the week, each Wednesday at 16:00 in Europe/London"
    assert await count(empty_world, "schedules") == 0
    assert await count(empty_world, "outbox") == 0


async def test_who_was_taken_out_before_the_start_is_told_and_asked_nothing(empty_world: World) -> None:
    form = await empty_world.press("ana", await setup(empty_world), "Change", channel=CHANNEL)
    four = await picked(empty_world, "ana", "ben", "chi", "dev")
    preview = await empty_world.submit("ana", form, channel=CHANNEL, people=four)

    await empty_world.press("ana", preview, "Start", channel=CHANNEL)
    await empty_world.pass_days(1.2)

    assert empty_world.chat.to("eva") == []
    assert (await empty_world.say("eva", "help")).title == "What I can do here"


async def test_the_start_of_an_earlier_preview_starts_the_team_as_it_is_now(empty_world: World) -> None:
    earlier = await setup(empty_world, hour="11:00")
    await setup(empty_world, hour="14:00")

    await empty_world.press("ana", earlier, "Start", channel=CHANNEL)

    assert await due(empty_world, "ben") == datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


async def test_somebody_taken_in_later_is_welcomed_and_asked_from_their_next_working_day(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(hours=2))
    await join_channel(world, "fay", **FRIEND)

    preview = await setup(world, people=await picked(world, *PEOPLE, "fay"))
    await world.go_to(TUESDAY_0942 + timedelta(hours=8))
    on_the_day = questions(world, "fay")
    await world.go_to(TUESDAY_0942 + timedelta(days=1))

    assert preview.title == "Checkout: this is what happens from now on"
    assert [button.label for button in preview.buttons] == ["Change"]
    welcome = world.chat.to("fay")[0]
    assert welcome.title == "You are in Checkout: one question a day"
    assert "From Wednesday 25 November at 09:40" in words_of(welcome)
    assert (on_the_day, questions(world, "fay")) == (0, 1)


async def test_a_change_welcomes_nobody_a_second_time_and_keeps_todays_question(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(hours=2))

    await setup(world, name="Payments")
    await world.go_to(TUESDAY_0942)

    assert {who: len(world.chat.to(who)) for who in PEOPLE} == dict.fromkeys(PEOPLE, 2)
    assert asked(world) == list(PEOPLE)


async def test_a_change_on_the_day_of_the_start_does_not_bring_the_first_question_forward(world: World) -> None:
    await setup(world, hour="17:30")

    await world.go_to(datetime(2026, 11, 23, 23, 0, tzinfo=UTC))

    assert asked(world) == []
    assert await due(world, "ben") == datetime(2026, 11, 24, 17, 30, tzinfo=UTC)


async def test_who_is_taken_out_gets_no_more_questions_and_what_they_type_is_about_no_team(world: World) -> None:
    await world.go_to(TUESDAY_0942)
    card = world.chat.to("eva")[-1]

    await setup(world, people=await picked(world, "ana", "ben", "chi", "dev"))
    await world.pass_days(3)
    late = await world.press("eva", card, "4")

    assert questions(world, "eva") == 1
    assert questions(world, "ben") == 4
    assert await schedules(world, "eva") == []
    assert late.title.startswith("You do not take part in Checkout")
    assert (await world.say("eva", "checkin 4")).title.startswith("You are in no team")


async def test_who_snoozed_and_is_taken_out_before_the_hour_is_over_is_not_asked_again(world: World) -> None:
    await world.go_to(TUESDAY_0942)
    await world.press("eva", world.chat.to("eva")[-1], "In an hour")
    before = len(world.chat.to("eva"))

    await setup(world, people=await picked(world, "ana", "ben", "chi", "dev"))
    await world.go_to(TUESDAY_0942 + timedelta(hours=2))

    assert len(world.chat.to("eva")) == before


async def test_who_comes_back_is_welcomed_anew(world: World) -> None:
    await setup(world, people=await picked(world, "ana", "ben", "chi", "dev"))

    await setup(world, people=await picked(world, *PEOPLE))

    titles = [message.title for message in world.chat.to("eva")]
    assert titles == ["You are in Checkout: one question a day"] * 2
    assert await due(world, "eva") == TUESDAY_0940


async def test_a_new_hour_and_new_days_move_what_is_due_for_everybody_and_the_summary(world: World) -> None:
    await world.go_to(TUESDAY_0942 + timedelta(hours=1))

    await setup(world, days="Thursday to Saturday, no Monday", hour="8:05")

    assert await due(world, "ben") == datetime(2026, 11, 26, 8, 5, tzinfo=UTC)
    assert await due(world, "chi") == datetime(2026, 11, 26, 7, 5, tzinfo=UTC)
    async with world.reading() as connection:
        digest = await Store(connection, 1).schedules.called("digest:1")
    assert digest
    assert digest.next_due_at == datetime(2026, 11, 28, 16, 0, tzinfo=UTC)


async def test_a_later_hour_moves_todays_question_and_one_already_asked_does_not_come_twice(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(hours=1))  # Chi, an hour ahead, has been asked by now

    await setup(world, hour="15:00")
    await world.go_to(TUESDAY_0942 + timedelta(hours=2))
    before_three = asked(world)
    await world.go_to(TUESDAY_0942 + timedelta(hours=8))

    assert before_three == ["chi"]
    assert {who: questions(world, who) for who in PEOPLE} == dict.fromkeys(PEOPLE, 1)


async def test_an_hour_that_has_passed_today_counts_from_tomorrow(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(minutes=10))

    await setup(world, hour="8:00")

    assert await due(world, "ben") == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


async def test_a_change_at_the_very_moment_the_question_is_due_does_not_lose_it(world: World) -> None:
    world.clock.set(TUESDAY_0942 + timedelta(seconds=2))

    await setup(world, name="Payments")
    await world.app.tick()

    assert questions(world, "ben") == 1


async def test_another_payer_is_in_the_next_question_and_no_payer_too(world: World) -> None:
    await setup(world, payer="Meera", pays="")
    await world.go_to(TUESDAY_0942)
    await setup(world, payer="", pays="")
    await world.go_to(TUESDAY_0942 + timedelta(days=1))

    titles = [message.title for message in world.chat.to("ben") if message.title.startswith("Would")]
    assert titles == [
        "Would Meera be happy to pay for today?",
        "Would your paying customer be happy to pay for today?",
    ]


async def test_a_lead_who_leaves_needs_another_to_stay(world: World) -> None:
    form = await refused(world, people=await picked(world, "ben", "chi", "dev", "eva"))

    assert "Pick yourself too" in form.errors["people"]
    assert questions(world, "ana") == 0
    assert await due(world, "ana") == TUESDAY_0940


async def test_who_left_the_channel_and_not_the_team_can_still_be_picked(world: World) -> None:
    ana = await number(world, "ana")
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        channel = await directory.channel_called(CHANNEL)
        assert channel
        await directory.set_members(channel.id, [ana])

    form = await world.form("ana", "setup", channel=CHANNEL)

    offered = {choice.value for shown in form.inputs if shown.name == "people" for choice in shown.choices}
    assert set(inputs(form)["people"].split(",")) == offered
    assert len(offered) == 5


async def test_a_team_without_names_cannot_shrink_below_four(world: World) -> None:
    form = await refused(world, people=await picked(world, "ana", "ben", "chi"))

    assert isinstance(form, Form)
    assert "at least 4 people" in form.errors["visibility"]
    assert len((await world.form("ana", "setup", channel=CHANNEL)).inputs[3].value.split(",")) == 5


async def test_the_lead_can_change_the_team_from_a_private_chat(world: World) -> None:
    form = await world.form("ana", "setup")

    preview = await world.submit("ana", form, name="Payments")

    assert isinstance(preview, Message)
    assert (await team_of(world)).name == "Payments"
