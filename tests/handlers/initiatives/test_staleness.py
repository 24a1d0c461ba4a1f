"""Work that goes on and on: its owner is asked every thirty days whether its measures are still right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.messages import Message
from storage import Store
from tests.handlers.initiatives.plan import kept, lines, started
from tests.world import MONDAY, World, words_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

QUESTION = "Checkout retry: is this still how we will know?"
AFTER_30 = datetime(2026, 12, 23, 9, 45, tzinfo=UTC)
A_MONTH = timedelta(days=30)


def asked(world: World, person: str = "ana") -> list[Message]:
    """The cards that ask somebody."""
    return [card for card in world.chat.to(person) if QUESTION in (card.title, *lines(card))]


async def wake(world: World, at: datetime) -> None:
    """The bot is back after a while, just before a morning, and lives through it."""
    world.clock.set(at - timedelta(minutes=30))
    await world.app.tick()
    await world.go_to(at)


async def test_after_thirty_days_the_owner_alone_is_asked_with_what_was_planned(world: World) -> None:
    await started(world)

    await wake(world, AFTER_30 - timedelta(days=1))
    early = asked(world)
    await world.say("ana", "pulse Checkout retry yes")  # which would come first that day
    await wake(world, AFTER_30)

    assert early == []
    assert [card.title for card in asked(world)] == ["Would Shop owners be happy to pay for today?"]
    assert "Failed payments recovered" in words_of(asked(world)[0])
    assert asked(world, "ben") == []


async def test_still_right_is_kept_and_said_on_the_days_card(world: World) -> None:
    await started(world)
    await world.go_to(MONDAY + timedelta(hours=3))
    world.clock.set(AFTER_30 - timedelta(hours=2))
    await world.say("ana", "pulse Checkout retry yes")
    await wake(world, AFTER_30)

    reply = await world.press("ana", asked(world)[0], "Still right")

    initiative = (await kept(world))[0]
    assert initiative.confirmed_at == world.clock.now()
    assert "how we will know was looked at on" in words_of(reply)


async def test_a_card_of_its_own_can_change_or_drop_it(world: World) -> None:
    await started(world)

    card = await world.tap("ana", "stale.show", initiative="#1")
    confirmed = await world.press("ana", card, "Still right")
    form = await world.press("ana", card, "Change it")
    drop = await world.press("ana", card, "Drop it")

    assert card.title == QUESTION
    assert "Still right, as of today." in words_of(confirmed)
    assert form.action == "measure.change"
    assert drop.action == "initiative.drop"


async def test_what_was_looked_at_is_left_alone_for_thirty_days(world: World) -> None:
    await started(world)
    world.clock.set(MONDAY + timedelta(days=20))
    await world.tap("ana", "stale.confirm", initiative="#1")

    await wake(world, AFTER_30)
    first = len(asked(world))
    await wake(world, AFTER_30 + A_MONTH)

    assert (first, len(asked(world))) == (0, 1)


async def test_what_is_not_being_built_any_more_is_not_asked_about(world: World) -> None:
    await started(world)
    await world.submit("ana", await world.form("ana", "drop Checkout retry"), reason="nobody needs it")

    await wake(world, AFTER_30)

    assert asked(world) == []
    async with world.reading() as connection:
        coming = await Store(connection, 1).schedules.called("stale:1:2")
    assert coming is None


async def test_an_old_button_about_what_was_dropped_says_how_it_stands(world: World) -> None:
    await started(world)
    await world.submit("ana", await world.form("ana", "drop Checkout retry"), reason="nobody needs it")

    shown = await world.tap("ana", "stale.show", initiative="#1")
    confirmed = await world.tap("ana", "stale.confirm", initiative="#1")

    assert shown.title == confirmed.title == "Checkout retry was dropped"
    assert (await kept(world))[0].confirmed_at is None
