"""What was meant for a channel that is archived, or out of reach, goes to the team's leads and says so."""

from __future__ import annotations

import pytest

from bot.nudges.port import NotSent
from storage import Store
from tests.handlers.retros.review import answer, card_of, opened
from tests.world import CHANNEL, World, words_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ARCHIVED = "is archived, or I can no longer reach it"


async def archive(world: World) -> None:
    """The channel is archived."""
    async with world.writing() as connection:
        await Store(connection, 1).directory.keep_channel(CHANNEL, is_archived=True)


async def everybody_answers(world: World) -> None:
    """The five of them answer, which closes the retro."""
    for person in ("ana", "ben", "chi", "dev", "eva"):
        await answer(world, person)


async def test_what_is_posted_after_its_channel_was_archived_is_shown_to_the_lead_alone(world: World) -> None:
    await opened(world)
    before = world.chat.posted()
    await archive(world)

    await everybody_answers(world)
    await world.pass_days(0.1)

    shown = words_of(card_of(world, "ana", "partly a success"))
    assert world.chat.posted() == before
    assert f"Only you see this. #checkout {ARCHIVED}" in shown
    assert not any(ARCHIVED in words_of(message) for message in world.chat.to("ben"))


async def test_what_was_promised_before_its_channel_was_archived_is_shown_to_the_lead(world: World) -> None:
    await opened(world)
    world.chat.failures = [NotSent("busy")] * 20
    await everybody_answers(world)
    await archive(world)
    world.chat.failures = []

    await world.pass_days(0.1)

    assert ARCHIVED in words_of(card_of(world, "ana", "partly a success"))


async def test_a_summary_for_an_archived_channel_is_not_said_to_be_posted(world: World) -> None:
    await world.say("ben", "checkin 4")
    preview = await world.say("ana", "summary")
    await archive(world)

    said = await world.press("ana", preview, "Post to")

    assert ARCHIVED in said.title
    assert world.chat.posted() == []
