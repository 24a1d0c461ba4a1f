"""Socket Mode: Slack's requests over a connection that the bot opens, with a watch that ends a silent one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot import logs
from bot.background import Background
from bot.clock import Clock
from bot.payload import read_frame
from bot.slack.clients import Clients
from bot.slack.installs import PLATFORM
from bot.slack.unanswered import NOT_SLACKS, answered

SILENT_S = 60.0  # Slack answers every ping; a connection that is this long silent is dead, whatever it says
PING_S = 10.0
LOOKS_EACH = 6  # how often in that time it is looked at
ENDS_AFTER = 5  # times that long
# What asking for a new connection is known to raise; the last three where the answer is no JSON.
NOT_OPENED = (
    TimeoutError,
    SlackClientError,
    aiohttp.ClientError,
    ConnectionError,
    AttributeError,
    TypeError,
    ValueError,
)

# Told of an answer: the platform, how it went, and after how many seconds.
Answered = Callable[[str, str, float], None]

log = structlog.get_logger()


class _Client(SocketModeClient):
    """Slack's client, which reads no frame that the gate would not let in over HTTP."""

    async def process_message(self) -> None:
        text = await self.message_queue.get()
        frame = read_frame(text) if text and text.startswith("{") else {}
        if frame is None:
            log.warning("frame not read", size=len(text))
            return
        self._running = asyncio.ensure_future(self.run_message_listeners(frame, text or ""))


class Socket:
    """The connection. Silent for a minute, it is replaced; after five of them `ended` is called.

    Connections are known to die without a word, and a client to go on waiting for them. Where a new one does
    not help, ending the process is the remedy that always works: whatever runs it starts it again.
    """

    def __init__(
        self,
        bolt: AsyncApp,
        clients: Clients,
        app_token: str,
        background: Background,
        clock: Clock,
        ended: Callable[[], None],
        silent_s: float = SILENT_S,
        answered: Answered | None = None,
    ) -> None:
        self._bolt = bolt
        self._clients = clients
        self._app_token = app_token
        self._background = background
        self._clock = clock
        self._ended = ended
        self._silent_s = silent_s
        self._answered = answered
        self.has_ended = False
        self._heard_at = 0.0
        self._client: SocketModeClient | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Connect, now or as soon as Slack can be reached, and begin to watch."""
        self._client = _Client(
            app_token=self._app_token,
            web_client=self._clients(self._app_token),
            ping_interval=min(PING_S, self._silent_s / LOOKS_EACH),
            on_message_listeners=[self._heard],
        )
        self._client.socket_mode_request_listeners.append(self._received)
        self._heard_at = self._now()
        connecting = self._client.connect()  # type: ignore[no-untyped-call]
        self._tasks = [asyncio.create_task(connecting), asyncio.create_task(self._watch())]

    async def close(self) -> None:
        """Hang up. Slack sends what is not answered to another connection, or again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.close()  # type: ignore[no-untyped-call]

    def silent_for(self) -> float:
        """Seconds since Slack was last heard of."""
        pong = self._client.last_ping_pong_time if self._client else None
        return self._now() - max(self._heard_at, pong or 0.0)

    async def _received(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        # Not awaited: the client reads no further frame until its listener returns.
        self._background.soon(self._answer(client, request))

    async def _answer(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        logs.begin_request()
        began = asyncio.get_running_loop().time()
        response = await answered(self._bolt, request.payload, request.envelope_id, began)
        if response.status == NOT_SLACKS:
            response = BoltResponse(status=200)  # acknowledged, for it would be no better the second time
        try:
            await send_async_response(client, request, response, self._now())
            if self._answered:
                self._answered(PLATFORM, "socket", asyncio.get_running_loop().time() - began)
        except (ConnectionError, aiohttp.ClientError, AttributeError) as problem:
            # AttributeError: the client has no session just now. Slack repeats what was not acknowledged.
            log.info("socket gone before the answer", kind=type(problem).__name__)

    async def _heard(self, _message: aiohttp.WSMessage) -> None:
        self._heard_at = self._now()

    async def _watch(self) -> None:
        replaced_at = self._now()
        while True:
            await asyncio.sleep(self._silent_s / LOOKS_EACH)
            silent = self.silent_for()
            if silent >= ENDS_AFTER * self._silent_s:
                log.error("socket still silent, ending this process", seconds=round(silent))
                self.has_ended = True
                self._ended()
                return
            if min(silent, self._now() - replaced_at) >= self._silent_s:
                replaced_at = self._now()
                log.error("socket silent, replacing it", seconds=round(silent))
                await self._replace()

    async def _replace(self) -> None:
        if self._client is None:
            return
        try:
            async with asyncio.timeout(self._silent_s):
                await self._client.connect_to_new_endpoint(force=True)
        except NOT_OPENED as problem:
            log.error("socket not replaced", kind=type(problem).__name__)

    def _now(self) -> float:
        return self._clock.now().timestamp()
