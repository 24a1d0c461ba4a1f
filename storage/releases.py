"""Releases, and the retros that judge them: actuals, blind answers and what follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from storage.directory import PERSON, Person, people
from storage.initiatives import Status, initiatives
from storage.queries import Queries
from storage.schema import (
    NOBODYS,
    Erasing,
    Exact,
    Privacy,
    columns,
    instant,
    key,
    link,
    named,
    table,
    words,
)
from storage.teams import BY_NAME

VOTES = ("yes", "partly", "no", "unknown")
WORDS = ("why", "learned", "differently")
SHOWN = ("yes", "no", "early")


class Stage(StrEnum):
    """How far a retro has come: waiting for its date, for the owner's numbers, for answers, or over."""

    PLANNED = "planned"
    NUMBERS = "numbers"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


releases = table(
    "releases",
    key(),
    link("initiative_id", "initiatives.id", index=True),
    instant("released_at", nullable=False),
    link("person_id", "people.id", nullable=True),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.FORGET,
        says="your name on releases; the releases stay with the team",
    ),
)

retros = table(
    "retros",
    key(),
    link("team_id", "teams.id"),
    link("initiative_id", "initiatives.id", index=True),
    link("release_id", "releases.id"),
    sa.Column("stage", named(Stage), nullable=False),
    sa.Column("review_on", sa.Date, nullable=False),
    instant("closes_at"),
    instant("closed_at"),
    words("events"),
    sa.Column("visibility", sa.String(16), nullable=False, server_default=""),
    sa.UniqueConstraint("workspace_id", "release_id"),
    sa.Index("ix_retros_team_stage", "workspace_id", "team_id", "stage"),
    privacy=NOBODYS,
)

actuals = table(
    "actuals",
    key(),
    link("retro_id", "retros.id"),
    link("criterion_id", "criteria.id"),
    sa.Column("value", Exact),
    words("source"),
    sa.Column("read_on", sa.Date),
    link("person_id", "people.id", nullable=True),
    sa.UniqueConstraint("workspace_id", "retro_id", "criterion_id"),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.FORGET,
        says="your name on the numbers you read; the numbers stay with the team",
    ),
)

participants = table(
    "participants",
    link("retro_id", "retros.id"),
    link("person_id", "people.id", index=True),
    sa.PrimaryKeyConstraint("retro_id", "person_id"),
    privacy=Privacy(owner="person_id", erasing=Erasing.DELETE, says="that you were asked in retros"),
)

retro_answers = table(
    "retro_answers",
    key(),
    link("retro_id", "retros.id"),
    link("person_id", "people.id", nullable=True),
    sa.Column("success", sa.String(16), nullable=False),
    sa.Column("worth", sa.String(16), nullable=False),
    words("why"),
    words("learned"),
    words("differently"),
    instant("created_at", nullable=False),
    instant("edited_at"),
    sa.UniqueConstraint("workspace_id", "retro_id", "person_id"),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.FORGET,
        blanks=("why", "learned", "differently"),
        says="your words and your name in retros; your verdict stays as one of a count",
    ),
)

actions = table(
    "actions",
    key(),
    link("team_id", "teams.id"),
    link("retro_id", "retros.id", index=True),
    words("trigger"),
    words("deed"),
    words("sign"),
    link("assignee_id", "people.id", nullable=True),
    sa.Column("due_on", sa.Date),
    instant("created_at", nullable=False),
    instant("done_at"),
    instant("dropped_at"),
    link("closed_by", "people.id", nullable=True),
    sa.Column("shown", sa.String(16), nullable=False, server_default=""),
    words("outcome"),
    privacy=Privacy(
        owner="assignee_id",
        names=("closed_by",),
        erasing=Erasing.FORGET,
        says="your name on actions; the actions stay with the team",
    ),
)


