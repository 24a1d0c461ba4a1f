"""The local Teams' people: what they do reaches the bot as Teams sends it, and what it answers is shown."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from tests.fakes.conftest import Bot
from tests.fakes.teams import Card, FakeTeams, Page
from tests.fakes.teams.checking import ADAPTIVE
from tests.fakes.teams_client import Client, card, carded, choosing, execute, submit, typing, words

Json = dict[str, Any]


def replaced(made: Json) -> Json:
    """The answer that puts a card in place of the one that was tapped."""
    return {"statusCode": 200, "type": ADAPTIVE, "value": made}


def dialog(made: Json, **more: Any) -> Json:
    """The answer that opens a dialog."""
    info = {"title": "A form", "card": {"contentType": ADAPTIVE, "content": made}, **more}
    return {"task": {"type": "continue", "value": info}}


async def shown(teams: FakeTeams, connector: Client, made: Json, place: str = "") -> Card:
    """A card of the bot's, as Ana sees it: in her chat, or in a channel."""
    where = teams.conversation(place).id if place else teams.person("ana").chat.id
    answer = await connector.say(where, carded(made))
    assert answer.status == 201, answer.body
    return teams.person("ana").cards(teams.world.conversations[where])[-1]


async def test_words_come_with_who_and_where_and_a_token_for_that_address(
    teams: FakeTeams, teams_bot: Bot
) -> None:
    ana = teams.person("ana")

    await ana.dm("help")

    said = teams_bot.payloads[0]
    token = teams_bot.headers[0]["Authorization"].removeprefix("Bearer ")
    key: Any = teams.keys.present.private.public_key()
    claims = jwt.decode(
        token, key, ["RS256"], audience=teams.app.id, options={"verify_exp": False, "verify_nbf": False}
    )
    assert (said["type"], said["text"], said["from"]["id"]) == ("message", "help", ana.id)
    assert said["conversation"] == {
        "conversationType": "personal", "tenantId": teams.tenant().id, "id": ana.chat.id
    }  # fmt: skip
    assert claims["serviceurl"] == said["serviceUrl"] == teams.service_url


async def test_in_a_channel_the_bot_hears_what_mentions_it(teams: FakeTeams, teams_bot: Bot) -> None:
    ana = teams.person("ana")

    await ana.write("checkout", "not for the bot")
    await ana.mention("checkout", "setup")

    (heard,) = teams_bot.payloads
    mention = next(each for each in heard["entities"] if each["type"] == "mention")
    assert heard["text"] == "<at>Worthwhile</at> setup"
    assert mention["mentioned"]["id"] == heard["recipient"]["id"]
    assert heard["conversation"]["id"].endswith(f";messageid={heard['id']}")
    assert heard["channelData"]["team"]["id"] == teams.conversation("Shop").id


async def test_a_tap_replaces_the_card_for_whoever_tapped(
    teams: FakeTeams, teams_bot: Bot, connector: Client
) -> None:
    question = await shown(teams, connector, card(typing("why"), actions=[execute(data={"id": "1"})]), "checkout")
    teams_bot.answers(replaced(card({"type": "TextBlock", "text": "Saved"})))

    seen = await teams.person("ana").press(question, "Save", {"why": "it works"})

    action = teams_bot.payloads[0]["value"]["action"]
    assert (action["verb"], action["data"]) == ("save", {"id": "1", "why": "it works"})
    assert isinstance(seen, Card)
    assert seen.words == "Saved"
    ben = teams.person("ben")
    assert "Saved" not in ben.cards(teams.conversation("checkout"))[-1].words


async def test_an_update_is_seen_by_everybody(teams: FakeTeams, teams_bot: Bot, connector: Client) -> None:
    question = await shown(teams, connector, card(actions=[execute()]), "checkout")
    teams_bot.answers(replaced(card({"type": "TextBlock", "text": "Only mine"})))
    await teams.person("ana").press(question, "Save")

    changed = carded(card({"type": "TextBlock", "text": "For all"}))
    await connector.change(question.conversation.id, question.message.id, changed)

    for name in ("ana", "ben"):
        assert teams.person(name).cards(question.conversation)[-1].words == "For all"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"statusCode": 200, "type": ADAPTIVE, "value": {"type": "AdaptiveCard"}},
        {"statusCode": 200, "type": "text/plain", "value": "Saved"},
        replaced(card({"type": "TextBlock", "text": "x" * 13_000})),
    ],
)
async def test_an_answer_that_is_none_is_told_to_whoever_waits(
    teams: FakeTeams, teams_bot: Bot, connector: Client, answer: Any
) -> None:
    question = await shown(teams, connector, card(actions=[execute()]))
    teams_bot.answers(answer)

    await teams.person("ana").press(question, "Save")

    assert teams.person("ana").errors


