"""A database watched from outside: how long its transactions take, and whether it takes what is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from storage.condition import disk_failure
from storage.database import Database, DatabaseError, Work

T = TypeVar("T")


class TimedDatabase:
    """A database whose every transaction is told to `transacted`, by its kind and in seconds."""

    def __init__(self, database: Database, transacted: Callable[[str, float], None]) -> None:
        self._database = database
        self._transacted = transacted
        self._refused_at = 0.0
        self._refused = ""

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work that may write. Raises TimeoutError past the deadline, and then nothing was written."""
        began = _tick()
        try:
            return await self._database.write(work, deadline_s)
        except DatabaseError as problem:
            self._remember(disk_failure(problem))
            raise
        finally:
            self._transacted("write", _tick() - began)

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work that only reads."""
        began = _tick()
        try:
            return await self._database.read(work, deadline_s)
        finally:
            self._transacted("read", _tick() - began)

    def refused(self, within_s: float) -> str:
        """Why the disk took no writes, where that was so within the last seconds; "" where it was not."""
        return self._refused if self._refused and _tick() - self._refused_at <= within_s else ""

    def _remember(self, reason: str) -> None:
        if reason:
            self._refused, self._refused_at = reason, _tick()

    async def tidy(self) -> None:
        """Let go of the remains of what was deleted."""
        await self._database.tidy()

    async def close(self) -> None:
        """Give every connection back."""
        await self._database.close()


def _tick() -> float:
    """Seconds by the loop's own clock, which only ever counts on."""
    return asyncio.get_running_loop().time()
