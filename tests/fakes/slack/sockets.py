"""Socket Mode: the bot's web sockets, what is sent over them, and how they die.

Protocol: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.fakes.slack.delivery import Kind, Reply
from tests.fakes.slack.structure import Json

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


class Sockets:
    """The sockets that are open. `is_silent` sockets stay open and say nothing any more, not even a pong."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._turn = 0
        self.is_silent = False
        self.opened = 0
        self.pings = 0
        self.strays: list[str] = []

    @property
    def is_open(self) -> bool:
        """Whether the bot has a socket."""
        return bool(self._open)

    def ticket(self) -> str:
        """An address that opens one socket, once."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return f"{self._slack.url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={self._slack.app.id}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A socket of the bot's, until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self._open.append(socket)
        self.opened += 1
        try:
            await socket.send_json(self._hello())
            self._slack.happened()
            await self._listen(socket)
        finally:
            self._forget(socket)
        return socket

    def _hello(self) -> Json:
        info = {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": info,
            "connection_info": {"app_id": self._slack.app.id},
        }

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if self.is_silent:
                continue
            if message.type == WSMsgType.PING:
                self.pings += 1
                self._slack.happened()
                await socket.pong(message.data)
            elif message.type == WSMsgType.TEXT:
                self._acknowledged(message.data)

    def _acknowledged(self, text: str) -> None:
        try:
            answer = json.loads(text)
            waiting = self._acks.pop(answer["envelope_id"])
        except (ValueError, KeyError, TypeError):
            self.strays.append(text)
            return
        if not waiting.done():
            waiting.set_result(answer)

    async def send(self, kind: Kind, payload: Json, retry: tuple[int, str] | None) -> Reply:
        """Deliver by one of the sockets in turn, and wait for the acknowledgement."""
        envelope = f"{self._slack.world.number():08d}-fake-{secrets.token_hex(6)}"
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._acks[envelope] = waiting
        whole = {
            "envelope_id": envelope,
            "payload": payload,
            "type": kind,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            whole |= {"retry_attempt": retry[0] if retry else 0, "retry_reason": retry[1] if retry else ""}
        self._turn += 1
        socket = self._open[self._turn % len(self._open)]
        if not self.is_silent:
            try:
                await socket.send_json(whole)
            except ConnectionError:
                return Reply(0, failure="connection_failed")
        return await self._answer(envelope, waiting)

    async def _answer(self, envelope: str, waiting: asyncio.Future[Json]) -> Reply:
        try:
            answer = await asyncio.wait_for(waiting, self._slack.patience_s)
        except TimeoutError:
            self._acks.pop(envelope, None)
            return Reply(0, failure="http_timeout")
        body = answer.get("payload")
        return Reply(200, json.dumps(body) if body else "")

    async def say(self, text: str) -> None:
        """Send these letters to all sockets, whatever they are."""
        for socket in self._open:
            await socket.send_str(text)

    async def ping(self) -> None:
        """Ping all sockets, as Slack does now and then."""
        for socket in self._open:
            await socket.ping(b"fake")

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Announce the end of all sockets: `warning`, `refresh_requested` or `link_disabled`; then end them."""
        for socket in list(self._open):
            await socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}}
            )
            if reason != "warning":
                self._forget(socket)
                await socket.close()

    async def close(self) -> None:
        """End all sockets without a word."""
        for socket in list(self._open):
            self._forget(socket)
            await socket.close()

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._open:
            self._open.remove(socket)
