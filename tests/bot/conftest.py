"""Fixtures: databases with several planted workspaces, filled once for all tests that leave them as they were."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.database import open_database
from tests.bot.matrix import Probe, Stage, probes
from tests.bot.planted import Team, plant
from tests.bot.rehearsal import Rehearsal


@dataclass(frozen=True)
class Planted:
    """A planted database: its address, its teams, and each way in as the first team's lead would send it."""

    url: str
    teams: list[Team]
    every: list[Probe]


async def _fill(url: str) -> Planted:
    teams = await plant(url)
    rehearsal = Rehearsal(open_database(url))
    every = await probes(Stage(rehearsal), teams[0])
    await rehearsal.close()
    return Planted(url, teams, every)


def _planted(url: str) -> Planted:
    """Filled in a thread of its own, because a fixture for the whole run has no loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _fill(url)).result()


@pytest.fixture(scope="session")
def planted_sqlite(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Planted:
    """A SQLite file with three workspaces."""
    path = tmp_path_factory.mktemp("planted") / "planted.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return _planted(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def planted_postgresql(postgresql_server: Any) -> Planted:
    """A PostgreSQL database with three workspaces."""
    name = f"planted_{secrets.token_hex(6)}"
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"create database {name} template template_worthwhile")
    return _planted(postgresql_server.get_uri(name))


@pytest.fixture(params=["sqlite", "postgresql"])
def planted(request: pytest.FixtureRequest) -> Planted:
    """A planted database of each kind: nothing in it may be changed for good."""
    found: Planted = request.getfixturevalue(f"planted_{request.param}")
    return found


@pytest.fixture
def teams(planted: Planted) -> list[Team]:
    """The planted teams, the one that everything is asked about first."""
    return planted.teams


@pytest.fixture
def every(planted: Planted) -> list[Probe]:
    """Each way in, as the lead of the first team would send it."""
    # The same code runs on both databases, so one in four says on the slower one what differs between them.
    return planted.every if planted.url.startswith("sqlite") else planted.every[::4]


@pytest.fixture
async def stage(planted: Planted) -> AsyncIterator[Stage]:
    """The bot over the planted database, in which nothing lasts."""
    rehearsal = Rehearsal(open_database(planted.url))
    yield Stage(rehearsal)
    await rehearsal.close()
