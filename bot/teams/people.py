"""Teams' people and channels in the directory: when somebody speaks, by its events, and by the reconcile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog

from bot.background import Background
from bot.clock import Clock
from bot.nudges.port import NotSent, Refused
from bot.teams import profiles
from bot.teams.activities import PERSONAL, Visit
from bot.teams.connectors import Connectors
from bot.teams.places import PLATFORM, Spot, noted, spot_of
from bot.teams.rosters import Found, Rosters, is_lost
from handlers import people
from handlers.people import ChannelProfile
from storage import Store
from storage.chores import ChoreList
from storage.conversations import Conversations
from storage.database import Connection, Database, DatabaseError
from storage.directory import Person, add_workspace, workspace_called

CHORES = ("reconcile",)
EVERY = timedelta(minutes=15)
LOOK_UP_S = 1.5
NOT_AGAIN_FOR = timedelta(seconds=60)
REMEMBERED = 10_000
NAMELESS = "the group chat"

Json = Mapping[str, Any]
T = TypeVar("T")

log = structlog.get_logger()


class People:
    """Keeps the directory of every tenant. `admins` are user names or object ids, in small letters."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        connectors: Connectors,
        background: Background,
        admins: Collection[str] = (),
        look_up_s: float = LOOK_UP_S,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rosters = Rosters(connectors, clock, admins)
        self._background = background
        self._look_up_s = look_up_s
        self._met: dict[Hashable, Hashable] = {}
        self._unseen: dict[Hashable, datetime] = {}

    async def meet(self, visit: Visit) -> None:
        """Keep who has just spoken, where, and how they are reached there; whoever is new is looked up.

        What is known already costs nothing. It takes about a second and a half at most, and never raises for
        what Teams does: what cannot be learnt now is left to the reconcile.
        """
        try:
            await self._meet(visit)
        except (DatabaseError, TimeoutError) as problem:  # whatever is asked next fails in its own words
            log.error("nobody met", kind=type(problem).__name__)

    async def _meet(self, visit: Visit) -> None:
        key = (visit.tenant, visit.place, visit.person)
        told = (visit.name, visit.zone, visit.locale, visit.service, visit.bot, visit.team)
        if self._met.get(key) == told:
            return
        # Of a tenant met for the first time nothing is known yet; a chat of one's own is no channel all the same.
        nothing = (False, visit.channel is None)
        person_known, channel_known = await self._read(visit.tenant, visit, _known) or nothing
        if not (person_known and channel_known):
            await self._introduce(visit, person_known=person_known, channel_known=channel_known)
        if await self._write(visit.tenant, lambda store, places: self._keep(store, places, visit)):
            _remember(self._met, key, told)

    async def renamed(self, visit: Visit, channel: str, name: str) -> None:
        """A channel has another name now."""

        async def work(store: Store, _places: Conversations) -> None:
            known = await store.directory.channel_called(channel)
            if known:
                profile = ChannelProfile(channel, name, known.is_private, known.is_shared, known.is_archived)
                await people.keep_channel(store, profile)

        if name:
            await self._write(visit.tenant, work)

    async def lose(self, visit: Visit, channels: Collection[str]) -> None:
        """Channels were deleted, archived, or the bot was taken out of them: nothing is asked or posted there."""

        async def work(store: Store, places: Conversations) -> None:
            for channel in channels:
                await people.lose_channel(store, channel)
                await places.close(channel, self._clock.now())

        self._forget_met(visit.tenant)
        await self._write(visit.tenant, work)

    async def leave(self, visit: Visit) -> None:
        """The bot may not write in this conversation any more."""
        self._forget_met(visit.tenant)
        await self._write(visit.tenant, lambda _store, places: places.close(visit.place, self._clock.now()))

    async def met_around(self, visit: Visit) -> list[str]:
        """The channels of the visit's Teams team that the bot has met; of no team, the group itself."""

        async def work(_store: Store, places: Conversations) -> list[str]:
            every = await places.of_channels()
            return [each.conversation for each in map(noted, every) if _is_of(each, visit)]

        return await self._write(visit.tenant, work)

    async def look_again(self, visit: Visit, channels: Collection[str]) -> None:
        """Read anew what these channels are called and who is in them. What fails is left to the reconcile."""
        for channel in channels:
            spot = Spot(channel, visit.service, visit.bot, visit.kind, visit.team)
            with suppress(NotSent, Refused):
                await self._read_channel(visit.tenant, spot, visit.place_name if channel == visit.place else "")

    async def first_welcome(self, visit: Visit) -> bool:
        """Whether nobody was welcomed in this conversation before. From now on, somebody was."""
        now = self._clock.now()
        return await self._write(visit.tenant, lambda _store, places: places.welcome(visit.place, now))

    async def zone(self, visit: Visit) -> str:
        """The zone that a person is in, as far as the directory knows."""
        try:
            known = await self._read(visit.tenant, visit, _person)
        except DatabaseError:
            return "UTC"
        return known.zone if known else "UTC"

    async def reconcile(self, tenant: str) -> timedelta:
        """Make the channels of a tenant, and who is in them, what Teams says. Returns how long until the next.

        Raises NotSent with the time at which Teams may be asked on.
        """

        async def work(_store: Store, places: Conversations) -> list[Spot]:
            every = await places.of_channels()
            return [noted(each) for each in every if each.closed_at is None]

        for spot in await self._write(tenant, work):
            try:
                await self._read_channel(tenant, spot, "")
            except Refused as gone:
                log.info("channel out of reach", reason=str(gone))
                if is_lost(gone):
                    await self._write(tenant, partial(_lose, spot.conversation))
        return EVERY

    async def _introduce(self, visit: Visit, *, person_known: bool, channel_known: bool) -> None:
        """Look up whom or what the directory does not know, unless Teams has just said that it cannot be."""
        key, now = (visit.tenant, visit.place, visit.person), self._clock.now()
        if self._unseen.get(key, now) > now:
            return
        looked = asyncio.Event()
        self._background.soon(self._look_up(visit, looked, person_known=person_known, channel_known=channel_known))
        with suppress(TimeoutError):  # a large roster is read on meanwhile
            async with asyncio.timeout(self._look_up_s):
                await looked.wait()

    async def _look_up(
        self, visit: Visit, looked: asyncio.Event, *, person_known: bool, channel_known: bool
    ) -> None:
        try:
            if not person_known:
                await self._read_person(visit)
            if not channel_known:
                await self._read_channel(visit.tenant, spot_of(visit), visit.place_name)
        except (NotSent, Refused) as problem:
            log.info("left to the reconcile", reason=type(problem).__name__)
            key = (visit.tenant, visit.place, visit.person)
            _remember(self._unseen, key, self._clock.now() + NOT_AGAIN_FOR)
        finally:
            looked.set()

    async def _read_person(self, visit: Visit) -> None:
        profile = await self._rosters.person(visit)
        await self._write(visit.tenant, lambda store, _places: people.keep(store, [profile], self._clock.now()))

    async def _read_channel(self, tenant: str, spot: Spot, name: str) -> None:
        """Read a channel's name and kind, and all who are in it, and keep that."""
        found = await self._rosters.channel(tenant, spot, name)
        await self._write(tenant, lambda store, _places: _keep_channel(store, found, self._clock.now()))

    async def _keep(self, store: Store, places: Conversations, visit: Visit) -> bool:
        """Keep where somebody speaks, and what they are called now. Returns whether the directory knows them."""
        now = self._clock.now()
        known = await store.directory.person_called(visit.person)
        if known:
            await people.keep(store, [profiles.as_told(known, visit.name, visit.zone, visit.locale)], now)
        if known or visit.kind != PERSONAL:
            spot, before = spot_of(visit), await places.called(visit.place)
            if before and before.notes.get("service") != spot.service:  # the others here have moved as well
                await places.move({"service": str(before.notes.get("service"))}, {"service": spot.service})
            with_whom = known.id if known and visit.kind == PERSONAL else None
            await places.meet(visit.place, spot.notes(), with_whom, now)
        return known is not None

    def _forget_met(self, tenant: str) -> None:
        for key in [each for each in self._met if isinstance(each, tuple) and each[0] == tenant]:
            del self._met[key]

    async def _read(self, tenant: str, visit: Visit, query: Callable[[Store, Visit], Awaitable[T]]) -> T | None:
        async def work(connection: Connection) -> T | None:
            number = await workspace_called(connection, PLATFORM, tenant)
            return await query(Store(connection, number), visit) if number else None

        return await self._database.read(work)

    async def _write(self, tenant: str, work: Callable[[Store, Conversations], Awaitable[T]]) -> T:
        """Change a tenant's directory in a transaction of its own; a tenant that is new is added."""

        async def within(connection: Connection) -> T:
            now = self._clock.now()
            number = await workspace_called(connection, PLATFORM, tenant)
            if number is None:
                number = await add_workspace(connection, PLATFORM, tenant, "", now)
                await ChoreList(connection, number).ensure(CHORES, now + EVERY)
            return await work(Store(connection, number), Conversations(connection, number))

        return await self._database.write(within)


