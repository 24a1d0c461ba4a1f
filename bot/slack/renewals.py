"""What is known for a while and then looked up anew, without keeping anybody waiting for longer than a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from bot.nudges.port import NotSent

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Renewal(Generic[T]):
    """A look-up under way, and when it began, by the loop's own clock."""

    task: asyncio.Task[T]
    began: float


class Renewals(Generic[T]):
    """Looks things up, each once at a time. Nobody waits for longer than `patience_s` where it takes its time."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._under_way: dict[str, _Renewal[T]] = {}

    async def __call__(self, key: str, look_up: Callable[[], Coroutine[Any, Any, T]], known: T | None) -> T:
        """What a look-up finds, or else what is `known`. Raises NotSent where nothing is in time.

        A look-up that has taken long already keeps nobody waiting who knows something.
        """
        renewal = self._renewal(key, look_up)
        left_s = self._patience_s - (_tick() - renewal.began if known is not None else 0)
        await asyncio.wait({renewal.task}, timeout=max(0.0, left_s))
        if known is not None and not _has_found(renewal.task):
            return known
        if not renewal.task.done():
            raise NotSent("it is not known yet whose install it is")
        return renewal.task.result()

    async def whole(self, key: str, look_up: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What a look-up finds, however long it takes."""
        return await asyncio.shield(self._renewal(key, look_up).task)

    def forget(self, key: str) -> None:
        """What is being looked up has changed: whoever asks from now on waits for a look-up of their own."""
        self._under_way.pop(key, None)

    async def close(self) -> None:
        """Break off what is being looked up."""
        tasks = [renewal.task for renewal in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _renewal(self, key: str, look_up: Callable[[], Coroutine[Any, Any, T]]) -> _Renewal[T]:
        renewal = self._under_way.get(key)
        if renewal is None:
            renewal = self._under_way[key] = _Renewal(asyncio.create_task(look_up()), _tick())
            renewal.task.add_done_callback(lambda task: self._ended(key, task))
        return renewal

    def _ended(self, key: str, task: asyncio.Task[T]) -> None:
        renewal = self._under_way.get(key)
        if renewal and renewal.task is task:
            del self._under_way[key]
        problem = None if task.cancelled() else task.exception()
        if problem and not isinstance(problem, NotSent):
            log.error("install not looked up", kind=type(problem).__name__)


def _has_found(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _tick() -> float:
    return asyncio.get_running_loop().time()
