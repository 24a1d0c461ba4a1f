"""The schema: migrations, types, and what every table must declare."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Connection, Database
from storage.migrate import differences, is_present, upgrade
from storage.schema import PRIVACY, Erasing, Exact, UtcDateTime, metadata


def test_an_upgrade_from_empty_equals_the_declared_tables(database_url: str) -> None:
    assert differences(database_url) == []
    assert is_present(database_url)


def test_an_upgrade_run_again_changes_nothing(database_url: str) -> None:
    upgrade(database_url)

    assert differences(database_url) == []


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_says_whose_its_rows_are(table: sa.Table) -> None:
    privacy = PRIVACY.get(table.name)

    assert privacy, f"{table.name} does not say whose its rows are"
    people = {
        column.name for column in table.c for key in column.foreign_keys if key.column.table.name == "people"
    }
    if people:
        assert privacy.owner in people, f"{table.name} refers to people and names none of them as the owner"
    if privacy.owner and (privacy.erasing is Erasing.KEEP or not privacy.exported):
        assert privacy.why_kept, f"{table.name} keeps or does not export what is somebody's, and gives no reason"
    if privacy.erasing is Erasing.FORGET:
        assert table.c[privacy.owner or ""].nullable


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_is_keyed_by_workspace(table: sa.Table) -> None:
    if table.name in ("workspaces", "install_states", "zone_data"):  # of no workspace, or of none yet
        return
    unique = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint)]

    assert "workspace_id" in table.c
    assert all("workspace_id" in constraint.columns for constraint in unique)


async def fetch(database: Database, query: sa.Select[Any]) -> Any:
    """What the query finds first."""

    async def work(connection: Connection) -> Any:
        return (await connection.execute(query)).scalar()

    return await database.read(work)


async def test_an_instant_comes_back_in_utc_and_a_naive_one_is_refused(database: Database) -> None:
    moment = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)

    back = await fetch(database, sa.select(sa.literal(moment, UtcDateTime)))

    assert (back, back.tzinfo) == (moment, UTC)
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        await fetch(database, sa.select(sa.literal(datetime(2026, 11, 23), UtcDateTime)))


@pytest.mark.parametrize("number", ["0.1", "17.40", "123456789012345.678901", "-0.00001"])
async def test_a_number_comes_back_exactly_as_it_was_typed(database: Database, number: str) -> None:
    back = await fetch(database, sa.select(sa.literal(Decimal(number), Exact)))

    assert str(back) == str(Decimal(number))
