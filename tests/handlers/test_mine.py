"""What I am asked, what is mine, and which of my teams we talk about."""

from __future__ import annotations

from datetime import UTC, datetime

from handlers.messages import Message, Scale
from storage import Store
from tests.handlers.initiatives.plan import define, lines
from tests.handlers.retros.review import opened
from tests.handlers.setup import count, facts, number, picked, setup
from tests.world import CHANNEL, PEOPLE, World, words_of

OTHER = "billing"
TUESDAY_0942 = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)


async def second_team(world: World, *who: str, hour: str = "11:00") -> None:
    """Another channel, made a team by Ana and started."""
    numbers = [await number(world, each) for each in ("ana", *who)]
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        channel = await directory.keep_channel(OTHER, name=f"#{OTHER}")
        await directory.set_members(channel, numbers)
    form = await world.form("ana", "setup", channel=OTHER)
    preview = await world.submit(
        "ana", form, channel=OTHER, name="Billing", payer="Accountants", hour=hour, visibility="private"
    )
    await world.press("ana", preview, "Start", channel=OTHER)


def switches(message: Message) -> list[str]:
    """The teams that can be switched to."""
    return [button.label for button in message.more if button.label.startswith("Switch")]


def owned(message: Message) -> list[str]:
    """The work that has a button of its own."""
    rows = [block.buttons for block in message.blocks if isinstance(block, Scale)]
    return [button.label for row in rows for button in row if button.action == "status"]


async def test_me_says_what_i_am_asked_and_when(world: World) -> None:
    message = await world.say("ben", "me")

    assert message.title == "Ben: what you are asked, and what is yours"
    assert facts(message)["You are asked"] == (
        "One question a day for Checkout: Monday to Friday at 09:40 your time; next Tuesday 24 November at 09:40"
    )
    assert [button.label for button in message.buttons] == ["Pause", "Why me?", "My data"]
    assert switches(message) == []


async def test_me_in_no_team_says_that_nothing_is_asked(empty_world: World) -> None:
    message = await empty_world.say("ben", "me")

    assert "You take part in no team, so you are asked nothing. Type setup in your team's channel" in words_of(
        message
    )
    assert [button.label for button in message.buttons] == ["What I can do", "My data"]


async def test_me_before_the_start_says_that_nothing_is_asked_yet(empty_world: World) -> None:
    await setup(empty_world)

    message = await empty_world.say("ben", "me")

    assert facts(message)["You are asked"] == "Nothing yet: Checkout has not started"


async def test_me_shows_a_pause_and_the_question_after_it(world: World) -> None:
    await world.say("ben", "pause until 4 December")

    message = await world.say("ben", "me")
    again = await world.press("ben", message, "Ask me again")

    assert facts(message)["Paused"] == "Until Friday 4 December; nothing is asked before"
    assert facts(message)["You are asked"].endswith("next Friday 4 December at 09:40")
    assert again.title == "You are asked again"
    assert "Paused" not in facts(await world.say("ben", "me"))


async def test_a_pause_that_is_over_is_not_shown(world: World) -> None:
    await world.say("ben", "pause until Wednesday")
    await world.pass_days(2)

    message = await world.say("ben", "me")

    assert "Paused" not in facts(message)
    assert message.buttons[0].label == "Pause"


async def test_me_names_the_work_i_own_and_nobody_elses(world: World) -> None:
    await define(world, "ana", title="Wallet")
    await define(world, "ben", title="Retry")

    assert owned(await world.say("ana", "me")) == ["Wallet"]
    assert owned(await world.say("ben", "me")) == ["Retry"]
    assert owned(await world.say("chi", "me")) == []


async def test_me_names_the_retro_that_waits_for_me(world: World) -> None:
    await opened(world)

    message = await world.say("ben", "me")
    review = await world.press("ben", message, "Answer: Checkout retry")

    assert "How did Checkout retry go? Open until Thursday 3 December at 09:40" in lines(message)
    assert review.title == "Checkout retry: how did it go?"


async def test_my_own_mean_is_of_my_own_scores(world: World) -> None:
    await world.say("ana", "checkin 1")
    await world.say("ben", "checkin 5")
    await world.pass_days(1)
    await world.say("ben", "checkin 4")

    message = await world.say("ben", "me")

    assert facts(message)["Your check-ins"] == "4.5 of 5 on average over your last 2 answers"
    assert "Only you see this." in words_of(message)


async def test_skipped_days_are_not_in_my_mean(world: World) -> None:
    await world.go_to(TUESDAY_0942)
    await world.press("ben", world.chat.to("ben")[-1], "Skip today")

    assert "Your check-ins" not in facts(await world.say("ben", "me"))


async def test_who_is_in_two_teams_can_choose_which_one_direct_messages_are_about(world: World) -> None:
    await second_team(world, "ben")

    first = await world.say("ben", "me")
    switched = await world.press("ben", first, "Switch to Billing")
    second = await world.say("ben", "me")
    question = await world.say("ben", "checkin")

    assert facts(first)["You are asked"].startswith("One question a day for Checkout")
    assert switched.title == "From now on we talk about Billing"
    assert facts(second)["You are asked"] == (
        "One question a day for Billing: Monday to Friday at 11:00 your time; next Tuesday 24 November at 11:00"
    )
    assert switches(second) == ["Switch to Checkout"]
    assert question.title == "Would Accountants be happy to pay for today?"


async def test_a_channel_is_about_its_own_team_whichever_was_chosen(world: World) -> None:
    await second_team(world, "ben")
    await world.press("ben", await world.say("ben", "me"), "Switch to Billing")

    message = await world.say("ben", "me", channel=CHANNEL)

    assert facts(message)["You are asked"].startswith("One question a day for Checkout")


async def test_in_the_channel_of_a_team_that_is_not_mine_me_is_about_my_own(world: World) -> None:
    await second_team(world)

    message = await world.say("ben", "me", channel=OTHER)

    assert facts(message)["You are asked"].startswith("One question a day for Checkout")
    assert switches(message) == []


async def test_a_switch_to_a_team_one_is_not_in_is_refused(world: World) -> None:
    await second_team(world)

    for use in ("2", "999"):
        reply = await world.tap("ben", "team.use", use=use)
        assert reply.title.startswith("You do not take part in that team any more")
    for use in ("", "x", "-1", "9" * 40):
        assert "earlier version" in (await world.tap("ben", "team.use", use=use)).title
    assert facts(await world.say("ben", "me"))["You are asked"].startswith("One question a day for Checkout")


async def test_who_is_taken_out_of_the_team_they_chose_is_in_the_other_one(world: World) -> None:
    await second_team(world, "ben")

    await setup(world, people=await picked(world, "ana", "chi", "dev", "eva"))

    assert facts(await world.say("ben", "me"))["You are asked"].startswith("One question a day for Billing")
    assert isinstance(await world.ask("ben", "checkin 4"), Message)
    assert await count(world, "reflections") == 1


async def test_me_shows_nothing_of_anybody_else(world: World) -> None:
    for who, score in zip(PEOPLE, "12345", strict=True):
        await world.say(who, f"checkin {score} a word of {who}")
    await define(world, "ana", title="Wallet")

    message = words_of(await world.say("ben", "me"))

    assert not any(word in message for word in ("Ana", "Wallet", "word of ana", "Eva"))
