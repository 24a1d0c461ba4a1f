"""Where the bot is installed, installs under way, and the upgrade that brought both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import storage
from storage.database import Connection, Database, open_database
from storage.directory import add_workspace, workspace_called, workspaces
from storage.installations import (
    Installation,
    Installations,
    install,
    install_states,
    keep_exchanged,
    use_state,
)
from storage.migrate import differences, is_present, upgrade

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=1)


async def installed(database: Database, now: datetime = NOW, **values: object) -> int:
    """A workspace whose token runs out in an hour. Returns its number."""

    async def work(connection: Connection) -> int:
        row = {"bot": "U1", "scopes": "commands", "sealed": "first", "expires_at": now + HOUR, **values}
        return await install(connection, "slack", "T1", "Sample", now, **row)

    return await database.write(work)


async def on(database: Database, ask: Callable[[Installations], Awaitable[Any]]) -> Any:
    """Do something with the workspace's installation in a transaction of its own."""

    async def work(connection: Connection) -> Any:
        number = await workspace_called(connection, "slack", "T1")
        return await ask(Installations(connection, number or 0))

    return await database.write(work)


async def present(database: Database) -> Installation:
    """How the bot is installed in the workspace."""
    found: Installation = await on(database, lambda here: here.present())
    return found


async def test_an_exchange_is_begun_by_one_of_fifty_in_several_processes(database_url: str) -> None:
    processes = [open_database(database_url) for _ in range(3)]
    await installed(processes[0])

    begun = await asyncio.gather(
        *(
            on(processes[n % 3], lambda here: here.begin_exchange(NOW, NOW + 2 * HOUR, NOW + LEASE))
            for n in range(50)
        )
    )

    assert sum(found is not None for found in begun) == 1
    await asyncio.gather(*(process.close() for process in processes))


async def test_a_token_with_time_left_is_not_exchanged(database: Database) -> None:
    await installed(database)

    begun = await on(database, lambda here: here.begin_exchange(NOW, NOW + HOUR / 2, NOW + LEASE))

    assert begun is None


async def test_an_exchange_that_nobody_finished_is_taken_over_and_its_late_end_counts_for_nothing(
    database: Database,
) -> None:
    await installed(database)
    first, later = NOW + LEASE, NOW + 2 * LEASE
    begun = await on(database, lambda here: here.begin_exchange(NOW, NOW + HOUR, first))

    again = await on(database, lambda here: here.begin_exchange(first, NOW + HOUR, later))
    late = await keep_exchanged(database, begun, first, sealed="late")
    kept = await keep_exchanged(database, again, later, sealed="second", expires_at=NOW + 12 * HOUR)

    assert [late, kept] == [False, True]
    assert (await present(database)).sealed == "second"


async def test_an_exchange_ends_without_effect_where_the_bot_was_installed_anew(database: Database) -> None:
    await installed(database)
    begun = await on(database, lambda here: here.begin_exchange(NOW, NOW + HOUR, NOW + LEASE))
    await installed(database, NOW + timedelta(seconds=1), sealed="anew")

    kept = await keep_exchanged(database, begun, NOW + LEASE, sealed="of the old install")

    assert not kept
    assert (await present(database)).sealed == "anew"


async def test_tokens_are_kept_although_the_database_went_away_meanwhile(
    database: Database, request: pytest.FixtureRequest
) -> None:
    if "postgresql" not in request.node.name:
        pytest.skip("a file does not go away")
    server = request.getfixturevalue("postgresql_server")
    await installed(database)
    begun = await on(database, lambda here: here.begin_exchange(NOW, NOW + HOUR, NOW + LEASE))
    name = sa.make_url(request.getfixturevalue("database_url")).database
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))

    kept = await keep_exchanged(database, begun, NOW + LEASE, sealed="second")

    assert kept
    assert (await present(database)).sealed == "second"


