"""Every way in: words, taps, dialogs, and the menu of a message, in private and where others read too."""

from __future__ import annotations

import pytest

from tests.bot.teams.office import CHANNEL, Office
from tests.fakes.teams import activities
from tests.fakes.teams.surfaces import Card, Page


@pytest.mark.parametrize("words", ["help", "hi", "Hello", "  HELP!  "])
async def test_words_in_private_are_answered_there(here: Office, words: str) -> None:
    await here.ana.dm(words)
    await here.settle()

    card = await here.ana.sees("What I can do here")
    assert card.conversation is here.ana.chat
    assert here.ana.errors == []


async def test_a_chat_of_ones_own_is_kept_as_no_channel_even_of_the_first_person_of_all(here: Office) -> None:
    await here.ana.dm("hi")
    await here.settle()

    assert await here.count("channels") == 0


@pytest.mark.parametrize("last", [False, True])
async def test_the_bots_name_is_no_part_of_what_is_said_to_it(here: Office, last: bool) -> None:
    here.teams.app.name = "Worth while & more"

    await here.ana.mention(CHANNEL, "help all", last=last)
    await here.settle()

    assert await here.ana.sees("Everything I can do")


async def test_colleagues_who_are_named_keep_their_names(here: Office) -> None:
    await here.start_team()
    message = here.ana._written(here.channel, "", None)
    message.text = f"<at>{here.teams.app.name}</at> evidence <at>Ben</at> heard that it is slow"
    activity = activities.said(here.teams, here.ana.state, message, here.ben.state)

    await here.teams.delivery.send(activity)
    await here.settle()

    await here.ana.press(await here.ana.sees("Open the form"), "Open the form")
    assert here.ana.dialog
    assert "Ben heard that it is slow" in here.ana.dialog.inputs.values()


async def test_what_is_answered_in_a_channel_is_for_who_asked_alone(here: Office) -> None:
    await here.ana.mention(CHANNEL, "me")
    await here.settle()

    in_channel = [card.words for card in here.ben.cards(here.channel) if card.message.by_bot]
    assert in_channel == ["Ana, my answer is in your own chat with me."]
    assert [card.conversation for card in here.ana.fresh() if "Ana" in card.title][-1] is here.ana.chat


async def test_who_does_not_let_the_bot_write_is_told_so_where_they_asked(here: Office) -> None:
    await here.ana.dm("hi")
    await here.settle()
    here.ana.blocks()

    await here.ana.mention(CHANNEL, "me")
    await here.settle()

    assert "I may not write to you" in (await here.ana.sees("Ana")).words


async def test_a_team_is_set_up_in_a_channel(here: Office) -> None:
    await here.start_team()

    assert here.ana.errors == []
    assert await here.count("teams") == 1
    assert await here.count("memberships") == 5


async def test_a_form_asked_for_in_private_stands_in_the_chat(here: Office) -> None:
    await here.start_team()

    await here.ana.dm("define-success Checkout retry")
    await here.settle()
    form = await here.ana.sees("Checkout retry")

    assert "Checkout retry" in form.inputs.values()


async def test_a_tap_changes_its_card_for_good(here: Office) -> None:
    await here.start_team()
    await here.ana.dm("checkin")
    await here.settle()
    card = await here.ana.sees("Would")

    seen = await here.ana.press(card, "4")
    await here.settle()

    assert seen
    assert "Saved: 4 of 5" in seen.title
    assert isinstance(card, Card)
    standing = here.ana.chat.find(card.message.id)
    assert standing
    assert standing.views == {}  # what stands is what everybody would see after drawing the chat anew
    assert any("Saved: 4 of 5" in each.title for each in here.ana.dms)


async def test_a_client_that_knows_no_such_button_gets_the_same(here: Office) -> None:
    here.ana.state.executes = False
    await here.start_team()
    await here.ana.dm("checkin")
    await here.settle()

    await here.ana.press(await here.ana.sees("Would"), "4")
    await here.settle()

    assert any("Saved: 4 of 5" in each.title for each in here.ana.dms)
    assert await here.count("reflections") == 1


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(here: Office) -> None:
    await here.ana.mention(CHANNEL, "setup")
    await here.settle()
    await here.ana.press(await here.ana.sees("Open the form"), "Open the form")

    page = await here.ana.submit(fill={"payer": "Shop owners", "zone": "Mars/Olympus"})

    assert isinstance(page, Page)
    assert "Mars/Olympus" in page.inputs.values()
    assert "Shop owners" in page.inputs.values()
    assert await here.count("teams") == 0


async def test_a_message_is_logged_as_evidence_from_its_menu(here: Office) -> None:
    await here.start_team()
    message = await here.ben.write(CHANNEL, "It took <b>four</b> tries & then it failed")

    page = await here.ana.extend("evidence", message)
    sent = await here.ana.submit(fill={"strength": "said"})

    assert isinstance(page, Page)
    assert "It took <b>four</b> tries & then it failed" in page.inputs.values()
    assert "Ben" in page.inputs.values()
    assert isinstance(sent, Page)
    assert here.ana.errors == []
    assert await here.count("evidence") == 1


async def test_what_is_not_known_gets_the_nearest_verbs(here: Office) -> None:
    await here.ana.dm("relaese")
    await here.settle()

    assert (await here.ana.sees("relaese")).buttons


@pytest.mark.parametrize(
    "name", ["signin/verifyState", "task/other", "composeExtension/query", "adaptiveCard/other"]
)
async def test_an_invoke_that_nobody_knows_gets_a_sentence(here: Office, name: str) -> None:
    reply = await here.teams.delivery.send(
        activities.invoked(here.teams, here.ana.state, here.ana.chat, name, {"a": 1})
    )

    assert reply.status == 200
    assert "help" in reply.text


NOT_OURS: tuple[object, ...] = (
    None, {}, [], "text", {"action": 5}, {"data": {"action": "no.such"}}, {"data": 1}, {"action": {"data": [1]}},
)  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "adaptiveCard/action",
        "task/fetch",
        "task/submit",
        "composeExtension/fetchTask",
        "composeExtension/submitAction",
    ],
)
async def test_an_invoke_that_carries_nothing_of_ours_is_no_failure(here: Office, name: str) -> None:
    activity = activities.invoked(here.teams, here.ana.state, here.ana.chat, name, {})

    replies = [
        await here.teams.delivery.send({**activity, "id": f"f:{number}", "value": value})
        for number, value in enumerate(NOT_OURS)
    ]
    await here.settle()

    assert {reply.status for reply in replies} == {200}
    assert all(reply.body for reply in replies)


async def test_edited_and_deleted_words_are_not_run(here: Office) -> None:
    await here.ana.dm("help")
    await here.settle()
    mine = next(card for card in here.ana.dms if not card.message.by_bot)
    before = len(here.ana.dms)

    await here.ana.edit(mine, "checkin")
    await here.ana.take_back(mine)
    await here.settle()

    assert len(here.ana.dms) == before - 1


async def test_a_guest_is_refused_politely(here: Office) -> None:
    gil = here.teams.add_person("gil", role="guest", installed=True)

    await gil.dm("me")
    await here.settle()

    assert (await here.teams.until(gil.seen)).words
    assert await here.count("reflections") == 0