async def test_an_old_client_sends_the_fallback_as_a_message(
    teams: FakeTeams, teams_bot: Bot, connector: Client
) -> None:
    question = await shown(teams, connector, card(typing(), actions=[execute(fallback=submit("Save", id="1"))]))
    teams.person("ana").state.executes = False

    await teams.person("ana").press(question, "Save", {"words": "hm"})

    heard = teams_bot.payloads[0]
    assert (heard["type"], heard["value"], "text" in heard) == ("message", {"id": "1", "words": "hm"}, False)
    assert heard["replyToId"] == question.message.id


async def test_a_dialog_opens_is_sent_and_closes(teams: FakeTeams, teams_bot: Bot, connector: Client) -> None:
    asking = await shown(
        teams, connector, card(actions=[submit("Open", msteams={"type": "task/fetch"}, about="7")])
    )
    teams_bot.answers(dialog(card(typing("why"), choosing(value="a"), actions=[submit("Send", form="1")])))
    ana = teams.person("ana")

    page = await ana.press(asking, "Open")
    teams_bot.answers(None)
    await ana.submit(fill={"why": "because", "pick": "B"})

    fetch, sent = teams_bot.payloads
    assert (fetch["name"], fetch["value"]["data"]["about"]) == ("task/fetch", "7")
    assert (sent["name"], sent["value"]["data"]) == ("task/submit", {"form": "1", "why": "because", "pick": "b"})
    assert isinstance(page, Page)
    assert ana.dialog is None
    assert not ana.errors


async def test_an_empty_input_is_not_sent_at_all(teams: FakeTeams, teams_bot: Bot, connector: Client) -> None:
    question = await shown(teams, connector, card(typing("why"), actions=[execute()]))

    await teams.person("ana").press(question, "Save")

    assert teams_bot.payloads[0]["value"]["action"]["data"] == {}


async def test_a_client_sends_nothing_while_what_is_required_is_empty(
    teams: FakeTeams, teams_bot: Bot, connector: Client
) -> None:
    needed = typing("why", isRequired=True, errorMessage="Say why")
    question = await shown(teams, connector, card(needed, actions=[execute()]))

    with pytest.raises(AssertionError, match="asks for"):
        await teams.person("ana").press(question, "Save")


