"""The same activity again: it runs once, and an invoke gets the same answer again."""

from __future__ import annotations

import asyncio

from tests.bot.teams.office import Office


async def test_words_sent_again_are_answered_once(here: Office) -> None:
    await here.ana.dm("help")
    await here.settle()
    sent = here.teams.delivery.sent[-1]

    again = await asyncio.gather(*(here.teams.replay(sent) for _ in range(5)))
    await here.settle()

    assert {reply.status for reply in again} == {200}
    assert len([card for card in here.ana.dms if card.message.by_bot]) == 1


async def test_a_tap_sent_again_is_one_effect_and_one_answer(here: Office) -> None:
    await here.start_team()
    await here.ana.dm("checkin")
    await here.settle()
    await here.ana.press(await here.ana.sees("Would"), "4")
    await here.settle()
    sent = here.teams.delivery.sent[-1]

    again = [await here.teams.replay(sent) for _ in range(3)]
    await here.settle()

    assert len({reply.text for reply in again}) == 1
    assert "Saved: 4 of 5" in again[0].text
    assert await here.count("reflections") == 1


async def test_a_dialog_sent_again_is_one_effect_and_one_answer(here: Office) -> None:
    await here.start_team()
    sent = here.teams.delivery.sent[-2]  # setup, filled in
    assert sent.activity["name"] == "task/submit"

    again = [await here.teams.replay(sent) for _ in range(2)]
    await here.settle()

    assert len({reply.text for reply in again}) == 1
    assert "task" in again[0].text
    assert await here.count("teams") == 1


async def test_a_dialog_corrected_is_no_repeat(here: Office) -> None:
    await here.ana.mention(here.channel.id, "setup")
    await here.settle()
    await here.ana.press(await here.ana.sees("Open the form"), "Open the form")

    await here.ana.submit(fill={"payer": "Shop owners", "zone": "Mars/Olympus"})
    await here.ana.submit(fill={"zone": "Europe/London", "pays": "€49"})

    assert await here.count("teams") == 1


async def test_two_taps_are_two_even_with_the_same_values(here: Office) -> None:
    await here.start_team()
    await here.ana.dm("checkin")
    await here.settle()
    await here.ana.press(await here.ana.sees("Would"), "4")
    await here.settle()
    sent = here.teams.delivery.sent[-1].activity

    await here.ana.press(await here.ana.sees("Saved"), "Undo")
    await here.settle()
    await here.teams.delivery.send({**sent, "id": "f:another"})

    assert await here.count("reflections") == 1


async def test_the_same_id_in_another_conversation_is_another_activity(here: Office) -> None:
    await here.ana.dm("help")
    await here.settle()
    sent = here.teams.delivery.sent[-1].activity
    theirs = here.teams.world.personal(here.ben.state)

    await here.teams.delivery.send(
        {**sent, "from": {"id": here.ben.id}, "conversation": {**sent["conversation"], "id": theirs.id}}
    )
    await here.settle()

    assert [card for card in here.ben.dms if card.message.by_bot]
