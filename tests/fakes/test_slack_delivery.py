"""What the local Slack delivers: signed, in Slack's shapes, again when nobody answers; and what answers do."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.conftest import Bot, actions, answered, asking, button, section
from tests.fakes.slack import Card, FakeSlack, StillClock, uninstall


async def test_requests_are_signed_over_their_very_bytes(slack: FakeSlack, bot: Bot, clock: StillClock) -> None:
    await slack.person("ana").command("/value help", channel="checkout")

    headers, body = bot.headers[0], bot.bodies[0]
    stamp = str(int(clock.now().timestamp()))
    base = f"v0:{stamp}:{body.decode()}".encode()
    expected = hmac.new(slack.app.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert headers["X-Slack-Request-Timestamp"] == stamp
    assert headers["X-Slack-Signature"] == f"v0={expected}"


async def test_the_published_verifier_accepts_the_signature(slack: FakeSlack, bot: Bot, clock: StillClock) -> None:
    class Now:
        def now(self) -> float:
            return clock.now().timestamp()

    await slack.person("ana").dm("hello")

    verifier = SignatureVerifier(slack.app.signing_secret, Now())  # type: ignore[arg-type]
    assert verifier.is_valid_request(bot.bodies[0], dict(bot.headers[0]))
    assert not verifier.is_valid_request(bot.bodies[0] + b" ", dict(bot.headers[0]))


async def test_a_command_is_a_form_with_escaped_words(slack: FakeSlack, bot: Bot) -> None:
    await slack.person("ana").command("/value lessons a < b & c", channel="checkout")

    form = bot.payloads[0]
    assert bot.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"
    assert (form["command"], form["text"]) == ("/value", "lessons a &lt; b &amp; c")
    assert form["channel_id"] == slack.channel("checkout").id
    assert form["is_enterprise_install"] == "false"
    assert form["response_url"].startswith(f"{slack.url}/commands/")


async def test_a_command_is_answered_to_one_or_to_all(slack: FakeSlack, bot: Bot) -> None:
    ana = slack.person("ana")

    bot.answers({"text": "Only you"})
    mine = await ana.command("/value", channel="checkout")
    bot.answers({"text": "Everybody", "response_type": "in_channel"})
    everyones = await ana.command("/value", channel="checkout")

    assert isinstance(mine, Card)
    assert mine.is_ephemeral
    assert isinstance(everyones, Card)
    assert [card.words for card in slack.channel("checkout").messages] == ["Everybody"]
    assert slack.person("ben").ephemerals() == []


async def test_a_wrong_answer_to_a_command_is_shown_to_nobody_else(slack: FakeSlack, bot: Bot) -> None:
    ana = slack.person("ana")
    bot.answers({"text": "x", "blocks": [section("x" * 3001)]})

    await ana.command("/value", channel="checkout")

    assert "invalid_blocks" in ana.errors[0]
    assert ana.ephemerals() == []


@pytest.mark.parametrize("act", ["command", "press", "shortcut"])
async def test_people_are_told_when_nobody_answers(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient, act: str
) -> None:
    ana = slack.person("ana")
    await client.chat_postMessage(channel=ana.id, text="x", blocks=[actions(button())])
    slack.patience_s = 0.05

    async def never(payload: dict[str, Any]) -> web.StreamResponse:
        await asyncio.Event().wait()
        return answered()

    bot.answer = never
    doing = {
        "command": ana.command("/value"),
        "press": ana.press(ana.dms[0], "Start"),
        "shortcut": ana.shortcut("x"),
    }
    await doing.pop(act)
    for other in doing.values():
        other.close()

    assert len(ana.errors) == 1
    assert "operation_timeout" in ana.errors[0]


async def test_people_are_told_of_an_error(slack: FakeSlack, bot: Bot) -> None:
    ana = slack.person("ana")
    bot.answers(status=500)

    await ana.command("/value")

    assert ana.errors == ["/value failed with the error “dispatch_failed”"]


async def test_a_press_carries_the_message_the_button_and_the_state(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    room, ana = slack.channel("checkout"), slack.person("ana")
    blocks = [asking("Why", "why"), actions(button("Save", value="7"))]
    await client.chat_postMessage(channel=room.id, text="x", blocks=blocks)

    await ana.press(room.messages[0], "Save", fill={"Why": "Because"})

    payload = bot.payloads[0]
    assert payload["type"] == "block_actions"
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == room.messages[0].ts
    assert payload["actions"][0]["value"] == "7"
    assert payload["state"]["values"]["why"]["value"]["value"] == "Because"
    assert payload["user"]["team_id"] == payload["team"]["id"] == slack.workspace().id
    assert payload["channel"] == {"id": room.id, "name": "checkout"}


async def test_an_entry_of_an_overflow_menu_is_pressed_by_its_label(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    ana = slack.person("ana")
    entry = {"text": {"type": "plain_text", "text": "Skip today"}, "value": "skip"}
    menu = {"type": "overflow", "action_id": "more", "options": [entry]}
    await client.chat_postMessage(channel=ana.id, text="x", blocks=[actions(menu)])

    await ana.press(ana.dms[0], "Skip")

    assert bot.payloads[0]["actions"][0]["selected_option"]["value"] == "skip"
    assert bot.payloads[0]["channel"]["name"] == "directmessage"


async def test_choosing_in_a_menu_acts_at_once(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    ana = slack.person("ana")
    choices = [{"text": {"type": "plain_text", "text": each}, "value": each.lower()} for each in ("One", "Two")]
    about = {"type": "plain_text", "text": "About"}
    menu = {"type": "static_select", "action_id": "about", "placeholder": about, "options": choices}
    await client.chat_postMessage(channel=ana.id, text="x", blocks=[actions(menu, button())])

    await ana.choose(ana.dms[0], "About", "Two")
    await ana.press(ana.dms[0], "Start")

    assert bot.payloads[0]["actions"][0]["selected_option"]["value"] == "two"
    assert bot.payloads[1]["state"]["values"]["row"]["about"]["selected_option"]["value"] == "two"


async def test_an_ephemeral_message_is_not_in_the_payload_of_its_buttons(slack: FakeSlack, bot: Bot) -> None:
    ana = slack.person("ana")
    bot.answers({"text": "x", "blocks": [actions(button())]})
    card = await ana.command("/value", channel="checkout")
    assert isinstance(card, Card)
    bot.answers()

    await ana.press(card, "Start")

    assert bot.payloads[-1]["container"]["is_ephemeral"] is True
    assert "message" not in bot.payloads[-1]


async def test_a_direct_message_and_a_mention_are_events(slack: FakeSlack, bot: Bot) -> None:
    ana = slack.person("ana")

    await ana.dm("see https://x.example & more")
    await ana.mention("checkout", "status")

    first, second = (payload["event"] for payload in bot.payloads)
    assert (first["type"], first["channel_type"]) == ("message", "im")
    assert first["text"] == "see <https://x.example> &amp; more"
    assert (second["type"], second["text"]) == ("app_mention", f"<@{slack.workspace().bot}> status")
    assert bot.payloads[0]["event_id"] != bot.payloads[1]["event_id"]
    assert bot.payloads[0]["authorizations"][0]["team_id"] == slack.workspace().id


async def test_a_mention_where_the_bot_is_not_is_not_heard(slack: FakeSlack, bot: Bot) -> None:
    slack.add_channel("open", members=["ana"], with_bot=False)

    await slack.person("ana").mention("open", "status")

    assert bot.payloads == []


async def test_an_event_needs_its_scope(slack: FakeSlack, bot: Bot) -> None:
    bare = slack.add_workspace("Bare", installed=False)
    slack.install(bare, scopes=["commands"])
    zoe = slack.add_person("zoe", workspace=bare)

    await zoe.dm("hello")
    await zoe.changes(tz="Asia/Tokyo")

    assert bot.payloads == []


async def test_an_event_needs_its_subscription(slack: FakeSlack, bot: Bot) -> None:
    slack.app.events = {"app_mention"}

    await slack.person("ana").dm("hello")

    assert bot.payloads == []


async def test_an_event_is_delivered_four_times_and_no_more(slack: FakeSlack, bot: Bot) -> None:
    bot.answers(status=500)
    await slack.person("ana").dm("hello")

    for _ in range(5):
        await slack.retry_now()

    numbers = [headers.get("X-Slack-Retry-Num") for headers in bot.headers]
    assert numbers == [None, "1", "2", "3"]
    assert bot.headers[1]["X-Slack-Retry-Reason"] == "http_error"
    assert len({payload["event_id"] for payload in bot.payloads}) == 1
    assert len(slack.delivery.given_up) == 1


async def test_an_event_that_is_answered_is_not_sent_again(slack: FakeSlack, bot: Bot) -> None:
    bot.answers(status=503)
    await slack.person("ana").dm("hello")
    bot.answers()

    await slack.retry_now()
    await slack.retry_now()

    assert len(bot.payloads) == 2
    assert slack.delivery.given_up == []


async def test_a_bot_can_forbid_retries(slack: FakeSlack, bot: Bot) -> None:
    bot.answers(status=500, X_Slack_No_Retry="1")

    await slack.person("ana").dm("hello")

    assert await slack.retry_now() == []


async def test_a_bot_that_is_down_is_tried_again(slack: FakeSlack, bot: Bot) -> None:
    slack.connect("http://127.0.0.1:9")
    await slack.person("ana").dm("hello")
    slack.connect(bot.url)

    await slack.retry_now()

    assert bot.headers[0]["X-Slack-Retry-Reason"] == "connection_failed"


async def test_the_same_bytes_can_come_twice(slack: FakeSlack, bot: Bot) -> None:
    await slack.person("ana").command("/value")

    await slack.replay(slack.delivery.sent[0])

    assert bot.bodies[0] == bot.bodies[1]


async def test_the_challenge_of_a_new_address(slack: FakeSlack, bot: Bot) -> None:
    bot.answers({"challenge": "fake-challenge"})

    reply = await slack.verify_url()

    assert bot.payloads[0]["type"] == "url_verification"
    assert reply.body == {"challenge": "fake-challenge"}


async def test_shortcuts_carry_their_callback(slack: FakeSlack, bot: Bot) -> None:
    ana = slack.person("ana")
    said = await slack.person("ben").write("checkout", "A customer asked for refunds")

    await ana.shortcut("check_in")
    await ana.message_shortcut("evidence", said)

    assert [payload["type"] for payload in bot.payloads] == ["shortcut", "message_action"]
    assert bot.payloads[0]["callback_id"] == "check_in"
    assert "channel" not in bot.payloads[0]
    assert bot.payloads[1]["message"]["text"] == "A customer asked for refunds"
    assert bot.payloads[1]["message"]["user"] == slack.person("ben").id


async def test_opening_the_home_page_is_an_event(slack: FakeSlack, bot: Bot) -> None:
    await slack.person("ana").open_home()

    assert bot.payloads[0]["event"]["type"] == "app_home_opened"
    assert bot.payloads[0]["event"]["tab"] == "home"


async def test_changes_of_people_and_channels_are_told_unless_they_are_silent(slack: FakeSlack, bot: Bot) -> None:
    ana, room = slack.person("ana"), slack.channel("checkout")

    await ana.changes(tz="Asia/Tokyo")
    await ana.leaves("checkout")
    await ana.joins("checkout")
    await room.rename("buying")
    await room.share()
    await room.archive()
    await slack.add_person("new").comes()
    await ana.changes(real_name="Somebody Else", silently=True)
    await room.make_private()
    await slack.person("ben").is_deactivated()

    told = [payload["event"]["type"] for payload in bot.payloads]
    assert told == [
        "user_change", "member_left_channel", "member_joined_channel", "channel_rename", "channel_shared",
        "channel_archive", "team_join", "user_change",
    ]  # fmt: skip
    assert bot.payloads[0]["event"]["user"]["tz"] == "Asia/Tokyo"
    assert bot.payloads[-1]["event"]["user"]["deleted"]
    assert bot.payloads[5]["is_ext_shared_channel"] is True
    assert slack.person("ben").id not in room.state.members


async def test_a_bot_that_is_removed_from_a_channel_hears_that_it_left(slack: FakeSlack, bot: Bot) -> None:
    await slack.channel("checkout").remove_bot()

    assert bot.payloads[0]["event"] | {"event_ts": ""} == {
        "type": "channel_left", "channel": slack.channel("checkout").id, "event_ts": "",
    }  # fmt: skip


async def test_an_organisation_s_events_say_so(slack: FakeSlack, bot: Bot) -> None:
    north = slack.add_workspace("North", enterprise="E1", installed=False)
    slack.install(north, organisation="E1")
    nia = slack.add_person("nia", workspace=north)

    await nia.dm("hello")
    await nia.command("/value")

    authorization = bot.payloads[0]["authorizations"][0]
    assert (authorization["is_enterprise_install"], authorization["enterprise_id"]) == (True, "E1")
    assert authorization["team_id"] is None
    assert bot.payloads[1]["is_enterprise_install"] == "true"
    assert bot.payloads[1]["enterprise_id"] == "E1"


@pytest.mark.parametrize(
    "events",
    [("app_uninstalled", "tokens_revoked"), ("tokens_revoked", "app_uninstalled"), ("tokens_revoked",), ()],
)
async def test_the_app_is_removed_with_its_events_in_any_order(
    slack: FakeSlack, bot: Bot, events: tuple[str, ...]
) -> None:
    await uninstall(slack, slack.workspace(), events=events)

    assert [payload["event"]["type"] for payload in bot.payloads] == list(events)
    with pytest.raises(AssertionError, match="removed"):
        await slack.person("ana").command("/value")


async def answer_by(url: str, body: dict[str, Any]) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        return answer.status, str((await answer.json()).get("error", ""))


async def test_a_response_url_is_good_for_five_answers(slack: FakeSlack, bot: Bot) -> None:
    await slack.person("ana").command("/value", channel="checkout")
    url = bot.payloads[0]["response_url"]

    answers = [await answer_by(url, {"text": "x"}) for _ in range(6)]

    assert answers == [(200, "")] * 5 + [(404, "used_url")]


@pytest.mark.parametrize(("minutes", "answer"), [(29.9, (200, "")), (30, (200, "")), (30.1, (404, "expired_url"))])
async def test_a_response_url_lives_thirty_minutes(
    slack: FakeSlack, bot: Bot, clock: StillClock, minutes: float, answer: tuple[int, str]
) -> None:
    await slack.person("ana").command("/value", channel="checkout")
    clock.advance(minutes * 60)

    assert await answer_by(bot.payloads[0]["response_url"], {"text": "x"}) == answer


async def test_a_response_url_replaces_and_deletes_what_was_pressed(slack: FakeSlack, bot: Bot) -> None:
    ana = slack.person("ana")
    bot.answers({"text": "One", "blocks": [actions(button())]})
    card = await ana.command("/value", channel="checkout")
    bot.answers()
    assert isinstance(card, Card)

    await ana.press(card, "Start")
    url = bot.payloads[-1]["response_url"]
    await answer_by(url, {"text": "Two", "replace_original": True})
    await answer_by(url, {"text": "Three", "replace_original": False})

    assert [each.words for each in ana.ephemerals()] == ["Two", "Three"]
    await answer_by(url, {"delete_original": True})
    assert card.is_gone
    assert await answer_by(url, {"text": "x", "replace_original": True}) == (404, "message_not_found")


async def test_a_response_url_refuses_what_slack_refuses(slack: FakeSlack, bot: Bot) -> None:
    await slack.person("ana").command("/value", channel="checkout")
    url = bot.payloads[0]["response_url"]

    assert await answer_by(url, {"text": ""}) == (400, "no_text")
    assert await answer_by(url, {"text": "x", "blocks": [{"type": "chart"}]}) == (400, "invalid_blocks")
    assert await answer_by(url, {"txt": "x"}) == (400, "invalid_payload")
    assert await answer_by(f"{slack.url}/commands/T1/2/x", {"text": "x"}) == (404, "invalid_url")


async def test_a_response_url_answers_where_the_bot_is_not(slack: FakeSlack, bot: Bot) -> None:
    slack.add_channel("secret", private=True, members=["ana"], with_bot=False)
    ana = slack.person("ana")
    await ana.command("/value", channel="secret")

    await answer_by(bot.payloads[0]["response_url"], {"text": "x"})

    assert bot.payloads[0]["channel_name"] == "privategroup"
    assert [card.words for card in ana.ephemerals("secret")] == ["x"]


async def test_somebody_waits_to_see_an_answer(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    ana = slack.person("ana")

    async def later(payload: dict[str, Any]) -> web.StreamResponse:
        slack.later(client.chat_postMessage(channel=payload["event"]["channel"], text="What I can do here"))
        return answered()

    bot.answer = later
    await ana.dm("help")
    card = await ana.sees("What I can do")

    assert card.title == "What I can do here"
    with pytest.raises(TimeoutError):
        await ana.sees("Something else", within_s=0.01)