@dataclass(frozen=True, slots=True)
class Release:
    """An initiative reaching its users."""

    id: int
    initiative_id: int
    released_at: datetime
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Retro:
    """The review of one release. `events` are other things that happened meanwhile, in the owner's words.

    `visibility` is what was promised when it opened: answers by name or anonymous; "" before that.
    """

    id: int
    team_id: int
    initiative_id: int
    release_id: int
    stage: Stage
    review_on: date
    closes_at: datetime | None
    closed_at: datetime | None
    events: str
    visibility: str


@dataclass(frozen=True, slots=True)
class Actual:
    """What a criterion reached; `value` None means that it cannot be told."""

    criterion_id: int
    value: Decimal | None
    source: str
    read_on: date | None
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One participant's review. `person_id` is None after they erased what is theirs.

    `success` (by our planned measures) and `worth` (to the customer) are yes, partly, no or unknown.
    """

    person_id: int | None
    success: str
    worth: str
    why: str
    learned: str
    differently: str
    created_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody's words. `who` is "" where no names are shown, None where the author left the record."""

    text: str
    who: str | None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """One participant's two verdicts, with their name; None where they left the record."""

    who: str | None
    success: str
    worth: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What may be said about a retro's answers.

    `withheld` says why nothing may be: "" (all is shown), "open" (it is not closed yet), "floor" (too few
    people answered without names). Where it is set, every other figure but how many answered is empty.
    `success` and `worth` count the blind verdicts in the order of VOTES; late answers came after the others
    were seen, so they are not counted. `votes` are there only where names are shown.
    """

    asked: int
    answered: int
    success: tuple[int, ...] = ()
    worth: tuple[int, ...] = ()
    why: tuple[Voice, ...] = ()
    learned: tuple[Voice, ...] = ()
    differently: tuple[Voice, ...] = ()
    votes: tuple[Vote, ...] = ()
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A promise: if `trigger`, then the assignee does `deed` by `due_on`; `sign` is how we will know.

    It is done, or not needed any more, or neither; `closed_by` said so. `shown` says whether the sign showed,
    one of SHOWN, or "" where nobody has said; `outcome` is what happened, in whoever said so's words.
    """

    id: int
    team_id: int
    retro_id: int
    trigger: str
    deed: str
    sign: str
    assignee_id: int | None
    due_on: date | None
    done_at: datetime | None
    dropped_at: datetime | None
    closed_by: int | None
    shown: str
    outcome: str

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None and self.dropped_at is None


RELEASE = columns(releases, Release)
RETRO = columns(retros, Retro)
ACTUAL = columns(actuals, Actual)
ANSWER = columns(retro_answers, Answer)
ACTION = columns(actions, Action)


