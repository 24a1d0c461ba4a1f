"""Whether this process can do its work now, and if not, why: asked by whatever routes requests to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.timed import TimedDatabase
from storage import backlog, condition
from storage.database import Connection

DATABASE_S = 3.0  # whoever asks waits no longer for the database
KEPT_S = 1.0  # how long an answer stands: anybody may ask, as often as they like
LATE = timedelta(minutes=5)
SILENT = timedelta(seconds=60)
REFUSED_S = 10.0

Problems = Mapping[str, str]
# What is wrong with one part of this process just now; "" where nothing is. No secrets, names or ids in it.
Watch = Callable[[], str]


class Readiness:
    """Looks at the database, at what waits, and at every part that `watch` names.

    Only one look at the database is under way at a time, whatever the number of those who ask.
    """

    def __init__(
        self,
        database: TimedDatabase,
        url: str,
        clock: Clock,
        platforms: Collection[str],
        database_s: float = DATABASE_S,
        kept_s: float = KEPT_S,
    ) -> None:
        self._database = database
        self._url = url
        self._clock = clock
        self._platforms = platforms
        self._database_s = database_s
        self._kept_s = kept_s
        self._watches: dict[str, Watch] = {}
        self._looking: asyncio.Task[Problems] | None = None
        self._looked_at = 0.0

    def watch(self, part: str, problem: Watch) -> None:
        """Ask this part too."""
        self._watches[part] = problem

    async def __call__(self) -> Problems:
        """What is wrong, by part; empty where this process is ready. Takes `database_s` at most."""
        found = {part: problem() for part, problem in self._watches.items()}
        return {**{part: problem for part, problem in found.items() if problem}, **await self._of_database()}

    async def _of_database(self) -> Problems:
        now = asyncio.get_running_loop().time()
        if self._looking is None or (self._looking.done() and now - self._looked_at >= self._kept_s):
            self._looked_at = now
            self._looking = asyncio.create_task(self._look())
        await asyncio.wait({self._looking}, timeout=self._database_s)
        if not self._looking.done():
            return {"database": f"it does not answer within {self._database_s:g} s"}
        return self._looking.result()

    async def _look(self) -> Problems:
        try:
            schema = await self._database.read(condition.schema_problem)
            if schema:
                return {"migrations": schema}
            await condition.try_writing(self._database)
            late = await self._database.read(self._late)
            disk = condition.disk_problem(self._url)
        except condition.Unfit as unfit:
            return {"database": str(unfit)}
        except condition.FAILURES as problem:
            return {"database": condition.why(problem)}
        refused = disk or self._database.refused(REFUSED_S)
        return {**({"database": refused} if refused else {}), **late}

    async def _late(self, connection: Connection) -> Problems:
        """Which platforms' messages wait for too long, and whose tokens have all run out."""
        now, found = self._clock.now(), {}
        for platform in self._platforms:
            due_at = await backlog.oldest_due(connection, now, platform)
            if due_at and now - due_at > LATE:
                found[f"{platform} messages"] = f"the oldest was due {_minutes(now - due_at)} minutes ago"
            expires_at = await backlog.last_expiry(connection, platform)
            if expires_at and expires_at <= now:
                found[f"{platform} tokens"] = "all of them have run out: they cannot be exchanged, see the log"
        return found


def beat(clock: Clock, of: Callable[[], datetime]) -> Watch:
    """Watches something that is to happen again and again; `of` tells when it last did."""

    def problem() -> str:
        age = clock.now() - of()
        return f"no sweep for {round(age.total_seconds())} seconds" if age > SILENT else ""

    return problem


def silence(seconds: Callable[[], float]) -> Watch:
    """Watches a connection; `seconds` tells for how long nothing was heard."""

    def problem() -> str:
        return f"nothing heard for {round(seconds())} seconds" if seconds() > SILENT.total_seconds() else ""

    return problem


def _minutes(age: timedelta) -> int:
    return round(age.total_seconds() / 60)
