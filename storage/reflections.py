"""Answers to check-ins and pulses, and the one door through which figures about them leave."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.directory import people
from storage.initiatives import initiatives
from storage.outbox import outbox
from storage.queries import Queries, insert_once
from storage.schedules import day_cards
from storage.schema import NOBODYS, Erasing, Privacy, columns, flag, instant, key, link, table, words
from storage.teams import ANONYMOUS, BY_NAME, PRIVATE, Team, Teams, memberships

CHECK_IN = "paying_customer"
NO, UNSURE, YES = PULSES = (1, 2, 3)

reflections = table(
    "reflections",
    key(),
    link("team_id", "teams.id"),
    link("person_id", "people.id"),
    sa.Column("question", sa.String(64), nullable=False),
    sa.Column("local_date", sa.Date, nullable=False),
    sa.Column("score", sa.Integer),
    words("sentence"),
    sa.Column("prompt", sa.String(64), nullable=False, server_default=""),
    link("initiative_id", "initiatives.id", nullable=True),
    sa.Column("promised", sa.String(16), nullable=False),
    flag("is_late"),
    instant("created_at", nullable=False),
    instant("edited_at"),
    sa.UniqueConstraint("workspace_id", "person_id", "question", "local_date"),
    sa.Index("ix_reflections_team_date", "workspace_id", "team_id", "local_date"),
    privacy=Privacy(
        owner="person_id", erasing=Erasing.DELETE, says="your check-ins and pulses, scores and sentences"
    ),
)

published = table(
    "published",
    key(),
    link("team_id", "teams.id"),
    sa.Column("period", sa.String(16), nullable=False),
    sa.Column("starts_on", sa.Date, nullable=False),
    words("figures"),
    words("terms"),
    instant("published_at", nullable=False),
    flag("is_final"),
    sa.UniqueConstraint("workspace_id", "team_id", "period", "starts_on"),
    privacy=NOBODYS,
)


@dataclass(frozen=True, slots=True)
class Reflection:
    """One person's answer to a question for one local date.

    A check-in's `score` is 1 to 5, or None where they skipped the day. A pulse's is one of PULSES, and its
    date the Monday of the week it is for.
    """

    id: int
    team_id: int
    person_id: int
    question: str
    local_date: date
    score: int | None
    sentence: str
    prompt: str
    initiative_id: int | None
    is_late: bool
    created_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What may be said about a team's scores in a period.

    `withheld` says why nothing may be: "" (all is shown), "floor" (too few people), "private" (the team
    chose so), "consent" (not everyone agreed to names), "unseen" (nobody has looked yet).
    Where it is set, every other figure is empty.
    `counts` are answers by score, 1 to 5; `by_name` pairs a name with its mean where names are agreed on.
    """

    people: int = 0
    answers: int = 0
    mean: float | None = None
    counts: tuple[int, ...] = ()
    about: tuple[tuple[str, int, float], ...] = ()
    by_name: tuple[tuple[str, float], ...] = ()
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates from `starts_on` to `ends_on`, both included, under a name such as "week".

    Figures over it are about the answers to one `question`; periods of different questions have different names.
    """

    name: str
    starts_on: date
    ends_on: date
    question: str = CHECK_IN


# What was said when people were asked binds: an answer given without names is never shown with one, even
# where the team has chosen names since.
AT_LEAST_AS_OPEN = {BY_NAME: (BY_NAME,), ANONYMOUS: (ANONYMOUS, BY_NAME), PRIVATE: ()}

REFLECTION = columns(reflections, Reflection)


def pulse(initiative_id: int) -> str:
    """The question whether the work on an initiative still aims at value; one answer a person and week."""
    return f"pulse:{initiative_id}"


_ONE = sa.select(*REFLECTION).where(
    reflections.c.workspace_id == sa.bindparam("workspace"),
    reflections.c.person_id == sa.bindparam("person"),
    reflections.c.question == sa.bindparam("question"),
    reflections.c.local_date == sa.bindparam("day"),
)
_PUBLISHED = sa.select(
    published.c.figures, published.c.terms, published.c.published_at, published.c.is_final
).where(
    published.c.workspace_id == sa.bindparam("workspace"),
    published.c.team_id == sa.bindparam("team"),
    published.c.period == sa.bindparam("period"),
    published.c.starts_on == sa.bindparam("starts"),
)
_ADDED = (
    reflections.c.id,
    _PUBLISHED.where(published.c.is_final.is_(True)).exists(),
    sa.exists().where(outbox.c.workspace_id == sa.bindparam("workspace"), outbox.c.key == sa.bindparam("card")),
    sa.exists().where(
        day_cards.c.workspace_id == sa.bindparam("workspace"),
        day_cards.c.person_id == sa.bindparam("person"),
        day_cards.c.local_date == sa.bindparam("day"),
        day_cards.c.guest != "",
    ),
)


@dataclass(frozen=True, slots=True)
class Added:
    """A new answer, and what stands around it, learnt in one go: each question more costs as much as the answer.

    `is_published`: the period's figures will not change any more. `has_card`: something was sent under the key
    of its card. `has_guest`: the day's card asked something else as well.
    """

    id: int
    is_published: bool
    has_card: bool
    has_guest: bool


class Reflections(Queries):
    """A person's own answers, and figures over a team's."""

    async def get(self, person_id: int, question: str, local_date: date) -> Reflection | None:
        """A person's answer for a date."""
        bound = {"person": person_id, "question": question, "day": local_date}
        row = await self.found(_ONE, bound)
        return row and Reflection(*row)

    async def add(self, **values: object) -> int | None:
        """Add an answer. Returns its number, or None where that person, question and date have one."""
        return await self.add_once(reflections, **values)

    async def add_to_day(self, period: Period, card: str, /, **values: object) -> Added | None:
        """As `add`, of the answer to a day's question, whose card has the key `card`."""
        around = {
            "workspace": self.workspace_id,
            "team": values["team_id"],
            "period": period.name,
            "starts": period.starts_on,
            "card": card,
            "person": values["person_id"],
            "day": values["local_date"],
        }
        statement = insert_once(reflections, self.connection.dialect.name, *_ADDED)
        row = {"workspace_id": self.workspace_id, **values, **around}
        added = (await self.connection.execute(statement, row)).first()
        return added and Added(*added)

    async def change(self, reflection_id: int, **values: object) -> None:
        """Change columns of an answer."""
        await self.update(reflections, reflections.c.id == reflection_id, **values)

    async def remove(self, reflection_id: int) -> None:
        """Take an answer back."""
        await self.delete(reflections, reflections.c.id == reflection_id)

    async def latest(self, person_id: int, question: str, limit: int) -> list[Reflection]:
        """A person's own last answers, newest first; skipped days are left out."""
        query = (
            sa.select(*REFLECTION)
            .where(reflections.c.person_id == person_id, reflections.c.question == question)
            .where(reflections.c.score.is_not(None))
            .order_by(reflections.c.local_date.desc())
            .limit(limit)
        )
        return [Reflection(*row) for row in await self.all(query, reflections)]

    async def to_all(self, person_id: int, questions: Collection[str], local_date: date) -> dict[str, Reflection]:
        """A person's own answers to several questions for one date, by question."""
        query = sa.select(*REFLECTION).where(
            reflections.c.person_id == person_id,
            reflections.c.question.in_(questions),
            reflections.c.local_date == local_date,
        )
        found = [Reflection(*row) for row in await self.all(query, reflections)]
        return {each.question: each for each in found}

    async def pulsed(self, team_id: int, local_date: date) -> list[int]:
        """The initiatives that anybody answered a pulse about in the week of that Monday; not who, nor what."""
        query = sa.select(reflections.c.initiative_id).where(
            reflections.c.team_id == team_id,
            reflections.c.local_date == local_date,
            reflections.c.question.startswith("pulse:"),
        )
        return [
            row[0] for row in await self.all(query.distinct().order_by(reflections.c.initiative_id), reflections)
        ]

    async def figures(self, team: Team, period: Period, now: datetime, *, anew: bool = True) -> Figures:
        """What may be said about a period so far. The only way figures over people leave storage.

        A published period answers as it was published, whatever was answered, edited or erased since.
        Before that, anonymous figures change only when as many people as the floor have answered or edited
        since they were last seen, so that nobody can subtract one view from the next to learn one answer.

        Not `anew`, it says again what was let out before, without counting and so without being one more
        look that figures to come must differ from by enough people; it writes nothing.
        """
        seen = await self._seen(team.id, period)
        if not anew:
            return seen.figures if seen and _was_let_out(seen, team) else Figures(withheld="unseen")
        rows = await self._scores(team, period)
        if seen and _stands(seen, rows, team):
            return await self._named(seen.figures, rows, team)
        withheld = await self._withheld(team, {row.person_id for row in rows})
        if withheld:
            return Figures(withheld=withheld)
        figures = _figures(rows, team)
        if not await self._keep(team, period, figures, now, is_final=False):
            return await self.figures(team, period, now)  # it was published meanwhile
        return await self._named(figures, rows, team)

    async def publish(self, team: Team, period: Period, now: datetime) -> Figures | None:
        """The figures of a period, frozen from now on; answers that come later are not in them.

        None where it was published before.
        """
        figures = await self.figures(team, period, now)
        return figures if await self._keep(team, period, figures, now, is_final=True) else None

    async def published_at(self, team_id: int, period: Period) -> datetime | None:
        """When a period's figures were published; None where they were not."""
        seen = await self._seen(team_id, period)
        return seen.at if seen and seen.is_final else None

    async def has_any(self, team_id: int, period: Period) -> bool:
        """Whether anybody gave a score in a period; not who, how many, or which."""
        query = sa.select(reflections.c.id).where(
            reflections.c.team_id == team_id,
            reflections.c.question == period.question,
            reflections.c.score.is_not(None),
            reflections.c.local_date.between(period.starts_on, period.ends_on),
        )
        return await self.first(query.limit(1), reflections) is not None

    async def is_published(self, team_id: int, period: Period) -> bool:
        """Whether a period's figures were published, and so will not change any more."""
        seen = await self._seen(team_id, period)
        return bool(seen and seen.is_final)

    async def _keep(self, team: Team, period: Period, figures: Figures, now: datetime, *, is_final: bool) -> bool:
        """Keep figures as they are seen or published. Returns False where the period is published already."""
        identity = {"team_id": team.id, "period": period.name, "starts_on": period.starts_on}
        terms = f"{team.visibility} {team.floor}"
        nameless = replace(figures, by_name=())  # names stay with the answers, where erasing finds them
        kept = {
            "figures": json.dumps(asdict(nameless)),
            "terms": terms,
            "published_at": now,
            "is_final": is_final,
        }
        return await self.keep_unless(published, identity, kept, published.c.is_final)

    async def _seen(self, team_id: int, period: Period) -> _Seen | None:
        bound = {"team": team_id, "period": period.name, "starts": period.starts_on}
        row = await self.found(_PUBLISHED, bound)
        return row and _Seen(_thawed(json.loads(row.figures)), row.terms, row.published_at, row.is_final)

    async def _scores(self, team: Team, period: Period) -> Sequence[Any]:
        query = (
            sa.select(
                reflections.c.person_id,
                reflections.c.score,
                reflections.c.created_at,
                reflections.c.edited_at,
                people.c.name,
                initiatives.c.title,
            )
            .join(people, people.c.id == reflections.c.person_id)
            .outerjoin(
                initiatives,
                sa.and_(
                    initiatives.c.id == reflections.c.initiative_id,
                    initiatives.c.team_id == reflections.c.team_id,
                ),
            )
            .where(reflections.c.team_id == team.id, reflections.c.score.is_not(None))
            .where(reflections.c.question == period.question)
            .where(reflections.c.promised.in_(AT_LEAST_AS_OPEN[team.visibility]))
            .where(reflections.c.local_date.between(period.starts_on, period.ends_on))
            .order_by(people.c.name, reflections.c.id)
        )
        if team.visibility == BY_NAME:  # whoever said no stays unnamed after leaving the team, too
            agreed = sa.select(memberships.c.person_id).where(
                memberships.c.team_id == team.id, memberships.c.consents.is_(True)
            )
            query = query.where(reflections.c.person_id.in_(agreed))
        return await self.all(query, reflections)

    async def _named(self, figures: Figures, rows: Sequence[Any], team: Team) -> Figures:
        """The figures with each person's own mean, where all of the team agreed to names."""
        if figures.withheld or team.visibility != BY_NAME or await self._withheld(team, set()):
            return figures
        people_answered = {row.person_id: row.name for row in rows}
        means = (
            (name, _mean([row.score for row in rows if row.person_id == person_id]))
            for person_id, name in people_answered.items()
        )
        return replace(figures, by_name=tuple(means))

    async def _withheld(self, team: Team, answered: set[int]) -> str:
        if team.visibility == ANONYMOUS:
            return "floor" if len(answered) < team.floor else ""
        if team.visibility == BY_NAME:
            agreed = await Teams(self.connection, self.workspace_id).everyone_consents(team.id)
            return "" if agreed else "consent"
        return "private"


