"""Two small servers for the doctor to call: what Slack answers about tokens, and a bot behind an address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.slack.scopes import NAMES

BOT_TOKEN = "xoxb-1111-2222-good"
APP_TOKEN = "xapp-1-A111-good"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5".replace("y", "1").replace("z", "2")
CLIENT_ID = "3336676.569200954261"
CLIENT_SECRET = "33fea0113f5b1d0a1a1b1c1d1e1f1011"
WORKSPACE = "T0CHECKOUT"


@dataclass
class AnsweringSlack:
    """Answers each method alike: with what stands in `answers`, else as Slack does when all is well."""

    clock: Clock
    url: str = ""
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    scopes: tuple[str, ...] = NAMES
    channels: dict[str, Mapping[str, bool]] = field(default_factory=dict)
    status: int = 200
    calls: list[str] = field(default_factory=list)
    tokens: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    async def answer(self, request: web.Request) -> web.Response:
        """One call."""
        method = request.match_info["method"]
        self.calls.append(method)
        told = self.answers.get(method) or await self._usual(method, request)
        headers = {"Date": format_datetime(self.clock.now(), usegmt=True), "x-oauth-scopes": ",".join(self.scopes)}
        return web.json_response(dict(told), status=self.status, headers=headers)

    async def _usual(self, method: str, request: web.Request) -> Mapping[str, Any]:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        form = await request.post()
        match method:
            case "api.test":
                return {"ok": True}
            case "auth.test":
                return self.tokens.get(token, {"ok": False, "error": "invalid_auth"})
            case "apps.connections.open" if token == APP_TOKEN:
                return {"ok": True, "url": "wss://127.0.0.1/link"}
            case "conversations.info" if form["channel"] in self.channels:
                return {"ok": True, "channel": {"id": form["channel"], **self.channels[str(form["channel"])]}}
            case "conversations.info":
                return {"ok": False, "error": "channel_not_found"}
            case "oauth.v2.access":
                return {"ok": False, "error": "invalid_code"}
        return {"ok": False, "error": "invalid_auth"}


def works(workspace: str = WORKSPACE, **more: Any) -> Mapping[str, Any]:
    """What auth.test tells of a bot's token."""
    return {"ok": True, "team": "Checkout Ltd", "team_id": workspace, "user": "worthwhile", "bot_id": "B1", **more}


@asynccontextmanager
async def answering_slack(clock: Clock) -> AsyncIterator[AnsweringSlack]:
    """A Slack on this machine to which BOT_TOKEN and APP_TOKEN are known."""
    slack = AnsweringSlack(clock, tokens={BOT_TOKEN: works()})
    served = web.Application()
    served.add_routes([web.post("/api/{method}", slack.answer)])
    async with TestServer(served) as server:
        slack.url = str(server.make_url("/api/"))
        yield slack


@asynccontextmanager
async def answering_bot(secret: str = SIGNING_SECRET, **options: Any) -> AsyncIterator[str]:
    """A bot behind an address: its health, and Slack's challenge where the signature is right. Yields the address.

    `health` is the body of its health, `status` that of any answer where it is not 200, `ssl` its certificate.
    """
    health, status = options.get("health", '{"status": "ok"}'), options.get("status", 200)

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(text=health, status=status)

    async def events(request: web.Request) -> web.Response:
        body = await request.text()
        signed = SignatureVerifier(secret).is_valid(
            body, request.headers["X-Slack-Request-Timestamp"], request.headers["X-Slack-Signature"]
        )
        return web.json_response(
            {"challenge": (await request.json())["challenge"]} if signed else {}, status=200 if signed else 401
        )

    served = web.Application()
    served.add_routes([web.get("/healthz", healthz)])
    if options.get("listens", True):
        served.add_routes([web.post("/slack/events", events)])
    certificate = options.get("ssl")
    server = TestServer(served, scheme="https" if certificate else "http")
    await server.start_server(**({"ssl": certificate} if certificate else {}))
    yield str(server.make_url("")).rstrip("/")
    await server.close()
