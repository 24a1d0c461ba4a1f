"""The repair: once a minute, looks for messages that wait where nobody would ever look, and lets them go."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.clock import Clock, SystemClock
from storage.database import Connection, Database
from storage.strays import find_again, strays

EVERY = timedelta(minutes=1)

log = structlog.get_logger()


class Repair:
    """Finds what was promised and never made ready. Any number of processes may look at the same database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._own_time = isinstance(clock, SystemClock)
        self._looked_at: datetime | None = None

    async def __call__(self) -> int:
        """Look, where it is time to. Returns in how many workspaces something waited."""
        now = self._clock.now()
        if self._looked_at and timedelta() <= now - self._looked_at < EVERY:
            return 0
        self._looked_at = now
        told = None if self._own_time else now
        if not await self._database.read(lambda connection: strays(connection, told)):
            return 0  # nothing, nearly always; and reading waits for no writer

        async def work(connection: Connection) -> list[int]:
            return await find_again(connection, told, now)

        found = await self._database.write(work)
        if found:
            log.error("messages were not made ready", workspaces=len(found))
        return len(found)
