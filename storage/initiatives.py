"""Initiatives and the criteria by which their success is measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage.queries import Queries
from storage.schema import (
    NOBODYS,
    Erasing,
    Exact,
    Privacy,
    columns,
    flag,
    instant,
    key,
    link,
    named,
    table,
    words,
)
from storage.teams import customers, name_key


class Status(StrEnum):
    """How far a piece of work has come."""

    IDEA = "idea"
    CHOSEN = "chosen"
    BUILDING = "building"
    RELEASED = "released"
    JUDGED = "judged"
    DROPPED = "dropped"


ALIVE = (Status.IDEA, Status.CHOSEN, Status.BUILDING, Status.RELEASED, Status.JUDGED)
OPEN = (Status.IDEA, Status.CHOSEN, Status.BUILDING, Status.RELEASED)

initiatives = table(
    "initiatives",
    key(),
    link("team_id", "teams.id", index=True),
    words("title"),
    sa.Column("title_key", sa.Text, nullable=False),
    link("customer_id", "customers.id", nullable=True),
    words("change"),
    words("stop_line"),
    sa.Column("review_days", sa.Integer, nullable=False),
    link("owner_id", "people.id", nullable=True),
    sa.Column("status", named(Status), nullable=False),
    instant("created_at", nullable=False),
    instant("started_at"),
    instant("confirmed_at"),  # when the owner last said that its criteria are still how to know
    instant("dropped_at"),
    words("drop_reason"),
    sa.Column("revisit_on", sa.Date),
    sa.Index(
        "uq_initiatives_title",
        "workspace_id",
        "team_id",
        "title_key",
        unique=True,
        sqlite_where=sa.text("status != 'dropped'"),
        postgresql_where=sa.text("status != 'dropped'"),
    ),
    privacy=Privacy(
        owner="owner_id",
        erasing=Erasing.FORGET,
        says="your name as owner of initiatives; the initiatives stay with the team",
    ),
)

criteria = table(
    "criteria",
    key(),
    link("initiative_id", "initiatives.id", index=True),
    sa.Column("position", sa.Integer, nullable=False),
    words("measure"),
    words("unit"),
    sa.Column("baseline", Exact),
    sa.Column("target", Exact, nullable=False),
    flag("is_guardrail"),
    flag("is_ceiling"),
    words("source"),
    privacy=NOBODYS,
)

amendments = table(
    "amendments",
    key(),
    link("initiative_id", "initiatives.id", index=True),
    words("field"),
    words("before"),
    words("after"),
    words("reason"),
    link("person_id", "people.id", nullable=True),
    instant("created_at", nullable=False),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.FORGET,
        says="your name on changes to criteria; the changes stay visible to the team",
    ),
)


@dataclass(frozen=True, slots=True)
class Initiative:
    """A piece of work, with whom it is for (`customer`), what it changes for them and its stop line."""

    id: int
    team_id: int
    title: str
    change: str
    stop_line: str
    review_days: int
    owner_id: int | None
    status: Status
    created_at: datetime
    started_at: datetime | None
    confirmed_at: datetime | None
    dropped_at: datetime | None
    drop_reason: str
    revisit_on: date | None
    customer: str

    @property
    def is_frozen(self) -> bool:
        """Whether its criteria may only be changed by a visible amendment."""
        return self.status in (Status.BUILDING, Status.RELEASED, Status.JUDGED)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One measure of success: from `baseline` to `target` in `unit`, read from `source`.

    A guardrail is kept rather than reached: its `target` is the most allowed (`is_ceiling`) or the least.
    """

    id: int
    initiative_id: int
    position: int
    measure: str
    unit: str
    baseline: Decimal | None
    target: Decimal
    is_guardrail: bool
    is_ceiling: bool
    source: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change made after the criteria were frozen: what it was, what it became, and why."""

    id: int
    initiative_id: int
    field: str
    before: str
    after: str
    reason: str
    person_id: int | None
    created_at: datetime


INITIATIVE = [
    *(initiatives.c[name] for name in list(Initiative.__dataclass_fields__)[:-1]),
    sa.func.coalesce(customers.c.name, "").label("customer"),
]
INITIATIVE_SOURCE = initiatives.outerjoin(customers, customers.c.id == initiatives.c.customer_id)
CRITERION = columns(criteria, Criterion)
AMENDMENT = columns(amendments, Amendment)


@cache
def _of_team(statuses: tuple[Status, ...]) -> sa.Select[Any]:
    query = (
        sa.select(*INITIATIVE)
        .select_from(INITIATIVE_SOURCE)
        .where(
            initiatives.c.workspace_id == sa.bindparam("workspace"), initiatives.c.team_id == sa.bindparam("team")
        )
        .order_by(initiatives.c.id.desc())
    )
    return query.where(initiatives.c.status.in_(statuses)) if statuses else query


class Initiatives(Queries):
    """The workspace's initiatives, their criteria and what was changed in them."""

    async def add(self, team_id: int, title: str, now: datetime, **values: object) -> int | None:
        """Add an initiative. Returns its number, or None where the team has one of that title."""
        return await self.add_once(
            initiatives,
            team_id=team_id,
            title=title,
            title_key=name_key(title),
            created_at=now,
            status=Status.IDEA,
            **values,
        )

    async def get(self, initiative_id: int, *, locked: bool = False) -> Initiative | None:
        """One by number. `locked` holds off others who would change it, until the transaction ends."""
        query = sa.select(*INITIATIVE).select_from(INITIATIVE_SOURCE).where(initiatives.c.id == initiative_id)
        query = query.with_for_update(of=initiatives) if locked else query
        row = await self.first(query, initiatives)
        return row and Initiative(*row)

    async def of_team(self, team_id: int, *statuses: Status) -> list[Initiative]:
        """A team's initiatives in these states (any, where none is named), newest first."""
        bound = {"workspace": self.workspace_id, "team": team_id}
        rows = (await self.connection.execute(_of_team(statuses), bound)).all()
        return [Initiative(*row) for row in rows]

    async def titled(self, team_id: int, title: str) -> Initiative | None:
        """The team's initiative of that title that was not dropped."""
        query = (
            sa.select(*INITIATIVE)
            .select_from(INITIATIVE_SOURCE)
            .where(initiatives.c.team_id == team_id, initiatives.c.title_key == name_key(title))
            .where(initiatives.c.status != Status.DROPPED)
        )
        row = await self.first(query, initiatives)
        return row and Initiative(*row)

    async def change(self, initiative_id: int, **values: object) -> bool:
        """Change columns of an initiative; a new title brings its key along.

        Returns False, and changes nothing, where the team has another one of that title.
        """
        if "title" in values:
            values["title_key"] = name_key(str(values["title"]))
        where = initiatives.c.id == initiative_id
        return await self.update_unless_taken(initiatives, where, **values) is not None

    async def move(self, initiative_id: int, to: Status, *allowed: Status, **values: object) -> bool:
        """Move an initiative on from one of the allowed states. Returns False where it was in none."""
        where = sa.and_(initiatives.c.id == initiative_id, initiatives.c.status.in_(allowed))
        return await self.update(initiatives, where, status=to, **values) == 1

    async def add_criterion(self, initiative_id: int, **values: object) -> int:
        """Add a criterion after those there are. Returns its number."""
        last = await self.scalar(
            sa.select(sa.func.max(criteria.c.position)).where(criteria.c.initiative_id == initiative_id),
            criteria,
        )
        return await self.insert(criteria, initiative_id=initiative_id, position=(last or 0) + 1, **values)

    async def criterion(self, criterion_id: int) -> Criterion | None:
        """One criterion by number."""
        row = await self.first(sa.select(*CRITERION).where(criteria.c.id == criterion_id), criteria)
        return row and Criterion(*row)

    async def criteria(self, initiative_id: int) -> list[Criterion]:
        """An initiative's criteria in their order, guardrails last."""
        query = sa.select(*CRITERION).where(criteria.c.initiative_id == initiative_id)
        rows = await self.all(query.order_by(criteria.c.is_guardrail, criteria.c.position), criteria)
        return [Criterion(*row) for row in rows]

    async def change_criterion(self, criterion_id: int, **values: object) -> None:
        """Change columns of a criterion."""
        await self.update(criteria, criteria.c.id == criterion_id, **values)

    async def remove_criterion(self, criterion_id: int) -> None:
        """Remove a criterion that is not frozen yet."""
        await self.delete(criteria, criteria.c.id == criterion_id)

    async def amend(self, initiative_id: int, person_id: int, now: datetime, **values: object) -> None:
        """Record a change to frozen criteria: field, before, after and reason."""
        await self.insert(amendments, initiative_id=initiative_id, person_id=person_id, created_at=now, **values)

    async def amendments(self, initiative_id: int) -> list[Amendment]:
        """What was changed after the freeze, oldest first."""
        query = sa.select(*AMENDMENT).where(amendments.c.initiative_id == initiative_id)
        return [Amendment(*row) for row in await self.all(query.order_by(amendments.c.id), amendments)]
