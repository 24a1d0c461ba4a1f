"""Letting lanes go: a worker is done with some, and says when each is to be looked at again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.instants import instant_of, told
from storage.lanes import NONE, Lane, Spent, lanes
from storage.outbox import OPEN, STANDS, outbox
from storage.schema import UtcDateTime


@dataclass(frozen=True, slots=True)
class Freed:
    """What becomes of a lane: its rates spent, when more of it may go (None where nothing is known to wait), and
    how long the platform told the bot to wait.
    """

    lane: Lane
    spent: Spent
    more_at: datetime | None
    hold: timedelta | None = None


_PRESENT = sa.bindparam("present", type_=UtcDateTime)
_NEXT_DUE = (
    sa.select(
        outbox.c.workspace_id,
        sa.func.min(sa.case((outbox.c.tries == 0, _PRESENT), else_=outbox.c.due_at), type_=UtcDateTime()),
    )
    .where(outbox.c.workspace_id.in_(sa.bindparam("held", expanding=True)), OPEN, STANDS)
    .group_by(outbox.c.workspace_id)
)
_HELD = (
    sa.select(lanes.c.workspace_id, lanes.c.token, lanes.c.not_before, instant_of("now"))
    .where(lanes.c.workspace_id.in_(sa.bindparam("held", expanding=True)))
    .order_by(lanes.c.workspace_id)
    .with_for_update()
)
_FREE_LANE = (
    sa.update(lanes)
    .where(lanes.c.workspace_id == sa.bindparam("workspace"))
    .values(
        ready_at=sa.bindparam("next", type_=UtcDateTime),
        not_before=sa.bindparam("hold", type_=UtcDateTime),
        spent=sa.bindparam("paid"),
        token=None,
        leased_until=None,
    )
)


async def free(connection: Connection, freed: Sequence[Freed], now: datetime | None) -> None:
    """Let lanes go that are still held by the token they were taken with, and say when each is ready next."""
    if not freed:
        return
    numbers = [each.lane.workspace_id for each in freed]
    held = (await connection.execute(_HELD, {"held": numbers, **told(now, now=NONE)})).all()
    tokens = {number: token for number, token, *_ in held}
    mine = [each for each in freed if tokens.get(each.lane.workspace_id) == each.lane.token]
    if not mine:
        return
    present: datetime = held[0][3]
    told_since = {number: not_before for number, _, not_before, _ in held if not_before and not_before > present}
    known = [each.lane.workspace_id for each in mine if each.more_at is None]
    due = await _next_due(connection, known, present) if known else {}
    rows = [(each, due.get(each.lane.workspace_id), told_since.get(each.lane.workspace_id)) for each in mine]
    await connection.execute(_FREE_LANE, [_freed(each, present, *others) for each, *others in rows])


def _freed(freed: Freed, now: datetime, due_at: datetime | None, held: datetime | None) -> dict[str, Any]:
    # What was sent left at some time between taking the lane and now: the latest spends most of what is to come.
    late = (now - freed.lane.at).total_seconds()
    spent = {who: at + late for who, at in freed.spent.items() if at + late > now.timestamp()}
    paid = json.dumps(spent) if spent else ""
    hold = max((at for at in (held, now + freed.hold if freed.hold else None) if at), default=None)
    next_at = max(freed.more_at, freed.lane.at) + (now - freed.lane.at) if freed.more_at else due_at
    if next_at and hold:
        next_at = max(next_at, hold)
    return {"workspace": freed.lane.workspace_id, "next": next_at, "hold": hold, "paid": paid}


async def _next_due(connection: Connection, workspace_ids: Sequence[int], now: datetime) -> Mapping[int, datetime]:
    rows = await connection.execute(_NEXT_DUE, {"held": workspace_ids, "present": now})
    return dict(rows.all())
