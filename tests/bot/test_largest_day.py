"""The fullest card of a day, with five pieces of work asked about in it, is drawn whole on every platform."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.slack.render import render
from bot.teams.kit import size
from bot.teams.render import card
from handlers.messages import Message, Scale
from tests.bot.slack import judging as slack
from tests.bot.teams import judging as teams
from tests.handlers.initiatives.plan import started
from tests.world import World, words_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WEDNESDAY = datetime(2026, 11, 25, 9, 45, tzinfo=UTC)
WORK = [f"{number} {'Ärger & <Zahlung> ' * 5}".strip() for number in range(1, 6)]
WHY = "💶 because the shops *told* us so, again & again. " * 19
MOST = 25 * 1024  # in UTF-16, so that every way into Teams takes it


async def asked(world: World) -> Message:
    """Ben's card of a Wednesday on which five things are being built."""
    for title in WORK:
        await started(world, title=title)
    await world.go_to(WEDNESDAY)
    return world.chat.to("ben")[-1]


def taps(message: Message) -> list[tuple[str, dict[str, str]]]:
    """What each button in a row of its own does."""
    return [
        (each.action, dict(each.values))
        for row in message.blocks
        if isinstance(row, Scale)
        for each in row.buttons
    ]


async def test_asked_it_is_whole_and_small_enough(world: World) -> None:
    message = await asked(world)

    assert len(taps(message)) == 5 + 5 * 3
    assert slack.verdict(message) == []
    assert teams.verdict(message) == []
    assert max(size(each) for each in teams.in_chat(message)) <= MOST


async def test_with_every_reason_given_it_is_whole_and_small_enough(world: World) -> None:
    message = await asked(world)
    for _, values in taps(message):
        if values.get("answer") == "unsure":
            await world.tap("ben", "pulse.save", **values)
            await world.tap("ben", "pulse.why", **values, why=WHY)
    full = await world.press("ben", world.chat.to("ben")[-1], "4", sentence=WHY)

    assert isinstance(full, Message)
    assert words_of(full).count("because the shops") == 6 * 19
    assert slack.verdict(full) == []
    assert teams.verdict(full) == []
    assert max(size(each) for each in teams.in_chat(full)) <= MOST


async def test_every_answer_can_be_tapped_in_slack_and_teams(world: World) -> None:
    message = await asked(world)
    titles = set(WORK)

    in_slack = repr([page.blocks for page in render(message)])
    in_teams = repr(card(message))

    for drawn in (in_slack, in_teams):
        assert drawn.count("pulse.save") >= 5 * 3
        assert drawn.count("checkin.save") >= 5
    assert all(title.split()[0] in in_teams for title in titles)
