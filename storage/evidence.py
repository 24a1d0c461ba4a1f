"""Evidence: what a real customer said or did, and who in the team wrote it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from storage.directory import people
from storage.queries import Queries
from storage.schema import Erasing, Privacy, instant, key, link, table, words

SAID, DID, PAID = STRENGTHS = ("said", "did", "paid")

evidence = table(
    "evidence",
    key(),
    link("team_id", "teams.id", index=True),
    link("initiative_id", "initiatives.id", nullable=True, index=True),
    link("person_id", "people.id", nullable=True, index=True),
    words("words"),
    words("said_by"),
    words("link"),
    sa.Column("strength", sa.String(16), nullable=False),
    sa.Column("said_on", sa.Date, nullable=False),
    instant("created_at", nullable=False),
    instant("edited_at"),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.FORGET,
        says="the customers' words you wrote down: they stay with the team, without your name",
    ),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a customer (`said_by`) said or did on a date, and how strong that is: one of STRENGTHS.

    `link` is where it can be read, or "". `writer` is the name of whoever wrote it down, "" after they
    erased what is theirs; `initiative_id` is None while it belongs to no initiative.
    """

    id: int
    team_id: int
    initiative_id: int | None
    person_id: int | None
    words: str
    said_by: str
    link: str
    strength: str
    said_on: date
    created_at: datetime
    edited_at: datetime | None
    writer: str


EVIDENCE = [
    *(evidence.c[name] for name in list(Evidence.__dataclass_fields__)[:-1]),
    sa.func.coalesce(people.c.name, "").label("writer"),
]
EVIDENCE_SOURCE = evidence.outerjoin(people, people.c.id == evidence.c.person_id)


class EvidenceLog(Queries):
    """What a workspace's teams heard from their customers."""

    async def add(self, team_id: int, person_id: int, now: datetime, **values: object) -> int:
        """Write something down. Returns its number."""
        return await self.insert(evidence, team_id=team_id, person_id=person_id, created_at=now, **values)

    async def get(self, evidence_id: int, *, locked: bool = False) -> Evidence | None:
        """One by number. `locked` holds off others who would change it, until the transaction ends."""
        query = sa.select(*EVIDENCE).select_from(EVIDENCE_SOURCE).where(evidence.c.id == evidence_id)
        row = await self.first(query.with_for_update(of=evidence) if locked else query, evidence)
        return row and Evidence(*row)

    async def change(self, evidence_id: int, now: datetime, **values: object) -> None:
        """Change columns of it, and mark it as edited."""
        await self.update(evidence, evidence.c.id == evidence_id, edited_at=now, **values)

    async def remove(self, evidence_id: int) -> None:
        """Take it back."""
        await self.delete(evidence, evidence.c.id == evidence_id)

    async def count(self, team_id: int, initiative_id: int | None = None, since: date | None = None) -> int:
        """How much a team heard, about one initiative or in all, on a date or later."""
        query = sa.select(sa.func.count()).select_from(evidence).where(*_about(team_id, initiative_id, since))
        return int(await self.scalar(query, evidence))

    async def latest(
        self,
        team_id: int,
        initiative_id: int | None = None,
        since: date | None = None,
        *,
        limit: int,
        skip: int = 0,
    ) -> list[Evidence]:
        """What a team heard last, about one initiative or in all, on a date or later; the newest first."""
        query = sa.select(*EVIDENCE).select_from(EVIDENCE_SOURCE).where(*_about(team_id, initiative_id, since))
        query = query.order_by(evidence.c.said_on.desc(), evidence.c.id.desc()).limit(limit).offset(skip)
        return [Evidence(*row) for row in await self.all(query, evidence)]


def _about(team_id: int, initiative_id: int | None, since: date | None) -> list[sa.ColumnElement[bool]]:
    where = [evidence.c.team_id == team_id]
    where += [] if initiative_id is None else [evidence.c.initiative_id == initiative_id]
    return where + ([] if since is None else [evidence.c.said_on >= since])
