"""A channel that another organisation reads: an admin lets the bot post there, and takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.nudges.port import NotSent
from handlers.messages import Message
from storage import Store
from storage.directory import Role
from tests.handlers.setup import facts, setup, team_of
from tests.handlers.test_digests import FRIDAY, digests, scored
from tests.world import CHANNEL, World, words_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def shared(world: World) -> World:
    """Checkout's channel is shared with another organisation; Ana, who leads, is an admin."""
    await change(world, is_shared=True)
    await make_admin(world, "ana")
    return world


async def change(world: World, **state: Any) -> None:
    """The channel comes into another state."""
    async with world.writing() as connection:
        await Store(connection, 1).directory.keep_channel(CHANNEL, **state)


async def make_admin(world: World, who: str) -> None:
    """Somebody becomes an admin of the workspace."""
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        found = await directory.person_called(who)
        assert found
        kept = {"name": found.name, "zone": found.zone, "locale": found.locale}
        await directory.keep_person(who, world.clock.now(), role=Role.ADMIN, **kept)


def buttons(message: Message) -> set[str]:
    """The labels of all a message's buttons, in sight or behind More."""
    return {button.label for button in (*message.buttons, *message.more)}


async def test_the_preview_says_who_reads_along_and_offers_an_admin_to_post_all_the_same(shared: World) -> None:
    preview = await setup(shared)

    assert facts(preview)["Shared"].startswith("Another organisation reads #checkout: nothing is posted there")
    assert "Post there all the same" in buttons(preview)


async def test_the_preview_of_a_channel_of_ones_own_says_nothing_of_it(shared: World) -> None:
    await change(shared, is_shared=False)

    preview = await setup(shared)

    assert "Shared" not in facts(preview)
    assert "Post there all the same" not in buttons(preview)


async def test_a_lead_who_is_no_admin_is_not_offered_it_and_cannot_tap_it(world: World) -> None:
    await change(world, is_shared=True)

    preview, reply = await setup(world), await world.tap("ana", "shared.allow", team="1")

    assert "Shared" in facts(preview)
    assert "Post there all the same" not in buttons(preview)
    assert "an admin" in reply.title
    assert not (await team_of(world)).allows_shared


async def test_once_allowed_the_summary_is_posted_and_it_says_who_allowed_it(shared: World) -> None:
    reply = await shared.press("ana", await setup(shared), "Post there all the same")
    await scored(shared, 5, 4, 4, 2)
    await shared.go_to(FRIDAY)

    assert reply.title == "#checkout is shared with another organisation, and I post there from now on"
    assert len(digests(shared)) == 1
    assert "Ana Ruiz allowed it" in facts(await setup(shared))["Shared"]


async def test_what_is_shown_to_a_lead_instead_lets_an_admin_allow_it(shared: World) -> None:
    await scored(shared, 5, 4, 4, 2)
    await shared.go_to(FRIDAY)
    card = shared.chat.to("ana")[-1]

    reply = await shared.press("ana", card, "Post there from now on")

    assert digests(shared) == []
    assert "I post there from now on" in reply.title
    assert (await team_of(shared)).allows_shared


async def test_it_is_taken_back_with_the_button_of_the_answer(shared: World) -> None:
    allowed = await shared.press("ana", await setup(shared), "Post there all the same")

    reply = await shared.press("ana", allowed, "Post nothing there")
    await scored(shared, 5, 4, 4, 2)
    await shared.go_to(FRIDAY)

    assert reply.title == "I post nothing in #checkout while another organisation reads there"
    assert digests(shared) == []
    assert "shared with another organisation" in words_of(shared.chat.to("ana")[-1])


async def test_taken_back_while_a_post_is_on_its_way_it_stays_here(shared: World) -> None:
    allowed = await shared.press("ana", await setup(shared), "Post there all the same")
    await scored(shared, 5, 4, 4, 2)
    await shared.go_to(FRIDAY - timedelta(minutes=1))
    shared.chat.failures = [NotSent("busy")] * 10
    await shared.go_to(FRIDAY)
    await shared.press("ana", allowed, "Post nothing there")
    shared.chat.failures = []

    await shared.pass_days(1)

    assert digests(shared) == []


async def test_the_other_leads_are_told_who_allowed_it(shared: World) -> None:
    async with shared.writing() as connection:
        store = Store(connection, 1)
        ben = await store.directory.person_called("ben")
        assert ben
        await store.teams.join(1, ben.id, Role.LEAD, shared.clock.now())

    await shared.press("ana", await setup(shared), "Post there all the same")

    told = shared.chat.to("ben")[-1]
    assert "I post there from now on" in told.title
    assert "Ana Ruiz decided it, as an admin" in words_of(told)
