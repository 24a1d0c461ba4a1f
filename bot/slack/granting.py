"""What Slack grants: tokens for a code, or for a token that runs out; never a person's own token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.clock import Clock
from bot.nudges.port import NotSent
from bot.slack.clients import Clients

RETRY = timedelta(seconds=30)
# Slack's answers after which the same refresh token will never be taken again.
FINAL = frozenset({"invalid_refresh_token", "token_revoked", "account_inactive", "authorization_not_found"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """A bot's tokens. Where `expires_at` (UTC) is None they never run out."""

    token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody allowed the bot, for a workspace or for all of an organisation. `app` is Slack's id of it."""

    workspace: str
    name: str
    bot: str
    is_organisation: bool
    scopes: str
    app: str
    tokens: Tokens


class NotGranted(Exception):
    """Slack refused for good, or granted something else than a bot's token. The text is Slack's own word."""


class Granting:
    """Asks Slack for tokens in the name of the app."""

    def __init__(self, clients: Clients, clock: Clock, client_id: str, client_secret: str) -> None:
        self._clients = clients
        self._clock = clock
        self._headers = {"Authorization": aiohttp.encode_basic_auth(client_id, client_secret)}

    async def for_code(self, code: str, redirect_uri: str) -> Grant:
        """What an install's one-time code grants. Raises NotGranted, or NotSent where Slack did not answer."""
        now = self._clock.now()
        try:
            return _grant(await self._access(code=code, redirect_uri=redirect_uri), now)
        except SlackApiError as refused:
            raise NotGranted(_error(refused)) from None

    async def for_refresh_token(self, refresh_token: str) -> Tokens:
        """New tokens for those that run out. Raises NotGranted, or NotSent where it may work later."""
        now = self._clock.now()
        try:
            answer = await self._access(grant_type="refresh_token", refresh_token=refresh_token)
        except SlackApiError as refused:
            if (error := _error(refused)) in FINAL:
                raise NotGranted(error) from None
            raise NotSent(error, now + _wait(refused)) from None
        return _tokens(answer, now)

    async def _access(self, **what: str) -> Mapping[str, Any]:
        try:
            answer = await self._clients().api_call("oauth.v2.access", data=what, headers=dict(self._headers))
        except (aiohttp.ClientError, TimeoutError, OSError) as unanswered:
            raise NotSent(type(unanswered).__name__, self._clock.now() + RETRY) from None
        return answer.data if isinstance(answer.data, dict) else {}


def _error(refused: SlackApiError) -> str:
    """Slack's word for what is wrong; the text of the exception would quote what was sent."""
    answer = getattr(refused.response, "data", None)
    return str(answer.get("error", "")) if isinstance(answer, dict) else "no_answer"


def _wait(refused: SlackApiError) -> timedelta:
    told = str(refused.response.headers.get("Retry-After", ""))
    return timedelta(seconds=int(told)) if told.isdigit() else RETRY


def _tokens(answer: Mapping[str, Any], now: datetime) -> Tokens:
    if answer.get("token_type") != "bot" or not answer.get("access_token"):
        raise NotGranted("no_bot_token")
    lasts_s = answer.get("expires_in")
    expires_at = now + timedelta(seconds=int(lasts_s)) if lasts_s else None
    return Tokens(str(answer["access_token"]), str(answer.get("refresh_token") or ""), expires_at)


def _grant(answer: Mapping[str, Any], now: datetime) -> Grant:
    is_organisation = bool(answer.get("is_enterprise_install"))
    place = answer.get("enterprise" if is_organisation else "team") or {}
    if not place.get("id") or not answer.get("bot_user_id"):
        raise NotGranted("no_workspace")
    return Grant(
        workspace=str(place["id"]),
        name=str(place.get("name") or ""),
        bot=str(answer["bot_user_id"]),
        is_organisation=is_organisation,
        scopes=str(answer.get("scope") or ""),
        app=str(answer.get("app_id") or ""),
        tokens=_tokens(answer, now),
    )
