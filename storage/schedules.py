"""What is due: schedules, and the occurrences that were sent or skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storage.database import Connection
from storage.queries import Queries
from storage.schema import Erasing, Privacy, Weekdays, columns, flag, instant, key, link, table, words

schedules = table(
    "schedules",
    key(),
    sa.Column("key", sa.String(128), nullable=False),
    sa.Column("nudge", sa.String(32), nullable=False),
    link("team_id", "teams.id", index=True),
    link("person_id", "people.id", nullable=True, index=True),
    sa.Column("subject_id", sa.Integer),
    sa.Column("days", Weekdays),
    sa.Column("hour", sa.Time),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("local_date", sa.Date),
    instant("next_due_at", index=True),
    sa.UniqueConstraint("workspace_id", "key"),
    privacy=Privacy(owner="person_id", erasing=Erasing.DELETE, says="when you are asked"),
)

occurrences = table(
    "occurrences",
    key(),
    sa.Column("key", sa.String(192), nullable=False),
    sa.Column("nudge", sa.String(32), nullable=False),
    link("team_id", "teams.id"),
    link("person_id", "people.id", nullable=True),
    sa.Column("local_date", sa.Date, nullable=False),
    instant("due_at", nullable=False),
    instant("decided_at", nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    words("reason"),
    flag("rode"),  # it came as a part of the day's card, and is no nudge of its own
    sa.UniqueConstraint("workspace_id", "key"),
    sa.Index("ix_occurrences_person", "workspace_id", "person_id", "due_at"),
    privacy=Privacy(owner="person_id", erasing=Erasing.DELETE, says="which questions you were sent, and why"),
)


# One for each person and day: what holds the promise that nobody gets two.
day_cards = table(
    "day_cards",
    link("person_id", "people.id"),
    sa.Column("local_date", sa.Date, nullable=False),
    sa.Column("key", sa.String(128), nullable=False),
    sa.Column("guest", sa.String(32), nullable=False, server_default=""),
    sa.Column("guest_team_id", sa.Integer),
    sa.Column("guest_subject_id", sa.Integer),
    sa.Column("team_id", sa.Integer),  # whose question it asks
    sa.PrimaryKeyConstraint("workspace_id", "person_id", "local_date"),
    privacy=Privacy(owner="person_id", erasing=Erasing.DELETE, says="which card you got on which day"),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """One thing that is due once, or again and again.

    Recurring: on `days` at `hour` in `zone`. Once: at `next_due_at`, for `local_date`. `key` is what it
    is, in its workspace; `subject_id` is what it is about, such as a retro.
    """

    id: int
    workspace_id: int
    key: str
    nudge: str
    team_id: int
    person_id: int | None
    subject_id: int | None
    days: tuple[int, ...] | None
    hour: time | None
    zone: str
    local_date: date | None
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What became of one due date: `sent`, or `skipped` for a `reason` that `why` explains."""

    nudge: str
    team_id: int
    person_id: int | None
    local_date: date
    due_at: datetime
    outcome: str
    reason: str
    rode: bool


@dataclass(frozen=True, slots=True)
class DayCard:
    """The one card a person got on a local date, and the nudge that came as a part of it, if any.

    `team_id` is the team whose question it asks; None for a card that asks something else.
    """

    key: str
    guest: str
    guest_team_id: int | None
    guest_subject_id: int | None
    team_id: int | None = None


SCHEDULE = columns(schedules, Schedule)
OCCURRENCE = columns(occurrences, Occurrence)
DAY_CARD = columns(day_cards, DayCard)
_OF_PERSON = (
    sa.select(*SCHEDULE)
    .where(schedules.c.workspace_id == sa.bindparam("workspace"), schedules.c.person_id == sa.bindparam("person"))
    .where(schedules.c.next_due_at.is_not(None))
    .order_by(schedules.c.next_due_at)
)
_SENT_BETWEEN = sa.select(sa.func.count()).where(
    occurrences.c.workspace_id == sa.bindparam("workspace"),
    occurrences.c.person_id == sa.bindparam("person"),
    occurrences.c.local_date.between(sa.bindparam("since"), sa.bindparam("until")),
    occurrences.c.outcome == "sent",
    sa.not_(occurrences.c.rode),
)


