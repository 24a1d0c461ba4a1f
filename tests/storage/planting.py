"""A row of any table, filled with words that can be found again, so that no table is forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.directory import Role
from storage.schema import PRIVACY, Exact, Ranked, UtcDateTime, Weekdays, metadata

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Planter:
    """Plants rows in one workspace; every text column of theirs holds `word` and a number."""

    def __init__(self, connection: Connection, workspace: int, word: str) -> None:
        self.connection = connection
        self.workspace = workspace
        self.word = word
        self._numbers = count(1)

    async def everywhere(self, person: int) -> dict[str, int]:
        """A row of the person's in every table that can belong to somebody; how many of theirs each has now."""
        owned = [table for table in metadata.sorted_tables if PRIVACY[table.name].owner]
        for table in owned:
            if not await self.held(table, person):
                await self.plant(table, **{PRIVACY[table.name].owner or "": person})
        return {table.name: await self.held(table, person) for table in owned}

    async def held(self, table: sa.Table, person: int) -> int:
        """How many rows of a table are the person's."""
        owner = table.c[PRIVACY[table.name].owner or ""]
        query = sa.select(sa.func.count()).select_from(table).where(owner == person)
        return int((await self.connection.execute(query)).scalar_one())

    async def plant(self, table: sa.Table, **given: Any) -> None:
        """One row, with whatever it refers to."""
        values = {"workspace_id": self.workspace, **given}
        for column in table.c:
            if column.name not in values and column is not table.autoincrement_column:
                values[column.name] = await self._value(column)
        await self.connection.execute(sa.insert(table).values(**values))

    async def _value(self, column: sa.Column[Any]) -> Any:
        for key in column.foreign_keys:
            return await self._referred(key.column, is_new=_is_unique(column))
        plain: dict[type, Any] = {
            UtcDateTime: NOW,
            Weekdays: (1, 2),
            Ranked: Role.MEMBER,
            Exact: Decimal("-1.5"),
            sa.Boolean: False,
            sa.Date: date(2026, 11, 23),
            sa.Time: time(9, 40),
        }
        if isinstance(column.type, sa.Enum):
            return column.type.enum_class and next(iter(column.type.enum_class))
        if isinstance(column.type, sa.Integer):
            return next(self._numbers)
        return plain.get(type(column.type), f"{self.word}{next(self._numbers)}")

    async def _referred(self, target: sa.Column[Any], *, is_new: bool) -> Any:
        """The number of a row to refer to, planted where there is none or where it must be one of its own."""
        newest = sa.select(target).where(target.table.c.workspace_id == self.workspace).order_by(target.desc())
        found = (await self.connection.execute(newest.limit(1))).scalar()
        if found is not None and not is_new:
            return found
        await self.plant(target.table)
        return (await self.connection.execute(newest.limit(1))).scalar()


def _is_unique(column: sa.Column[Any]) -> bool:
    """Whether a table allows few rows of this value, whoever they belong to."""
    owner = PRIVACY[column.table.name].owner or ""
    return any(
        column.name in constraint.columns and owner not in constraint.columns
        for constraint in column.table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    )


async def words_kept(connection: Connection) -> str:
    """Every value of every row of every table, in one text."""
    kept = [(await connection.execute(sa.select(table))).all() for table in metadata.sorted_tables]
    return repr([[tuple(row) for row in rows] for rows in kept])  # the repr of a row itself is shortened