def _is_of(spot: Spot, visit: Visit) -> bool:
    return spot.team == visit.team if visit.team else spot.conversation == visit.place


async def _keep_channel(store: Store, found: Found, now: datetime) -> None:
    profile = found.channel
    known = await store.directory.channel_called(profile.external_id)
    name = profile.name or (known.name if known else NAMELESS)
    number = await people.keep_channel(store, replace(profile, name=name))
    await people.keep(store, found.members, now)
    present = frozenset(each.external_id for each in found.members)
    if found.is_complete and present:
        await people.gather(store, number, present, found.began)
    else:
        await people.enter(store, number, present)


async def _lose(channel: str, store: Store, _places: Conversations) -> None:
    await people.lose_channel(store, channel)


async def _person(store: Store, visit: Visit) -> Person | None:
    return await store.directory.person_called(visit.person)


async def _known(store: Store, visit: Visit) -> tuple[bool, bool]:
    """Whether the directory has the person, and the channel where there is one that is not lost."""
    person = await store.directory.person_called(visit.person)
    channel = await store.directory.channel_called(visit.channel) if visit.channel else None
    return person is not None, visit.channel is None or (channel is not None and not channel.is_archived)


def _remember(kept: dict[Hashable, Any], key: Hashable, value: object) -> None:
    """Keep something for a while: all is forgotten where it becomes too much."""
    if len(kept) >= REMEMBERED:
        kept.clear()
    kept[key] = value
