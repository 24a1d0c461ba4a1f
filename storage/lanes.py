"""Lanes: one row for each workspace says whether anything of it waits to be sent, and who is at it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Connection
from storage.directory import workspaces
from storage.instants import earlier_of, instant_of, told
from storage.schema import NOBODYS, instant, table, words

CHANNEL = "worthwhile_outbox"  # on which a database that can tells those who listen that something waits
NONE = timedelta()

lanes = table(
    "lanes",
    instant("ready_at"),  # when the next of its messages is due; empty where nothing waits
    instant("not_before"),  # what the platform told the bot to wait for
    instant("leased_until"),
    sa.Column("token", sa.String(32)),
    words("spent"),  # of the platform's rates: a number for each recipient written to lately
    sa.PrimaryKeyConstraint("workspace_id"),
    sa.Index("ix_lanes_ready_at", "ready_at"),
    privacy=NOBODYS,
)

Spent = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane that was taken, `at` an instant by the clock that counts.

    `orphaned` tells that somebody had it and their lease ran out, `limited` that the platform had told the bot
    to wait.
    """

    workspace_id: int
    token: str
    orphaned: bool
    limited: bool
    spent: Spent = field(hash=False)
    at: datetime


_NOW = instant_of("now")
_FREE = sa.and_(
    lanes.c.ready_at <= _NOW,
    sa.or_(lanes.c.not_before.is_(None), lanes.c.not_before <= _NOW),
    sa.or_(lanes.c.leased_until.is_(None), lanes.c.leased_until <= _NOW),
)
_OF_PLATFORM = (
    sa.select(
        lanes.c.workspace_id, lanes.c.token.is_not(None), lanes.c.not_before.is_not(None), lanes.c.spent, _NOW
    )
    .join(workspaces, workspaces.c.id == lanes.c.workspace_id)
    .where(workspaces.c.platform == sa.bindparam("platform"), _FREE)
    .order_by(lanes.c.ready_at)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True, of=lanes)
)
_ONE = _OF_PLATFORM.where(lanes.c.workspace_id == sa.bindparam("only"))
_LEASE = (
    sa.update(lanes)
    .where(lanes.c.workspace_id.in_(sa.bindparam("taken", expanding=True)))
    .values(token=sa.bindparam("by"), leased_until=instant_of("until"))
)
# When the next lane can be taken. A lane that is leased or told to wait is ready no sooner than that ends.
_NEXT = (
    sa.select(
        sa.case((lanes.c.leased_until > lanes.c.ready_at, lanes.c.leased_until), else_=lanes.c.ready_at).label(
            "at"
        ),
        lanes.c.not_before,
        _NOW,
    )
    .join(workspaces, workspaces.c.id == lanes.c.workspace_id)
    .where(lanes.c.ready_at.is_not(None), workspaces.c.platform.in_(sa.bindparam("platforms", expanding=True)))
    .order_by(lanes.c.ready_at)
    .limit(50)
)

_UNTIL = instant_of("until")
_HOLD = (
    sa.update(lanes)
    .where(lanes.c.workspace_id == sa.bindparam("workspace"))
    .where(sa.or_(lanes.c.not_before.is_(None), lanes.c.not_before < _UNTIL))
    .values(not_before=_UNTIL)
)
_LEFT = sa.select(lanes.c.workspace_id).where(
    lanes.c.workspace_id == sa.bindparam("workspace"),
    lanes.c.ready_at.is_not(None),
    sa.or_(lanes.c.leased_until.is_(None), lanes.c.leased_until <= _NOW),
)


async def wait_for_next(
    connection: Connection, now: datetime | None, platforms: Collection[str]
) -> timedelta | None:
    """How long until a lane of these platforms can be taken, at least; None where nothing waits at all."""
    bound = {"platforms": list(platforms), **told(now, now=NONE)}
    rows = (await connection.execute(_NEXT, bound)).all()
    waits = [max(at, not_before or at) - present for at, not_before, present in rows]
    return max(min(waits), NONE) if waits else None


async def is_left(connection: Connection, workspace_id: int, now: datetime | None) -> bool:
    """Whether something of a workspace waits, now or later, and nobody is at it."""
    query, bound = _LEFT, {"workspace": workspace_id, **told(now, now=NONE)}
    return bool((await connection.execute(query, bound)).first())


async def take(
    connection: Connection,
    platform: str,
    token: str,
    now: datetime | None,
    lease: timedelta,
    most: int,
    only: int | None = None,
) -> list[Lane]:
    """Take lanes of a platform that are ready, those ready longest first; nobody else gets them meanwhile."""
    bound = {"platform": platform, "most": most, **told(now, now=NONE)}
    query, more = (_OF_PLATFORM, {}) if only is None else (_ONE, {"only": only})
    rows = (await connection.execute(query, {**bound, **more})).all()
    if rows:
        taken = {"taken": [row[0] for row in rows], "by": token}
        await connection.execute(_LEASE, {**taken, **told(now, until=lease)})
    return [
        Lane(number, token, bool(orphaned), bool(limited), json.loads(spent or "{}"), at)
        for number, orphaned, limited, spent, at in rows
    ]


def _made_ready(insert: Any) -> Any:
    ready = insert(lanes).values(workspace_id=sa.bindparam("workspace"), ready_at=earlier_of("due"))
    waits = sa.and_(lanes.c.ready_at.is_not(None), lanes.c.ready_at <= ready.excluded.ready_at)
    sooner = sa.case((waits, lanes.c.ready_at), else_=ready.excluded.ready_at)
    return ready.on_conflict_do_update(index_elements=["workspace_id"], set_={"ready_at": sooner})


_MAKE_READY = {"sqlite": _made_ready(sqlite_insert), "postgresql": _made_ready(postgresql_insert)}


async def make_ready(connection: Connection, workspace_ids: Collection[int], now: datetime) -> None:
    """Something of these workspaces is due from `now` (UTC) on, or from the database's own time if earlier.

    Comes last in a transaction, after the messages themselves: so everybody locks messages before lanes, and
    lanes in the order of their numbers, and nobody waits in a circle.
    """
    for number in sorted(workspace_ids):
        await connection.execute(_MAKE_READY[connection.dialect.name], {"workspace": number, "due": now})


def make_ready_at_the_end(connection: Connection, workspace_id: int, now: datetime) -> None:
    """As `make_ready`, after the messages of all who work in the same transaction."""
    connection.at_the_end(_MAKE_READY[connection.dialect.name], {"workspace": workspace_id, "due": now})


async def hold(connection: Connection, workspace_id: int, now: datetime | None, wait: timedelta) -> None:
    """The platform told the bot to wait so long with a workspace; for longer stays for longer.

    Comes after `make_ready`. `now` is None where the database's own clock counts.
    """
    await connection.execute(_HOLD, {"workspace": workspace_id, **told(now, until=wait)})


async def wake(connection: Connection) -> None:
    """Tell whoever listens, once this transaction is committed, that something waits for whoever has time.

    Not for what the process sends itself at once: such transactions would commit one after the other.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))
