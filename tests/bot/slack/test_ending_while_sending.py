"""A process that is told to end while Slack is slow or does not answer: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.clock import SystemClock
from bot.nudges.sending import AT_ONCE
from bot.slack.scopes import NAMES
from handlers.messages import MESSAGE, Message
from storage import Store
from storage.database import Connection, open_database
from storage.directory import Role, add_workspace
from storage.outbox import outbox
from tests.bot.test_serve import free_port
from tests.fakes.slack import FakeSlack

PEOPLE = ("ana", "ben", "chi", "dev", "eva", "fay", "gus", "hal")
CLOSE_S = 10
CANARY = "canary of somebody's"


@dataclass
class Desk:
    """A bot that has promised a message to each of eight people, and a Slack to send them to."""

    slack: FakeSlack
    url: str
    settings: dict[str, str]

    async def begin(self, command: str) -> asyncio.subprocess.Process:
        """Start the bot, until it has begun to send as many messages as it sends at once."""
        environment = {**os.environ, **self.settings}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", command, env=environment, stderr=asyncio.subprocess.PIPE
        )
        await self.slack.until(lambda: self.slack.faults.held == AT_ONCE)
        return process

    async def end(self, process: asyncio.subprocess.Process) -> list[dict[str, object]]:
        """What the process logged, once it has ended by itself, in time."""
        async with asyncio.timeout(CLOSE_S):
            _, logged = await process.communicate()
        return [json.loads(line) for line in logged.splitlines()]

    async def states(self) -> list[tuple[str, int]]:
        """Each message's state and tries."""
        database = open_database(self.url)

        async def work(connection: Connection) -> list[tuple[str, int]]:
            query = sa.select(outbox.c.state, outbox.c.tries).order_by(outbox.c.id)
            return [(row[0], row[1]) for row in (await connection.execute(query)).all()]

        try:
            return await database.read(work)
        finally:
            await database.close()


@pytest.fixture
async def desk(tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Desk]:
    """Eight messages due, and a Slack that takes none of them until it is told to."""
    path = tmp_path / "bot.db"
    shutil.copy(migrated_sqlite, path)
    slack = await FakeSlack.start(SystemClock(), patience_s=60)
    slack.app.scopes = NAMES
    slack.add_workspace("Sample")
    for name in PEOPLE:
        slack.add_person(name, real_name=name, tz="Europe/London")
    installation = slack.workspace().installation
    assert installation
    settings = {
        "DATABASE_URL": f"sqlite:///{path}",
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": installation.token,
        "SLACK_SIGNING_SECRET": slack.app.signing_secret,
        "PORT": str(free_port()),
    }
    await promise(settings["DATABASE_URL"], slack)
    yield Desk(slack, settings["DATABASE_URL"], settings)
    await slack.close()


async def promise(url: str, slack: FakeSlack) -> None:
    """A message to each person, due now."""
    database, now = open_database(url), SystemClock().now()
    workspace = slack.workspace()

    async def work(connection: Connection) -> None:
        number = await add_workspace(connection, "slack", workspace.id, "Sample", now)
        store = Store(connection, number)
        for name in PEOPLE:
            person = await store.directory.keep_person(
                workspace.person(name).id, now, name=name, zone="Europe/London", locale="en_GB", role=Role.MEMBER
            )
            body = MESSAGE.dump_json(Message(f"A {CANARY}")).decode()
            await store.outbox.put(f"card:{name}", body, now, person_id=person)
        await store.outbox.make_ready(now)

    await database.write(work)
    await database.close()


async def test_a_message_that_slack_takes_slowly_is_waited_for_and_the_others_go_back(desk: Desk) -> None:
    desk.slack.fail("chat.postMessage", hang="after", times=9)
    process = await desk.begin("worker")

    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(told(process), CLOSE_S)
    desk.slack.faults.release()
    logged = await desk.end(process)

    assert process.returncode == 0
    assert sorted(await desk.states()) == [("due", 0)] * 3 + [("sent", 1)] * AT_ONCE
    assert not [line for line in logged if line["level"] != "info"]
    assert CANARY not in str(logged)


async def told(process: asyncio.subprocess.Process) -> None:
    """The process says that it ends."""
    assert process.stderr
    async for line in process.stderr:
        if json.loads(line)["event"] == "stopping":
            return
    raise AssertionError("it ended without a word")


async def test_a_message_that_slack_never_answers_is_unknown_and_the_others_go_back(desk: Desk) -> None:
    desk.slack.fail("chat.postMessage", hang="after", times=9)
    process = await desk.begin("worker")

    process.send_signal(signal.SIGTERM)
    logged = await desk.end(process)

    assert process.returncode == 0
    assert sorted(await desk.states()) == [("due", 0)] * 3 + [("unknown", 1)] * AT_ONCE
    assert [line["event"] for line in logged][-6:] == [
        "background work broken off",
        *["delivery unknown"] * AT_ONCE,
    ]
