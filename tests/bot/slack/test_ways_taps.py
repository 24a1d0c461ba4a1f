"""Taps, wherever a button stands: one tap, one effect, and the answer in the place of the card or beside it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from tests.bot.slack.office import Office, office
from tests.fakes.slack import Card, Page
from tests.scenarios.slack_stage import SlackStage
from tests.scenarios.story import looked_back, shipped
from tests.world import CHANNEL, MONDAY

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OUTSIDE = "I am for the members of this workspace"


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started, on the morning after, when everybody was asked."""
    async with office(database_url) as opened:
        await opened.start_team()
        await opened.go_to(MONDAY + timedelta(days=1, hours=2))
        yield opened


def answers(database_url: str) -> list[Any]:
    """What was answered: the score and the sentence of each."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("select score, sentence from reflections order by id").fetchall()


def question(at: Office, name: str) -> Card:
    """Today's question, as somebody has it in their direct messages."""
    card = at.person(name).dms[-1]
    assert card.title.startswith("Would Shop owners"), card
    return card


def confirmation(card: Card | Page, label: str) -> Any:
    """What Slack asks before a button counts."""
    return next(each.element.get("confirm") for each in card.controls if each.label == label)


async def test_a_card_in_direct_messages_becomes_its_receipt(at_work: Office, database_url: str) -> None:
    card, stood = question(at_work, "ana"), len(at_work.person("ana").dms)

    await at_work.presses("ana", card, "4", sentence="Two <b>shops</b> & *one* bank")

    assert card.title == "Saved: 4 of 5"
    assert len(at_work.person("ana").dms) == stood
    assert answers(database_url) == [(4, "Two <b>shops</b> & *one* bank")]


async def test_an_answer_only_one_person_sees_becomes_its_receipt(at_work: Office, database_url: str) -> None:
    card = await at_work.types("ben", "checkin", channel=CHANNEL)
    assert isinstance(card, Card)

    await at_work.presses("ben", card, "2")

    assert card.is_ephemeral
    assert card.title == "Saved: 2 of 5"
    assert len(at_work.person("ben").ephemerals(CHANNEL)) == 1
    assert at_work.slack.channel(CHANNEL).messages == []
    assert answers(database_url) == [(2, "")]


async def test_the_card_in_direct_messages_follows_what_was_tapped_elsewhere(at_work: Office) -> None:
    elsewhere = await at_work.types("ben", "checkin", channel=CHANNEL)

    await at_work.presses("ben", elsewhere, "2")

    assert at_work.person("ben").dms[-1].title == "Saved: 2 of 5"


async def test_an_entry_of_a_cards_menu_changes_the_card(at_work: Office) -> None:
    card = question(at_work, "ana")

    await at_work.presses("ana", card, "Skip today")

    assert "Skip today" not in card.buttons
    assert card.title == at_work.person("ana").dms[-1].title


async def test_a_question_about_a_card_is_answered_beneath_it(at_work: Office) -> None:
    card = question(at_work, "ana")

    said = await at_work.presses("ana", card, "Why me?")

    assert said.title.startswith("Why you got something today at 09:40")
    assert "1 Not at all" in card.buttons


async def test_a_form_from_a_card_is_a_modal(at_work: Office) -> None:
    form = await at_work.presses("ana", question(at_work, "ana"), "Away until…")

    assert isinstance(form, Page)
    assert list(form.inputs) == ["Ask me again on"]


async def test_what_cannot_be_brought_back_asks_before_it_counts(at_work: Office) -> None:
    preview = await at_work.presses("ana", await at_work.types("ana", "my-data"), "Erase…")

    asked = confirmation(preview, "Erase it all")

    assert asked["text"]["text"] == "Erase everything listed? It cannot be brought back."
    assert confirmation(preview, "Keep it") is None


async def test_two_taps_at_once_on_two_copies_save_one_answer(at_work: Office, database_url: str) -> None:
    copy = await at_work.types("ana", "checkin", channel=CHANNEL)
    ana, card = at_work.person("ana"), question(at_work, "ana")

    await asyncio.gather(ana.press(card, "5"), ana.press(copy, "1"))
    await at_work.quiet()

    [(score, _)] = answers(database_url)
    assert ana.errors == []
    assert card.title == f"Saved: {score} of 5"


