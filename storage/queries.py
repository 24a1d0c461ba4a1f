"""The base of every capability's queries: one transaction, one workspace, never a row of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Connection


class Queries:
    """Queries over one workspace, inside somebody's transaction."""

    def __init__(self, connection: Connection, workspace_id: int) -> None:
        self.connection = connection
        self.workspace_id = workspace_id

    async def all(self, query: sa.Select[Any], source: sa.Table) -> Sequence[Any]:
        """Every row, those of this workspace alone."""
        mine = query.where(source.c.workspace_id == self.workspace_id)
        rows: Sequence[Any] = (await self.connection.execute(mine)).all()
        return rows

    async def first(self, query: sa.Select[Any], source: sa.Table) -> Any:
        """The first row, or None."""
        mine = query.where(source.c.workspace_id == self.workspace_id)
        return (await self.connection.execute(mine)).first()

    async def found(self, query: sa.Select[Any], bound: Mapping[str, object]) -> Any:
        """The first row of a query prepared beforehand, which binds `workspace` among others; or None."""
        return (await self.connection.execute(query, {"workspace": self.workspace_id, **bound})).first()

    async def one(
        self, wanted: Sequence[Any], table: sa.Table, source: sa.FromClause | None = None, /, **equal: object
    ) -> Any:
        """The first row whose columns of `table` are `equal` to these, or None; `source` is what joins it."""
        query = _chosen(tuple(wanted), table if source is None else source, table, tuple(equal))
        return (await self.connection.execute(query, {"workspace_id": self.workspace_id, **equal})).first()

    async def alter(self, table: sa.Table, equal: Mapping[str, object], /, **values: object) -> int:
        """As `update`, of the rows whose columns are `equal` to these."""
        where = {f"of_{name}": value for name, value in {"workspace_id": self.workspace_id, **equal}.items()}
        statement = _changed(table, tuple(equal), tuple(values))
        return int((await self.connection.execute(statement, {**where, **values})).rowcount)

    async def scalar(self, query: sa.Select[Any], source: sa.Table) -> Any:
        """The first column of the first row, or None."""
        row = await self.first(query, source)
        return row and row[0]

    async def insert(self, source: sa.Table, /, **values: object) -> int:
        """Add one row. Returns its number where the table has one, else 0."""
        row = {"workspace_id": self.workspace_id, **values}
        result = await self.connection.execute(_insert(source), row)
        inserted = result.inserted_primary_key
        return int(inserted[0]) if inserted and "id" in source.c else 0

    async def update(self, source: sa.Table, where: sa.ColumnElement[bool], /, **values: object) -> int:
        """Change the rows that match. Returns how many there were."""
        mine = sa.and_(source.c.workspace_id == self.workspace_id, where)
        return int((await self.connection.execute(sa.update(source).where(mine).values(**values))).rowcount)

    async def update_unless_taken(
        self, source: sa.Table, where: sa.ColumnElement[bool], /, **values: object
    ) -> int | None:
        """As `update`; None, and nothing changed, where a constraint says that another row has the value."""
        try:
            async with self.connection.begin_nested():
                return await self.update(source, where, **values)
        except sa.exc.IntegrityError:
            return None

    async def delete(self, source: sa.Table, where: sa.ColumnElement[bool]) -> int:
        """Remove the rows that match. Returns how many there were."""
        mine = sa.and_(source.c.workspace_id == self.workspace_id, where)
        return int((await self.connection.execute(sa.delete(source).where(mine))).rowcount)

    async def keep(
        self,
        source: sa.Table,
        identity: Mapping[str, object],
        values: Mapping[str, object],
        once: Mapping[str, object] | None = None,
    ) -> int:
        """Add the row, or change the one with the same identity (which a unique constraint holds).

        `once` holds values that only a new row gets. Returns the row's number, or 0 where it has none.
        """
        number = await self._upsert(source, identity, values, once or {}, None)
        return number if number and "id" in source.c else 0

    async def keep_unless(
        self,
        source: sa.Table,
        identity: Mapping[str, object],
        values: Mapping[str, object],
        unless: sa.ColumnElement[bool],
    ) -> bool:
        """As `keep`, but a row of which `unless` holds stays as it is. Returns False for that."""
        return await self._upsert(source, identity, values, {}, sa.not_(unless)) is not None

    async def _upsert(
        self,
        source: sa.Table,
        identity: Mapping[str, object],
        values: Mapping[str, object],
        once: Mapping[str, object],
        where: sa.ColumnElement[bool] | None,
    ) -> int | None:
        everything = {"workspace_id": self.workspace_id, **identity, **values, **once}
        build = _upsert if where is None else _upsert.__wrapped__
        upsert = build(source, tuple(identity), tuple(values), self.connection.dialect.name, where)
        number: int | None = (await self.connection.execute(upsert, everything)).scalar_one_or_none()
        return number

    async def add_once(self, source: sa.Table, /, **values: object) -> int | None:
        """Add the row unless a unique constraint says it is there already.

        Returns its number (0 where the table has none), or None where it was there.
        """
        row = {"workspace_id": self.workspace_id, **values}
        added = await self.connection.execute(insert_once(source, self.connection.dialect.name), row)
        number: int | None = added.scalar_one_or_none()
        return number

    async def add_all(self, source: sa.Table, rows: Sequence[Mapping[str, object]]) -> None:
        """Add those rows that no unique constraint says are there already."""
        mine = [{"workspace_id": self.workspace_id, **row} for row in rows]
        await self.connection.execute(
            _on_either(source, self.connection.dialect.name).on_conflict_do_nothing(), mine
        )


# Building a statement costs several times what running it does; these are the same every time.
@cache
def _insert(source: sa.Table) -> sa.Insert:
    return sa.insert(source)


@cache
def insert_once(source: sa.Table, dialect: str, *returned: sa.ColumnElement[Any]) -> Any:
    """Adds a row unless a unique constraint says it is there, and gives its number, or what is to be returned."""
    number = source.c.id if "id" in source.c else sa.literal_column("0")
    return _on_either(source, dialect).on_conflict_do_nothing().returning(*(returned or (number,)))


@cache
def _upsert(
    source: sa.Table,
    identity: tuple[str, ...],
    values: tuple[str, ...],
    dialect: str,
    where: sa.ColumnElement[bool] | None,
) -> Any:
    statement = _on_either(source, dialect)
    changed = {name: statement.excluded[name] for name in values or identity[:1]}
    upsert = statement.on_conflict_do_update(index_elements=["workspace_id", *identity], set_=changed, where=where)
    return upsert.returning(source.c.id if "id" in source.c else source.c.workspace_id)


@cache
def _chosen(wanted: tuple[Any, ...], source: sa.FromClause, table: sa.Table, names: tuple[str, ...]) -> Any:
    where = (table.c[name] == sa.bindparam(name) for name in ("workspace_id", *names))
    return sa.select(*wanted).select_from(source).where(*where)


@cache
def _changed(table: sa.Table, names: tuple[str, ...], changes: tuple[str, ...]) -> Any:
    where = (table.c[name] == sa.bindparam(f"of_{name}") for name in ("workspace_id", *names))
    return sa.update(table).where(*where).values({name: sa.bindparam(name) for name in changes})


def _on_either(source: sa.Table, dialect: str) -> Any:
    """An insert that may say what to do where the row is there already: each dialect has its own."""
    return sqlite_insert(source) if dialect == "sqlite" else postgresql_insert(source)
