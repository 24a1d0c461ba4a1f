"""Slack's people and channels in the directory: by the reconcile, when somebody new writes, and by its events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.clock import Clock
from bot.nudges.port import NotSent, Refused
from bot.slack.clients import Clients
from bot.slack.hints import HINTS, Hint, shared
from bot.slack.installs import PLATFORM, Installs
from bot.slack.lookups import Lookups, Removed, Unseen
from bot.slack.reconcile import EVERY, Reconcile
from bot.slack.register import Register
from storage.arrivals import Envelope
from storage.database import Database, DatabaseError

LOOK_UP_S = 1.0
GROUP_S = 0.5
NOT_AGAIN_FOR = timedelta(seconds=60)
REMEMBERED = 10_000
EVENTS: tuple[str, ...] = tuple(HINTS)

log = structlog.get_logger()


class People:
    """Keeps the directory of Slack's workspaces."""

    def __init__(
        self, database: Database, clock: Clock, installs: Installs, clients: Clients, look_up_s: float = LOOK_UP_S
    ) -> None:
        self._register = Register(database, clock, installs, clients)
        self._clock = clock
        self._installs = installs
        self._look_up_s = look_up_s
        self._under_way: dict[str, Reconcile] = {}
        self._unseen: dict[tuple[str, str], datetime] = {}

    async def reconcile(self, workspace: str) -> timedelta:
        """Make a workspace's people and channels what Slack says they are. Returns how long until the next time.

        Raises NotSent with the time at which Slack may be asked on; calling it then goes on where it stopped.
        Raises Refused for what Slack will not tell at all, such as for a scope that is missing.
        """
        lookups = await self._register.lookups(workspace)
        if lookups is None:
            return EVERY
        going = self._under_way.pop(workspace, None)
        if going is None or not going.is_fresh:
            going = Reconcile(self._register, lookups)
        try:
            await going(lookups)
        except NotSent:
            self._under_way[workspace] = going
            raise
        except Removed:
            await self._removed(lookups)
        return EVERY

    async def look_over(self, workspace: str) -> None:
        """Reconcile now: which workspaces of an organisation let the bot in has changed."""
        try:
            await self.reconcile(workspace)
        except (NotSent, Refused) as problem:
            log.info("left to the reconcile", reason=str(problem))

    async def introduce(self, envelope: Envelope) -> bool:
        """Look up whom or what the directory does not know of a verified request. Returns whether it learnt any.

        It takes about a second at most, and never raises for what Slack does: what cannot be learnt now is
        left to the reconcile, and what Slack does not know is not asked again for a minute.
        """
        if envelope.platform != PLATFORM:
            return False
        learnt: list[str] = []
        with suppress(TimeoutError, NotSent, Unseen):
            async with asyncio.timeout(self._look_up_s):
                lookups = await self._register.lookups(envelope.workspace)
                if lookups:
                    await self._introduce(lookups, envelope, learnt)
        return bool(learnt)

    async def is_group(self, workspace: str, channel: str) -> bool:
        """Whether a conversation that the directory does not know is the direct messages of several people.

        Slack tells that only to a bot that may read them; of the kinds the bot may not, no other is left.
        """
        with suppress(TimeoutError, NotSent, Unseen, Removed, DatabaseError):
            async with asyncio.timeout(GROUP_S):
                lookups = await self._register.lookups(workspace)
                known = lookups and (await self._register.known(lookups.install, "", channel))[1]
                return lookups is not None and known is None and await lookups.is_group(channel)
        return False

    async def ask(self, workspace: str, look_up: Callable[[Lookups], Awaitable[str]], until: float) -> str:
        """What Slack says by an instant of the loop's clock, and nothing is kept; "" where it does not say."""
        with suppress(TimeoutError, NotSent, Refused, Unseen, Removed, DatabaseError):
            async with asyncio.timeout_at(until):
                lookups = await self._register.lookups(workspace)
                return await look_up(lookups) if lookups else ""
        return ""

    async def heard(self, workspace: str, event: Mapping[str, Any]) -> None:
        """Something has happened in Slack. What changed is read anew: events come late, twice, or never.

        Events that are not in EVENTS are ignored.
        """
        hint = HINTS.get(str(event.get("type")))
        if hint:
            await self._follow(workspace, event, hint)

    async def heard_from_shared(self, workspace: str, event: Mapping[str, Any]) -> None:
        """Slack's envelope of an event, whatever it is, said that another organisation shares its channel."""
        await self._follow(workspace, event, shared)

    async def _follow(self, workspace: str, event: Mapping[str, Any], hint: Hint) -> None:
        try:
            lookups = await self._register.lookups(workspace)
            if lookups:
                await self._knowing(lookups, hint(self._register, lookups, event))
        except (NotSent, Refused, Unseen) as problem:
            log.info("left to the reconcile", event_type=event.get("type"), reason=str(problem))

    async def _introduce(self, lookups: Lookups, envelope: Envelope, learnt: list[str]) -> None:
        channel = envelope.channel or ""
        person_known, channel_known = await self._register.known(lookups.install, envelope.person, channel)
        asked: list[Awaitable[None]] = []
        if person_known is None:
            asked.append(self._meet(lookups, envelope.person, self._register.person, learnt))
        if channel_known is None and channel and not channel.startswith("D"):
            asked.append(self._meet(lookups, channel, self._register.new_channel, learnt))
        await asyncio.gather(*asked)

    async def _meet(
        self,
        lookups: Lookups,
        external_id: str,
        look_up: Callable[[Lookups, str], Awaitable[object]],
        learnt: list[str],
    ) -> None:
        """Look somebody or something up, unless Slack has just said that it cannot be."""
        key, now = (lookups.install.workspace, external_id), self._clock.now()
        if self._unseen.get(key, now) > now:
            return
        try:
            await self._knowing(lookups, look_up(lookups, external_id))
        except NotSent as passing:
            self._forgo(key, min(passing.retry_at or now, now + NOT_AGAIN_FOR))
        except (Unseen, Refused):
            self._forgo(key, now + NOT_AGAIN_FOR)
        else:
            learnt.append(external_id)

    def _forgo(self, key: tuple[str, str], until: datetime) -> None:
        """Do not ask about this again for a while."""
        if len(self._unseen) >= REMEMBERED:
            self._unseen.clear()
        self._unseen[key] = until

    async def _knowing(self, lookups: Lookups, work: Awaitable[object]) -> None:
        """Do something that finds out, by the way, where the bot may do nothing any more."""
        try:
            await work
        except Removed as removed:
            await self._removed(lookups)
            raise Unseen("the bot was removed") from removed

    async def _removed(self, lookups: Lookups) -> None:
        install = lookups.install
        await self._installs.removed(install.workspace, token=install.token)
