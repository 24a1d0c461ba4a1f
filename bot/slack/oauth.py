"""Installing from a browser: to Slack with a one-time state, and back with a code for tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.nudges.port import NotSent
from bot.slack import pages
from bot.slack.granting import Grant, NotGranted
from bot.slack.scopes import NAMES
from bot.slack.shared_installs import SharedInstalls
from storage.database import Database
from storage.installations import use_state
from storage.secrets import SecretsError, Vault

INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"
COOKIE = "install"
VALID_FOR = timedelta(seconds=600)
SEALED_FOR = "an install under way"  # no workspace is called that, so that no state passes for its tokens

log = structlog.get_logger()


class Oauth:
    """The two routes of an install. `public_url` is where browsers find this bot, `api_url` Slack's Web API.

    A state says by itself which browser it is for and until when, sealed by `vault`: whoever only begins
    installs, however many, writes nothing. That one was used is written down, until it would have run out.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        installs: SharedInstalls,
        vault: Vault,
        client_id: str,
        public_url: str,
        api_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._installs = installs
        self._vault = vault
        self._client_id = client_id
        self._public_url = public_url.rstrip("/")
        self._slack = api_url.rstrip("/").removesuffix("/api")

    @property
    def redirect_uri(self) -> str:
        """Where Slack sends the browser back to."""
        return f"{self._public_url}{REDIRECT}"

    def routes(self) -> list[web.RouteDef]:
        """The addresses that a browser is sent to."""
        return [
            web.get(INSTALL, self.begin, allow_head=False),
            web.get(REDIRECT, self.finish, allow_head=False),
        ]

    async def begin(self, _request: web.Request) -> web.StreamResponse:
        """Send the browser to Slack, with a state that only this browser can use, once, for ten minutes."""
        browser = secrets.token_urlsafe(32)
        response = web.Response(
            status=302, headers={**pages.HEADERS, "Location": self._authorize(self._state(browser))}
        )
        is_secure = self._public_url.startswith("https://")
        lasts_s = int(VALID_FOR.total_seconds())
        response.set_cookie(
            COOKIE, browser, max_age=lasts_s, path="/slack", secure=is_secure, httponly=True, samesite="Lax"
        )
        return response

    async def finish(self, request: web.Request) -> web.StreamResponse:
        """Keep what was granted. What is wrong is told in a sentence, with the way to start again."""
        if not await self._is_begun_here(request):
            return pages.refusal(
                403,
                "This link was used already, is older than ten minutes, or was begun in another browser."
                " A new one is made when you start again.",
            )
        if request.query.get("error"):
            return pages.refusal(
                403, "Slack was told not to install Worthwhile. You can change your mind any time."
            )
        code = request.query.get("code")
        if not code:
            return pages.refusal(400, "Slack sent no code along. Starting again gets a new one.")
        return await self._install(code)

    async def _install(self, code: str) -> web.StreamResponse:
        try:
            grant = await self._installs.accept(code, self.redirect_uri)
        except (NotGranted, NotSent) as refused:
            log.warning("install refused", reason=str(refused))
            return pages.refusal(
                400,
                "Slack did not hand over what is needed to install Worthwhile. Start again; where that does not"
                " help either, whoever runs this bot finds the reason in its log.",
            )
        response = pages.installed(grant.name, self._back_to_slack(grant))
        response.del_cookie(COOKIE, path="/slack")
        return response

    def _state(self, browser: str) -> str:
        """A state for the browser with this cookie."""
        ends = self._clock.now() + VALID_FOR
        # What is used up is this number, for a sealed text can be written in more than one way.
        once = secrets.token_urlsafe(32)
        return self._vault.seal(
            SEALED_FOR, {"once": once, "browser": _hash(browser), "ends": int(ends.timestamp())}
        )

    async def _is_begun_here(self, request: web.Request) -> bool:
        """Whether this browser has begun the install, in time, and comes back for the first time."""
        state, browser = self._opened(request.query.get("state", "")), _hash(request.cookies.get(COOKIE, ""))
        if not state or not hmac.compare_digest(state["browser"], browser):
            return False
        now, ends = self._clock.now(), datetime.fromtimestamp(state["ends"], UTC)
        return now <= ends and await self._database.write(
            lambda connection: use_state(connection, _hash(state["once"]), browser, now, ends)
        )

    def _opened(self, state: str) -> Mapping[str, Any]:
        """What a state says; nothing where it is none of ours."""
        try:
            return self._vault.open(SEALED_FOR, state)
        except SecretsError:
            return {}

    def _authorize(self, state: str) -> str:
        asked = {
            "client_id": self._client_id,
            "scope": ",".join(NAMES),
            "state": state,
            "redirect_uri": self.redirect_uri,
        }
        return f"{self._slack}/oauth/v2/authorize?{urlencode(asked)}"

    def _back_to_slack(self, grant: Grant) -> str:
        place = {} if grant.is_organisation else {"team": grant.workspace}
        return f"{self._slack}/app_redirect?{urlencode({'app': grant.app, **place})}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
