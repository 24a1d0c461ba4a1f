"""One person or one channel of Slack's, read anew and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from bot.clock import Clock
from bot.nudges.port import NotSent, Refused
from bot.slack.clients import Clients
from bot.slack.installs import PLATFORM, Install, Installs
from bot.slack.lookups import Listing, Lookups, Unseen
from handlers import people
from handlers.people import ChannelProfile, Profile
from storage import Store
from storage.database import Connection, Database
from storage.directory import Channel, Person, workspace_called

T = TypeVar("T")
Query = Callable[[Store], Awaitable[T]]

PAGES = 2
STRANGERS_AT_ONCE = 20


class Register:
    """Keeps what Slack tells, in the directory of the workspace it is told of."""

    def __init__(self, database: Database, clock: Clock, installs: Installs, clients: Clients) -> None:
        self.clock = clock
        self.installs = installs
        self._database = database
        self._clients = clients

    async def lookups(self, workspace: str) -> Lookups | None:
        """For reading from Slack; None where the bot is not installed. Raises NotSent."""
        install = await self.installs.of(workspace)
        return Lookups(self._clients(install.token), install, self.clock) if install else None

    async def read(self, install: Install, query: Query[T]) -> T:
        """Ask the directory of a workspace. Raises Unseen where there is none."""
        return await self._database.read(lambda connection: _within(connection, install, query))

    async def write(self, install: Install, work: Query[T]) -> T:
        """Change the directory of a workspace, in a transaction of its own. Raises Unseen where there is none."""
        return await self._database.write(lambda connection: _within(connection, install, work))

    async def known(self, install: Install, person: str, channel: str) -> tuple[Person | None, Channel | None]:
        """A person and a channel, as far as the directory has them."""

        async def find(store: Store) -> tuple[Person | None, Channel | None]:
            directory = store.directory
            return await directory.person_called(person), await directory.channel_called(channel)

        return await self.read(install, find)

    async def keep_people(self, install: Install, profiles: Collection[Profile]) -> int:
        """Keep people. Returns how many were new or had changed."""
        return await self.write(install, lambda store: people.keep(store, profiles, self.clock.now()))

    async def person(self, lookups: Lookups, external_id: str) -> Profile:
        """Look one person up and keep them."""
        told = await lookups.person(external_id)
        await self.keep_people(lookups.install, [told])
        return told

    async def channel(self, lookups: Lookups, external_id: str) -> ChannelProfile:
        """Look one channel up and keep it. Raises Unseen where it is out of reach, which is kept too."""
        install = lookups.install
        try:
            told = await lookups.channel(external_id)
        except Unseen:
            await self.write(install, lambda store: people.lose_channel(store, external_id))
            raise

        async def keep(store: Store) -> None:
            if told.external_id != external_id:
                await people.renumber_channel(store, external_id, told.external_id)
            await people.keep_channel(store, told)

        await self.write(install, keep)
        return told

    async def new_channel(self, lookups: Lookups, external_id: str) -> ChannelProfile:
        """Look a channel up that was not known, and who is in it; also some of those whom nobody knows."""
        return await self.channel_with_members(lookups, external_id, strangers=STRANGERS_AT_ONCE)

    async def channel_with_members(self, lookups: Lookups, external_id: str, strangers: int = 0) -> ChannelProfile:
        """Look one channel up and who is in it, as far as that takes few calls; the rest is the reconcile's."""
        told = await self.channel(lookups, external_id)
        if told.is_archived:
            return told  # Slack takes bots out of it, and its team stays as it was
        listing = lookups.listing()
        await lookups.members(listing, told.external_id, PAGES)
        await self._meet(lookups, listing.items, strangers)
        await self.keep_members(lookups.install, told, listing)
        return told

    async def keep_members(self, install: Install, channel: ChannelProfile, listing: Listing[str]) -> None:
        """Keep who is in a channel but the bot itself: all of them, or those read, where there are more."""
        present = frozenset(listing.items) - {install.bot}

        async def keep(store: Store) -> None:
            number = await people.keep_channel(store, channel)
            if listing.is_complete and listing.items:
                await people.gather(store, number, present, listing.began)
            else:
                await people.enter(store, number, present)

        await self.write(install, keep)

    async def _meet(self, lookups: Lookups, members: Collection[str], most: int) -> None:
        """Look up those of a channel's members whom nobody knows, at most so many."""
        if not most:
            return
        known = await self.read(lookups.install, lambda store: store.directory.called(members))
        strangers = [each for each in members if each not in known][:most]
        met = [each for each in await asyncio.gather(*(_person(lookups, one) for one in strangers)) if each]
        if met:
            await self.keep_people(lookups.install, met)


async def _person(lookups: Lookups, external_id: str) -> Profile | None:
    try:
        return await lookups.person(external_id)
    except (NotSent, Refused, Unseen):
        return None


async def _within(connection: Connection, install: Install, work: Query[T]) -> T:
    number = await workspace_called(connection, PLATFORM, install.workspace)
    if number is None:
        raise Unseen("the workspace is not known")
    return await work(Store(connection, number))
