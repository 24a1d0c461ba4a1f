"""Strays: messages that wait in a lane into which nobody would ever look, whatever the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.delivery import IS_DUE
from storage.directory import workspaces
from storage.instants import instant_of, told
from storage.lanes import NONE, lanes, make_ready, wake
from storage.outbox import OPEN, STANDS, outbox

MOST = 200
LONG = timedelta(minutes=1)  # a pace lets a lane wait for seconds
LOST = "lost"  # the token of a lane whose worker let it go and left something behind

_NOW, _MUCH_LATER = instant_of("now"), instant_of("later")
_IS_FREE = sa.or_(lanes.c.not_before.is_(None), lanes.c.not_before <= _NOW)
_NOT_READY = sa.or_(lanes.c.ready_at.is_(None), lanes.c.ready_at > _MUCH_LATER)
_IN_WORKSPACE = sa.exists().where(outbox.c.workspace_id == workspaces.c.id, OPEN)
_WAITS = _IN_WORKSPACE.where(outbox.c.state == "due", IS_DUE, STANDS)
_LEFT = _IN_WORKSPACE.where(outbox.c.state == "sending", outbox.c.leased_until <= _NOW)
# Lane by lane, each a look into an index: what it costs goes by the number of workspaces that rest, however much
# waits in the others.
_STRAYS = (
    sa.select(workspaces.c.id)
    .outerjoin(lanes, lanes.c.workspace_id == workspaces.c.id)
    .where(_NOT_READY, _IS_FREE, lanes.c.token.is_(None), sa.or_(_WAITS, _LEFT))
    .order_by(workspaces.c.id)
    .limit(MOST)
)
# Whoever takes it next looks at what was on its way first.
_FOUND = (
    sa.update(lanes)
    .where(lanes.c.workspace_id.in_(sa.bindparam("strays", expanding=True)), lanes.c.token.is_(None))
    .values(token=LOST, leased_until=_NOW)
)


async def strays(connection: Connection, now: datetime | None) -> list[int]:
    """Workspaces in which something is due and that nobody would look at for a minute or ever.

    `now` is None where the database's own clock counts.
    """
    bound: dict[str, Any] = told(now, now=NONE, later=LONG)
    return list((await connection.execute(_STRAYS, bound)).scalars())


async def find_again(connection: Connection, now: datetime | None, present: datetime) -> list[int]:
    """Make strays ready, from `present` (UTC) on or earlier. Returns their workspaces."""
    found = await strays(connection, now)
    if found:
        await make_ready(connection, found, present)
        await connection.execute(_FOUND, {"strays": found, **told(now, now=NONE)})
        await wake(connection)
    return found
