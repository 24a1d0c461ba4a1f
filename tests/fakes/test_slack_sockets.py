"""The local Slack's Socket Mode: the same people, over a web socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.conftest import modal, refusal
from tests.fakes.slack import Card, FakeSlack


class Line:
    """A bot on a socket: acknowledges everything, with a payload where it was told one."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []
        self.answer: dict[str, Any] | None = None
        self.is_quiet = False
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for message in self.socket:
            envelope = json.loads(message.data)
            self.seen.append(envelope)
            if "envelope_id" in envelope and not self.is_quiet:
                ack = {"envelope_id": envelope["envelope_id"]}
                await self.socket.send_json(ack | ({"payload": self.answer} if self.answer else {}))


async def address(slack: FakeSlack) -> str:
    client = AsyncWebClient(slack.app.app_token, base_url=slack.api_url)
    return str((await client.apps_connections_open(app_token=slack.app.app_token))["url"])


@pytest.fixture
async def line(slack: FakeSlack) -> AsyncIterator[Line]:
    """A socket that is open."""
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(await address(slack))
        opened = Line(socket)
        await slack.until(lambda: slack.sockets.is_open)
        yield opened
        opened.task.cancel()
        await socket.close()


async def test_it_says_hello_once_and_the_address_is_used_up(slack: FakeSlack) -> None:
    url = await address(slack)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            hello = await socket.receive_json()

        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)

    assert hello["type"] == "hello"
    assert hello["connection_info"]["app_id"] == slack.app.id


async def test_a_socket_needs_the_apps_own_token(slack: FakeSlack, client: AsyncWebClient) -> None:
    call = client.api_call("apps.connections.open")

    assert await refusal(call) == "not_allowed_token_type"


async def test_a_command_comes_by_socket_and_is_answered_in_the_acknowledgement(
    slack: FakeSlack, line: Line
) -> None:
    line.answer = {"text": "Only you"}

    card = await slack.person("ana").command("/value help", channel="checkout")

    assert isinstance(card, Card)
    assert card.words == "Only you"
    assert line.seen[-1]["type"] == "slash_commands"
    assert line.seen[-1]["payload"]["text"] == "help"
    assert line.seen[-1]["accepts_response_payload"] is True


async def test_a_submission_is_answered_in_the_acknowledgement(
    slack: FakeSlack, line: Line, client: AsyncWebClient
) -> None:
    ana = slack.person("ana")
    await ana.command("/value")
    await client.views_open(trigger_id=line.seen[-1]["payload"]["trigger_id"], view=modal())
    line.answer = {"response_action": "errors", "errors": {"name": "Taken"}}

    await ana.submit(fill={"Name": "x"})

    assert ana.modal
    assert ana.modal.errors == {"Name": "Taken"}
    assert line.seen[-1]["type"] == "interactive"


async def test_an_event_that_is_not_acknowledged_comes_again(slack: FakeSlack, line: Line) -> None:
    slack.patience_s = 0.05
    line.is_quiet = True
    await slack.person("ana").dm("hello")
    line.is_quiet = False

    await slack.retry_now()

    first, second = line.seen[1:]
    assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert first["envelope_id"] != second["envelope_id"]
    assert slack.delivery.waiting == []


async def test_a_silent_socket_stays_open_and_answers_no_ping(slack: FakeSlack, line: Line) -> None:
    await line.socket.ping(b"sdk")
    await slack.until(lambda: slack.sockets.pings)
    slack.patience_s = 0.05
    slack.socket_silent()

    await line.socket.ping(b"sdk")
    await slack.person("ana").command("/value")

    assert slack.sockets.pings == 1
    assert slack.sockets.is_open
    assert len(line.seen) == 1
    assert "operation_timeout" in slack.person("ana").errors[0]


async def test_a_disconnect_is_announced(slack: FakeSlack, line: Line) -> None:
    await slack.sockets.disconnect("warning")
    assert slack.sockets.is_open

    await slack.sockets.disconnect("refresh_requested")
    await line.task

    assert [each["reason"] for each in line.seen[1:]] == ["warning", "refresh_requested"]
    assert not slack.sockets.is_open


async def test_a_stray_acknowledgement_is_noted(slack: FakeSlack, line: Line) -> None:
    await line.socket.send_str('{"envelope_id": "never"}')
    await line.socket.send_str("hm")
    await slack.person("ana").command("/value")

    assert len(slack.sockets.strays) == 2
