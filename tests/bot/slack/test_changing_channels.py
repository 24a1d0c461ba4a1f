"""A channel that is archived, shared or renamed while a form is open or a post is on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.bot.slack.office import Office, office
from tests.fakes.slack import Card, Page
from tests.world import CHANNEL, PEOPLE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GIVEN = {"said_by": "Meera", "strength": "said"}


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url) as opened:
        await opened.start_team()
        yield opened


async def previewed(at: Office) -> Card:
    """Everybody has answered, and Ana looks at the summary before it is posted."""
    for name in PEOPLE:
        await at.types(name, "checkin 4")
    preview = await at.types("ana", "summary", channel=CHANNEL)
    assert isinstance(preview, Card)
    return preview


def posted(at: Office) -> list[str]:
    """What stands in the channel."""
    return [card.title for card in at.slack.channel(CHANNEL).messages]


async def test_a_summary_is_posted_in_a_channel_that_is_as_it_was(at_work: Office) -> None:
    preview = await previewed(at_work)

    await at_work.presses("ana", preview, "Post to")

    assert len(posted(at_work)) == 1


async def test_nothing_is_posted_in_a_channel_that_came_to_be_shared(at_work: Office) -> None:
    preview = await previewed(at_work)
    await at_work.slack.channel(CHANNEL).share()
    await at_work.quiet()

    await at_work.presses("ana", preview, "Post to")

    assert posted(at_work) == []
    assert preview.title == "#checkout is shared with another organisation, so nothing is posted there"


async def test_nothing_is_posted_in_a_channel_that_was_archived(at_work: Office) -> None:
    preview = await previewed(at_work)
    await at_work.slack.channel(CHANNEL).archive()
    await at_work.quiet()

    await at_work.presses("ana", preview, "Post to")

    assert posted(at_work) == []
    assert preview.title == "#checkout is archived, or I can no longer reach it: nothing was posted"


async def test_what_an_archived_channel_refuses_goes_to_the_lead_though_no_event_told(at_work: Office) -> None:
    preview = await previewed(at_work)
    await at_work.slack.channel(CHANNEL).archive(silently=True)

    await at_work.presses("ana", preview, "Post to")
    await at_work.tick()

    assert posted(at_work) == []
    assert at_work.person("ana").dms[-1].words.startswith("Checkout, week of")


async def test_a_form_that_was_opened_in_a_channel_is_saved_after_it_was_archived(at_work: Office) -> None:
    form = await at_work.types("eva", "evidence It saved my Saturday", channel=CHANNEL)
    await at_work.slack.channel(CHANNEL).archive()
    await at_work.quiet()

    assert isinstance(form, Page)
    receipt = await at_work.sends("eva", form, **GIVEN)

    assert receipt
    assert receipt.title == "Written down"


async def test_a_team_follows_the_name_of_its_channel(at_work: Office) -> None:
    card = await at_work.types("ben", "checkin", channel=CHANNEL)
    await at_work.slack.channel(CHANNEL).rename("payments")
    await at_work.quiet()

    await at_work.presses("ben", card, "4")

    assert "#payments's summary" in card.words


async def test_a_bot_that_is_not_in_the_channel_any_more_answers_those_who_are(at_work: Office) -> None:
    form = await at_work.types("eva", "evidence It saved my Saturday", channel=CHANNEL)
    await at_work.slack.channel(CHANNEL).remove_bot()
    await at_work.quiet()

    assert isinstance(form, Page)
    receipt = await at_work.sends("eva", form, **GIVEN)
    seen = await at_work.types("eva", "checkin 4", channel=CHANNEL)

    assert receipt
    assert receipt.title == "Written down"
    assert seen.title == "Saved: 4 of 5"
