"""What a person can take away and erase: one walk over the tables, each of which says whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.directory import people
from storage.outbox import deliveries, outbox
from storage.queries import Queries
from storage.schema import PRIVACY, Erasing, Privacy, metadata

# What a person chose, of what the chat service does not tell.
_CHOSEN = ("paused_until", "team_id", "own_days", "own_hour", "quiet_from", "quiet_until", "region", "cap")
FORGOTTEN = {**dict.fromkeys(_CHOSEN), "unanswered": 0}


@dataclass(frozen=True, slots=True)
class Holding:
    """How much of a person one table holds, and what erasing does to it."""

    table: str
    rows: int
    erasing: Erasing
    says: str


def owned() -> Iterator[tuple[sa.Table, Privacy]]:
    """The tables whose rows belong to people, those that refer to others first."""
    for table in reversed(metadata.sorted_tables):
        privacy = PRIVACY[table.name]
        if privacy.owner:
            yield table, privacy


class Belongings(Queries):
    """Everything that belongs to one person."""

    async def export(self, person_id: int) -> dict[str, list[dict[str, Any]]]:
        """All of a person's rows, by table, as column and value."""
        found: dict[str, list[dict[str, Any]]] = {}
        for table, privacy in owned():
            if privacy.exported:
                query = sa.select(table).where(table.c[privacy.owner or ""] == person_id)
                rows = await self.all(query.order_by(*table.primary_key), table)
                found[table.name] = [dict(row._mapping) for row in rows]
        return found

    async def holdings(self, person_id: int) -> list[Holding]:
        """What erasing would touch, table by table; tables without a row of theirs are left out."""
        found = []
        for table, privacy in owned():
            query = sa.select(sa.func.count()).where(table.c[privacy.owner or ""] == person_id)
            rows = await self.scalar(query.select_from(table), table)
            if rows and privacy.says:
                found.append(Holding(table.name, rows, privacy.erasing, privacy.says))
        return found

    async def erase(self, person_id: int) -> None:
        """Delete or forget all that belongs to a person, as each table says."""
        for table, privacy in owned():
            owner = table.c[privacy.owner or ""]
            if privacy.erasing is Erasing.DELETE:
                await self.delete(table, owner == person_id)
            elif privacy.erasing is Erasing.FORGET:
                blank = dict.fromkeys(privacy.blanks, "")
                await self.update(table, owner == person_id, **{owner.name: None}, **blank)
            for name in privacy.names:
                await self.update(table, table.c[name] == person_id, **{name: None})
        await self.update(people, people.c.id == person_id, **FORGOTTEN)

    async def empty_copies(self, in_place: str) -> None:
        """Empty what was said and is kept only to be said again, to whomever: it may quote somebody who erases.

        `in_place` is the reply, as JSON, that a repeat of an earlier delivery gets from now on.
        """
        await self.update(deliveries, sa.true(), answer=in_place)
        await self.update(outbox, outbox.c.state.not_in(("due", "sending")), body="")
