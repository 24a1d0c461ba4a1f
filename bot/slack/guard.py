"""A channel is looked at before anything new is posted there: the event that others read it now may be missing."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.nudges.port import Astray, NotSent
from bot.slack.clients import Clients
from bot.slack.installs import PLATFORM, Installs
from bot.slack.lookups import Lookups, Unseen
from bot.slack.register import Register
from storage.database import Database, DatabaseError
from storage.delivery import closed

GOOD_FOR = timedelta(minutes=1)  # Slack answers about fifty of these questions a minute and workspace
REMEMBERED = 10_000


class Guard:
    """Lets new posts into channels. What Slack says of one is kept in the directory, and good for a minute."""

    def __init__(self, database: Database, clock: Clock, installs: Installs, clients: Clients) -> None:
        self._database = database
        self._clock = clock
        self._register = Register(database, clock, installs, clients)
        self._good_until: dict[tuple[str, str], datetime] = {}

    async def __call__(self, lookups: Lookups, channel: str) -> None:
        """Raises Astray where nothing may be posted in a channel, by what Slack says of it now.

        Where that cannot be known it raises NotSent, or what else `lookups` raise but Unseen.
        """
        try:
            await self._ask(lookups, channel)
            place = (PLATFORM, lookups.install.workspace, channel)
            reason = await self._database.read(lambda connection: closed(connection, *place))
        except DatabaseError as problem:
            raise NotSent("the directory did not answer") from problem
        if reason is None:
            raise NotSent("the channel has another id now", self._clock.now())
        if reason:
            raise Astray(reason)

    async def _ask(self, lookups: Lookups, channel: str) -> None:
        """Have the directory say of a channel what Slack says, or said within the minute."""
        key, now = (lookups.install.workspace, channel), self._clock.now()
        if self._good_until.get(key, now) > now:
            return
        with suppress(Unseen):  # then it is out of reach, and kept as that
            await self._register.channel(lookups, channel)
        if len(self._good_until) >= REMEMBERED:
            self._good_until.clear()
        self._good_until[key] = now + GOOD_FOR
