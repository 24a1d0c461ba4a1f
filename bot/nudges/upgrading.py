"""Teams that started with an earlier version: what this one brings is planned for each of them, once."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from handlers import upgrading
from handlers.context import Context
from handlers.rows import Catalog
from storage import Store
from storage.database import Connection, Database
from storage.teams import to_plan_anew

TRY_AGAIN = timedelta(hours=1)

log = structlog.get_logger()


class Upgrading:
    """Plans for each team that a migration has marked, in a transaction each. Any number of processes may."""

    def __init__(self, database: Database, clock: Clock, catalog: Catalog) -> None:
        self._database = database
        self._clock = clock
        self._catalog = catalog
        self._look_at: datetime | None = None
        self._is_done = False

    async def __call__(self) -> int:
        """Plan for the teams that are left, until there is none. Returns for how many it was done."""
        if self._is_done or (self._look_at and self._clock.now() < self._look_at):
            return 0
        found = await self._database.read(to_plan_anew)
        planned = [await self._plan(number, team_id) for number, team_id in found]
        self._is_done = all(planned)
        self._look_at = self._clock.now() + TRY_AGAIN
        return sum(planned)

    async def _plan(self, number: int, team_id: int) -> bool:
        try:
            await self._database.write(lambda connection: self._plan_anew(connection, number, team_id))
        except Exception as problem:  # noqa: BLE001 - one team that cannot be planned must not stop the rest
            log.error("team not planned anew", team=team_id, kind=type(problem).__name__)
            return False
        return True

    async def _plan_anew(self, connection: Connection, number: int, team_id: int) -> None:
        store = Store(connection, number)
        if not await store.teams.planned_anew(team_id):
            return  # another process has done it
        team = await store.teams.get(team_id)
        await upgrading.plan(Context(None, team, None, None, self._clock.now(), store, self._catalog))
