"""Time that passes only when nothing else is left to do: an event loop, and the clocks that hang from it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from bot.clock import SystemClock

LONGEST_WAIT_S = 10.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time moves on at once to whatever comes next. It waits for no other thread."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        super().__init__(_Impatient(self))
        self.set_default_executor(_AtOnce())

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self.passed_s


class _Impatient(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if not found:
            if timeout is None:  # only a thread could still wake the loop, as when it is closed
                found = super().select(LONGEST_WAIT_S)
                if not found:
                    raise RuntimeError("nothing is left that could happen")
                return found
            self._loop.passed_s += timeout
        return found


class _AtOnce(ThreadPoolExecutor):
    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        _run(done, lambda: work(*args, **named))
        return done


class Hesitant(Executor):
    """Runs work in the loop's own thread, a moment later: the same every time."""

    def __init__(self, after_s: Callable[[], float]) -> None:
        self._after_s = after_s

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """Begin work after a moment."""
        done: Future[Any] = Future()
        asyncio.get_running_loop().call_later(self._after_s(), _run, done, lambda: work(*args, **named))
        return done


def _run(done: Future[Any], work: Callable[[], Any]) -> None:
    try:
        done.set_result(work())
    except BaseException as problem:  # noqa: BLE001 - handed on to whoever waits, as a thread would
        done.set_exception(problem)


class Time:
    """What time it is in truth, and by the clock of the machine, which jumps. The database has that clock too."""

    def __init__(self, start: datetime, loop: VirtualLoop) -> None:
        self._start = start
        self._loop = loop
        self._slept_s = 0.0
        self.wrong = timedelta()

    def truth(self) -> datetime:
        """The instant, in UTC."""
        return self._start + timedelta(seconds=self._loop.time() + self._slept_s)

    def now(self) -> datetime:
        """The instant by the machine's clock, in UTC."""
        return self.truth() + self.wrong

    def jump(self, by: timedelta) -> None:
        """Set the machine's clock wrong, or right again."""
        self.wrong += by

    def sleep(self, seconds: float) -> None:
        """Let the machine sleep: time passes, and nothing on it notices until it wakes."""
        self._slept_s += seconds


class ProcessClock(SystemClock):
    """The clock of a process, which is some seconds off that of the database."""

    def __init__(self, time: Time, off: timedelta) -> None:
        self._time = time
        self._off = off

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self._time.now() + self._off
