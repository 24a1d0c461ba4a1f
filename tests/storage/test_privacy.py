"""What is a person's, table by table: taken away whole, erased as each table says, and nobody else's touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from storage import Store
from storage.database import Connection
from storage.directory import Role, add_workspace
from storage.privacy import owned
from storage.schema import PRIVACY, Erasing, metadata
from tests.storage.planting import NOW, Planter, words_kept
from tests.world import World

OWNED = [table.name for table, _ in owned()]


@asynccontextmanager
async def planted(world: World) -> AsyncIterator[tuple[Connection, Store, int, int]]:
    """Rows of Ben's and of Eva's in every table; the words of each are found by bencanary and evacanary."""
    async with world.writing() as connection:
        store = Store(connection, 1)
        people = []
        for who in ("ben", "eva"):
            person = await store.directory.person_called(who)
            assert person
            held = await Planter(connection, 1, f"{who}canary").everywhere(person.id)
            assert all(held.values()), held
            people.append(person.id)
        yield connection, store, people[0], people[1]


async def rows_of(connection: Connection, name: str, person: int) -> list[Any]:
    """The person's rows of a table."""
    table = metadata.tables[name]
    query = sa.select(table).where(table.c[PRIVACY[name].owner or ""] == person)
    return list((await connection.execute(query)).all())


@pytest.mark.parametrize("name", OWNED)
async def test_an_export_holds_all_of_a_persons_rows_and_nobody_elses(world: World, name: str) -> None:
    async with planted(world) as (connection, store, ben, _):
        found = await store.belongings.export(ben)
        theirs = [dict(row._mapping) for row in await rows_of(connection, name, ben)]

    if PRIVACY[name].exported:
        assert found[name] == theirs
    else:
        assert name not in found
    assert "evacanary" not in repr(found)


@pytest.mark.parametrize("name", OWNED)
async def test_after_erasing_no_row_is_left_with_the_person_unless_it_is_kept_for_a_reason(
    world: World, name: str
) -> None:
    privacy = PRIVACY[name]
    async with planted(world) as (connection, store, ben, _):
        before = await rows_of(connection, name, ben)
        everything = len((await connection.execute(sa.select(metadata.tables[name]))).all())

        await store.belongings.erase(ben)

        after = await rows_of(connection, name, ben)
        left = (await connection.execute(sa.select(metadata.tables[name]))).all()

    if privacy.erasing is Erasing.KEEP:
        assert len(after) == len(before)
    else:
        assert after == []
    gone = len(before) if privacy.erasing is Erasing.DELETE else 0
    assert len(left) == everything - gone


async def test_words_that_are_to_be_forgotten_are_gone_where_the_row_stays(world: World) -> None:
    forgotten = {name: PRIVACY[name].blanks for name in OWNED if PRIVACY[name].blanks}
    async with planted(world) as (connection, store, ben, _):
        numbers = {name: [row.id for row in await rows_of(connection, name, ben)] for name in forgotten}

        await store.belongings.erase(ben)

        for name, blanks in forgotten.items():
            table = metadata.tables[name]
            query = sa.select(*(table.c[blank] for blank in blanks)).where(table.c.id.in_(numbers[name]))
            assert {tuple(row) for row in (await connection.execute(query)).all()} == {("",) * len(blanks)}


async def test_erasing_touches_no_row_of_another_person(world: World) -> None:
    async with planted(world) as (connection, store, ben, eva):
        before = {name: await rows_of(connection, name, eva) for name in OWNED}

        await store.belongings.erase(ben)

        assert {name: await rows_of(connection, name, eva) for name in OWNED} == before


async def test_erasing_touches_no_row_of_another_workspace(world: World) -> None:
    async with planted(world) as (connection, store, ben, _):
        other = await add_workspace(connection, "test", "W2", "Other", NOW)
        profile = {"name": "Ben", "zone": "UTC", "locale": "en_GB", "role": Role.MEMBER}
        theirs = await Store(connection, other).directory.keep_person("ben", NOW, **profile)
        await Planter(connection, other, "othercanary").everywhere(theirs)
        before = {name: await rows_of(connection, name, theirs) for name in OWNED}

        await store.belongings.erase(ben)
        await store.belongings.erase(theirs)  # a number of another workspace is nobody here
        await Store(connection, other).belongings.erase(ben)
        await store.belongings.empty_copies("{}")

        assert {name: await rows_of(connection, name, theirs) for name in OWNED} == before


async def test_an_export_in_one_workspace_holds_nothing_of_another(world: World) -> None:
    async with planted(world) as (connection, store, ben, _):
        other = await add_workspace(connection, "test", "W2", "Other", NOW)

        elsewhere = await Store(connection, other).belongings.export(ben)

        assert not any(elsewhere.values())
        assert any((await store.belongings.export(ben)).values())


async def test_erasing_again_changes_nothing_more(world: World) -> None:
    async with planted(world) as (connection, store, ben, _):
        await store.belongings.erase(ben)
        once = await words_kept(connection)

        await store.belongings.erase(ben)

        assert await words_kept(connection) == once


async def test_what_is_held_counts_the_rows_of_each_table_by_what_they_are(world: World) -> None:
    async with planted(world) as (connection, store, ben, _):
        held = {one.table: one.rows for one in await store.belongings.holdings(ben)}

        told = [name for name in OWNED if PRIVACY[name].says]
        assert held == {name: len(await rows_of(connection, name, ben)) for name in told}


async def test_sqlite_overwrites_what_is_deleted(world: World) -> None:
    async def secure(connection: Connection) -> int:
        return int((await connection.execute(sa.text("pragma secure_delete"))).scalar_one())

    if world.url.startswith("sqlite"):
        assert await world.app.database.write(secure) == 1
