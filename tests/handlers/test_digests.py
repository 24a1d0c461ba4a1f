"""The summary of the week: previewed in private, posted once, its figures closed from then on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from handlers.messages import Facts, Message, Picture
from storage import Store
from tests.handlers.initiatives.plan import define, lines, started
from tests.handlers.retros.review import TITLE, asked, numbers
from tests.world import CHANNEL, World, words_of

FRIDAY = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
TUESDAY_NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PEOPLE = ("ana", "ben", "chi", "dev", "eva")


async def scored(world: World, *scores: int) -> None:
    """On Tuesday, as many people as there are scores answer the day's question."""
    await world.go_to(max(TUESDAY_NOON, world.clock.now()))
    for person, score in zip(PEOPLE, scores, strict=False):
        await world.say(person, f"checkin {score}")


async def preview(world: World, person: str = "ana") -> Message:
    """The week's summary as one person sees it."""
    return await world.say(person, "summary week")


def digests(world: World) -> list[Message]:
    """The summaries of a week that stand in the channel."""
    return [message for message in world.chat.posted() if ", week of " in message.title]


async def set_up(world: World, **changes: str) -> None:
    """Ana changes how the team is set up."""
    form = await world.form("ana", "setup", channel=CHANNEL)
    await world.submit("ana", form, channel=CHANNEL, **changes)


async def test_the_preview_is_private_and_has_the_mean_the_distribution_and_what_happened(world: World) -> None:
    await started(world)
    await define(world, title="Wallet")
    await world.say("ana", f"release {TITLE}")
    await scored(world, 5, 4, 4, 2)

    message = await preview(world)

    picture = next(block for block in message.blocks if isinstance(block, Picture))
    assert message.title == "Checkout, week of Monday 23 November: 3.8 of 5"
    assert lines(message) == [
        "Would Shop owners be happy to pay? 3.8 of 5 on average, from 4 answers of 4 people.",
        "Success defined: Checkout retry; Wallet",
        "Started: Checkout retry",
        "Released: Checkout retry",
        "Released and never judged: 1; the oldest is Checkout retry, out for 1 day",
    ]
    assert picture.alt == "How often each score was given: 5: 1, 4: 2, 3: 0, 2: 1, 1: 0."
    assert [bar.share for bar in picture.bars] == [0.5, 1.0, 0.0, 0.5, 0.0]
    assert digests(world) == []


async def test_the_button_posts_it_once(world: World) -> None:
    await scored(world, 5, 4, 4, 2)
    message = await preview(world)

    done = await world.press("ana", message, "Post to #checkout")
    again = await world.press("ben", message, "Post to #checkout")

    assert done.title == "Posted in #checkout"
    assert again.title == "This week's summary is in #checkout already"
    assert [posted.title for posted in digests(world)] == ["Checkout, week of Monday 23 November: 3.8 of 5"]
    assert digests(world)[0].buttons == ()


async def test_two_who_post_at_the_same_moment_post_once(world: World) -> None:
    await scored(world, 5, 4, 4, 2)
    first, second = await preview(world), await preview(world, "ben")

    await asyncio.gather(
        world.press("ana", first, "Post to #checkout"), world.press("ben", second, "Post to #checkout")
    )
    await world.app.settle()

    assert len(digests(world)) == 1


async def test_not_now_posts_nothing_until_the_end_of_the_week(world: World) -> None:
    await scored(world, 5, 4, 4, 2)
    left = await world.press("ana", await preview(world), "Not now")
    before = digests(world)
    await world.go_to(FRIDAY)

    assert left.title == "Not posted"
    assert before == []
    assert len(digests(world)) == 1


async def test_it_posts_itself_on_the_last_working_days_afternoon_unless_it_stands_already(world: World) -> None:
    await scored(world, 5, 4, 4, 2)
    await world.press("ana", await preview(world), "Post to #checkout")

    await world.go_to(FRIDAY + timedelta(hours=1))

    assert len(digests(world)) == 1


