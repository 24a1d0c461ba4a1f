"""Help: what waits, what can be done now, and every command there is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.catalog import CATALOG
from handlers.messages import Facts, Message
from tests.handlers.initiatives.plan import define, lines, started
from tests.handlers.retros.review import asked, opened
from tests.handlers.setup import picked, setup
from tests.handlers.test_mine import OTHER, second_team
from tests.world import CHANNEL, World, words_of

TUESDAY_0800 = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
VERBS = {
    "For a new piece of work": "define",
    "You begin to build": "start",
    "It is out": "release",
    "What did it reach": "retro",
    "How are we doing": "summary",
    "Are we still on value": "pulse",
    "The team is away": "days_off",
    "New here": "learn",
    "Mine": "mine",
}


def labels(message: Message) -> list[str]:
    """The labels of the buttons in sight."""
    return [button.label for button in message.buttons]


def verbs(message: Message) -> list[str]:
    """The verbs that help names, in its order."""
    return [VERBS[label] for block in message.blocks if isinstance(block, Facts) for label, _ in block.rows]


def waiting(message: Message) -> list[str]:
    """What help says is waiting."""
    return [line for line in lines(message) if "waiting" in line]


async def test_in_private_without_a_team_help_says_where_to_begin(empty_world: World) -> None:
    message = await empty_world.say("ben", "help")

    assert message.title == "What I can do here"
    assert "Type setup in your team's channel" in words_of(message)
    assert labels(message) == ["Everything I can do"]


async def test_in_a_channel_without_a_team_help_offers_to_make_it_one(empty_world: World) -> None:
    message = await empty_world.say("ben", "help", channel=CHANNEL)

    form = await empty_world.press("ben", message, "Set up this channel", channel=CHANNEL)

    assert "Make this channel a team with setup" in words_of(message)
    assert labels(message) == ["Set up this channel", "Everything I can do"]
    assert form.title == "Make this channel a team"


async def test_who_takes_no_part_is_told_who_can_take_them_in(world: World) -> None:
    await setup(world, people=await picked(world, "ana", "ben", "chi", "dev"))

    here = await world.say("eva", "help", channel=CHANNEL)
    private = await world.say("eva", "help")

    assert "This channel is Checkout, and you do not take part in it." in words_of(here)
    assert labels(here) == ["Everything I can do"]
    assert "You are in no team" in words_of(private)


async def test_todays_question_waits_first_with_its_button(world: World) -> None:
    await world.go_to(TUESDAY_0800)

    message = await world.say("ben", "help")
    card = await world.press("ben", message, "Answer it")

    assert message.title == "Checkout: what I can do here"
    assert waiting(message) == ["Today's question is waiting."]
    assert card.title == "Would Shop owners be happy to pay for today?"


async def test_an_answered_question_does_not_wait(world: World) -> None:
    await world.go_to(TUESDAY_0800)
    await world.say("ben", "checkin 4")

    message = await world.say("ben", "help")

    assert waiting(message) == ["Nothing is waiting for you."]
    assert labels(message) == []


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        (datetime(2026, 11, 23, 20, tzinfo=UTC), "the day of the start"),
        (datetime(2026, 11, 28, 10, tzinfo=UTC), "a Saturday"),
    ],
)
async def test_no_question_waits_on_a_day_without_one(world: World, when: datetime, reason: str) -> None:
    await world.go_to(when)

    message = await world.say("ben", "help")

    assert waiting(message) == ["Nothing is waiting for you."], reason


async def test_no_question_waits_for_somebody_who_paused(world: World) -> None:
    await world.go_to(TUESDAY_0800)
    await world.say("ben", "pause until Friday")

    assert waiting(await world.say("ben", "help")) == ["Nothing is waiting for you."]


async def test_no_question_waits_before_the_team_has_started(empty_world: World) -> None:
    await setup(empty_world)
    await empty_world.go_to(TUESDAY_0800)

    assert waiting(await empty_world.say("ben", "help")) == ["Nothing is waiting for you."]


async def test_the_numbers_wait_for_the_owner_alone(world: World) -> None:
    await asked(world)

    owners = await world.say("ana", "help")
    others = await world.say("ben", "help")
    card = await world.press("ana", owners, "Numbers of Checkout retry")

    assert waiting(owners) == ["Today's question is waiting.", "Checkout retry is waiting for its numbers."]
    assert labels(owners) == ["Answer it", "Numbers of Checkout retry"]
    assert waiting(others) == ["Today's question is waiting."]
    assert card.title == "Checkout retry: what did it reach?"


async def test_an_open_retro_waits_for_each_who_has_not_answered(world: World) -> None:
    await opened(world)

    message = await world.say("ben", "help")
    form = await world.press("ben", await world.press("ben", message, "Answer Checkout retry"), "Answer")
    await world.submit("ben", form, success="yes", worth="yes")

    assert waiting(message)[1] == (
        "The retro of Checkout retry is waiting for your answer, until Thursday 3 December at 09:40."
    )
    assert waiting(await world.say("ben", "help")) == ["Today's question is waiting."]


async def test_an_open_retro_waits_wherever_help_is_asked_for_and_its_button_is_of_its_own_team(
    world: World,
) -> None:
    await opened(world)
    await second_team(world, "ben")

    elsewhere = await world.say("ben", "help", channel=OTHER)
    form = await world.press("ben", await world.press("ben", elsewhere, "Answer Checkout retry"), "Answer")
    receipt = await world.submit("ben", form, success="yes", worth="yes")

    assert any(line.startswith("The retro of Checkout retry is waiting") for line in waiting(elsewhere))
    assert receipt.title == "Checkout retry: your answer is saved"
    assert "Answer Checkout retry" not in labels(await world.say("ben", "help", channel=OTHER))
    assert "Answer Checkout retry" not in labels(await world.say("eli", "help", channel=OTHER))


async def test_the_verbs_that_move_the_present_work_on_come_first(world: World) -> None:
    nothing = verbs(await world.say("ben", "help"))
    await define(world, title="Wallet")
    idea = verbs(await world.say("ben", "help"))
    await started(world)
    building = verbs(await world.say("ben", "help"))
    await world.say("ana", "release Checkout retry")
    out = verbs(await world.say("ben", "help"))

    assert nothing == ["define", "summary", "mine"]
    assert idea == ["start", "define", "summary", "mine"]
    assert building == ["release", "pulse", "start", "define", "summary", "mine"]
    assert out == ["retro", "start", "define", "summary", "mine"]


async def test_days_off_are_named_to_who_leads(world: World) -> None:
    assert verbs(await world.say("ana", "help")) == ["define", "summary", "days_off", "mine"]


async def test_the_ideas_are_named_to_who_is_new(empty_world: World) -> None:
    await empty_world.start_team(with_ideas=True)

    assert verbs(await empty_world.say("ben", "help")) == ["define", "summary", "learn", "mine"]


async def test_in_a_channel_help_says_that_only_the_person_sees_it(world: World) -> None:
    here = await world.say("ben", "help", channel=CHANNEL)
    private = await world.say("ben", "help")

    assert "Only you see this." in words_of(here)
    assert "Only you see this." not in words_of(private)


async def test_help_all_lists_every_command_with_what_it_does(world: World) -> None:
    message = await world.say("ben", "help all")

    rows = [row for block in message.blocks if isinstance(block, Facts) for row in block.rows]
    assert [name for name, _ in rows] == [command.name for command in CATALOG.commands]
    assert all(len(what) > 10 for _, what in rows)


@pytest.mark.parametrize("channel", [None, CHANNEL])
async def test_the_button_for_everything_lists_every_command_without_a_team_too(
    empty_world: World, channel: str | None
) -> None:
    message = await empty_world.say("ben", "help", channel=channel)

    listed = await empty_world.press("ben", message, "Everything I can do", channel=channel)

    assert listed.title == "Everything I can do"
    assert "define-success" in words_of(listed)


@pytest.mark.parametrize("words", ["me", "<script>", "{{ 7*7 }}", "💥", "ALL"])
async def test_help_with_whatever_after_it_lists_every_command(world: World, words: str) -> None:
    assert (await world.say("ben", f"help {words}")).title == "Everything I can do"


async def test_help_changes_nothing_and_tells_nobody(world: World) -> None:
    before = len(world.chat.sent)

    await world.say("ben", "help")
    await world.say("ben", "help all", channel=CHANNEL)

    assert len(world.chat.sent) == before
