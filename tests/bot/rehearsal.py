"""A database in which nothing lasts: what a unit of work would have changed is seen, and then undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from storage.database import Connection, Database, Work
from storage.schema import metadata

T = TypeVar("T")
Row = tuple[Any, ...]
Kept = Mapping[str, frozenset[Row]]

COLUMNS = {table.name: [column.name for column in table.c] for table in metadata.sorted_tables}
# As text, so that rows come as the database has them: they are compared, not understood.
_SELECTS = {table.name: sa.text(str(sa.select(*table.c))) for table in metadata.sorted_tables}


async def keeps(connection: Connection) -> Kept:
    """Every row of every table."""
    return {
        name: frozenset(tuple(row) for row in (await connection.execute(select)).all())
        for name, select in _SELECTS.items()
    }


@dataclass(frozen=True)
class Changes:
    """What a unit of work did: the rows as they were before, where they are not any more, and as they are now."""

    before: Kept = field(default_factory=dict)
    after: Kept = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(True for _ in self.rows())

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each row before and after, with its table."""
        yield from _named(self.before)
        yield from self.written()

    def written(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each row as it was written."""
        return _named(self.after)


def _named(kept: Kept) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, rows in kept.items():
        for row in rows:
            yield table, dict(zip(COLUMNS[table], row, strict=True))


def _changes(before: Kept, after: Kept) -> Changes:
    return Changes(
        {name: before[name] - rows for name, rows in after.items()},
        {name: rows - before[name] for name, rows in after.items()},
    )


class _Over(Exception):
    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


async def _nothing(connection: Connection) -> None:
    return None


class Rehearsal:
    """A database whose every unit of work is rolled back. `changes` are what the last one would have left."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._supposed: Callable[[Connection], Awaitable[object]] = _nothing
        self._at_first: Kept | None = None
        self.changes = Changes()

    def suppose(self, happened: Callable[[Connection], Awaitable[object]] = _nothing) -> None:
        """Let something have happened before each unit of work from now on."""
        self._supposed, self._at_first = happened, None

    async def write(self, work: Work[T], deadline_s: float | None = None) -> T:
        """Do work, see what it changed, and undo it."""
        return await self._rehearse(self._database.write, work)

    async def read(self, work: Work[T], deadline_s: float | None = None) -> T:
        """As `write`, so that a unit of work that should only read is caught writing."""
        return await self._rehearse(self._database.write, work)

    async def tidy(self) -> None:
        """Nothing is left to be tidied."""

    async def close(self) -> None:
        """Give every connection back."""
        await self._database.close()

    async def _rehearse(self, transact: Callable[[Work[None]], Awaitable[None]], work: Work[T]) -> T:
        self.changes = Changes()

        async def rehearsed(connection: Connection) -> None:
            await self._supposed(connection)
            before = self._at_first = self._at_first or await keeps(connection)
            result = await work(connection)
            self.changes = _changes(before, await keeps(connection))
            raise _Over(result)

        try:
            await transact(rehearsed)
        except _Over as over:
            done: T = over.result
            return done
        raise RuntimeError("a rehearsal that was not undone")
