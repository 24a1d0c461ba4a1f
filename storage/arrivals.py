"""Who is asking and where: all that a request must know before its handler runs, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.directory import PERSON, Person, channels, people, workspaces
from storage.outbox import deliveries
from storage.teams import MEMBERSHIP, TEAM, Membership, Team, customers, memberships, teams

_HERE = channels.alias("here")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The verified outside of a request, in the chat service's own ids. `channel` is None in private.

    `team` is the number that a card carries of the team it was made for. It is no proof of anything: what
    the person may do there is looked up.
    """

    platform: str
    workspace: str
    person: str
    channel: str | None
    team: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who wrote, from which channel, in which team, and the answer given to this delivery before, if any.

    The team is the one of the card; else the channel's, or in private the one the person used last.
    """

    person: Person
    channel_id: int | None
    team: Team | None
    membership: Membership | None
    answer: str | None


_CHANNEL = sa.bindparam("channel", type_=sa.String)
_CARD = sa.bindparam("team", type_=sa.Integer)
_CHOSEN = sa.case(
    (_CARD.is_not(None), teams.c.id == _CARD),
    (_CHANNEL.is_(None), teams.c.id == people.c.team_id),
    else_=teams.c.channel_id == _HERE.c.id,
)
_QUERY = (
    sa.select(_HERE.c.id, deliveries.c.answer, *MEMBERSHIP, *PERSON, *TEAM)
    .select_from(workspaces)
    .join(people, people.c.workspace_id == workspaces.c.id)
    .outerjoin(
        deliveries,
        sa.and_(
            deliveries.c.workspace_id == workspaces.c.id,
            deliveries.c.key == sa.bindparam("key"),
            deliveries.c.person_id == people.c.id,
        ),
    )
    .outerjoin(
        _HERE,
        sa.and_(_HERE.c.workspace_id == workspaces.c.id, _HERE.c.external_id == _CHANNEL),
    )
    .outerjoin(teams, sa.and_(teams.c.workspace_id == workspaces.c.id, _CHOSEN))
    .outerjoin(channels, channels.c.id == teams.c.channel_id)
    .outerjoin(customers, customers.c.id == teams.c.customer_id)
    .outerjoin(memberships, sa.and_(memberships.c.team_id == teams.c.id, memberships.c.person_id == people.c.id))
    .where(
        workspaces.c.platform == sa.bindparam("platform"),
        workspaces.c.external_id == sa.bindparam("workspace"),
        people.c.external_id == sa.bindparam("person"),
    )
)


async def arrive(connection: Connection, envelope: Envelope, key: str) -> Arrival | None:
    """Look up an envelope and the delivery's key. None for somebody the workspace does not know."""
    bound = {
        "platform": envelope.platform,
        "workspace": envelope.workspace,
        "person": envelope.person,
        "channel": envelope.channel,
        "team": envelope.team,
        "key": key,
    }
    row: Any = (await connection.execute(_QUERY, bound)).first()
    if row is None:
        return None
    here, answer = row[0], row[1]
    after_person = 5 + len(PERSON)
    team = Team(*row[after_person:]) if row[after_person] is not None else None
    membership = Membership(*row[2:5]) if row[2] is not None else None
    return Arrival(Person(*row[5:after_person]), here, team, membership, answer)
