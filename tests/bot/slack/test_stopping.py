"""A real process told to end while Slack waits for its answer: it answers, and what it answered is saved."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlencode

import aiohttp
import pytest

from bot.clock import SystemClock
from tests.bot.slack.office import Office, office
from tests.bot.test_serve import free_port
from tests.fakes.slack.delivery import sign

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@asynccontextmanager
async def serving(opened: Office, url: str, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot web` for the same workspace over the same database, once it listens."""
    installation = opened.slack.workspace().installation
    assert installation
    settings = {
        "DATABASE_URL": url,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SLACK_SIGNING_SECRET": opened.slack.app.signing_secret,
        "SLACK_BOT_TOKEN": installation.token,
        "SLACK_API_URL": opened.slack.api_url,
    }
    arguments = [sys.executable, "-m", "bot", "web"]
    environment = {**os.environ, **settings}
    process = await asyncio.create_subprocess_exec(
        *arguments, env=environment, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    assert process.stderr
    try:
        while b'"ready"' not in (line := await process.stderr.readline()):
            assert line, "it ended before it was ready"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def command(opened: Office, text: str) -> tuple[bytes, dict[str, str]]:
    """The last command again with another text, signed now."""
    fields = {name: values[0] for name, values in parse_qs(opened.slack.delivery.sent[-1].body.decode()).items()}
    body = urlencode({**fields, "text": text, "trigger_id": "1.1.1"}).encode()
    signed = sign(opened.slack.app.signing_secret, body, str(int(SystemClock().now().timestamp())))
    return body, {**signed, "Content-Type": "application/x-www-form-urlencoded"}


class Arriving:
    """A body that is sent once the server has begun with the request; `begun` is set when all of it is out."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.begun = asyncio.Event()

    async def parts(self) -> AsyncIterator[bytes]:
        yield self._body
        self.begun.set()


async def post(
    session: aiohttp.ClientSession, address: str, arriving: Arriving, headers: dict[str, str]
) -> tuple[int, str]:
    """Send a request that the server has to wait for; the answer's status and text."""
    async with session.post(address, data=arriving.parts(), headers=headers, expect100=True) as answer:
        return answer.status, await answer.text()


async def test_a_request_under_way_is_answered_before_the_process_ends(database_url: str) -> None:
    port = free_port()
    async with office(database_url) as opened:
        await opened.start_team()
        await opened.types("ben", "help")
        body, headers = command(opened, "checkin 4")
        elsewhere = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        async with serving(opened, database_url, port) as process, aiohttp.ClientSession() as session:
            elsewhere.execute("begin immediate")  # so that the answer cannot be there yet
            address = f"http://127.0.0.1:{port}/slack/events"
            arriving = Arriving(body)
            asking = asyncio.create_task(post(session, address, arriving, headers))
            await arriving.begun.wait()

            process.terminate()
            elsewhere.execute("rollback")
            status, text = await asking
            ended = await asyncio.wait_for(process.wait(), 15)

        scores = elsewhere.execute("select score from reflections").fetchall()
        elsewhere.close()

    assert status == 200
    assert "Saved: 4 of 5" in text
    assert ended == 0
    assert scores == [(4,)]
