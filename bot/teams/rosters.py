"""Reading from Teams who is where, and what a refusal means."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.clock import Clock
from bot.nudges.port import Refused
from bot.teams import failures, profiles
from bot.teams.activities import CHANNEL, Visit
from bot.teams.connectors import Connector, Connectors
from bot.teams.failures import CallFailed
from bot.teams.places import Spot
from bot.teams.sender import PROBLEMS
from handlers.people import ChannelProfile, Profile
from storage.directory import Role

PAGE = 500  # the most that Teams takes
MOST_PAGES = 200

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A channel and who is in it, all of them where that `is_complete`, as told from when it `began` (UTC)."""

    channel: ChannelProfile
    members: Sequence[Profile]
    is_complete: bool
    began: datetime


class Rosters:
    """Reads rosters. Raises NotSent with the time to ask again, and Refused for what Teams will not tell.

    `admins` are user names or object ids, in small letters.
    """

    def __init__(self, connectors: Connectors, clock: Clock, admins: Collection[str]) -> None:
        self._connectors = connectors
        self._clock = clock
        self._admins = frozenset(admins)

    async def person(self, visit: Visit) -> Profile:
        """Whoever has just spoken."""
        connector = self._connectors.at(visit.service)
        told = await self._ask(connector.conversations.member(visit.place, visit.person))
        return profiles.person({**told, "id": visit.person}, visit.tenant, self._admins)

    async def channel(self, tenant: str, spot: Spot, name: str) -> Found:
        """A channel or a group chat, which is called so unless Teams knows better, and everybody in it.

        One in which somebody from another tenant is counts as shared.
        """
        began, connector = self._clock.now(), self._connectors.at(spot.service)
        profile = await self._profile(connector, spot, name)
        roster, is_complete = await self._roster(connector, spot.conversation)
        members = [profiles.person(each, tenant, self._admins) for each in roster if each.get("id")]
        is_shared = profile.is_shared or any(each.role is Role.OUTSIDER for each in members)
        return Found(replace(profile, is_shared=is_shared), members, is_complete, began)

    async def _profile(self, connector: Connector, spot: Spot, name: str) -> ChannelProfile:
        """What a channel is, as its team's list of channels tells; a group chat is known by its name alone."""
        if spot.kind != CHANNEL or not spot.team:
            return profiles.group(spot.conversation, name)
        listed = (await self._ask(connector.conversations.channels(spot.team))).get("conversations") or ()
        # A private channel is on its team's list only for those who are in it.
        unlisted = {"type": "private"}
        found = next((each for each in listed if each.get("id") == spot.conversation), unlisted)
        return profiles.channel({**found, "name": found.get("name") or name}, spot.conversation, "")

    async def _roster(self, connector: Connector, conversation: str) -> tuple[Sequence[Json], bool]:
        """Everybody in a conversation, page by page, and whether that is all of them."""
        found: list[Json] = []
        onward = ""
        for _ in range(MOST_PAGES):
            page = await self._ask(connector.conversations.members(conversation, PAGE, onward))
            found += page.get("members") or ()
            onward = str(page.get("continuationToken") or "")
            if not onward:
                return found, True
        return found, False

    async def _ask(self, asking: Awaitable[Json]) -> Json:
        """Ask Teams. Raises NotSent with the time to ask again, or Refused where it will not tell."""
        try:
            return await asking
        except PROBLEMS as problem:
            raise failures.harmless(problem, self._clock.now()) from problem


def is_lost(refused: Refused) -> bool:
    """Whether Teams says that there is no such conversation, or that the bot is not in it."""
    return isinstance(refused.__cause__, CallFailed) and refused.__cause__.status in (403, 404)
