"""What waits to be sent, for whoever runs the bot: how much, how late and why, and never its words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.delivery import TOO_LATE
from storage.directory import workspaces
from storage.installations import installations
from storage.lanes import lanes, make_ready, wake
from storage.outbox import OPEN, PAUSED, STANDS, outbox

PERSONAL, CHANNEL = "personal", "channel"

# Spelled out rather than bound: SQLite uses a partial index only where the query repeats its condition.
STUCK = sa.text("outbox.state in ('dead', 'unknown')")
_KIND = sa.case((outbox.c.person_id.is_not(None), PERSONAL), else_=CHANNEL)

# What `why_not_again` finds nothing against.
_MAY_GO_AGAIN = sa.and_(
    sa.or_(outbox.c.state == "dead", sa.and_(outbox.c.state == "unknown", outbox.c.person_id.is_(None))),
    outbox.c.body != "",
    outbox.c.error.not_in((TOO_LATE, PAUSED)),
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is not sent, and how late. By platform, in seconds; and messages by platform, kind and state."""

    oldest_due_s: Mapping[str, float] = field(default_factory=dict)
    token_left_s: Mapping[str, float] = field(default_factory=dict)
    messages: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A message not sent. `kind` is PERSONAL or CHANNEL; `key` says what it is about, in nobody's words."""

    id: int
    platform: str
    workspace: str
    kind: str
    key: str
    state: str
    error: str
    tries: int
    has_text: bool
    created_at: datetime
    due_at: datetime


_HELD: tuple[sa.ColumnElement[Any], ...] = (
    outbox.c.id,
    workspaces.c.platform,
    workspaces.c.external_id,
    _KIND,
    outbox.c.key,
    outbox.c.state,
    outbox.c.error,
    outbox.c.tries,
    outbox.c.body != "",
    outbox.c.created_at,
    outbox.c.due_at,
)


async def backlog(connection: Connection, now: datetime, platforms: Collection[str]) -> Backlog:
    """What is not sent at `now` (UTC), for all platforms; how late, for those that this process sends to."""
    late, left = {}, {}
    for platform in platforms:
        due_at = await oldest_due(connection, now, platform)
        late[platform] = max((now - due_at).total_seconds(), 0.0) if due_at else 0.0
        expires_at = await _expiry(connection, platform, sa.func.min)
        if expires_at:
            left[platform] = (expires_at - now).total_seconds()
    return Backlog(late, left, await _counted(connection))


async def oldest_due(connection: Connection, now: datetime, platform: str) -> datetime | None:
    """When the message was due that is due longest and could be sent; None where nothing is late."""
    query = (
        sa.select(outbox.c.due_at)
        .join(workspaces, workspaces.c.id == outbox.c.workspace_id)
        .outerjoin(lanes, lanes.c.workspace_id == outbox.c.workspace_id)
        .where(OPEN, outbox.c.due_at <= now, STANDS, workspaces.c.platform == platform)
        .where(sa.or_(lanes.c.not_before.is_(None), lanes.c.not_before <= now))  # else its platform said to wait
        .order_by(outbox.c.due_at)
        .limit(1)
    )
    found: datetime | None = (await connection.execute(query)).scalar()
    return found


async def last_expiry(connection: Connection, platform: str) -> datetime | None:
    """When the last token runs out of those that do; None where none does."""
    return await _expiry(connection, platform, sa.func.max)


async def _expiry(connection: Connection, platform: str, of: Any) -> datetime | None:
    query = (
        sa.select(of(installations.c.expires_at, type_=installations.c.expires_at.type))
        .join(workspaces, workspaces.c.id == installations.c.workspace_id)
        .where(workspaces.c.platform == platform, installations.c.removed_at.is_(None))
    )
    found: datetime | None = (await connection.execute(query)).scalar()
    return found


async def _counted(connection: Connection) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = {}
    for part in (OPEN, STUCK):
        query = (
            sa.select(workspaces.c.platform, _KIND, outbox.c.state, sa.func.count())
            .join(workspaces, workspaces.c.id == outbox.c.workspace_id)
            .where(part)
            .group_by(workspaces.c.platform, _KIND, outbox.c.state)
        )
        found |= {(row[0], row[1], row[2]): row[3] for row in (await connection.execute(query)).all()}
    return found


async def held(connection: Connection, *, limit: int, state: str = "", workspace: str = "") -> Sequence[Held]:
    """Messages not sent, the oldest first; of one state or one workspace (the chat service's id) where given."""
    query = _held().where(sa.or_(OPEN, STUCK)).order_by(outbox.c.created_at, outbox.c.id).limit(limit)
    if state:
        query = query.where(outbox.c.state == state)
    if workspace:
        query = query.where(workspaces.c.external_id == workspace)
    return [Held(*row) for row in (await connection.execute(query)).all()]


async def held_called(connection: Connection, ids: Collection[int]) -> Mapping[int, Held]:
    """Messages by their numbers, sent ones too; those that there are not are left out."""
    rows = (await connection.execute(_held().where(outbox.c.id.in_(ids)))).all()
    return {row[0]: Held(*row) for row in rows}


def _held() -> sa.Select[Any]:
    return sa.select(*_HELD).join(workspaces, workspaces.c.id == outbox.c.workspace_id)


async def requeue(connection: Connection, ids: Collection[int], now: datetime) -> set[int]:
    """Make messages due at `now` (UTC) again, with all their tries. Returns which: the others may not go."""
    mine = (
        sa.update(outbox)
        .where(outbox.c.id.in_(ids), _MAY_GO_AGAIN)
        .values(state="due", due_at=now, tries=0, token=None, leased_until=None, error="")
        .returning(outbox.c.id, outbox.c.workspace_id)
    )
    gone = (await connection.execute(mine)).all()
    await make_ready(connection, {row.workspace_id for row in gone}, now)
    await wake(connection)
    return {row.id for row in gone}


async def dead(connection: Connection, workspace: str = "") -> Sequence[int]:
    """The numbers of all that may go again, the oldest first; of one workspace where given."""
    query = (
        sa.select(outbox.c.id)
        .join(workspaces, workspaces.c.id == outbox.c.workspace_id)
        .where(STUCK, _MAY_GO_AGAIN)
        .order_by(outbox.c.id)
    )
    if workspace:
        query = query.where(workspaces.c.external_id == workspace)
    return list((await connection.execute(query)).scalars())


def why_not_again(message: Held) -> str:
    """Why a message may not be sent again; "" where it may."""
    if message.state == "sent":
        return "it was sent"
    if message.state not in ("dead", "unknown"):
        return "it is on its way already"
    if message.state == "unknown" and message.kind == PERSONAL:
        return "it may have arrived, and nobody gets the same message twice; their home page shows what waits"
    if message.error in (TOO_LATE, PAUSED):
        return "its time is over: what was to be asked on one day is not asked on another"
    return "" if message.has_text else "its text was let go of"
