"""Reading from Slack who is where: one answer or all pages of a list, and what a refusal means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.nudges.port import NotSent, Refused
from bot.slack import failures, profiles
from bot.slack.installs import Install
from handlers.people import ChannelProfile, Profile

T = TypeVar("T")
Json = Mapping[str, Any]

PAGE = 500  # Slack recommends 200 and takes 999; fewer pages are fewer calls of the 20 it allows a minute
UNSEEN = frozenset({"channel_not_found", "user_not_found", "users_not_found", "user_not_visible"})
NOT_OURS = "team_access_not_granted"  # of one team of an organisation, it says nothing about the others


class Unseen(Exception):
    """Slack does not know this person or channel, or does not let the bot see it."""


class Removed(Exception):
    """The bot may do nothing in this workspace any more."""


@dataclass
class Listing(Generic[T]):
    """A list of Slack's as far as it has been read; reading goes on where it stopped. `began` is in UTC."""

    began: datetime
    items: list[T] = field(default_factory=list)
    cursor: str = ""
    is_complete: bool = False


class Lookups:
    """Reads with the token of one install.

    Every method raises NotSent with the time to ask again where Slack did not answer, Unseen, Removed, or
    Refused for anything else that Slack will not do.
    """

    def __init__(self, client: AsyncWebClient, install: Install, clock: Clock) -> None:
        self.install = install
        self._client = client
        self._clock = clock

    async def person(self, external_id: str) -> Profile:
        """One person."""
        answer = await self._call("users.info", {"user": external_id, "include_locale": True})
        return profiles.person(_object(answer, "user"), self.install)

    async def address(self) -> str:
        """Where on the web the workspace is, or the organisation: `https://….slack.com`."""
        return str((await self._call("auth.test", {})).get("url") or "").rstrip("/")

    async def channel(self, external_id: str) -> ChannelProfile:
        """One channel."""
        answer = await self._call("conversations.info", {"channel": external_id})
        return profiles.channel(_object(answer, "channel"))

    async def is_group(self, external_id: str) -> bool:
        """Whether a conversation is the direct messages of several people, for which the bot asks no scope."""
        try:
            answer = await self._call("conversations.info", {"channel": external_id})
        except Refused as refused:
            return str(refused) == "missing_scope"
        return bool(_object(answer, "channel").get("is_mpim"))

    def listing(self) -> Listing[Any]:
        """A list of which nothing has been read yet."""
        return Listing(self._clock.now())

    async def teams(self, listing: Listing[str]) -> None:
        """All teams of the organisation in which the bot may work."""
        await self._read(listing, "auth.teams.list", {}, "teams", lambda team: str(team["id"]))

    async def people(self, listing: Listing[Profile], team: str | None) -> None:
        """All people of the workspace, or of one team of the organisation."""
        arguments = {"include_locale": True, "team_id": team}
        await self._read(listing, "users.list", arguments, "members", self._profile)

    async def channels(self, listing: Listing[ChannelProfile], team: str | None) -> None:
        """All channels that the bot is in."""
        arguments = {"types": "public_channel,private_channel", "exclude_archived": False, "team_id": team}
        await self._read(listing, "users.conversations", arguments, "channels", profiles.channel)

    async def members(self, listing: Listing[str], channel: str, pages: int | None = None) -> None:
        """The ids of all who are in a channel, or of those on the first few pages."""
        await self._read(listing, "conversations.members", {"channel": channel}, "members", str, pages)

    def _profile(self, user: Json) -> Profile:
        return profiles.person(user, self.install)

    async def _read(
        self,
        listing: Listing[T],
        method: str,
        arguments: Json,
        name: str,
        read: Callable[[Any], T],
        pages: int | None = None,
    ) -> None:
        while not listing.is_complete and pages != 0:
            answer = await self._call(method, {**arguments, "limit": PAGE, "cursor": listing.cursor or None})
            listing.items += map(read, answer.get(name) or ())
            listing.cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            listing.is_complete = not listing.cursor
            pages = pages and pages - 1

    async def _call(self, method: str, arguments: Json) -> Json:
        try:
            answer = await self._client.api_call(method, http_verb="GET", params=dict(arguments))
        except SlackApiError as refused:
            raise self._meaning(refused, arguments) from refused
        except (aiohttp.ClientError, TimeoutError) as lost:
            raise NotSent("no answer from Slack") from lost
        data: Any = answer.data
        return data if isinstance(data, Mapping) else {}

    def _meaning(self, refused: SlackApiError, arguments: Json) -> Exception:
        meaning = failures.meaning(refused, self._clock.now())
        if isinstance(meaning, NotSent):
            return meaning
        if not isinstance(meaning, Refused):
            return NotSent("Slack failed")  # a question asked twice does no harm
        if str(meaning) in UNSEEN:
            return Unseen(str(meaning))
        is_of_one_team = str(meaning) == NOT_OURS and arguments.get("team_id")
        return Removed(str(meaning)) if failures.is_removed(refused) and not is_of_one_team else meaning


def _object(answer: Json, name: str) -> Json:
    found = answer.get(name)
    if not isinstance(found, Mapping) or "id" not in found:
        raise NotSent("an answer that is not Slack's")
    return found