async def test_a_card_of_yesterday_is_answered_late_and_says_so(at_work: Office, database_url: str) -> None:
    card = question(at_work, "ana")
    await at_work.go_to(MONDAY + timedelta(days=2, hours=2))

    await at_work.presses("ana", card, "3")

    assert "late" in card.words
    assert at_work.person("ana").dms[-1].title.startswith("Would Shop owners")
    assert answers(database_url) == [(3, "")]


async def test_a_card_that_was_answered_by_a_command_shows_the_receipt(at_work: Office, database_url: str) -> None:
    stale = await at_work.types("ana", "checkin", channel=CHANNEL)
    await at_work.types("ana", "checkin 5")

    await at_work.presses("ana", stale, "1")

    assert len(answers(database_url)) == 1
    assert stale.title.startswith("Saved: ")


async def test_a_button_of_an_earlier_version_says_so_with_a_way_on(at_work: Office, database_url: str) -> None:
    card = question(at_work, "ana")
    for block in card.blocks:
        for element in block.get("elements", ()):
            element["value"] = '["checkin.of_old",{"team":"1"}]'

    said = await at_work.presses("ana", card, "4")

    assert said.title == "This button is from an earlier version of the card"
    assert said.buttons == ["Help"]
    assert answers(database_url) == []


async def summary_in_the_channel(at: Office) -> Card:
    """What stands in the channel after a review."""
    stage = SlackStage(at)
    await at.go_to(MONDAY + timedelta(days=11, hours=2))
    await shipped(stage)
    await looked_back(stage)
    return next(card for card in at.slack.channel(CHANNEL).messages if "Read all answers" in card.buttons)


async def test_a_message_in_the_channel_stands_whatever_one_person_is_shown(at_work: Office) -> None:
    summary = await summary_in_the_channel(at_work)
    title, buttons = summary.title, summary.buttons

    read = await at_work.presses("ben", summary, "Read all answers")
    form = await at_work.presses("ben", summary, "Add an action")
    await at_work.sends("ben", form, trigger="it rains", deed="walks", due="15 January", sign="feet")

    assert isinstance(read, Card)
    assert read.is_ephemeral
    assert "If it rains" in at_work.person("ben").ephemerals(CHANNEL)[-1].words
    assert (summary.title, summary.buttons) == (title, buttons)


async def test_a_card_that_everybody_sees_is_never_replaced_by_what_one_person_sees(at_work: Office) -> None:
    card = await at_work.types("ana", "checkin", channel=CHANNEL)
    assert isinstance(card, Card)
    card.message.ephemeral_to = None
    stood = card.words

    await at_work.presses("ben", card, "4")

    assert card.words == stood
    assert [each.title for each in at_work.person("ben").ephemerals(CHANNEL)] == ["Saved: 4 of 5"]


@pytest.mark.parametrize("role", ["guest", "ultra_restricted", "stranger"])
async def test_who_is_no_member_is_refused_and_nothing_is_saved(
    at_work: Office, database_url: str, role: str
) -> None:
    outsider = at_work.slack.add_person("olga", role)
    at_work.slack.channel(CHANNEL).state.members.append(outsider.id)
    card = await at_work.types("ben", "checkin", channel=CHANNEL)
    assert isinstance(card, Card)
    card.message.ephemeral_to = outsider.id

    seen = await at_work.presses("olga", card, "4")

    assert OUTSIDE in seen.words
    assert answers(database_url) == []


async def test_who_is_in_no_team_there_is_refused_with_a_way_on(at_work: Office, database_url: str) -> None:
    newcomer = at_work.slack.add_person("olga")
    at_work.slack.channel(CHANNEL).state.members.append(newcomer.id)
    card = await at_work.types("ben", "checkin", channel=CHANNEL)
    assert isinstance(card, Card)
    card.message.ephemeral_to = newcomer.id

    seen = await at_work.presses("olga", card, "4")

    assert seen.title == "You do not take part in Checkout. Its lead can take you in with setup."
    assert answers(database_url) == []


async def test_whose_account_has_ended_is_refused(at_work: Office, database_url: str) -> None:
    card = question(at_work, "ana")
    await at_work.person("ana").is_deactivated()
    await at_work.quiet()

    await at_work.person("ana").press(card, "4")
    await at_work.quiet()

    assert answers(database_url) == []
    assert "Your account here is not active" in at_work.person("ana").dms[-1].words