class Releases(Queries):
    """Releases and the reviews of them."""

    async def add(self, initiative_id: int, person_id: int, now: datetime) -> int:
        """Record a release. Returns its number."""
        return await self.insert(releases, initiative_id=initiative_id, person_id=person_id, released_at=now)

    async def of_initiative(self, initiative_id: int) -> list[Release]:
        """An initiative's releases, oldest first."""
        query = sa.select(*RELEASE).where(releases.c.initiative_id == initiative_id).order_by(releases.c.id)
        return [Release(*row) for row in await self.all(query, releases)]

    async def get(self, release_id: int) -> Release | None:
        """One release by number."""
        row = await self.first(sa.select(*RELEASE).where(releases.c.id == release_id), releases)
        return row and Release(*row)

    async def remove(self, release_id: int) -> None:
        """Take a release back together with its retro, where that has not begun."""
        await self.delete(retros, retros.c.release_id == release_id)
        await self.delete(releases, releases.c.id == release_id)

    async def unjudged(self, team_id: int) -> dict[int, datetime]:
        """The team's value debt: each initiative out and not judged, and its oldest such release."""
        judged = sa.select(retros.c.release_id).where(retros.c.stage == Stage.CLOSED)
        query = (
            sa.select(initiatives.c.id, sa.func.min(releases.c.released_at))
            .join(initiatives, initiatives.c.id == releases.c.initiative_id)
            .where(initiatives.c.team_id == team_id, initiatives.c.status == Status.RELEASED)
            .where(releases.c.id.not_in(judged))
            .group_by(initiatives.c.id)
        )
        return {row[0]: row[1] for row in await self.all(query, releases)}

    async def between(self, team_id: int, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """Title and instant of what the team released in a span."""
        query = (
            sa.select(initiatives.c.title, releases.c.released_at)
            .join(initiatives, initiatives.c.id == releases.c.initiative_id)
            .where(initiatives.c.team_id == team_id, releases.c.released_at.between(since, until))
            .order_by(releases.c.released_at)
        )
        return [(row[0], row[1]) for row in await self.all(query, releases)]


class Retros(Queries):
    """Retros, from the plan to the summary."""

    async def plan(self, team_id: int, initiative_id: int, release_id: int, review_on: date) -> int:
        """Plan the review of a release. Returns the retro's number."""
        return await self.insert(
            retros,
            team_id=team_id,
            initiative_id=initiative_id,
            release_id=release_id,
            stage=Stage.PLANNED,
            review_on=review_on,
        )

    async def get(self, retro_id: int, *, locked: bool = False) -> Retro | None:
        """One retro by number. `locked` holds off others who would change it, until the transaction ends."""
        query = sa.select(*RETRO).where(retros.c.id == retro_id)
        row = await self.first(query.with_for_update() if locked else query, retros)
        return row and Retro(*row)

    async def of_initiative(self, initiative_id: int) -> list[Retro]:
        """An initiative's retros, newest first."""
        query = sa.select(*RETRO).where(retros.c.initiative_id == initiative_id).order_by(retros.c.id.desc())
        return [Retro(*row) for row in await self.all(query, retros)]

    async def of_team(self, team_id: int, *stages: Stage) -> list[Retro]:
        """A team's retros in these stages, by review date."""
        query = sa.select(*RETRO).where(retros.c.team_id == team_id, retros.c.stage.in_(stages))
        return [Retro(*row) for row in await self.all(query.order_by(retros.c.review_on), retros)]

    async def move(self, retro_id: int, to: Stage, *allowed: Stage, **values: object) -> bool:
        """Move a retro on from one of the allowed stages. Returns False where it was in none of them."""
        where = sa.and_(retros.c.id == retro_id, retros.c.stage.in_(allowed))
        return await self.update(retros, where, stage=to, **values) == 1

    async def change(self, retro_id: int, **values: object) -> None:
        """Change columns of a retro."""
        await self.update(retros, retros.c.id == retro_id, **values)

    async def keep_actual(self, retro_id: int, criterion_id: int, **values: object) -> None:
        """Keep what a criterion reached; a second reading replaces the first."""
        await self.keep(actuals, {"retro_id": retro_id, "criterion_id": criterion_id}, values)

    async def actuals(self, retro_id: int) -> dict[int, Actual]:
        """What was reached, by the criterion's number."""
        rows = await self.all(sa.select(*ACTUAL).where(actuals.c.retro_id == retro_id), actuals)
        return {row[0]: Actual(*row) for row in rows}

    async def ask(self, retro_id: int, person_id: int) -> None:
        """Make somebody a participant."""
        await self.add_once(participants, retro_id=retro_id, person_id=person_id)

    async def excuse(self, person_id: int, team_id: int) -> None:
        """Wait no longer for somebody's answers in the team's open retros; what they answered stays."""
        going = sa.select(retros.c.id).where(retros.c.team_id == team_id, retros.c.stage == Stage.OPEN)
        answered = sa.select(retro_answers.c.retro_id).where(retro_answers.c.person_id == person_id)
        waiting = sa.and_(
            participants.c.person_id == person_id,
            participants.c.retro_id.in_(going),
            participants.c.retro_id.not_in(answered),
        )
        await self.delete(participants, waiting)

    async def participants(self, retro_id: int) -> list[Person]:
        """Who was asked, by name."""
        query = (
            sa.select(*PERSON)
            .join(participants, participants.c.person_id == people.c.id)
            .where(participants.c.retro_id == retro_id)
            .order_by(people.c.name, people.c.id)
        )
        return [Person(*row) for row in await self.all(query, people)]

    async def waiting_for(self, person_id: int) -> list[Retro]:
        """The open retros that a person was asked in and has not answered."""
        answered = sa.select(retro_answers.c.retro_id).where(retro_answers.c.person_id == person_id)
        query = (
            sa.select(*RETRO)
            .join(participants, participants.c.retro_id == retros.c.id)
            .where(participants.c.person_id == person_id, retros.c.stage == Stage.OPEN)
            .where(retros.c.id.not_in(answered))
            .order_by(retros.c.closes_at)
        )
        return [Retro(*row) for row in await self.all(query, retros)]

    async def answer(self, retro_id: int, person_id: int, now: datetime, **values: object) -> bool:
        """Keep a participant's answer. Returns True where it changed an earlier one."""
        given = await self.answer_of(retro_id, person_id)
        edited = {"edited_at": now} if given else {}
        identity = {"retro_id": retro_id, "person_id": person_id}
        await self.keep(retro_answers, identity, {**values, **edited}, {"created_at": now})
        return given is not None

    async def answer_of(self, retro_id: int, person_id: int) -> Answer | None:
        """A participant's own answer."""
        query = sa.select(*ANSWER).where(
            retro_answers.c.retro_id == retro_id, retro_answers.c.person_id == person_id
        )
        row = await self.first(query, retro_answers)
        return row and Answer(*row)

    async def progress(self, retro_id: int) -> tuple[int, int]:
        """How many have answered, and how many were asked; nothing about who or what."""
        on_time = [row for row in await self._answers(retro_id) if not _late(row)]
        invited = sa.select(sa.func.count()).select_from(participants).where(participants.c.retro_id == retro_id)
        erased = sum(row.person_id is None for row in on_time)
        return len(on_time), await self.scalar(invited, participants) + erased

    async def outcome(self, retro_id: int, floor: int) -> Outcome:
        """What may be said about a retro's answers: the only way they leave storage, but to their author.

        Nothing before it closed, so that everybody answers blind. Where no names were promised, nothing
        unless `floor` people answered, no late answer (it would stand alone), and words in alphabetical
        order for each question on its own, so that nobody can tell which belong together.
        """
        answered, asked = await self.progress(retro_id)
        retro = await self.get(retro_id)
        if retro is None or retro.stage is not Stage.CLOSED:
            return Outcome(asked, answered, withheld="open")
        is_anonymous = retro.visibility != BY_NAME
        if is_anonymous and answered < floor:
            return Outcome(asked, answered, withheld="floor")
        rows = [row for row in await self._answers(retro_id) if not (is_anonymous and _late(row))]
        return _outcome(rows, asked, answered, is_anonymous)

    async def _answers(self, retro_id: int) -> Sequence[Any]:
        query = (
            sa.select(*ANSWER, people.c.name, retros.c.closed_at)
            .join(retros, retros.c.id == retro_answers.c.retro_id)
            .outerjoin(people, people.c.id == retro_answers.c.person_id)
            .where(retro_answers.c.retro_id == retro_id)
            .order_by(retro_answers.c.id)
        )
        return await self.all(query, retro_answers)

    async def add_action(self, retro_id: int, team_id: int, now: datetime, **values: object) -> int:
        """Add a promise. Returns its number."""
        return await self.insert(actions, retro_id=retro_id, team_id=team_id, created_at=now, **values)

    async def actions(self, retro_id: int) -> list[Action]:
        """What was promised, oldest first."""
        query = sa.select(*ACTION).where(actions.c.retro_id == retro_id).order_by(actions.c.id)
        return [Action(*row) for row in await self.all(query, actions)]

    async def promised_by(self, person_id: int, team_id: int | None = None) -> list[Action]:
        """What a person still has to do, of one team or of all; the next due first, those without a day last."""
        query = _to_do().where(actions.c.assignee_id == person_id)
        query = query if team_id is None else query.where(actions.c.team_id == team_id)
        return [Action(*row) for row in await self.all(query, actions)]

    async def to_do(self, team_id: int) -> list[Action]:
        """What is still to be done in a team; the next due first, those without a day last."""
        query = _to_do().where(actions.c.team_id == team_id)
        return [Action(*row) for row in await self.all(query, actions)]

    async def closed_actions(self, team_id: int, limit: int) -> list[Action]:
        """What was done or given up last in a team, the latest first."""
        at = sa.func.coalesce(actions.c.done_at, actions.c.dropped_at)
        query = sa.select(*ACTION).where(actions.c.team_id == team_id, at.is_not(None))
        return [
            Action(*row) for row in await self.all(query.order_by(at.desc(), actions.c.id).limit(limit), actions)
        ]

    async def kept(self, team_id: int, since: date, until: date) -> tuple[int, int]:
        """How many of a team's actions due on the dates from `since` to `until` are done, and how many there were.

        What is not needed any more does not count.
        """
        query: Any = sa.select(sa.func.count(actions.c.done_at), sa.func.count())
        query = query.where(actions.c.team_id == team_id, actions.c.dropped_at.is_(None))
        row = await self.first(query.where(actions.c.due_on.between(since, until)), actions)
        return row[0], row[1]

    async def action(self, action_id: int, *, locked: bool = False) -> Action | None:
        """One action by number. `locked` holds off others who would change it, until the transaction ends."""
        query = sa.select(*ACTION).where(actions.c.id == action_id)
        row = await self.first(query.with_for_update() if locked else query, actions)
        return row and Action(*row)

    async def change_action(self, action_id: int, **values: object) -> None:
        """Change columns of an action."""
        await self.update(actions, actions.c.id == action_id, **values)

    async def naming(self, person_id: int) -> list[Retro]:
        """The closed retros that carry a person's answer or name, so that their summaries can be drawn anew."""
        answered = sa.select(retro_answers.c.retro_id).where(retro_answers.c.person_id == person_id)
        promised = sa.select(actions.c.retro_id).where(actions.c.assignee_id == person_id)
        query = sa.select(*RETRO).where(retros.c.stage == Stage.CLOSED, retros.c.id.in_(answered.union(promised)))
        return [Retro(*row) for row in await self.all(query.order_by(retros.c.id), retros)]

    async def closed_between(self, team_id: int, since: datetime, until: datetime) -> list[Retro]:
        """A team's retros that closed in a span, oldest first."""
        query = sa.select(*RETRO).where(
            retros.c.team_id == team_id,
            retros.c.stage == Stage.CLOSED,
            retros.c.closed_at.between(since, until),
        )
        return [Retro(*row) for row in await self.all(query.order_by(retros.c.closed_at), retros)]


def _to_do() -> sa.Select[Any]:
    query = sa.select(*ACTION).where(actions.c.done_at.is_(None), actions.c.dropped_at.is_(None))
    return query.order_by(actions.c.due_on.is_(None), actions.c.due_on, actions.c.id)


def _late(row: Any) -> bool:
    return row.closed_at is not None and row.created_at > row.closed_at


def _outcome(rows: Sequence[Any], asked: int, answered: int, is_anonymous: bool) -> Outcome:
    blind = [row for row in rows if not _late(row)]
    success, worth = Counter(row.success for row in blind), Counter(row.worth for row in blind)
    why, learned, differently = (_voices(rows, name, is_anonymous) for name in WORDS)
    votes = () if is_anonymous else tuple(Vote(row.name, row.success, row.worth, _late(row)) for row in rows)
    return Outcome(
        asked,
        answered,
        success=tuple(success[vote] for vote in VOTES),
        worth=tuple(worth[vote] for vote in VOTES),
        why=why,
        learned=learned,
        differently=differently,
        votes=votes,
    )


def _voices(rows: Sequence[Any], name: str, is_anonymous: bool) -> tuple[Voice, ...]:
    given = [(getattr(row, name), row) for row in rows if getattr(row, name)]
    if is_anonymous:
        return tuple(Voice(text, "") for text in sorted(text for text, _ in given))
    return tuple(Voice(text, row.name, _late(row)) for text, row in given)
