"""The local Slack's people: what they see, what they fill in, and how a card reads."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.conftest import Bot, actions, asking, button, section
from tests.fakes.slack import FakeSlack


def rich(*lines: str) -> dict[str, Any]:
    parts = [[{"type": "text", "text": word} for word in line.split("|")] for line in lines]
    sections = [{"type": "rich_text_section", "elements": part} for part in parts]
    return {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": sections}]}


async def test_a_card_reads_as_it_is_drawn(slack: FakeSlack, client: AsyncWebClient) -> None:
    ana = slack.person("ana")
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Saved: 4 of 5"}},
        section("about &lt;refunds&gt; &amp; <https://x.example|more>"),
        rich("one |and |two", "three"),
        actions(button("Edit"), button("Undo")),
    ]

    await client.chat_postMessage(channel=ana.id, text="Saved", blocks=blocks)

    (card,) = ana.dms
    assert card.title == "Saved: 4 of 5"
    assert card.words == "Saved: 4 of 5\nabout <refunds> & more\none and two\nthree\nEdit\nUndo"
    assert card.buttons == ["Edit", "Undo"]
    assert card.text == "Saved"


async def test_a_card_is_read_as_it_is_now(slack: FakeSlack, client: AsyncWebClient) -> None:
    ana = slack.person("ana")
    posted = await client.chat_postMessage(channel=ana.id, text="One", blocks=[section("One")])
    (card,) = ana.dms

    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Two", blocks=[section("Two")])

    assert card.words == "Two"


async def test_inputs_are_read_with_what_stands_in_them(slack: FakeSlack, client: AsyncWebClient) -> None:
    ana = slack.person("ana")
    choices = [{"text": {"type": "plain_text", "text": each}, "value": each} for each in ("Yes", "No")]
    sure = asking("Sure?", "sure", type="radio_buttons", options=choices, initial_option=choices[0])

    await client.chat_postMessage(
        channel=ana.id, text="x", blocks=[asking("Why", "why", initial_value="As"), sure]
    )

    assert ana.dms[0].inputs == {"Why": "As", "Sure?": "Yes"}
    assert ana.dms[0].options == {"Sure?": ["Yes", "No"]}


async def test_nobody_presses_what_is_not_there(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    ana = slack.person("ana")
    await client.chat_postMessage(channel=ana.id, text="x", blocks=[asking(), actions(button("Edit"))])

    with pytest.raises(AssertionError, match="no button 'Undo'"):
        await ana.press(ana.dms[0], "Undo")
    with pytest.raises(AssertionError, match="no input 'Age'"):
        await ana.press(ana.dms[0], "Edit", fill={"Age": "7"})
    with pytest.raises(AssertionError, match="one line"):
        await ana.press(ana.dms[0], "Edit", fill={"Name": "a\nb"})
    assert bot.payloads == []


async def test_a_button_of_the_very_label_is_pressed_before_one_that_begins_so(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    ana = slack.person("ana")
    row = actions(button("Start over"), button("Start"))
    await client.chat_postMessage(channel=ana.id, text="x", blocks=[row])

    await ana.press(ana.dms[0], "Start")

    assert bot.payloads[0]["actions"][0]["text"]["text"] == "Start"


async def test_people_see_only_what_is_theirs(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.add_channel("board", private=True, members=["ana"])
    await client.chat_postMessage(channel=slack.channel("board").id, text="Numbers")

    seen = await slack.person("ana").sees("Numbers")

    assert seen.words == "Numbers"
    with pytest.raises(TimeoutError):
        await slack.person("ben").sees("Numbers", within_s=0.01)


async def test_one_person_of_an_organisation_is_in_two_workspaces(slack: FakeSlack, bot: Bot) -> None:
    north = slack.add_workspace("North", enterprise="E1", installed=False)
    south = slack.add_workspace("South", enterprise="E1", installed=False)
    slack.install(north, south, organisation="E1")
    nia = slack.add_person("nia", workspace=north, also_in=[south])

    await nia.command("/value")
    await slack.person("nia", south).command("/value")
    await nia.changes(tz="Asia/Tokyo")

    assert [payload["team_id"] for payload in bot.payloads] == [north.id, south.id, north.id, south.id]
    assert bot.payloads[0]["user_id"] == bot.payloads[1]["user_id"]


async def test_a_stranger_s_words_carry_their_own_team(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    sam = slack.add_person("sam", "stranger")
    room = slack.add_channel("partners", members=["ana", "sam"], shared=True)
    await client.chat_postMessage(channel=room.id, text="x", blocks=[actions(button())])

    await sam.mention("partners", "status")
    await sam.press(room.messages[0], "Start")

    assert bot.payloads[0]["event"]["user_team"] == "T0ELSEWHERE"
    assert bot.payloads[0]["is_ext_shared_channel"] is True
    assert bot.payloads[1]["user"]["team_id"] == "T0ELSEWHERE"
    assert bot.payloads[1]["team"]["id"] == slack.workspace().id