@dataclass(frozen=True, slots=True)
class _Seen:
    figures: Figures
    terms: str
    at: datetime
    is_final: bool


def _stands(seen: _Seen, rows: Sequence[Any], team: Team) -> bool:
    """Whether figures seen before are given again rather than counted anew."""
    if seen.is_final or team.visibility != ANONYMOUS:
        return seen.is_final
    if seen.terms != f"{team.visibility} {team.floor}":
        return False  # what was counted with names, or for another floor, is not shown under this promise
    since = {row.person_id for row in rows if (row.edited_at or row.created_at) > seen.at}
    return len(since) < team.floor


def _was_let_out(seen: _Seen, team: Team) -> bool:
    """Whether figures were seen under the promise of now, or are published."""
    return seen.is_final or (team.visibility == ANONYMOUS and seen.terms == f"{team.visibility} {team.floor}")


def _figures(rows: Sequence[Any], team: Team) -> Figures:
    scores = [row.score for row in rows]
    return Figures(
        people=len({row.person_id for row in rows}),
        answers=len(scores),
        mean=_mean(scores) if scores else None,
        counts=tuple(scores.count(value) for value in range(1, 6)),
        about=_by_subject(rows, 1 if team.visibility == BY_NAME else team.floor),
    )


def _by_subject(rows: Sequence[Any], floor: int) -> tuple[tuple[str, int, float], ...]:
    """Means by initiative, where enough people answered about it, and about what is left without it.

    What is left counts too: the whole minus the subjects shown must not be one person's answers.
    """

    def answered(chosen: list[Any]) -> int:
        return len({row.person_id for row in chosen})

    subjects = {title: [row for row in rows if row.title == title] for title in {row.title for row in rows}}
    subjects.pop(None, None)
    shown = {title: given for title, given in subjects.items() if answered(given) >= floor}
    while shown and 0 < answered([row for row in rows if row.title not in shown]) < floor:
        shown.pop(min(shown, key=lambda title: (answered(shown[title]), title)))
    return tuple((t, len(shown[t]), _mean([row.score for row in shown[t]])) for t in sorted(shown))


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)


def _thawed(kept: dict[str, object]) -> Figures:
    lists = {name: tuple(map(_tuple, value)) for name, value in kept.items() if isinstance(value, list)}
    return Figures(**{**kept, **lists})  # type: ignore[arg-type]


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
