"""The local Slack's Web API: tokens, scopes, arguments, who sees which channel, files, and trouble on demand."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.conftest import actions, button, client_of, refusal, section
from tests.fakes.slack import FakeSlack, StillClock, uninstall


async def ask(slack: FakeSlack, method: str, token: str = "", **form: str) -> dict[str, Any]:
    """A bare call, without a client that would make it right."""
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with session.post(f"{slack.api_url}{method}", data=form, headers=headers) as answer:
            assert answer.status == 200
            body: dict[str, Any] = await answer.json()
            return body


async def test_it_says_whose_token_it_is_and_what_it_may(slack: FakeSlack, client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    assert answer["user_id"] == slack.workspace().bot
    assert answer["team_id"] == slack.workspace().id
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-unknown", "invalid_auth"), ("xapp-1", "not_allowed_token_type")],
)
async def test_a_wrong_token_is_refused(slack: FakeSlack, token: str, error: str) -> None:
    assert (await ask(slack, "auth.test", token))["error"] == error


async def test_a_token_in_the_address_is_none(slack: FakeSlack) -> None:
    answer = await ask(slack, f"auth.test?token={slack.workspace().token}")

    assert answer["error"] == "not_authed"


async def test_a_revoked_token_is_refused(client: AsyncWebClient) -> None:
    await client.auth_revoke()

    assert await refusal(client.auth_test()) == "token_revoked"


async def test_no_token_of_a_removed_app_is_any_good(slack: FakeSlack, client: AsyncWebClient) -> None:
    await uninstall(slack, slack.workspace())

    assert await refusal(client.auth_test()) == "account_inactive"


async def test_an_unknown_method_is_said_to_be_unknown(slack: FakeSlack) -> None:
    assert (await ask(slack, "chat.shout", slack.workspace().token))["error"] == "unknown_method"


SCOPED = [
    ("users.list", {}, "users:read"),
    ("users.info", {"user": "U1"}, "users:read"),
    ("conversations.list", {}, "channels:read"),
    ("conversations.list", {"types": "private_channel"}, "groups:read"),
    ("users.conversations", {"types": "im"}, "im:read"),
    ("conversations.open", {"users": "U1"}, "im:write"),
    ("conversations.join", {"channel": "C1"}, "channels:join"),
    ("chat.postMessage", {"channel": "C1", "text": "x"}, "chat:write"),
    ("chat.postEphemeral", {"channel": "C1", "user": "U1", "text": "x"}, "chat:write"),
    ("chat.update", {"channel": "C1", "ts": "1.1", "text": "x"}, "chat:write"),
    ("files.getUploadURLExternal", {"filename": "a", "length": "1"}, "files:write"),
    ("files.completeUploadExternal", {"files": "[]"}, "files:write"),
]


@pytest.mark.parametrize(("method", "form", "scope"), SCOPED)
async def test_a_method_needs_its_scope(slack: FakeSlack, method: str, form: dict[str, str], scope: str) -> None:
    bare = slack.add_workspace("Bare", installed=False)
    slack.install(bare, scopes=["commands"])

    answer = await ask(slack, method, bare.token, **form)

    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", scope, "commands")


async def test_posting_under_another_name_needs_a_scope_of_its_own(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    call = client.chat_postMessage(channel=slack.channel("checkout").id, text="x", username="Boss")

    assert await refusal(call) == "missing_scope"


@pytest.mark.parametrize("method", ["chat.postMessage", "users.info", "conversations.info", "views.open"])
async def test_a_missing_argument_is_named(slack: FakeSlack, method: str) -> None:
    answer = await ask(slack, method, slack.workspace().token)

    assert answer["error"] == "invalid_arguments"
    assert "missing required field" in answer["response_metadata"]["messages"][0]


async def test_a_method_that_reads_takes_no_json(slack: FakeSlack, client: AsyncWebClient) -> None:
    call = client.api_call("users.info", json={"user": slack.person("ana").id})

    assert await refusal(call) == "invalid_arguments"


async def test_people_come_in_pages(slack: FakeSlack, client: AsyncWebClient) -> None:
    first = await client.users_list(limit=2, include_locale=True)

    second = await client.users_list(limit=2, cursor=first["response_metadata"]["next_cursor"])

    assert [each["name"] for each in [*first["members"], *second["members"]]] == ["worthwhile", "ana", "ben"]
    assert first["members"][1]["locale"] == "en-GB"
    assert second["response_metadata"]["next_cursor"] == ""
    assert "locale" not in second["members"][0]
    assert await refusal(client.users_list(cursor="channels-from-2")) == "invalid_cursor"
    assert await refusal(client.users_list(limit=1001)) == "invalid_limit"


async def test_it_says_what_somebody_is(slack: FakeSlack, client: AsyncWebClient) -> None:
    guest, outsider = slack.add_person("gus", "guest"), slack.add_person("sam", "stranger")
    gone = slack.add_person("gil", "deleted")

    users = [(await client.users_info(user=each.id))["user"] for each in (guest, outsider, gone)]

    assert users[0]["is_restricted"]
    assert users[1]["is_stranger"]
    assert users[1]["team_id"] != slack.workspace().id
    assert users[2]["deleted"]
    assert "tz" not in users[2]
    assert outsider.id not in [each["id"] for each in (await client.users_list())["members"]]
    assert await refusal(client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_a_private_channel_is_there_only_for_its_members(slack: FakeSlack, client: AsyncWebClient) -> None:
    outside = slack.add_channel("secret", private=True, with_bot=False)
    inside = slack.add_channel("board", private=True, members=["ana"])

    listed = await client.conversations_list(types="public_channel,private_channel")

    assert [each["name"] for each in listed["channels"]] == ["checkout", "board"]
    assert await refusal(client.conversations_info(channel=outside.id)) == "channel_not_found"
    assert await refusal(client.chat_postMessage(channel=outside.id, text="x")) == "channel_not_found"
    assert (await client.conversations_info(channel=inside.id))["channel"]["is_private"]


async def test_a_bot_posts_only_where_it_is(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.add_channel("open", with_bot=False)

    assert await refusal(client.chat_postMessage(channel=room.id, text="x")) == "not_in_channel"
    await client.conversations_join(channel=room.id)
    assert (await client.chat_postMessage(channel=room.id, text="x"))["ok"]
    await room.archive()
    assert await refusal(client.chat_postMessage(channel=room.id, text="x")) == "is_archived"
    assert await refusal(client.conversations_join(channel=room.id)) == "is_archived"


async def test_a_bot_that_joins_is_told_that_it_did(slack: FakeSlack, client: AsyncWebClient, bot: Any) -> None:
    room = slack.add_channel("open", with_bot=False)

    await client.conversations_join(channel=room.id)
    await slack.settle()

    assert bot.payloads[0]["event"]["type"] == "member_joined_channel"
    assert bot.payloads[0]["event"]["user"] == slack.workspace().bot


async def test_members_of_a_channel_come_in_pages(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.channel("checkout")

    first = await client.conversations_members(channel=room.id, limit=2)
    rest = await client.conversations_members(
        channel=room.id, limit=2, cursor=first["response_metadata"]["next_cursor"]
    )

    assert first["members"] == [slack.person("ana").id, slack.person("ben").id]
    assert rest["members"] == [slack.workspace().bot]


async def test_it_writes_to_people_and_to_no_bots_or_strangers(slack: FakeSlack, client: AsyncWebClient) -> None:
    ana, robot = slack.person("ana"), slack.add_person("robot", "bot")
    outsider, gone = slack.add_person("sam", "stranger"), slack.add_person("gil", "deleted")

    opened = await client.conversations_open(users=ana.id)
    posted = await client.chat_postMessage(channel=ana.id, text="Good morning")

    assert posted["channel"] == opened["channel"]["id"]
    assert [card.words for card in ana.dms] == ["Good morning"]
    assert await refusal(client.conversations_open(users=robot.id)) == "cannot_dm_bot"
    assert await refusal(client.conversations_open(users=outsider.id)) == "user_not_visible"
    assert await refusal(client.conversations_open(users=gone.id)) == "user_disabled"
    assert await refusal(client.chat_postMessage(channel="U0NOBODY", text="x")) == "channel_not_found"


async def test_only_one_person_sees_an_ephemeral_message(slack: FakeSlack, client: AsyncWebClient) -> None:
    room, ana, gus = slack.channel("checkout"), slack.person("ana"), slack.add_person("gus")

    posted = await client.chat_postEphemeral(channel=room.id, user=ana.id, text="Only you")

    assert [card.words for card in ana.ephemerals("checkout")] == ["Only you"]
    assert slack.person("ben").ephemerals() == []
    assert room.messages == []
    assert (
        await refusal(client.chat_update(channel=room.id, ts=posted["message_ts"], text="x"))
        == "message_not_found"
    )
    assert (
        await refusal(client.chat_postEphemeral(channel=room.id, user=gus.id, text="x")) == "user_not_in_channel"
    )


async def test_a_message_is_changed_by_its_author_alone(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.channel("checkout")
    hers = await slack.person("ana").write("checkout", "Lunch?")
    posted = await client.chat_postMessage(channel=room.id, text="One", blocks=[section("One")])

    await client.chat_update(channel=room.id, ts=posted["ts"], text="Two", blocks=[section("Two")])
    await client.chat_update(channel=room.id, ts=posted["ts"], text="Three")

    assert [card.words for card in room.messages] == ["Lunch?", "Two"], "blocks stay where none are given"
    assert await refusal(client.chat_update(channel=room.id, ts=hers.ts, text="x")) == "cant_update_message"
    assert await refusal(client.chat_update(channel=room.id, ts="1.2", text="x")) == "message_not_found"


async def test_a_thread_hangs_on_a_message_that_stands(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.channel("checkout")
    first = await client.chat_postMessage(channel=room.id, text="One")

    reply = await client.chat_postMessage(channel=room.id, text="Two", thread_ts=first["ts"])

    assert [card.words for card in room.messages] == ["One"]
    assert [card.words for card in room.thread(first["ts"])] == ["Two"]
    nowhere = client.chat_postMessage(channel=room.id, text="x", thread_ts="1.2")
    assert await refusal(nowhere) == "thread_not_found"
    nested = client.chat_postMessage(channel=room.id, text="x", thread_ts=reply["ts"])
    assert await refusal(nested) == "cannot_reply_to_message"


async def test_a_message_must_say_something(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.channel("checkout").id

    silent = await ask(slack, "chat.postMessage", slack.workspace().token, channel=room, text=" ")

    assert silent["error"] == "no_text"
    assert await refusal(client.chat_postMessage(channel=room, text="x", blocks=[section("")])) == "invalid_blocks"


async def test_a_link_to_a_message(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.channel("checkout").id
    posted = await client.chat_postMessage(channel=room, text="x")

    answer = await client.chat_getPermalink(channel=room, message_ts=posted["ts"])

    assert answer["permalink"].startswith(f"https://sample.slack.com/archives/{room}/p")


async def test_a_picture_is_uploaded_completed_and_shown(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.channel("checkout")
    place = await client.files_getUploadURLExternal(filename="chart.png", length=3, alt_txt="A chart")
    picture = {"type": "image", "alt_text": "A chart", "slack_file": {"id": place["file_id"]}}

    early = await refusal(client.chat_postMessage(channel=room.id, text="x", blocks=[picture]))
    async with aiohttp.ClientSession() as session:
        short = await session.post(place["upload_url"], data=b"12")
        whole = await session.post(place["upload_url"], data=b"123")
    await client.files_completeUploadExternal(files=[{"id": place["file_id"], "title": "Chart"}])
    await client.chat_postMessage(channel=room.id, text="A chart", blocks=[picture])

    assert (early, short.status, whole.status) == ("invalid_blocks", 400, 200)
    assert room.messages[0].words == "A chart"
    assert slack.world.files[place["file_id"]]["bytes"] == b"123"


async def test_a_file_that_never_came_cannot_be_completed(client: AsyncWebClient) -> None:
    place = await client.files_getUploadURLExternal(filename="chart.png", length=3)

    assert await refusal(client.files_completeUploadExternal(files=[{"id": place["file_id"]}])) == "file_not_found"


async def test_an_organisation_has_to_say_which_workspace_it_means(slack: FakeSlack) -> None:
    one = slack.add_workspace("North", enterprise="E1", installed=False)
    two = slack.add_workspace("South", enterprise="E1", installed=False)
    slack.install(one, two, organisation="E1")
    slack.add_channel("south-only", workspace=two)
    client = client_of(slack, one.token)

    teams = (await client.auth_teams_list())["teams"]
    listed = await client.conversations_list(team_id=two.id)

    assert [each["id"] for each in teams] == [one.id, two.id]
    assert [each["name"] for each in listed["channels"]] == ["south-only"]
    for call in (client.users_list(), client.conversations_list(), client.users_conversations()):
        assert await refusal(call) == "missing_argument"
    assert await refusal(client.users_list(team_id=slack.workspace().id)) == "team_not_found"


async def test_equal_ids_in_two_workspaces_are_two_people(slack: FakeSlack) -> None:
    other = slack.add_workspace("Other")
    slack.add_person("zoe", id=slack.person("ana").id, workspace=other)
    slack.add_channel("checkout", id=slack.channel("checkout").id, workspace=other, members=["zoe"])
    client = client_of(slack, other.token)

    await client.chat_postMessage(channel=slack.channel("checkout").id, text="Hello")

    assert (await client.users_info(user=slack.person("ana").id))["user"]["name"] == "zoe"
    assert slack.channel("checkout").messages == []
    assert len(slack.channel("checkout", other).messages) == 1


async def test_a_throttled_method_says_how_long_and_knows_who_comes_early(
    slack: FakeSlack, client: AsyncWebClient, clock: StillClock
) -> None:
    room = slack.channel("checkout").id
    slack.throttle("chat.postMessage", retry_after=30)

    with pytest.raises(SlackApiError) as first:
        await client.chat_postMessage(channel=room, text="x")
    clock.advance(29)
    early = await refusal(client.chat_postMessage(channel=room, text="x"))
    clock.advance(1)
    await client.chat_postMessage(channel=room, text="x")

    assert first.value.response.status_code == 429
    assert first.value.response.headers["Retry-After"] == "30"
    assert early == "ratelimited"
    assert slack.faults.too_early == ["chat.postMessage"]


async def test_throttling_is_for_one_workspace(slack: FakeSlack, client: AsyncWebClient) -> None:
    other = slack.add_workspace("Other")
    slack.throttle("auth.test", retry_after=30, workspace=other.id)

    assert (await client.auth_test())["ok"]
    assert await refusal(client_of(slack, other.token).auth_test()) == "ratelimited"


async def test_one_message_a_second_and_channel_where_that_is_held(
    slack: FakeSlack, client: AsyncWebClient, clock: StillClock
) -> None:
    slack.faults.paced = True
    room = slack.channel("checkout").id
    await client.chat_postMessage(channel=room, text="x")

    assert await refusal(client.chat_postMessage(channel=room, text="x")) == "ratelimited"
    clock.advance(1)
    assert (await client.chat_postMessage(channel=room, text="x"))["ok"]


async def test_errors_on_demand_happen_as_often_as_asked(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.fail("auth.test", error="fatal_error", times=2)

    assert await refusal(client.auth_test()) == "fatal_error"
    assert await refusal(client.auth_test()) == "fatal_error"
    assert (await client.auth_test())["ok"]


async def test_a_status_on_demand(slack: FakeSlack) -> None:
    slack.fail("auth.test", status=503)

    async with aiohttp.ClientSession() as session, session.post(f"{slack.api_url}auth.test") as answer:
        assert answer.status == 503


@pytest.mark.parametrize(("when", "posted"), [("before", 0), ("after", 1)])
async def test_a_connection_breaks_before_or_after_the_effect(
    slack: FakeSlack, client: AsyncWebClient, when: str, posted: int
) -> None:
    room = slack.channel("checkout")
    slack.fail("chat.postMessage", drop=when)

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=room.id, text="x")

    assert len(room.messages) == posted


@pytest.mark.parametrize(("when", "posted"), [("before", 0), ("after", 1)])
async def test_an_answer_hangs_before_or_after_the_effect(
    slack: FakeSlack, client: AsyncWebClient, when: str, posted: int
) -> None:
    room = slack.channel("checkout")
    slack.fail("chat.postMessage", hang=when)

    calling = asyncio.create_task(client.chat_postMessage(channel=room.id, text="x"))
    await slack.until(lambda: slack.faults.held)
    seen = len(room.messages)
    slack.release()
    answers = await asyncio.gather(calling, return_exceptions=True)

    assert seen == posted
    assert isinstance(answers[0], SlackApiError) is (when == "before")


async def test_every_call_is_kept(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.channel("checkout").id

    await client.chat_postMessage(channel=room, text="x", blocks=[actions(button())])

    (call,) = slack.called("chat.postMessage")
    assert (call.args["channel"], call.answer["ok"], call.workspace_id) == (room, True, slack.workspace().id)
