"""A channel that is archived, shared or renamed while a form is open or a post is on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.nudges.port import Address, Astray, NotSent, Recipient, Refused
from handlers.messages import Message
from tests.bot.slack.office import Office, office
from tests.fakes.slack import Card, Page
from tests.world import CHANNEL, MONDAY, PEOPLE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GIVEN = {"said_by": "Meera", "strength": "said"}
DIGEST_AT = MONDAY + timedelta(days=4, hours=8)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


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


def asked(at: Office) -> int:
    """How often Slack was asked what a channel is."""
    return len(at.slack.called("conversations.info"))


async def send(
    at: Office, title: str, *, thread: Address | None = None, replacing: Address | None = None
) -> Address:
    """A message on its way to the channel."""
    assert at.app.slack
    workspace, channel = at.slack.workspace().id, at.slack.channel(CHANNEL).id
    recipient = Recipient(workspace, None, channel, thread, replacing)
    return await at.app.slack.sender.send(recipient, Message(title))


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


async def test_nothing_is_posted_in_a_channel_that_came_to_be_shared_though_no_event_told(at_work: Office) -> None:
    preview = await previewed(at_work)
    await at_work.slack.channel(CHANNEL).share(silently=True)

    await at_work.presses("ana", preview, "Post to")
    await at_work.tick()

    shown = at_work.person("ana").dms[-1].words
    assert posted(at_work) == []
    assert shown.startswith("Checkout, week of")
    assert "#checkout is shared with another organisation" in shown


async def test_a_digest_of_its_day_stays_out_of_a_channel_that_came_to_be_shared_though_no_event_told(
    at_work: Office,
) -> None:
    await previewed(at_work)
    await at_work.go_to(DIGEST_AT - SECOND)
    await at_work.slack.channel(CHANNEL).share(silently=True)

    await at_work.go_to(DIGEST_AT)

    assert posted(at_work) == []
    assert "#checkout is shared with another organisation" in at_work.person("ana").dms[-1].words


async def test_a_digest_is_posted_on_its_day_in_a_channel_that_is_as_it_was(at_work: Office) -> None:
    await previewed(at_work)

    await at_work.go_to(DIGEST_AT)

    assert len(posted(at_work)) == 1


async def test_what_an_admin_lets_others_read_is_posted_though_no_event_told_of_them(at_work: Office) -> None:
    await at_work.person("ana").changes(is_admin=True)
    preview = await previewed(at_work)
    await at_work.slack.channel(CHANNEL).share(silently=True)
    await at_work.presses("ana", preview, "Post to")
    await at_work.tick()

    await at_work.presses("ana", at_work.person("ana").dms[-1], "Post there from now on")
    await send(at_work, "For all who read here")

    assert posted(at_work) == ["For all who read here"]


async def test_a_reply_in_a_thread_stays_out_of_a_channel_that_came_to_be_shared_since(at_work: Office) -> None:
    stands = await send(at_work, "A summary")
    await at_work.slack.channel(CHANNEL).share(silently=True)
    at_work.clock.set(MONDAY + MINUTE)

    with pytest.raises(Astray, match="channel shared"):
        await send(at_work, "What somebody added", thread=stands)

    assert at_work.slack.channel(CHANNEL).thread(stands["stamps"][0]) == []


async def test_what_stands_in_a_channel_is_changed_without_asking_who_reads_it(at_work: Office) -> None:
    stands = await send(at_work, "A summary")
    at_work.clock.set(MONDAY + MINUTE)
    before = asked(at_work)

    await send(at_work, "A summary without erased words", replacing=stands)

    assert posted(at_work) == ["A summary without erased words"]
    assert asked(at_work) == before


async def test_a_channel_that_nobody_else_reads_costs_one_question_a_minute(at_work: Office) -> None:
    before = asked(at_work)

    for second in range(120):
        at_work.clock.set(MONDAY + second * SECOND)
        await send(at_work, f"Post {second}")

    assert len(posted(at_work)) == 120
    assert asked(at_work) - before == 2


async def test_while_slack_says_to_wait_nothing_is_posted_unasked(at_work: Office) -> None:
    preview = await previewed(at_work)
    at_work.slack.throttle("conversations.info", retry_after=30)

    await at_work.presses("ana", preview, "Post to")
    meanwhile = posted(at_work)
    await at_work.go_to(MONDAY + 30 * SECOND)

    assert meanwhile == []
    assert len(posted(at_work)) == 1
    assert at_work.slack.faults.too_early == []


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": "before", "times": 2}, {"error": "fatal_error"}])
async def test_while_slack_does_not_answer_nothing_is_posted_unasked(
    at_work: Office, fault: dict[str, Any]
) -> None:
    preview = await previewed(at_work)
    at_work.slack.fail("conversations.info", **fault)

    await at_work.presses("ana", preview, "Post to")
    meanwhile = posted(at_work)
    await at_work.go_to(MONDAY + MINUTE)

    assert meanwhile == []
    assert len(posted(at_work)) == 1


async def test_a_question_that_finds_the_bot_removed_ends_its_posts(at_work: Office) -> None:
    at_work.slack.fail("conversations.info", error="token_revoked")

    with pytest.raises(Refused, match="token_revoked"):
        await send(at_work, "A summary")

    assert posted(at_work) == []


async def test_a_channel_with_another_id_is_posted_in_once_that_is_known(at_work: Office) -> None:
    room = at_work.slack.channel(CHANNEL)
    at_work.slack.workspace().channels["C0ANEW"] = room.state
    room.state.id, old = "C0ANEW", room.id
    assert at_work.app.slack

    with pytest.raises(NotSent, match="another id"):
        await at_work.app.slack.sender.send(
            Recipient(at_work.slack.workspace().id, None, old), Message("A summary")
        )
    await send(at_work, "A summary")

    assert posted(at_work) == ["A summary"]


async def test_an_event_from_a_channel_tells_by_the_way_that_others_read_it(at_work: Office) -> None:
    preview = await previewed(at_work)
    await at_work.slack.channel(CHANNEL).share(silently=True)

    await at_work.person("ben").mention(CHANNEL, "help")
    await at_work.quiet()
    await at_work.presses("ana", preview, "Post to")

    assert preview.title == "#checkout is shared with another organisation, so nothing is posted there"


async def test_events_from_a_channel_that_is_known_to_be_shared_cost_no_question(at_work: Office) -> None:
    await at_work.slack.channel(CHANNEL).share()
    await at_work.quiet()
    before = asked(at_work)

    await at_work.person("ben").mention(CHANNEL, "help")
    await at_work.quiet()

    assert asked(at_work) == before


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
