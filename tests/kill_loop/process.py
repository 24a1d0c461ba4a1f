"""One process of the bot: started, seen to be ready, killed at its time, and started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import psutil

from tests.bot.test_serve import free_port

AT_ANY_TIME = ""
STOPPING = "drain.stopping"
LOOK_S = 0.02
READY_WITHIN_S = 60.0
REACHED_WITHIN_S = 15.0
END_S = 30.0  # the process itself ends within ten seconds, however busy the machine


@dataclass(frozen=True)
class Kill:
    """How a process is to be killed: the `times`-th time that it passes a place, or after so many events."""

    point: str
    times: int


@dataclass
class Tally:
    """What was seen of processes: how they were killed, what each took to be ready, what they logged."""

    kills: list[str] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    ready_cpu_s: list[float] = field(default_factory=list)
    logged: list[dict[str, Any]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines that say this."""
        return [line for line in self.logged if line.get("event") == name]


class Process:
    """A place for a process of one role. `happened` waits until so many more things were seen to happen."""

    def __init__(self, role: str, settings: dict[str, str], tally: Tally, happened: Callable[[int], Any]) -> None:
        self.role = role
        self.port = free_port()
        self._settings = {**settings, "PORT": str(self.port), "WORKER_PORT": str(self.port)}
        self._tally = tally
        self._happened = happened
        self._began = 0.0
        self._running: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self, kill: Kill | None = None) -> None:
        """Start it; one that is to be killed at a place is told so."""
        point, times = (kill.point, kill.times) if kill else (AT_ANY_TIME, 1)
        self._began = _tick()
        self._running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.kill_loop.victim", self.role, point, str(times)),
            env={**os.environ, **self._settings},
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read(self._running))

    async def until_ready(self) -> None:
        """Wait until it answers that it is ready, or has ended."""
        if await self._is_ready(self._present()):
            self._tally.ready_s.append(_tick() - self._began)
            with suppress(psutil.Error):  # it was killed meanwhile
                spent = psutil.Process(self._present().pid).cpu_times()
                self._tally.ready_cpu_s.append(spent.user + spent.system)

    async def be_killed(self, kill: Kill) -> None:
        """Start it, and wait until it has killed itself; or kill it, as wanted or where its time never comes."""
        await self.start(kill)
        running = self._present()
        meeting = asyncio.create_task(self._meet(running, kill))
        await self.until_ready()
        try:
            await asyncio.wait_for(meeting, REACHED_WITHIN_S)
            self._tally.kills.append(kill.point or "at any time")
        except TimeoutError:
            self._send(signal.SIGKILL)
            self._tally.kills.append(f"at rest, never having passed {kill.point}")
        await self._ended(running)

    async def _meet(self, running: asyncio.subprocess.Process, kill: Kill) -> None:
        if kill.point in (AT_ANY_TIME, STOPPING):
            await self._happened(kill.times)
            self._send(signal.SIGTERM if kill.point == STOPPING else signal.SIGKILL)
        await running.wait()

    async def end(self) -> None:
        """Tell it to end, and wait until it has."""
        running = self._present()
        self._send(signal.SIGTERM)
        try:
            self._tally.codes.append(await asyncio.wait_for(running.wait(), END_S))
        finally:
            self._send(signal.SIGKILL)
            await self._ended(running)

    def pause(self) -> None:
        """Let it stand still."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on from where it stood still."""
        self._send(signal.SIGCONT)

    async def give_up(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self._running:
            self._send(signal.SIGKILL)
            await self._ended(self._running)

    def _present(self) -> asyncio.subprocess.Process:
        assert self._running, "it was never started"
        return self._running

    def _send(self, what: signal.Signals) -> None:
        if self._running and self._running.returncode is None:
            with suppress(ProcessLookupError):
                self._running.send_signal(what)

    async def _is_ready(self, running: asyncio.subprocess.Process) -> bool:
        """Returns False where it was killed before it was ready."""
        address = f"http://127.0.0.1:{self.port}/readyz"
        async with asyncio.timeout(READY_WITHIN_S), aiohttp.ClientSession() as session:
            while running.returncode is None:
                with suppress(aiohttp.ClientError, ConnectionError):
                    async with session.get(address) as answer:
                        if answer.status == 200:
                            return True
                await asyncio.sleep(LOOK_S)
        return False

    async def _read(self, running: asyncio.subprocess.Process) -> None:
        assert running.stderr
        async for line in running.stderr:
            with suppress(ValueError):  # the last line may be cut off
                self._tally.logged.append({"role": self.role, **json.loads(line)})

    async def _ended(self, running: asyncio.subprocess.Process) -> None:
        await running.wait()
        if self._reading:
            await self._reading


def _tick() -> float:
    return asyncio.get_running_loop().time()
