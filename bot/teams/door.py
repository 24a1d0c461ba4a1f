"""Where Teams' requests come in: size, pace, JSON and token first, and only then the turn."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError
from botbuilder.core import CloudAdapterBase
from botbuilder.schema import Activity
from botframework.connector.auth import AuthenticateRequestResult

from bot.gate import LARGE, SLOW, Refusal
from bot.payload import Unreadable, read_json
from bot.teams import activities
from bot.teams.auth import Refused, bearer
from bot.teams.listeners import Listeners

MOST_BYTES = 256 * 1024
READ_S = 3.0
JSON = "application/json"

UNREAD = Refusal(400, "This request cannot be read.", "body")
WORDS = {401: "This request does not show that it is from Teams.", 403: "This request may not come in here."}

log = structlog.get_logger()


class Adapter(CloudAdapterBase):
    """The SDK's turn over our own authentication and connectors."""


class Door:
    """Teams' requests: one that may not in gets 400, 401, 403, 408 or 413, runs nothing and sends nothing."""

    def __init__(self, adapter: Adapter, listeners: Listeners, *, signed: bool, read_s: float = READ_S) -> None:
        self._adapter = adapter
        self._listeners = listeners
        self._signed = signed
        self._read_s = read_s

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        admitted = await self._admit(request)
        if isinstance(admitted, Refusal):
            log.info("request refused", status=admitted.status, reason=admitted.reason)
            return admitted.response()
        activity, who = admitted
        response = await self._adapter.process_activity(who, activity, self._listeners.on_turn)
        if response is None or response.body is None:
            return web.Response(status=200)
        return web.json_response(response.body, status=response.status)

    async def _admit(self, request: web.Request) -> tuple[Activity, AuthenticateRequestResult] | Refusal:
        header = request.headers.get("Authorization", "")
        try:
            if self._signed:
                bearer(header)  # without one, no byte of the body is read
            body = await self._body(request)
            if isinstance(body, Refusal):
                return body
            activity = activities.read(read_json(body))
            return activity, await self._adapter.bot_framework_authentication.authenticate_request(
                activity, header
            )
        except Refused as refused:
            return Refusal(refused.status, WORDS[refused.status], refused.reason)
        except Unreadable:
            return UNREAD

    async def _body(self, request: web.Request) -> bytes | Refusal:
        """The whole body: no more of it than is allowed, and no longer."""
        if request.content_type != JSON or "Content-Encoding" in request.headers:
            return UNREAD
        if (request.content_length or 0) > MOST_BYTES:
            return LARGE
        body = bytearray()
        try:
            async with asyncio.timeout(self._read_s):
                while chunk := await request.content.readany():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        return LARGE
        except TimeoutError:
            return SLOW
        except (RequestPayloadError, HttpProcessingError, ConnectionError):
            return UNREAD
        return bytes(body)
