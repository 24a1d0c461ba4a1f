"""The local Teams' connector: tokens, conversations, activities, rosters, pace, and trouble on demand."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.fakes.clock import StillClock
from tests.fakes.teams import FakeTeams
from tests.fakes.teams_client import Client, card, carded, words


async def test_a_token_is_given_for_the_app_s_secret(teams: FakeTeams, connector: Client) -> None:
    answer = await connector.sign_in()

    assert (answer.status, answer.body["token_type"]) == (200, "Bearer")
    assert len(teams.tokens.asked) == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "somebody"}, "unauthorized_client"),
        ({"scope": "https://graph.microsoft.com/.default"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_no_token_is_given_for_anything_else(connector: Client, change: dict[str, str], error: str) -> None:
    answer = await connector.sign_in(**change)

    assert (answer.status >= 400, answer.code) == (True, error)


async def test_an_app_of_one_tenant_gets_its_tokens_there_and_nowhere_else(
    teams: FakeTeams, connector: Client
) -> None:
    elsewhere = teams.token_url
    teams.app.tenant = teams.tenant().id

    async with connector.http.post(elsewhere, data={"grant_type": "client_credentials"}) as response:
        refused = await response.json()
    given = await connector.sign_in()

    assert (refused["error"], given.status) == ("unauthorized_client", 200)


async def test_a_machine_with_an_identity_gets_a_token_for_the_connector_alone(
    teams: FakeTeams, connector: Client
) -> None:
    teams.tokens.has_identity = True
    right = {"api-version": "2018-02-01", "resource": "https://api.botframework.com"}

    async def ask(query: dict[str, str], **headers: str) -> int:
        async with connector.http.get(teams.identity_url, params=query, headers=headers) as response:
            return response.status

    assert await ask(right, Metadata="true") == 200
    assert await ask(right) == 400
    assert await ask({**right, "resource": "https://vault.azure.net"}, Metadata="true") == 400


@pytest.mark.parametrize("authorization", [None, "Bearer made-up", "Basic abc"])
async def test_a_call_without_a_good_token_is_refused(
    teams: FakeTeams, connector: Client, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    url = f"{teams.service_url}v3/conversations"

    async with connector.http.post(url, json={}, headers=headers) as response:
        assert response.status == 401


async def test_a_token_that_has_run_out_is_refused(connector: Client, clock: StillClock) -> None:
    await connector.sign_in()
    clock.advance(3600)

    assert (await connector.begin("ana")).status == 401


async def test_a_chat_is_begun_once_and_stays_the_same(connector: Client) -> None:
    first, again = await connector.begin("ana"), await connector.begin("ana")

    assert (first.status, first.body["id"]) == (201, again.body["id"])


async def test_a_chat_is_begun_with_whoever_shares_a_team_with_the_bot(
    teams: FakeTeams, connector: Client
) -> None:
    teams.add_person("zoe")

    assert (await connector.begin("ben")).status == 201
    assert (await connector.begin("zoe")).status == 403


@pytest.mark.parametrize(
    "change",
    [
        {"members": []},
        {"members": [{"id": "29:nobody"}]},
        {"bot": {"id": "28:another"}},
        {"members": [{"id": "ana@example.org"}]},
    ],
)
async def test_a_chat_is_not_begun_with_nobody(connector: Client, change: dict[str, Any]) -> None:
    assert (await connector.begin("ana", **change)).code == "BadArgument"


async def test_a_chat_is_not_begun_in_another_tenant(connector: Client) -> None:
    answer = await connector.begin("ana", channelData={"tenant": {"id": "another"}})

    assert answer.status == 403


async def test_what_is_said_is_seen_changed_and_taken_back(teams: FakeTeams, connector: Client) -> None:
    chat = (await connector.begin("ana")).body["id"]
    ana = teams.person("ana")

    said = (await connector.say(chat, words("Hello"))).body["id"]
    assert [each.words for each in ana.dms] == ["Hello"]

    await connector.change(chat, said, words("Good morning"))
    assert [each.words for each in ana.dms] == ["Good morning"]

    await connector.call("DELETE", f"v3/conversations/{chat}/activities/{said}")
    assert ana.dms == []


async def test_a_thread_is_begun_in_a_channel_and_answered_below(teams: FakeTeams, connector: Client) -> None:
    channel = teams.conversation("checkout")
    begun = await connector.call(
        "POST",
        "v3/conversations",
        {"isGroup": True, "channelData": {"channel": {"id": channel.id}}, "activity": words("Retro")},
    )

    answered = await connector.say(begun.body["id"], words("Below"))

    assert begun.body["id"] == f"{channel.id};messageid={begun.body['activityId']}"
    assert [(each.text, each.root) for each in channel.history] == [
        ("Retro", None),
        ("Below", begun.body["activityId"]),
    ]
    assert answered.status == 201


@pytest.mark.parametrize("place", ["19:nowhere@thread.tacv2", "a:nobody"])
async def test_nothing_is_said_where_there_is_nothing(connector: Client, place: str) -> None:
    answer = await connector.say(place, words())

    assert (answer.status, answer.code) == (404, "ConversationNotFound")


async def test_nothing_is_said_below_a_message_that_is_not_there(teams: FakeTeams, connector: Client) -> None:
    answer = await connector.say(f"{teams.conversation('checkout').id};messageid=1", words())

    assert answer.status == 404


async def test_nobody_s_words_but_the_bot_s_are_changed(teams: FakeTeams, connector: Client) -> None:
    written = await teams.person("ana").write("checkout", "Mine")

    answer = await connector.change(teams.conversation("checkout").id, written.message.id, words("Yours"))

    assert (answer.status, written.words) == (403, "Mine")


async def test_whoever_blocked_the_bot_is_not_written_to(teams: FakeTeams, connector: Client) -> None:
    chat = (await connector.begin("ana")).body["id"]
    teams.person("ana").blocks()

    answer = await connector.say(chat, words())

    assert (answer.status, answer.body["errorCode"]) == (403, 209)
    assert json.loads(answer.body["message"])["subCode"] == "MessageWritesBlocked"


async def test_the_bot_speaks_in_no_team_that_it_is_not_in(teams: FakeTeams, connector: Client) -> None:
    await teams.person("ana").removes_app("Shop", silently=True)

    answer = await connector.say(teams.conversation("checkout").id, words())

    assert (answer.status, answer.code) == (403, "BotNotInConversationRoster")


@pytest.mark.parametrize(
    "activity",
    [
        {"type": "event"},
        {"type": "message"},
        words(shout=True),
        words(conversation={"id": "a:another"}),
        {**words(), "from": {"id": "29:somebody"}},
        {"type": "message", "attachments": [{"contentType": "image/png"}]},
        carded(card(), summary=""),
        carded(card({"type": "Marquee"})),
    ],
)
async def test_an_activity_that_teams_would_not_take_is_refused(connector: Client, activity: Any) -> None:
    chat = (await connector.begin("ana")).body["id"]

    assert (await connector.say(chat, activity)).code == "BadArgument"


async def test_a_card_over_25_kb_is_refused(connector: Client) -> None:
    chat = (await connector.begin("ana")).body["id"]
    fits, over = ({"type": "TextBlock", "text": "x" * length} for length in (12_600, 12_800))

    assert (await connector.say(chat, carded(card(fits)))).status == 201
    assert (await connector.say(chat, carded(card(over)))).code == "MessageSizeTooBig"


async def test_members_come_in_pages_of_fifty_at_least(teams: FakeTeams, connector: Client) -> None:
    everybody = [teams.add_person(f"p{number}") for number in range(60)]
    team = teams.add_team("Large", members=everybody)
    path = f"v3/conversations/{team.id}/pagedmembers?pageSize=1"

    first = (await connector.call("GET", path)).body
    second = (await connector.call("GET", f"{path}&continuationToken={first['continuationToken']}")).body

    assert (len(first["members"]), len(second["members"]), "continuationToken" in second) == (50, 10, False)
    assert first["members"][0]["objectId"] == everybody[0].state.object_id


async def test_a_team_and_its_channels_are_told_to_a_bot_within(teams: FakeTeams, connector: Client) -> None:
    team = teams.conversation("Shop").team
    assert team

    told = (await connector.call("GET", f"v3/teams/{team.id}")).body
    channels = (await connector.call("GET", f"v3/teams/{team.id}/conversations")).body["conversations"]

    assert (told["name"], [each["name"] for each in channels]) == ("Shop", [None, "checkout"])


async def test_eight_messages_in_a_second_are_one_too_many(
    teams: FakeTeams, connector: Client, clock: StillClock
) -> None:
    teams.pace.is_held = True
    channel = teams.conversation("checkout").id

    answers = [await connector.say(channel, words()) for _ in range(8)]
    clock.advance(int(answers[-1].headers["Retry-After"]))
    later = await connector.say(channel, words())

    assert [each.status for each in answers] == [201] * 7 + [429]
    assert later.status == 201


async def test_what_is_too_much_is_counted_where_it_is_let_through_too(
    teams: FakeTeams, connector: Client
) -> None:
    channel = teams.conversation("checkout").id

    answers = [await connector.say(channel, words()) for _ in range(8)]

    assert {each.status for each in answers} == {201}
    assert teams.pace.too_many == [("send", channel)]


@pytest.mark.parametrize("status", [412, 429, 500, 502, 503, 504])
async def test_a_call_fails_before_or_after_it_was_done(teams: FakeTeams, connector: Client, status: int) -> None:
    channel = teams.conversation("checkout")
    teams.fail("send", status=status, retry_after=3 if status == 429 else None)
    teams.fail("send", status=status, after=True)

    before = await connector.say(channel.id, words("first"))
    after = await connector.say(channel.id, words("second"))

    assert [before.status, after.status] == [status, status]
    assert before.headers.get("Retry-After") == ("3" if status == 429 else None)
    assert [each.text for each in channel.history] == ["second"]


@pytest.mark.parametrize(("moment", "done"), [("before", 0), ("after", 1)])
async def test_a_connection_breaks_before_or_after(
    teams: FakeTeams, connector: Client, moment: str, done: int
) -> None:
    await connector.sign_in()
    channel = teams.conversation("checkout")
    teams.fail("send", drop=moment)

    with pytest.raises(aiohttp.ClientError):
        await connector.say(channel.id, words())

    assert len(channel.history) == done


async def test_a_call_hangs_until_it_is_released(teams: FakeTeams, connector: Client) -> None:
    await connector.sign_in()
    channel = teams.conversation("checkout")
    teams.fail("send", hang="after")

    calling = asyncio.create_task(connector.say(channel.id, words()))
    await teams.until(lambda: teams.faults.held)
    teams.release()

    assert (await calling).status == 201


async def test_a_service_that_has_moved_answers_at_its_new_address(teams: FakeTeams, connector: Client) -> None:
    before = teams.service_url
    teams.move_service()
    channel = teams.conversation("checkout").id
    await connector.sign_in()

    url = f"{before}v3/conversations/{channel}/activities"
    async with connector.http.post(
        url, json=words(), headers={"Authorization": f"Bearer {connector.token}"}
    ) as old:
        assert old.status == 404
    assert (await connector.say(channel, words())).status == 201
