"""By which version of the time zone data what is due was planned, and what of it is planned anew by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

import sqlalchemy as sa

from storage.database import Connection
from storage.queries import insert_once
from storage.schedules import schedules
from storage.schema import NOBODYS, PRIVACY, columns, metadata

zone_data = sa.Table(
    "zone_data",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.String(128), nullable=False),
)
PRIVACY["zone_data"] = NOBODYS
THE_ROW = 1


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule that is due at an hour on the wall, once or again and again on `days`."""

    id: int
    days: tuple[int, ...] | None
    hour: time
    zone: str
    next_due_at: datetime


PLANNED = columns(schedules, Planned)


async def planned_by(connection: Connection) -> str:
    """The version of the zone data that planned what is due; "" where none is known."""
    query = sa.select(zone_data.c.version).where(zone_data.c.id == THE_ROW)
    return (await connection.execute(query)).scalar() or ""


async def now_planned_by(connection: Connection, version: str) -> None:
    """What is due is planned by this version from now on."""
    change = sa.update(zone_data).where(zone_data.c.id == THE_ROW).values(version=version)
    if not (await connection.execute(change)).rowcount:
        adding = insert_once(zone_data, connection.dialect.name)
        await connection.execute(adding, {"id": THE_ROW, "version": version})


async def planned_ahead(connection: Connection, after_id: int, now: datetime, limit: int) -> list[Planned]:
    """What is due later than now in all workspaces, by number, from the one after `after_id` on.

    Without what was put off for once, which is due at an instant and no hour.
    """
    is_put_off = sa.and_(schedules.c.days.is_not(None), schedules.c.local_date.is_not(None))
    query = sa.select(*PLANNED).where(schedules.c.id > after_id, schedules.c.next_due_at > now)
    query = query.where(schedules.c.hour.is_not(None), sa.not_(is_put_off)).order_by(schedules.c.id).limit(limit)
    return [Planned(*row) for row in (await connection.execute(query)).all()]


async def plan_anew(connection: Connection, changes: Sequence[tuple[Planned, datetime]]) -> None:
    """Set when each is due, where that has not been changed meanwhile."""
    query = (
        sa.update(schedules)
        .where(schedules.c.id == sa.bindparam("schedule"), schedules.c.next_due_at == sa.bindparam("was"))
        .values(next_due_at=sa.bindparam("due"))
    )
    await connection.execute(
        query, [{"schedule": one.id, "was": one.next_due_at, "due": due} for one, due in changes]
    )