async def test_a_state_is_used_by_one_of_twenty_at_once(database: Database) -> None:
    used = await asyncio.gather(
        *(database.write(lambda c: use_state(c, "state", "browser", NOW, NOW + LEASE)) for _ in range(20))
    )

    assert sum(used) == 1


async def test_a_state_stays_used_until_it_has_run_out_and_is_forgotten_then(database: Database) -> None:
    ends = NOW + timedelta(seconds=600)
    await database.write(lambda c: use_state(c, "old", "browser", NOW, ends))

    again = await database.write(lambda c: use_state(c, "old", "browser", ends, ends))
    other = await database.write(lambda c: use_state(c, "new", "browser", ends + LEASE, ends + HOUR))

    async def kept(connection: Connection) -> list[str]:
        return list((await connection.execute(sa.select(install_states.c.state))).scalars())

    assert (again, other) == (False, True)
    assert await database.read(kept) == ["new"]


async def test_a_workspace_that_two_processes_add_at_once_is_added_once(database_url: str) -> None:
    processes = [open_database(database_url) for _ in range(4)]

    numbers = await asyncio.gather(
        *(each.write(lambda c: add_workspace(c, "slack", "T1", "Sample", NOW)) for each in processes)
    )

    assert len(set(numbers)) == 1
    assert 0 not in numbers
    await asyncio.gather(*(process.close() for process in processes))


@pytest.fixture(params=["sqlite", "postgresql"])
def first_release_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database as the first release made it."""
    url = f"sqlite:///{tmp_path / 'first.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        name = f"first_{tmp_path.name}".lower().replace("-", "_")[-60:]
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f'create database "{name}" template template0')
        url = server.get_uri(name)
    with engine(url).begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
        command.upgrade(config, "0001")
    return url


def engine(url: str) -> sa.Engine:
    """An engine that opens connections as it needs them and keeps none."""
    driver = "sqlite" if url.startswith("sqlite") else "postgresql+psycopg"
    return sa.create_engine(sa.make_url(url).set(drivername=driver), poolclass=sa.NullPool)


def rows_of(url: str, tables: sa.MetaData) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of these tables."""
    with engine(url).connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(sa.select(table))]
            for table in tables.sorted_tables
        }


def plain_value(column: sa.Column[Any]) -> Any:
    """Something that the column takes; every row is number 1, and refers to number 1."""
    kinds: tuple[tuple[Any, Any], ...] = (
        (sa.Boolean, True),
        (sa.Integer, 1),
        (sa.DateTime, NOW),
        (sa.Date, date(2026, 11, 23)),
        (sa.Time, time(9, 40)),
    )
    return next((value for kind, value in kinds if isinstance(column.type, kind)), "1")


def test_an_upgrade_from_the_first_release_keeps_every_row(first_release_url: str) -> None:
    tables = sa.MetaData()
    with engine(first_release_url).begin() as connection:
        tables.reflect(connection)
        tables.remove(tables.tables["alembic_version"])
        for table in tables.sorted_tables:
            connection.execute(table.insert().values({column.name: plain_value(column) for column in table.c}))
    before = rows_of(first_release_url, tables)

    upgrade(first_release_url)

    assert all(len(rows) == 1 for rows in before.values())
    assert rows_of(first_release_url, tables) == before
    assert is_present(first_release_url)
    assert differences(first_release_url) == []


async def test_a_workspace_of_the_first_release_can_be_installed_in(first_release_url: str) -> None:
    database = open_database(first_release_url)
    await database.write(_add_plainly)
    await asyncio.to_thread(upgrade, first_release_url)

    number = await installed(database)

    assert number == 1
    assert (await present(database)).workspace_id == 1
    await database.close()


async def _add_plainly(connection: Connection) -> None:
    values = {"platform": "slack", "external_id": "T1", "name": "Sample", "created_at": NOW}
    await connection.execute(sa.insert(workspaces).values(**values))
