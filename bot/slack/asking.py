"""One question to Slack's Web API, and what its refusals mean to whoever runs the bot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

GUIDE = "docs/slack.md"
COPY = "Copy it again: OAuth & Permissions, Bot User OAuth Token."
AGAIN = f"Install the app again as {GUIDE} says, and take the token that Slack then shows."
# Slack's errors about a token: what it is, and what to do.
REFUSALS: Mapping[str, tuple[str, str]] = {
    "not_authed": ("is not a token", COPY),
    "invalid_auth": ("is no token that Slack knows", COPY),
    "not_allowed_token_type": (
        "is a token of another kind",
        "A bot's token begins with xoxb-, an app's with xapp-.",
    ),
    "account_inactive": ("is of a bot that was removed or deactivated in its workspace", AGAIN),
    "token_revoked": ("was revoked", AGAIN),
    "token_expired": (
        "has expired: this app's tokens are exchanged every 12 hours",
        f"Such an app is installed by OAuth, not by a token: see {GUIDE}.",
    ),
    "team_access_not_granted": (
        "may not be used in this workspace",
        "An administrator of the organisation has to add the app to the workspace.",
    ),
    "ratelimited": ("could not be tried: Slack wants fewer calls", "Wait a minute and call the doctor again."),
}
UNREADABLE = "an answer that is not Slack's"


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack answered. `error` is "" where it did as asked, else Slack's word for why not."""

    error: str
    data: Mapping[str, Any]
    date: datetime | None
    scopes: frozenset[str] | None

    def refusal(self, what: str) -> tuple[str, str]:
        """A sentence about `what` was refused, and what to do."""
        says, mend = REFUSALS.get(
            self.error,
            (f"was refused by Slack: {self.error}", f"Look it up in Slack's documentation, or in {GUIDE}."),
        )
        return f"{what} {says}", mend


class Asking:
    """Asks Slack, once and without trying again."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str) -> None:
        self._session = session
        self._api_url = api_url

    async def __call__(self, method: str, token: str = "", **arguments: str) -> Answer:
        """Call a method. Raises aiohttp.ClientError or TimeoutError where Slack cannot be reached."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = self._session.post(
            self._api_url + method, data=arguments, headers=headers, allow_redirects=False
        )
        async with request as response:
            return _answer(await _json(response), response)


async def _json(response: aiohttp.ClientResponse) -> Mapping[str, Any]:
    try:
        read = await response.json(content_type=None)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _answer(data: Mapping[str, Any], response: aiohttp.ClientResponse) -> Answer:
    error = "" if data.get("ok") is True else _word(data.get("error"))
    granted = response.headers.get("x-oauth-scopes")
    scopes = None if granted is None else frozenset(filter(None, map(str.strip, granted.split(","))))
    return Answer("ratelimited" if response.status == 429 else error, data, _date(response), scopes)


def _word(error: object) -> str:
    """Slack's errors are words; anything else might be somebody's page, or hold a secret."""
    return error if isinstance(error, str) and re.fullmatch(r"[a-z0-9_]{1,60}", error) else UNREADABLE


def _date(response: aiohttp.ClientResponse) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return None
