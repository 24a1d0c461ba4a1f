"""The part of Slack that hands tokens out and says whose they are, as a real HTTP server."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

CLIENT_ID, CLIENT_SECRET = "1.2", "client-secret-canary"
TWELVE_HOURS_S = 43_200


class TokenOffice:
    """Codes and refresh tokens work once; `failures` are answered to the next calls, one each.

    While `is_open` is not set, every answer waits.
    """

    def __init__(self) -> None:
        self.url = ""
        self.codes: dict[str, dict[str, Any]] = {}
        self.refresh_tokens: set[str] = set()
        self.identities: dict[str, dict[str, Any]] = {}
        self.failures: list[Callable[[], web.Response]] = []
        self.calls: list[dict[str, Any]] = []
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.is_called = asyncio.Event()

    @property
    def exchanges(self) -> int:
        """How many refresh tokens were sent in."""
        return sum(call.get("grant_type") == "refresh_token" for call in self.calls)

    def grant(self, code: str, **changes: Any) -> None:
        """Let a code grant what an install in one workspace does, but for what changes."""
        self.codes[code] = {
            "ok": True,
            "access_token": f"xoxb-{code}",
            "token_type": "bot",
            "scope": "commands,chat:write",
            "bot_user_id": "UBOT",
            "app_id": "A1",
            "team": {"id": "T1", "name": "Sample & Söhne <b>"},
            "enterprise": None,
            "is_enterprise_install": False,
            **changes,
        }

    def rotating(self, refresh_token: str) -> dict[str, Any]:
        """What a grant holds besides where tokens run out; the refresh token is good from now on."""
        self.refresh_tokens.add(refresh_token)
        return {"refresh_token": refresh_token, "expires_in": TWELVE_HOURS_S}

    async def _access(self, request: web.Request) -> web.Response:
        sent = {**request.query, **await request.post()}
        self.calls.append(sent)
        self.is_called.set()
        await self.is_open.wait()
        if self.failures:
            return self.failures.pop(0)()
        if request.transport is None:
            return error("request_timeout")  # whoever asked is gone, and nothing was done
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return error("bad_client_secret")
        if sent.get("grant_type") == "refresh_token":
            return self._refresh(str(sent["refresh_token"]))
        return web.json_response(self.codes.pop(str(sent.get("code")), {"ok": False, "error": "invalid_code"}))

    def _refresh(self, refresh_token: str) -> web.Response:
        if refresh_token not in self.refresh_tokens:
            return error("invalid_refresh_token")
        self.refresh_tokens.remove(refresh_token)
        number = self.exchanges
        return web.json_response(
            {
                "ok": True,
                "access_token": f"xoxe.xoxb-{number}",
                "token_type": "bot",
                "scope": "commands",
                "bot_user_id": "UBOT",
                **self.rotating(f"xoxe-{number}"),
            }
        )

    async def _auth_test(self, request: web.Request) -> web.Response:
        self.calls.append({"method": "auth.test"})
        await self.is_open.wait()
        if self.failures:
            return self.failures.pop(0)()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        known = self.identities.get(token)
        if known is None:
            return error("account_inactive")
        return web.json_response({"ok": True, **known}, headers={"X-OAuth-Scopes": "commands,chat:write"})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[TokenOffice]:
        """The server, until the end of the block."""
        served = web.Application()
        served.add_routes(
            [web.post("/api/oauth.v2.access", self._access), web.post("/api/auth.test", self._auth_test)]
        )
        runner = web.AppRunner(served, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        yield self
        self.is_open.set()
        await runner.cleanup()


def failing(word: str, status: int = 200, **headers: str) -> Callable[[], web.Response]:
    """Slack's refusal, to be made for each call."""
    return lambda: error(word, status, **headers)


def error(word: str, status: int = 200, **headers: str) -> web.Response:
    """Slack's refusal."""
    return web.json_response({"ok": False, "error": word}, status=status, headers=headers)
