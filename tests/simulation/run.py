"""One simulation: a town lives for some days with all that goes wrong, then calm until nothing is left to do."""

from __future__ import annotations

import asyncio
import time as machine_time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import structlog

from storage.database import Connection
from tests.simulation import invariants, record
from tests.simulation.chats import PACES, Chats
from tests.simulation.log import Log
from tests.simulation.machine import Killed, Machine
from tests.simulation.time import Time, VirtualLoop
from tests.simulation.town import STARTS, Town

CALM = timedelta(hours=8)


@dataclass
class Report:
    """What a seed came to: what is wrong, and how much was lived through."""

    seed: int
    wrong: list[str]
    log: Log
    person_days: float
    took_s: float


def simulate(seed: int, days: int, url: str) -> Report:
    """Live through some days over an empty database. The same seed is the same story."""
    began = machine_time.process_time()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner, structlog.testing.capture_logs():
        wrong, log, people = runner.run(_live(seed, days, url))
    return Report(seed, wrong, log, people * days, machine_time.process_time() - began)


async def _live(seed: int, days: int, url: str) -> tuple[list[str], Log, int]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.set_exception_handler(lambda _loop, context: _heard(context))
    chance = Random(seed)  # noqa: S311 - it is to be the same each time
    time = Time(chance.choice(STARTS), loop)
    log = Log()
    chats = Chats(time, Random(chance.random()), log)  # noqa: S311
    machine = Machine(url, time, chats, log, Random(chance.random()))  # noqa: S311
    town = Town(machine, Random(chance.random()))  # noqa: S311
    with record.database_clock(time):
        story = Story(machine, town, Random(chance.random()), days)  # noqa: S311
        found = await story()
    return found, log, len(town.people)


def _heard(context: dict[str, Any]) -> None:
    problem = context.get("exception")
    if problem is not None and not isinstance(problem, (Killed, asyncio.CancelledError)):
        raise problem


class Story:
    """The days of one seed, from the first to the last."""

    def __init__(self, machine: Machine, town: Town, chance: Random, days: int) -> None:
        self._machine = machine
        self._town = town
        self._chance = chance
        self._days = days

    async def __call__(self) -> list[str]:
        """Live it. Returns what is wrong with it."""
        machine = self._machine
        machine.start("one", timedelta())
        machine.start("two", timedelta(seconds=self._chance.choice((-60, 0, 30, 60))))
        first = next(iter(machine.processes.values()))
        await first.database.write(record.begin)
        await self._town.settle_down()
        until = machine.time.truth() + timedelta(days=self._days)
        await self._town.live(until)
        self._troubled(float(self._chance.choice((0, 1, 1, 3, 8))))
        while machine.time.truth() < until:
            await asyncio.sleep(self._chance.expovariate(1 / (20 * 3600)))
            if machine.trouble:
                await self._happen()
        await self._calm_down()
        found = await invariants.held(machine, self._town)
        await self._end()
        return found

    def _troubled(self, much: float) -> None:
        self._machine.trouble = self._machine.chats.trouble = much

    async def _happen(self) -> None:
        """One of the larger things that go wrong."""
        machine = self._machine
        now = machine.time.truth()
        what = self._chance.choice(("clock", "clock", "sleep", "database", "chats", "killed", "all down"))
        machine.log.note(now, f"trouble: {what}")
        if what == "clock":
            by = timedelta(hours=self._chance.choice((-24, -1, 1, 24)))
            machine.time.jump(by)
            machine.stir()
            if self._chance.random() < 0.7:
                machine.spawn(self._put_right(by))
        elif what == "sleep":
            machine.time.sleep(self._chance.choice((600, 8 * 3600)))
            machine.stir()
        elif what == "database":
            machine.away_until = now + timedelta(seconds=self._chance.choice((5, 20, 60, 1800)))
        elif what == "chats":
            machine.chats.down_until[self._chance.choice(list(PACES))] = now + timedelta(
                seconds=self._chance.choice((10, 60, 3600, 6 * 3600))
            )
        elif what == "killed":
            for process in list(machine.processes.values())[:1]:
                process.kill("by chance")
        else:
            for process in list(machine.processes.values()):
                process.kill("by chance (all)")

    async def _put_right(self, by: timedelta) -> None:
        await asyncio.sleep(self._chance.choice((60, 3600, 8 * 3600)))
        if self._machine.trouble:  # else it is right already
            self._machine.time.jump(-by)
            self._machine.stir()

    async def _calm_down(self) -> None:
        """Nothing goes wrong any more, and what is left to do is done."""
        machine = self._machine
        self._troubled(0)
        machine.away_until = None
        machine.chats.down_until.clear()
        machine.time.jump(-machine.time.wrong)
        machine.stir()
        for _ in range(12):
            await asyncio.sleep(CALM.total_seconds())
            if not await self._is_left():
                return

    async def _is_left(self) -> bool:
        process = self._machine.any()
        return process is None or await process.database.read(_open) > 0

    async def _end(self) -> None:
        machine = self._machine
        machine.has_ended = True
        for _ in range(100):
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if not others:
                break
            for task in others:
                task.cancel()
            await asyncio.sleep(0.01)
        for process in [*machine.processes.values(), *machine.gone]:
            with suppress(Killed):
                await process.close()


async def _open(connection: Connection) -> int:
    return len(await invariants.rows(connection, "select id from outbox where state in ('due', 'sending')"))


def command(seed: int, days: int, url: str) -> str:
    """What repeats a simulation."""
    on = " DATABASE=postgresql" if url.startswith("postgresql") else ""
    return f"make simulate SEED={seed} SEEDS=1 DAYS={days}{on}"
