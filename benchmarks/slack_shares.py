"""Where the time of one command goes, by whose code it is in: a profile of the loop and of the writing thread."""

from __future__ import annotations

import asyncio
import cProfile
import pstats
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import benchmarks.slack_servers as servers
from benchmarks.serve import free_port
from storage.migrate import upgrade
from storage.threads import ThreadedDatabase

COMMANDS = 300
ROOT = str(Path(__file__).parent.parent)
# A file belongs to the first of these that its path holds.
GROUPS = (
    ("the gate", (f"{ROOT}/bot/gate.py", f"{ROOT}/bot/payload.py")),
    ("Bolt", ("/slack_bolt/",)),
    ("Slack's block models", ("/slack_sdk/",)),
    ("SQLAlchemy", ("/sqlalchemy/", "/sqlite3/")),
    ("our own code", (f"{ROOT}/bot/", f"{ROOT}/handlers/", f"{ROOT}/storage/", f"{ROOT}/prompts/")),
    ("Jinja", ("/jinja2/", "<template>", ".j2")),
    ("aiohttp and asyncio", ("/aiohttp/", "/asyncio/", "/multidict/", "/yarl/", "/concurrent/")),
)


def shares(url: str) -> Iterator[str]:
    """Lines of a table: each group's share of the time in the profile."""
    upgrade(url)
    asyncio.run(servers.plant(url))
    spent = asyncio.run(_profiled(url))
    for name, seconds in spent.most_common():
        yield f"{name:<24}{seconds / spent.total():6.0%}"


async def _profiled(url: str) -> Counter[str]:
    from benchmarks.slack import command

    port = free_port()
    app, served = servers.ours(url, port)
    threaded = getattr(app.database, "_database", app.database)
    assert isinstance(threaded, ThreadedDatabase)
    here, there = cProfile.Profile(), cProfile.Profile()
    async with TestClient(TestServer(served, port=port)) as client:
        await _send(client, range(50), command)
        threaded._pool.submit(there.enable).result()
        here.enable()
        await _send(client, range(50, 50 + COMMANDS), command)
        here.disable()
        threaded._pool.submit(there.disable).result()
    await app.close()
    return _by_group(here) + _by_group(there)


async def _send(client: TestClient[web.Request, web.Application], numbers: range, command: object) -> None:
    for number in numbers:
        body, headers = command(number)  # type: ignore[operator]
        async with client.post("/slack/events", data=body, headers=headers) as answer:
            assert answer.status == 200, answer.status


def _by_group(profile: cProfile.Profile) -> Counter[str]:
    """Seconds by group; what is built into Python counts for whoever called it."""
    spent: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file != "~":
            spent[_group(file)] += own
            continue
        if "select" in name or "acquire" in name:
            continue  # waiting
        for (caller, _, _), (_, _, its, _) in callers.items():
            spent[_group(caller)] += its
    return spent


def _group(file: str) -> str:
    return next((name for name, parts in GROUPS if any(part in file for part in parts)), "Python and the rest")