async def test_a_week_in_which_nothing_happened_is_not_posted(world: World) -> None:
    await world.go_to(FRIDAY + timedelta(hours=1))

    assert world.chat.posted() == []


async def test_fewer_than_four_answers_are_not_shown_and_the_reason_is(world: World) -> None:
    await scored(world, 5, 1, 1)
    message = await preview(world)
    await world.go_to(FRIDAY)

    for seen in (message, digests(world)[0]):
        assert seen.title == "Checkout, week of Monday 23 November"
        assert lines(seen)[0].startswith("Fewer than 4 people answered this week.")
        assert not any(isinstance(block, Picture) for block in seen.blocks)


@pytest.mark.parametrize(
    ("visibility", "sentence"),
    [("private", "keeps its check-ins private"), ("by_name", "not everyone has")],
)
async def test_what_the_team_keeps_to_itself_is_said_plainly(world: World, visibility: str, sentence: str) -> None:
    await set_up(world, visibility=visibility)
    await scored(world, 5, 4, 4, 2, 1)

    message = await preview(world)

    assert sentence in lines(message)[0]
    assert "of 5" not in message.title


async def test_with_everybodys_consent_means_are_shown_by_name(world: World) -> None:
    await set_up(world, visibility="by_name")
    for person in PEOPLE:
        await world.tap(person, "consent", answer="yes")
    await scored(world, 5, 2)

    message = await preview(world)

    names = next(block.rows for block in message.blocks if isinstance(block, Facts))
    assert names == (("Ana Ruiz", "5"), ("Ben Okafor", "2"))


async def test_scores_that_come_late_do_not_change_a_posted_week(world: World) -> None:
    await scored(world, 5, 4, 4, 2)
    await world.press("ana", await preview(world), "Post to #checkout")
    await world.say("eva", "checkin 1")

    message = await preview(world)

    assert message.title.endswith("3.8 of 5")
    assert "It stands in #checkout already" in words_of(message)
    assert message.buttons == ()


async def test_a_summary_of_another_week_is_not_posted(world: World) -> None:
    await scored(world, 5, 4, 4, 2)
    message = await preview(world)
    await world.go_to(FRIDAY + timedelta(days=21))
    before = len(digests(world))

    reply = await world.press("ana", message, "Post to #checkout")

    assert reply.title == "That summary was of another week"
    assert len(digests(world)) == before


@pytest.mark.parametrize("typed", ["month", "quarter", "day", "rubbish <@U1>"])
async def test_other_times_are_not_pretended_to_be_there(world: World, typed: str) -> None:
    reply = await world.say("ana", f"summary {typed}")
    week = await world.press("ana", reply, "Summary of the week")

    assert reply.title == "For now there is only the summary of the week"
    assert week.title.startswith("Checkout, week of")


async def test_summary_alone_is_that_of_the_week(world: World) -> None:
    assert (await world.say("ana", "summary")).title == "Checkout, week of Monday 23 November"


async def test_what_was_judged_and_what_is_being_reviewed_is_told(world: World) -> None:
    await numbers(world, await asked(world))
    open_now = await preview(world)
    await world.press("ana", await world.say("ana", f"retro {TITLE}"), "Close it now")

    judged = await preview(world)

    assert "Being reviewed: Checkout retry, until Thu 3 Dec" in lines(open_now)
    assert "Judged: Checkout retry" in lines(judged)
    assert "Released and never judged: nothing" in lines(judged)


async def test_nothing_goes_to_a_channel_that_another_organisation_shares(world: World) -> None:
    await scored(world, 5, 4, 4, 2)
    async with world.writing() as connection:
        await Store(connection, 1).directory.keep_channel(CHANNEL, is_shared=True)

    await world.go_to(FRIDAY)

    assert digests(world) == []
    assert "shared with another organisation" in words_of(world.chat.to("ana")[-1])
