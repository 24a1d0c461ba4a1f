"""Words to the bot, in its direct messages or after its name: one answer and one effect for each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.bot.slack.office import Office, office
from tests.world import CHANNEL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url) as opened:
        await opened.start_team()
        yield opened


@pytest.mark.parametrize("words", ["help", "hi", "Hello"])
async def test_a_greeting_is_answered_with_what_can_be_done(at_work: Office, words: str) -> None:
    ana = at_work.person("ana")

    await ana.dm(words)
    await at_work.quiet()

    assert ana.dms[-1].title == "Checkout: what I can do here"


async def test_a_form_verb_in_private_is_answered_with_a_button_that_opens_it_filled_in(at_work: Office) -> None:
    ana = at_work.person("ana")

    await ana.dm("define-success Retry & <more>")
    await at_work.quiet()
    form = await at_work.presses("ana", ana.dms[-1], "Open the form")

    assert form.inputs["What is it called?"] == "Retry & <more>"


async def test_an_event_delivered_again_has_one_answer(at_work: Office) -> None:
    ana = at_work.person("ana")
    await ana.dm("checkin 4 good")
    await at_work.quiet()
    stood = len(ana.dms)

    for _ in range(3):
        await at_work.slack.replay(at_work.slack.delivery.sent[-1])
    await at_work.quiet()

    assert len(ana.dms) == stood
    assert "Saved: 4 of 5" in ana.dms[-1].words


async def test_a_mention_in_a_thread_is_answered_there(at_work: Office) -> None:
    ana = at_work.person("ana")
    begun = await ana.write(CHANNEL, "What do we know?")

    await ana.mention(CHANNEL, "help", thread=begun)
    await at_work.quiet()

    assert ana.ephemerals(CHANNEL)[-1].message.thread_ts == begun.ts
    assert ana.ephemerals(CHANNEL)[-1].title == "Checkout: what I can do here"
