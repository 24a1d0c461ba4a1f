"""What is due, with all that is asked of each anew: its team, its person, and their place in that team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.directory import PERSON, Person, channels, people
from storage.schedules import SCHEDULE, Schedule, schedules
from storage.schema import UtcDateTime
from storage.teams import MEMBERSHIP, TEAM, Membership, Team, customers, memberships, teams


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule that is due. Who has left the team has no `membership`; what is for a channel, no `person`."""

    schedule: Schedule
    team: Team | None
    person: Person | None
    membership: Membership | None


_OF_TEAM = sa.and_(teams.c.id == schedules.c.team_id, teams.c.workspace_id == schedules.c.workspace_id)
_OF_PERSON = sa.and_(people.c.id == schedules.c.person_id, people.c.workspace_id == schedules.c.workspace_id)
_IN_TEAM = sa.and_(
    memberships.c.workspace_id == schedules.c.workspace_id,
    memberships.c.team_id == schedules.c.team_id,
    memberships.c.person_id == schedules.c.person_id,
)
# One join after the other: SQLite would read all teams there are for a join within a join.
_SOURCE = (
    schedules.outerjoin(teams, _OF_TEAM)
    .outerjoin(channels, channels.c.id == teams.c.channel_id)
    .outerjoin(customers, customers.c.id == teams.c.customer_id)
    .outerjoin(people, _OF_PERSON)
    .outerjoin(memberships, _IN_TEAM)
)
_DUE = schedules.c.next_due_at <= sa.bindparam("now", type_=UtcDateTime)
# In order, or PostgreSQL would look for any that is due from one end of the table to the other.
_IS_DUE = sa.select(schedules.c.id).where(_DUE).order_by(schedules.c.next_due_at).limit(sa.literal_column("1"))
_ENDS = tuple(accumulate((len(SCHEDULE), len(TEAM), len(PERSON), len(MEMBERSHIP))))
_ALL_DUE = (
    sa.select(*SCHEDULE, *TEAM, *PERSON, *MEMBERSHIP)
    .select_from(_SOURCE)
    .where(_DUE)
    .order_by(schedules.c.next_due_at)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True, of=schedules)
)


async def is_due(connection: Connection, now: datetime) -> bool:
    """Whether anything is due in any workspace, whoever may be at it."""
    return bool((await connection.execute(_IS_DUE, {"now": now})).first())


async def due(connection: Connection, now: datetime, most: int) -> list[Due]:
    """What is due in all workspaces, oldest first; on PostgreSQL, what nobody else holds."""
    rows = (await connection.execute(_ALL_DUE, {"now": now, "most": most})).all()
    return [_due(row) for row in rows]


def _due(row: Sequence[Any]) -> Due:
    schedule, team, person, membership = (row[begin:end] for begin, end in pairwise((0, *_ENDS)))
    return Due(
        Schedule(*schedule),
        None if team[0] is None else Team(*team),
        None if person[0] is None else Person(*person),
        None if membership[0] is None else Membership(*membership),
    )
