"""The token that the bot shows Teams: one, kept while it is valid and renewed before it is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import aiohttp
import structlog

from bot.clock import Clock
from bot.nudges.port import NotSent
from bot.teams.http import Http, content

RESOURCE = "https://api.botframework.com"
SCOPE = f"{RESOURCE}/.default"
FETCH_S = 5.0
MOST_BYTES = 1_000_000
RENEW_BEFORE = timedelta(minutes=5)
LONGEST = timedelta(hours=24)
AGAIN = timedelta(seconds=5)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Grant:
    """How a token is asked for: an HTTP request, and nothing that is to be logged."""

    method: str
    url: str
    fields: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def by_secret(url: str, app_id: str, secret: str) -> Grant:
    """Ask Microsoft Entra with the app's secret, as its documentation of client credentials says."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": app_id,
        "client_secret": secret,
        "scope": SCOPE,
    }
    return Grant("POST", url, fields)


def by_identity(endpoint: str, header: str, app_id: str) -> Grant:
    """Ask the machine's own managed identity: that of App Service where `endpoint` is set, else of the machine."""
    if endpoint:
        fields = {"api-version": "2019-08-01", "resource": RESOURCE, "client_id": app_id}
        return Grant("GET", endpoint, fields, {"X-IDENTITY-HEADER": header})
    fields = {"api-version": "2018-02-01", "resource": RESOURCE, "client_id": app_id}
    return Grant("GET", "http://169.254.169.254/metadata/identity/oauth2/token", fields, {"Metadata": "true"})


class Tokens(Protocol):
    """Where the bot's token comes from."""

    async def present(self) -> str:
        """A token that is valid now; "" where none is needed. Raises NotSent where none can be had just now."""
        ...

    def refused(self, token: str) -> None:
        """Teams did not take this token: the next one is a new one."""
        ...


class NoTokens:
    """For a local test client, which asks for no token."""

    async def present(self) -> str:
        """Nothing to show."""
        return ""

    def refused(self, token: str) -> None:
        """Nothing to forget."""


class Cached:
    """A token from one grant. However many ask at once, one is fetched."""

    def __init__(self, http: Http, grant: Grant, clock: Clock) -> None:
        self._http = http
        self._grant = grant
        self._clock = clock
        self._token = ""
        self._renew_at: datetime | None = None
        self._good_until: datetime | None = None
        self._ask_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    async def present(self) -> str:
        """A token that is valid now. Raises NotSent where none can be had just now."""
        if not self._is_before(self._renew_at):
            async with self._one_at_a_time:
                if not self._is_before(self._renew_at) and not self._is_before(self._ask_at):
                    await self._renew()
        if self._token and self._is_before(self._good_until):
            return self._token
        raise NotSent("no token for Teams just now", self._ask_at)

    def refused(self, token: str) -> None:
        """Forget a token that Teams did not take, unless another one has taken its place meanwhile."""
        if token == self._token:
            self._token, self._renew_at, self._good_until = "", None, None

    def _is_before(self, instant: datetime | None) -> bool:
        return instant is not None and self._clock.now() < instant

    async def _renew(self) -> None:
        """Ask for a new token. One that is still valid goes on where none can be had."""
        now = self._clock.now()
        self._ask_at = now + AGAIN
        try:
            async with asyncio.timeout(FETCH_S):
                token, lives = await self._fetch()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
            log.error("no token for Teams", kind=type(problem).__name__)
            return
        self._token, self._good_until = token, now + lives
        self._renew_at = now + max(lives - RENEW_BEFORE, lives / 2)

    async def _fetch(self) -> tuple[str, timedelta]:
        grant = self._grant
        carried: dict[str, Any] = {"data" if grant.method == "POST" else "params": dict(grant.fields)}
        headers = dict(grant.headers)
        async with self._http.request(grant.method, grant.url, headers=headers, **carried) as answer:
            told = json.loads(await content(answer, MOST_BYTES))
        return _read(told, answer.status)


def _read(told: object, status: int) -> tuple[str, timedelta]:
    """The token and how long it lives. Raises ValueError for an answer without one."""
    if status != 200 or not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
        raise ValueError("no token")
    lives = min(timedelta(seconds=float(told.get("expires_in") or 0)), LONGEST)
    if not told["access_token"] or lives <= timedelta():
        raise ValueError("no token that lives")
    return told["access_token"], lives
