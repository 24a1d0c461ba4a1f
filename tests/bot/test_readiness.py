"""What makes a process not ready: one fault at a time, each seen within ten seconds, and gone with its cause."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from bot.app import App, build
from bot.clock import SteppedClock
from bot.readiness import Problems, Readiness, beat, silence
from bot.settings import alone
from bot.web import health
from handlers.messages import MESSAGE, Message
from storage import Store
from storage.database import Connection
from storage.directory import Role, add_workspace
from storage.installations import installations
from tests.world import MONDAY, World

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
SECONDS = timedelta(seconds=1)
SEEN_S = 10


def looking(app: App, url: str, database_s: float = 3.0) -> Readiness:
    """What a process says of itself, looked up anew each time."""
    return Readiness(app.database, url, app.clock, app.platforms, database_s, kept_s=0)


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    """A process over a database with nothing in it."""
    built = build(alone(database_url=database_url), SteppedClock(MONDAY), {"slack": Mute()})
    yield built
    await built.close()


class Mute:
    """Sends nothing: what is due stays due."""

    async def send(self, *_: object) -> Any:
        raise AssertionError


async def execute(app: App, statement: str) -> None:
    """Change the database as nothing in the bot would."""

    async def work(connection: Connection) -> None:
        await connection.execute(sa.text(statement))

    await app.database.write(work)


async def test_a_process_that_can_work_is_ready(app: App, database_url: str) -> None:
    assert await looking(app, database_url)() == {}


@SQLITE
async def test_a_database_that_does_not_answer_in_time_is_a_fault_until_it_does(
    app: App, database_url: str
) -> None:
    go_on = threading.Event()

    async def hangs(_: Connection) -> None:
        go_on.wait()

    hanging = [asyncio.create_task(app.database.read(hangs)) for _ in range(4)]
    ready = looking(app, database_url, database_s=0.02)

    found = [await ready() for _ in range(3)]
    go_on.set()
    await asyncio.gather(*hanging)

    assert found == [{"database": "it does not answer within 0.02 s"}] * 3
    assert await looking(app, database_url)() == {}


@POSTGRESQL
async def test_a_database_that_is_gone_is_a_fault(app: App, database_url: str, postgresql_server: Any) -> None:
    name = sa.make_url(database_url).database
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"alter database {name} rename to {name}_away")
        gone = await looking(app, database_url)()
        connection.execute(f"alter database {name}_away rename to {name}")

    assert list(gone) == ["database"]
    assert await looking(app, database_url)() == {}


@POSTGRESQL
async def test_a_database_that_may_only_be_read_is_a_fault(
    app: App, database_url: str, postgresql_server: Any
) -> None:
    name = sa.make_url(database_url).database
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"alter database {name} set default_transaction_read_only = on")

    assert await looking(app, database_url)() == {"database": "it is read-only"}


async def test_a_schema_that_is_older_is_a_fault_and_one_that_is_newer_another(
    app: App, database_url: str
) -> None:
    await execute(app, "update alembic_version set version_num = '0001'")
    older = await looking(app, database_url)()
    await execute(app, "update alembic_version set version_num = '9999'")
    newer = await looking(app, database_url)()
    await execute(app, "drop table alembic_version")
    none = await looking(app, database_url)()

    assert "run python -m bot migrate" in older["migrations"]
    assert "update the bot" in newer["migrations"]
    assert none == older


async def plant(app: App, **installed: object) -> None:
    """A workspace in Slack, with a token, and a message to somebody in it that is due now."""
    body = MESSAGE.dump_json(Message("How was today?")).decode()
    now = app.clock.now()

    async def work(connection: Connection) -> None:
        workspace = await add_workspace(connection, "slack", "T1", "Sample", now)
        store = Store(connection, workspace)
        person = await store.directory.keep_person(
            "U1", now, name="Ana Ruiz", zone="UTC", locale="en_GB", role=Role.MEMBER
        )
        await store.outbox.put("card", body, now, person_id=person)
        await store.outbox.make_ready(now)
        await connection.execute(
            installations.insert().values(workspace_id=workspace, bot="B1", installed_at=now, **installed)
        )

    await app.database.write(work)


@SQLITE
async def test_a_message_that_waits_for_more_than_five_minutes_is_a_fault_within_ten_seconds(
    app: App, database_url: str
) -> None:
    await plant(app)

    before = await at(app, database_url, 300)
    after = await at(app, database_url, 300 + SEEN_S)

    assert before == {}
    assert after == {"slack messages": "the oldest was due 5 minutes ago"}


async def at(app: App, url: str, seconds: int) -> Problems:
    """What is wrong, so long after the beginning."""
    assert isinstance(app.clock, SteppedClock)
    app.clock.set(MONDAY + seconds * SECONDS)
    return await looking(app, url)()


@SQLITE
async def test_tokens_that_have_all_run_out_are_a_fault(app: App, database_url: str) -> None:
    await plant(app, expires_at=MONDAY + 60 * SECONDS)

    assert await at(app, database_url, 59) == {}
    assert list(await at(app, database_url, 60)) == ["slack tokens"]


@SQLITE
async def test_a_clockwork_that_stands_still_is_a_fault_within_ten_seconds_of_a_minute(world: World) -> None:
    world.app.start()
    world.app.scheduler.shutdown(wait=False)

    world.clock.set(MONDAY + 60 * SECONDS)
    before = await world.app.readiness()
    world.clock.set(MONDAY + (60 + SEEN_S) * SECONDS)
    after = await world.app.readiness()
    await world.app.tick()

    assert "scheduler" not in before
    assert after["scheduler"] == "no sweep for 70 seconds"
    assert "scheduler" not in await world.app.readiness()


@SQLITE
async def test_a_process_that_plans_nothing_misses_no_clockwork(app: App) -> None:
    assert isinstance(app.clock, SteppedClock)
    app.clock.set(MONDAY + timedelta(hours=1))

    assert await app.readiness() == {}


def test_a_connection_that_is_silent_for_more_than_a_minute_is_a_fault() -> None:
    assert silence(lambda: 60.0)() == ""
    assert silence(lambda: 61.0)() == "nothing heard for 61 seconds"


def test_a_clock_that_was_set_back_makes_nobody_late() -> None:
    assert beat(SteppedClock(MONDAY), lambda: MONDAY + timedelta(hours=1))() == ""


@SQLITE
async def test_what_is_wrong_is_told_by_part_as_json_without_anything_secret(app: App, database_url: str) -> None:
    await execute(app, "drop table alembic_version")
    async with TestClient(TestServer(health(app))) as visitor:
        healthy, ready = await visitor.get("/healthz"), await visitor.get("/readyz")
        told = await ready.json()

    assert healthy.status == 200
    assert ready.status == 503
    assert told["status"] == "not ready"
    assert list(told["problems"]) == ["migrations"]
    assert database_url not in json.dumps(told)


@SQLITE
async def test_an_answer_stands_for_a_second_however_often_it_is_asked_for(app: App, database_url: str) -> None:
    ready = Readiness(app.database, database_url, app.clock, app.platforms, kept_s=60)
    first = await ready()
    await execute(app, "drop table alembic_version")

    assert [await ready() for _ in range(5)] == [first] * 5


@SQLITE
async def test_a_workspace_whose_platform_said_to_wait_makes_nobody_late(app: App, database_url: str) -> None:
    await plant(app)
    await execute(app, "update lanes set not_before = '2026-11-23 09:00:00.000000'")

    assert await at(app, database_url, 1800) == {}
    assert list(await at(app, database_url, 3600)) == ["slack messages"]
