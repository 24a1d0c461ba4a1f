"""The bot's own chores, such as looking up who is in a workspace: rows, so that each is done once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.database import Connection
from storage.directory import workspaces
from storage.queries import Queries
from storage.schema import NOBODYS, instant, table

chores = table(
    "chores",
    sa.Column("name", sa.String(32), nullable=False),
    instant("due_at", nullable=False, index=True),
    instant("leased_until"),
    sa.Column("token", sa.String(32)),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),  # in a row, for the next wait
    sa.PrimaryKeyConstraint("workspace_id", "name"),
    privacy=NOBODYS,
)


@dataclass(frozen=True, slots=True)
class Chore:
    """One chore of one workspace, taken for a while. `workspace` is the chat service's id of it."""

    workspace_id: int
    workspace: str
    name: str
    failures: int
    token: str


class ChoreList(Queries):
    """The chores of one workspace."""

    async def ensure(self, names: Collection[str], now: datetime) -> None:
        """Add those that are not there, due at once; the others stay as they are."""
        for name in names:
            await self.add_once(chores, name=name, due_at=now)

    async def hurry(self, names: Collection[str], now: datetime) -> None:
        """Make them due at once, whether they are there or not."""
        for name in names:
            await self.keep(chores, {"name": name}, {"due_at": now, "failures": 0})


_OF_CHORE = workspaces.c.id == chores.c.workspace_id


def _due(platform: str, names: Collection[str], now: datetime) -> sa.ColumnElement[bool]:
    # Not a join: SQLite would go through all workspaces and sort their chores, for each one that is claimed.
    return sa.and_(
        chores.c.due_at <= now,
        sa.or_(chores.c.leased_until.is_(None), chores.c.leased_until <= now),
        chores.c.name.in_(names),
        sa.exists().where(_OF_CHORE, workspaces.c.platform == platform, workspaces.c.removed_at.is_(None)),
    )


async def is_due(connection: Connection, platform: str, names: Collection[str], now: datetime) -> bool:
    """Whether any of these chores is due and nobody is at it; reading waits for no writer."""
    query = sa.select(chores.c.name).where(_due(platform, names, now)).limit(1)
    return bool((await connection.execute(query)).first())


async def claim_chores(
    connection: Connection,
    platform: str,
    names: Collection[str],
    token: str,
    now: datetime,
    until: datetime,
    limit: int,
) -> Sequence[Chore]:
    """Take chores that are due, those due longest first, until an instant; nobody else gets them meanwhile."""
    workspace = sa.select(workspaces.c.external_id).where(_OF_CHORE).scalar_subquery()
    query = (
        sa.select(chores.c.workspace_id, workspace, chores.c.name, chores.c.failures)
        .where(_due(platform, names, now))
        .order_by(chores.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=chores)
    )
    rows = (await connection.execute(query)).all()
    taken = [Chore(number, workspace, name, failures, token) for number, workspace, name, failures in rows]
    for chore in taken:
        await _change(connection, chore.workspace_id, chore.name, leased_until=until, token=token)
    return taken


async def _change(connection: Connection, workspace_id: int, name: str, **values: object) -> None:
    mine = sa.and_(chores.c.workspace_id == workspace_id, chores.c.name == name)
    await connection.execute(sa.update(chores).where(mine).values(**values))


async def _settle(connection: Connection, chore: Chore, **values: object) -> bool:
    """Change a chore that is still this token's. Returns False where somebody else has taken it over."""
    mine = sa.and_(
        chores.c.workspace_id == chore.workspace_id, chores.c.name == chore.name, chores.c.token == chore.token
    )
    return bool((await connection.execute(sa.update(chores).where(mine).values(**values))).rowcount)


async def extend(connection: Connection, chore: Chore, until: datetime) -> bool:
    """Keep a chore for longer. Returns False where somebody else has taken it over."""
    return await _settle(connection, chore, leased_until=until)


async def done(connection: Connection, chore: Chore, began: datetime, now: datetime, next_in: timedelta) -> bool:
    """A chore was done; it is due again after `next_in`, unless it was hurried since it `began`."""
    due_at = sa.case(
        (chores.c.due_at > began, chores.c.due_at), else_=sa.literal(now + next_in, chores.c.due_at.type)
    )
    return await _settle(connection, chore, due_at=due_at, leased_until=None, token=None, failures=0)


async def failed(connection: Connection, chore: Chore, due_at: datetime) -> bool:
    """A chore failed, and is to be tried again at an instant."""
    return await _settle(
        connection, chore, due_at=due_at, leased_until=None, token=None, failures=chores.c.failures + 1
    )


async def let_go(connection: Connection, chore: Chore) -> bool:
    """A chore was broken off: anybody may take it now."""
    return await _settle(connection, chore, leased_until=None, token=None)
