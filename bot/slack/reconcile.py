"""The reconcile: makes a workspace's people and channels what Slack says they are, whatever events were missed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.nudges.port import Refused
from bot.slack.lookups import Listing, Lookups, Unseen
from bot.slack.register import Register
from handlers import people
from handlers.people import ChannelProfile, Profile
from storage import Store
from storage.directory import Role

EVERY = timedelta(minutes=10)
GOOD_FOR = timedelta(minutes=30)
BATCH = 500

log = structlog.get_logger()


class Reconcile:
    """One reconcile of one workspace.

    Calling it again after Slack made it wait goes on where it stopped: lists that were read, or begun, are
    kept meanwhile. Nothing is written but what has changed, in transactions of a few hundred people.
    """

    def __init__(self, register: Register, lookups: Lookups) -> None:
        self.began = register.clock.now()
        self._register = register
        self._lookups = lookups
        self._listings: dict[str, Listing[Any]] = {}
        self._looked_up: dict[str, ChannelProfile | None] = {}

    @property
    def is_fresh(self) -> bool:
        """Whether what was read so far still counts."""
        return self._register.clock.now() - self.began < GOOD_FOR

    async def __call__(self, lookups: Lookups) -> None:
        """Read all there is and keep it. Raises what `lookups` raise, NotSent among them."""
        self._lookups = lookups
        teams = await self._teams()
        await self._people(teams)
        await self._channels(teams)

    async def _list(self, name: str, read: Callable[[Listing[Any]], Awaitable[None]]) -> Listing[Any]:
        """A list, read to its end; what was read before is not read again."""
        listing = self._listings.setdefault(name, self._lookups.listing())
        await read(listing)
        return listing

    async def _teams(self) -> Sequence[str | None]:
        """The teams to ask about: all of an organisation's, or None for the one workspace there is."""
        if not self._lookups.install.is_organisation:
            return (None,)
        return (await self._list("teams", self._lookups.teams)).items

    async def _people(self, teams: Sequence[str | None]) -> None:
        listings = [await self._list(f"people:{team}", partial(self._lookups.people, team=team)) for team in teams]
        told: dict[str, Profile] = {}
        for profile in (profile for listing in listings for profile in listing.items):
            told[profile.external_id] = _of_both(told.get(profile.external_id), profile)
        every = list(told.values())
        for start in range(0, len(every), BATCH):
            await self._register.keep_people(self._lookups.install, every[start : start + BATCH])
        if any(profile.is_active and profile.role > Role.OUTSIDER for profile in every):
            await self._retire(frozenset(told), min(listing.began for listing in listings))

    async def _retire(self, present: frozenset[str], asked_at: datetime) -> None:
        """Whoever is on no list any more has left."""
        install = self._lookups.install
        if await self._register.read(install, lambda store: people.missing(store, present, asked_at)):
            await self._register.write(install, lambda store: people.retire(store, present, asked_at))

    async def _channels(self, teams: Sequence[str | None]) -> None:
        told: dict[str, ChannelProfile] = {}
        for team in teams:
            listing = await self._list(f"channels:{team}", partial(self._lookups.channels, team=team))
            told |= {profile.external_id: profile for profile in listing.items}
        await self._register.write(self._lookups.install, partial(_keep_channels, told=told))
        for external_id in await self._register.read(self._lookups.install, partial(_others, told=told)):
            if found := await self._look_up(external_id):
                told[found.external_id] = found
        for channel in told.values():
            if not channel.is_archived:
                await self._members(channel)

    async def _look_up(self, external_id: str) -> ChannelProfile | None:
        """A channel that the bot is not in; once, however often this is gone on with."""
        if external_id not in self._looked_up:
            try:
                self._looked_up[external_id] = await self._register.channel(self._lookups, external_id)
            except (Unseen, Refused):
                self._looked_up[external_id] = None
        return self._looked_up[external_id]

    async def _members(self, channel: ChannelProfile) -> None:
        name = f"members:{channel.external_id}"
        try:
            listing = await self._list(name, partial(self._lookups.members, channel=channel.external_id))
        except (Unseen, Refused) as problem:
            del self._listings[name]
            log.warning("members not told", reason=str(problem))
        else:
            await self._register.keep_members(self._lookups.install, channel, listing)


def _of_both(one: Profile | None, other: Profile) -> Profile:
    """Somebody who is in two teams of an organisation: whatever they are in either, and where they are active."""
    if one is None or (other.is_active, other.role) > (one.is_active, one.role):
        return other
    return one


async def _keep_channels(store: Store, told: Mapping[str, ChannelProfile]) -> None:
    for channel in await store.directory.every_channel():
        shared = f"C{channel.external_id[1:]}"  # a private channel's id changes its letter when it is shared
        if channel.external_id.startswith("G") and shared in told:
            await people.renumber_channel(store, channel.external_id, shared)
    for profile in told.values():
        await people.keep_channel(store, profile)


async def _others(store: Store, told: Collection[str]) -> list[str]:
    """Channels that the bot knows and is not in; of the archived ones, those with a team that may go on."""
    others = [each for each in await store.directory.every_channel() if each.external_id not in told]
    return [each.external_id for each in others if not each.is_archived or await store.teams.of_channel(each.id)]
