"""Time zone data: by which version what is due was planned, and planning it anew once there is another.

Governments change their clocks at short notice. What is due is kept as an instant, which a new version of the
data makes wrong: nine o'clock must stay nine o'clock.
"""

from __future__ import annotations

import asyncio
import zoneinfo
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from bot.clock import Clock
from handlers.local_time import EVERY_DAY, replanned
from storage.database import Database
from storage.zone_data import Planned, now_planned_by, plan_anew, planned_ahead, planned_by

EVERY = timedelta(hours=1)
BATCH = 500
HEADER = "# version "

log = structlog.get_logger()


def zone_data_version() -> str:
    """The versions of the system's data, which is read first, and of the package's, for what that lacks.

    Such as "2026a 2026.1"; the later of two is the greater text.
    """
    folders = [Path(folder) for folder in zoneinfo.TZPATH]
    system = next((_of_folder(folder) for folder in folders if folder.is_dir()), "-")
    try:
        return f"{system} {version_of('tzdata')}"
    except PackageNotFoundError:
        return f"{system} -"


def _of_folder(folder: Path) -> str:
    """What a folder of zones says its version is; where it says nothing, a digest of its files."""
    with suppress(OSError):
        return (folder / "+VERSION").read_text().strip()
    with suppress(OSError), (folder / "tzdata.zi").open() as listing:
        first = listing.readline()
        if first.startswith(HEADER):
            return first.removeprefix(HEADER).strip()
    seen = sha256()
    for file in sorted(folder.rglob("*")):
        with suppress(OSError):
            seen.update(f"{file.relative_to(folder)} {file.stat().st_size} {file.stat().st_mtime_ns}\n".encode())
    return f"-{seen.hexdigest()[:16]}"


class ZoneData:
    """Looks once an hour whether the zone data is another, and then plans anew all that is due later."""

    def __init__(self, database: Database, clock: Clock, version: Callable[[], str] = zone_data_version) -> None:
        self._database = database
        self._clock = clock
        self._version = version
        self._look_at: datetime | None = None
        self._read = ""

    async def __call__(self) -> int:
        """Look, where it is time to. Returns how many schedules are due at another instant now."""
        if self._look_at and self._clock.now() < self._look_at:
            return 0
        version = await asyncio.to_thread(self._version)
        if self._read not in ("", version):
            ZoneInfo.clear_cache()  # it was replaced while this process ran
        self._read = version
        before = await self._database.read(planned_by)
        moved = await self._changed(before, version) if before != version else 0
        self._look_at = self._clock.now() + EVERY
        return moved

    async def _changed(self, before: str, version: str) -> int:
        """Plan anew by this version, which is not the one before.

        Where another process has newer data, that one is told to plan again what this one plans by its own.
        """
        is_older = version < before
        moved = 0 if is_older else await self._plan_anew()
        await self._database.write(lambda connection: now_planned_by(connection, version))
        if is_older:
            log.warning("older time zone data than before", version=version, before=before)
        elif before:
            log.info("time zone data changed", version=version, before=before, moved=moved)
        return moved

    async def _plan_anew(self) -> int:
        """Plan anew in batches, by number, so that what was planned twice comes out the same."""
        moved, last = 0, 0
        while found := await self._after(last):
            last = found[-1].id
            changes = [(one, due) for one in found if (due := _due(one)) != one.next_due_at]
            moved += len(changes)
            if changes:
                await self._keep(changes)
        return moved

    async def _after(self, last: int) -> list[Planned]:
        now = self._clock.now()
        return await self._database.read(lambda connection: planned_ahead(connection, last, now, BATCH))

    async def _keep(self, changes: Sequence[tuple[Planned, datetime]]) -> None:
        await self._database.write(lambda connection: plan_anew(connection, changes))


def _due(one: Planned) -> datetime:
    try:
        return replanned(one.next_due_at, one.hour, one.zone, one.days or EVERY_DAY)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return one.next_due_at  # a zone that is in no version of the data any more