class Schedules(Queries):
    """A workspace's schedules."""

    async def put(self, key: str, **values: object) -> None:
        """Add a schedule, or change the one of the same key."""
        due_at = values.get("next_due_at")
        if isinstance(due_at, datetime) and "hour" not in values:
            # The hour on the wall stays what it is where the rules of its zone are changed.
            values["hour"] = due_at.astimezone(ZoneInfo(str(values["zone"]))).time()
        await self.keep(schedules, {"key": key}, values)

    async def cancel(self, key: str) -> None:
        """Forget a schedule."""
        await self.delete(schedules, schedules.c.key == key)

    async def cancel_recurring(self, team_id: int, person_id: int) -> None:
        """Forget what a person gets again and again in a team."""
        where = sa.and_(schedules.c.team_id == team_id, schedules.c.person_id == person_id)
        await self.delete(schedules, sa.and_(where, schedules.c.days.is_not(None)))

    async def finish(self, subject_id: int, *nudges: str, person_id: int | None = None) -> None:
        """Forget these nudges about a subject, of one person or of all.

        One that is being carried out at this moment is left to that, so that neither waits for the other.
        """
        query = sa.select(schedules.c.id).where(schedules.c.subject_id == subject_id)
        query = query.where(schedules.c.nudge.in_(nudges))
        if person_id:
            query = query.where(schedules.c.person_id == person_id)
        rows = await self.all(query.with_for_update(skip_locked=True), schedules)
        await self.delete(schedules, schedules.c.id.in_([row.id for row in rows]))

    async def called(self, key: str) -> Schedule | None:
        """One schedule by its key."""
        row = await self.first(sa.select(*SCHEDULE).where(schedules.c.key == key), schedules)
        return row and Schedule(*row)

    async def of_person(self, person_id: int) -> list[Schedule]:
        """What is coming up for a person, soonest first."""
        bound = {"workspace": self.workspace_id, "person": person_id}
        return [Schedule(*row) for row in (await self.connection.execute(_OF_PERSON, bound)).all()]

    async def advance(self, schedule_id: int, next_due_at: datetime | None) -> None:
        """Set when a schedule is due again, for the date that is then; None for one that is done."""
        await self.alter(schedules, {"id": schedule_id}, next_due_at=next_due_at, local_date=None)

    async def try_again(self, schedule_id: int, at: datetime, local_date: date | None) -> None:
        """Make a schedule due again, for a date of its own or for the one that is then."""
        await self.alter(schedules, {"id": schedule_id}, next_due_at=at, local_date=local_date)

    async def occur(self, schedule: Schedule, local_date: date, now: datetime, **outcome: object) -> bool:
        """Record what became of a due date. Returns False where it was recorded before."""
        added = await self.add_once(
            occurrences,
            key=f"{schedule.key}:{local_date.isoformat()}",
            nudge=schedule.nudge,
            team_id=schedule.team_id,
            person_id=schedule.person_id,
            local_date=local_date,
            due_at=schedule.next_due_at,
            decided_at=now,
            **outcome,
        )
        return added is not None

    async def was_sent(self, person_id: int, nudge: str, local_date: date) -> bool:
        """Whether a person was sent a nudge of this kind for a date, whatever team it was for."""
        query = sa.select(occurrences.c.id).where(
            occurrences.c.person_id == person_id,
            occurrences.c.nudge == nudge,
            occurrences.c.local_date == local_date,
            occurrences.c.outcome == "sent",
        )
        return await self.first(query.limit(1), occurrences) is not None

    async def day_card(self, person_id: int, local_date: date) -> DayCard | None:
        """The card a person got on a date, if any."""
        row = await self.one(DAY_CARD, day_cards, person_id=person_id, local_date=local_date)
        return row and DayCard(*row)

    async def take_day(self, person_id: int, local_date: date, card: DayCard) -> bool:
        """Give a person the one card of a date. Returns False where they have it already."""
        added = await self.add_once(day_cards, person_id=person_id, local_date=local_date, **asdict(card))
        return added is not None

    async def give_day_back(self, person_id: int, local_date: date) -> None:
        """The person got no card on a date after all."""
        await self.delete(
            day_cards, sa.and_(day_cards.c.person_id == person_id, day_cards.c.local_date == local_date)
        )

    async def sent_between(self, person_id: int, since: date, until: date) -> int:
        """How many nudges of their own a person was sent for the dates from `since` up to `until`."""
        row = await self.found(_SENT_BETWEEN, {"person": person_id, "since": since, "until": until})
        return int(row[0])

    async def last_nudged(self, person_id: int) -> datetime | None:
        """When a person was last sent anything; None for never."""
        query = sa.select(sa.func.max(occurrences.c.decided_at, type_=occurrences.c.decided_at.type)).where(
            occurrences.c.person_id == person_id, occurrences.c.outcome == "sent"
        )
        at: datetime | None = await self.scalar(query, occurrences)
        return at

    async def last_sent(self, person_id: int, nudge: str) -> datetime | None:
        """When a person was last sent a nudge of this kind, whatever team it was for; None for never."""
        query = sa.select(sa.func.max(occurrences.c.decided_at, type_=occurrences.c.decided_at.type)).where(
            occurrences.c.person_id == person_id,
            occurrences.c.nudge == nudge,
            occurrences.c.outcome == "sent",
        )
        at: datetime | None = await self.scalar(query, occurrences)
        return at

    async def move(self, schedule_id: int, zone: str, next_due_at: datetime) -> None:
        """Carry a schedule over into another zone."""
        await self.update(schedules, schedules.c.id == schedule_id, zone=zone, next_due_at=next_due_at)

    async def occurrences(self, person_id: int, since: datetime) -> list[Occurrence]:
        """What a person was sent or spared since an instant, newest first."""
        query = sa.select(*OCCURRENCE).where(occurrences.c.person_id == person_id, occurrences.c.due_at >= since)
        rows = await self.all(query.order_by(occurrences.c.due_at.desc()), occurrences)
        return [Occurrence(*row) for row in rows]


async def due(connection: Connection, now: datetime, limit: int) -> list[Schedule]:
    """The schedules of all workspaces that are due, oldest first; on PostgreSQL, those nobody else holds."""
    query = sa.select(*SCHEDULE).where(schedules.c.next_due_at <= now)
    query = query.order_by(schedules.c.next_due_at).limit(limit).with_for_update(skip_locked=True)
    return [Schedule(*row) for row in (await connection.execute(query)).all()]


async def upcoming(connection: Connection, limit: int) -> list[Schedule]:
    """The next schedules of all workspaces, soonest first."""
    query = sa.select(*SCHEDULE).where(schedules.c.next_due_at.is_not(None))
    query = query.order_by(schedules.c.next_due_at, schedules.c.id).limit(limit)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return [Schedule(*row) for row in rows]