async def test_what_is_hidden_is_seen_once_it_is_unfolded(
    teams: FakeTeams, teams_bot: Bot, connector: Client
) -> None:
    more = {"type": "Container", "id": "more", "isVisible": False,
            "items": [{"type": "ActionSet", "actions": [execute("Skip")]}]}  # fmt: skip
    toggle = {"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["more"]}
    question = await shown(teams, connector, card(more, actions=[toggle]))
    ana = teams.person("ana")

    assert question.buttons == ["More"]
    await ana.press(question, "More")
    assert sorted(question.buttons) == ["More", "Skip"]
    await ana.press(question, "Skip")

    assert teams_bot.payloads[0]["value"]["action"]["verb"] == "skip"


async def test_a_message_s_menu_hands_over_what_was_said_and_by_whom(teams: FakeTeams, teams_bot: Bot) -> None:
    said = await teams.person("ben").write("checkout", "A shop <loves> it")
    teams_bot.answers(dialog(card(typing(), actions=[submit()])))
    ana = teams.person("ana")

    await ana.extend("evidence", said)
    teams_bot.answers(None)
    await ana.submit(fill={"words": "x"})

    fetch, sent = teams_bot.payloads
    payload = fetch["value"]["messagePayload"]
    assert (fetch["name"], fetch["value"]["commandId"]) == ("composeExtension/fetchTask", "evidence")
    assert payload["body"]["content"] == "<div>A shop &lt;loves&gt; it</div>"
    assert payload["from"]["user"]["displayName"] == "Ben"
    assert (sent["name"], sent["value"]["data"]) == ("composeExtension/submitAction", {"words": "x"})


async def test_a_card_refreshes_itself_for_those_it_names(
    teams: FakeTeams, teams_bot: Bot, connector: Client
) -> None:
    ana, ben = teams.person("ana"), teams.person("ben")
    refresh = {"action": {"type": "Action.Execute", "verb": "look"}, "userIds": [ana.id]}
    card_of_ana = await shown(teams, connector, card(refresh=refresh), "checkout")
    teams_bot.answers(replaced(card({"type": "TextBlock", "text": "For Ana"})))

    await ana.look(card_of_ana)
    await ben.look(ben.cards(card_of_ana.conversation)[-1])

    assert [each["value"]["trigger"] for each in teams_bot.payloads] == ["automatic"]
    assert card_of_ana.words == "For Ana"


async def test_the_app_comes_and_goes_with_two_activities_each(teams: FakeTeams, teams_bot: Bot) -> None:
    ben = teams.person("ben")

    await ben.installs()
    await ben.uninstalls()
    await ben.adds_app("Shop")
    await ben.removes_app("Shop")

    told = [(each["type"], each.get("action")) for each in teams_bot.payloads]
    came, went = ("conversationUpdate", None), ("installationUpdate", "remove")
    assert told == [
        came,
        ("installationUpdate", "add"),
        went,
        came,
        ("installationUpdate", "add"),
        came,
        went,
        came,
    ]


async def test_what_becomes_of_teams_and_channels_is_told(teams: FakeTeams, teams_bot: Bot) -> None:
    ana = teams.person("ana")
    teams.add_person("zoe")

    await teams.person("zoe").joins("Shop")
    await teams.person("ben").leaves("Shop")
    await ana.renames_channel("checkout", "pay")
    await ana.deletes_channel("pay")
    await ana.deletes_channel("pay", again=True)
    await ana.renames_team("Shop", "Store")
    await ana.archives_team("Store")
    await ana.deletes_team("Store")

    events = [each["channelData"]["eventType"] for each in teams_bot.payloads]
    assert events == [
        "teamMemberAdded", "teamMemberRemoved", "channelRenamed", "channelDeleted", "channelRestored",
        "teamRenamed", "teamArchived", "teamDeleted",
    ]  # fmt: skip
    assert "name" not in teams_bot.payloads[0]["membersAdded"][0]


async def test_a_bot_that_fails_is_told_to_whoever_waits(teams: FakeTeams, teams_bot: Bot) -> None:
    teams_bot.answers(None, 500)

    await teams.person("ana").dm("help")

    assert teams.person("ana").errors
    assert len(teams.delivery.failed) == 1


async def test_keys_roll_go_away_and_are_counted(teams: FakeTeams, connector: Client) -> None:
    async def kids() -> list[str]:
        async with connector.http.get(teams.openid_url) as response:
            where = (await response.json())["jwks_uri"]
        async with connector.http.get(where) as response:
            return [each["kid"] for each in (await response.json())["keys"]]

    first = await kids()
    teams.keys.roll()
    both = await kids()
    teams.keys.roll(keeps=False)

    assert (len(first), len(both), len(await kids())) == (1, 2, 1)
    assert teams.keys.fetches == {"openid": 3, "keys": 3}


async def test_the_very_bytes_can_be_sent_again(teams: FakeTeams, teams_bot: Bot) -> None:
    await teams.person("ana").dm("help")

    await teams.replay(teams.delivery.sent[0])

    assert teams_bot.bodies[0] == teams_bot.bodies[1]


async def test_words_that_were_changed_or_taken_back_are_told(teams: FakeTeams, teams_bot: Bot) -> None:
    ana = teams.person("ana")
    await ana.dm("hepl")

    await ana.edit(ana.dms[0], "help")
    await ana.take_back(ana.dms[0])

    assert [each["type"] for each in teams_bot.payloads] == ["message", "messageUpdate", "messageDelete"]
    assert teams_bot.payloads[1]["id"] == teams_bot.payloads[0]["id"]


async def test_text_alone_is_seen_too(teams: FakeTeams, connector: Client) -> None:
    await connector.say(teams.person("ana").chat.id, words("Good morning"))

    assert teams.person("ana").seen() is not None
