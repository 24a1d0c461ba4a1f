"""Work that nobody waits for, and that is finished all the same before the process ends."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class Background:
    """Holds what was begun: the loop itself keeps no reference to a task, and Python may collect one."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def soon(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin work without waiting for it."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def settle(self) -> None:
        """Wait until all that was begun is done, and what it began in turn."""
        while self._running:
            await asyncio.wait(self._running)

    async def end(self, within_s: float) -> None:
        """As `settle`, but break off what is not done in time; it may still tidy up after itself."""
        try:
            async with asyncio.timeout(within_s):
                await self.settle()
        except TimeoutError:
            log.warning("background work broken off", pieces=len(self._running))
            for task in self._running:
                task.cancel()
            await self.settle()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        problem = None if task.cancelled() else task.exception()
        if problem:
            # The text of an exception may quote what somebody wrote: only its kind and place are logged.
            place = traceback.extract_tb(problem.__traceback__)[-1]
            log.error("background work failed", kind=type(problem).__name__, at=f"{place.filename}:{place.lineno}")
