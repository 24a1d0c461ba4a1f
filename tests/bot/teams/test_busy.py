"""Teams is too busy for an answer: what was asked is saved, and the answer comes later, once."""

from __future__ import annotations

from typing import Any

from tests.bot.teams.office import CHANNEL, Office

WAIT_S = 40


async def later(here: Office) -> None:
    """The time passes that Teams named."""
    here.clock.advance(WAIT_S + 1)
    await here.app.tick()
    await here.settle()


def titles(cards: list[Any]) -> list[str]:
    """What the bot has said, by its titles."""
    return [card.title for card in cards if card.message.by_bot]


async def test_an_answer_in_private_comes_when_teams_has_time(here: Office) -> None:
    await here.start_team()
    here.teams.throttle("send", retry_after=WAIT_S)

    await here.ana.dm("checkin 4")
    await here.settle()
    before = titles(here.ana.dms)
    await later(here)

    assert "Saved: 4 of 5" not in before
    assert titles(here.ana.dms).count("Saved: 4 of 5") == 1
    assert await here.count("reflections") == 1


async def test_an_answer_in_a_channel_comes_to_the_persons_own_chat(here: Office) -> None:
    await here.start_team()
    here.teams.throttle("send", retry_after=WAIT_S)

    await here.ben.mention(CHANNEL, "help")
    await here.settle()
    await later(here)

    assert titles(here.ben.dms)[-1] == "Checkout: what I can do here"


async def test_a_card_that_could_not_be_changed_is_changed_later(here: Office) -> None:
    await here.start_team()
    await here.ana.dm("checkin")
    await here.settle()
    card = await here.ana.sees("Would")
    here.teams.throttle("update", retry_after=WAIT_S)

    await here.ana.press(card, "4")
    await here.settle()
    refused, stood = len(here.teams.called("update")), len(titles(here.ana.dms))
    await later(here)

    assert refused == 1
    assert len(here.teams.called("update")) == 2
    assert len(titles(here.ana.dms)) == stood
    assert titles(here.ana.dms)[-1] == "Saved: 4 of 5"


async def test_a_file_that_could_not_be_asked_about_comes_word_for_word(here: Office) -> None:
    await here.start_team()
    await here.ana.dm("my-data")
    await here.settle()
    card = await here.ana.sees("What")
    here.teams.throttle("send", retry_after=WAIT_S, times=9)

    await here.ana.press(card, "Export")
    await here.settle()
    here.teams.faults.planned.clear()
    before = " ".join(card.words for card in here.ana.dms)
    await later(here)

    assert '"has_home"' not in before
    assert '"has_home"' in " ".join(card.words for card in here.ana.dms)
