"""Who may do what: every row of the catalog, sent by everybody who could send it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

import prompts
from handlers.catalog import CATALOG
from handlers.errors import Guest, Inactive, NotAllowed, NoTeam, NoTeamHere, NotInTeam
from handlers.evidence import NotYours
from handlers.rows import Action, Row
from prompts import Reader
from storage.arrivals import Envelope
from storage.database import Connection
from storage.directory import Role, people
from storage.initiatives import initiatives
from tests.bot.matrix import NOW, Probe, Stage, is_failure
from tests.bot.planted import FRUIT, NEXT_DOOR, SURNAME, Team

# Everything by everybody where this is set; otherwise each way in by everybody, which is the same test.
ALL = bool(os.environ.get("EVERY_PROBE"))
READER = Reader("en_GB", "Europe/London", NOW)
LEADS = str(NotAllowed(who="a lead"))
OWNERS = str(NotAllowed(who=prompts.say("retros/state", READER).owner_or_lead))
STRANGER = prompts.say("trouble/unknown_person", READER).title
NO_TEAM = (str(NoTeam()), str(NoTeamHere()))
# What handlers ask for beyond their row: of whom, and the refusal.
FINER = {
    ("setup", "member"): LEADS,
    ("setup", "in another team"): LEADS,
    ("retro.close", "member"): OWNERS,
}


@dataclass(frozen=True)
class Actor:
    """Somebody as the team sees them: what they are in the workspace, and their place in the team, if any."""

    id: str
    role: Role = Role.MEMBER
    place: Role | None = None
    always: str = ""


ACTORS = {
    "lead": Actor("lead", place=Role.LEAD),
    "member": Actor("member", place=Role.MEMBER),
    "admin": Actor("admin", Role.ADMIN, Role.ADMIN),
    "in another team": Actor("elsewhere"),
    "guest": Actor("guest", always=str(Guest())),
    "of another organisation": Actor("external", always=str(Guest())),
    "bot": Actor("bot", always=str(Guest())),
    "deactivated": Actor("deactivated", always=str(Inactive())),
    "unknown here": Actor("nobody", always=STRANGER),
}


def refusal(row: Row, who: str, team: Team) -> str:
    """What somebody must be told who sends a row's request about the team; "" where they may."""
    actor = ACTORS[who]
    if actor.always:
        return actor.always
    if row.in_team and actor.place is None:
        return str(NotInTeam(team=team.name))
    has = actor.place if row.in_team and actor.place else actor.role
    if has < row.role:
        return LEADS if row.role is Role.LEAD else str(NotAllowed(who="an admin"))
    return FINER.get((row.name, who), "")


def each_way_in(every: list[Probe]) -> Iterator[Probe]:
    """Every probe, or the first of each kind for each row."""
    seen: set[tuple[str, str]] = set()
    for probe in every:
        if ALL or (probe.row.name, probe.kind) not in seen:
            seen.add((probe.row.name, probe.kind))
            yield probe


@pytest.mark.parametrize("who", ACTORS)
async def test_everybody_may_do_exactly_what_the_catalog_says(
    stage: Stage, teams: list[Team], every: list[Probe], who: str
) -> None:
    team = teams[0]

    for probe in each_way_in(every):
        reply = await stage.ask(probe.request(team.envelope(ACTORS[who].id, team.channel)))
        expected = refusal(probe.row, who, team)
        told = reply.title if expected or is_refusal(reply.title, team) else ""

        assert told == expected, probe
        assert not is_failure(reply), probe
        if expected:
            assert not stage.reached or (probe.row.name, who) in FINER, probe
            assert not stage.rehearsal.changes, probe
            assert not stage.posts, probe
            assert not found(FRUIT + tuple(SURNAME.values()), repr(reply)), probe


def is_refusal(title: str, team: Team) -> bool:
    """Whether a title says that somebody may not do something."""
    return title in (
        str(Guest()),
        str(Inactive()),
        STRANGER,
        LEADS,
        OWNERS,
        str(NotInTeam(team=team.name)),
        *NO_TEAM,
    )


def found(words: tuple[str, ...], text: str) -> list[str]:
    """Which of the words a text has."""
    return [word for word in words if word in text]


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
async def test_every_row_is_reached_by_somebody_who_may(
    stage: Stage, teams: list[Team], every: list[Probe]
) -> None:
    team = teams[0]
    reached: set[str] = set()

    for probe in (each for each in every if ALL or each.row.name not in reached):
        who = "admin" if probe.row.role is Role.ADMIN else "lead"
        reply = await stage.ask(probe.request(team.envelope(who, team.channel)))
        assert not is_failure(reply), (probe, reply)
        reached |= {probe.row.name} if stage.reached else set()

    assert reached == set(CATALOG.entries)


async def test_whoever_reads_only_writes_nothing(stage: Stage, teams: list[Team], every: list[Probe]) -> None:
    team = teams[0]

    for probe in every:
        if not probe.row.writes:
            await stage.ask(probe.request(team.envelope("lead", team.channel)))
            assert not stage.rehearsal.changes, probe


async def test_somebody_of_another_workspace_gets_nothing_with_a_card_of_this_one(
    stage: Stage, teams: list[Team], every: list[Probe]
) -> None:
    team = teams[0]
    stranger = Envelope(*NEXT_DOOR, "lead", team.channel, team.id)

    for probe in each_way_in([each for each in every if each.kind != "words"]):
        reply = await stage.ask(probe.request(stranger))
        if probe.row.in_team:
            assert reply.title == str(NoTeamHere()), probe
            assert not stage.rehearsal.changes, probe
        assert not found((team.word, team.name, SURNAME[team.place]), repr((reply, stage.rehearsal.changes.after)))


async def test_what_somebody_wrote_down_is_changed_by_them_or_a_lead_alone(
    stage: Stage, teams: list[Team], every: list[Probe]
) -> None:
    team = teams[0]

    for probe in (each for each in every if each.row.name in ("evidence.edit", "evidence.remove")):
        reply = await stage.ask(probe.request(team.envelope("third")))

        assert str(NotYours()) in repr(reply), probe
        assert not stage.rehearsal.changes, probe


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
async def test_a_review_is_closed_early_by_the_owner_of_the_work_too(
    stage: Stage, teams: list[Team], every: list[Probe]
) -> None:
    team, closed = teams[0], []

    async def is_theirs(connection: Connection) -> None:
        mine = sa.select(people.c.id).where(people.c.external_id == "member").order_by(people.c.id).limit(1)
        await connection.execute(sa.update(initiatives).values(owner_id=mine.scalar_subquery()))

    stage.rehearsal.suppose(is_theirs)
    for probe in (each for each in every if each.row.name == "retro.close"):
        reply = await stage.ask(probe.request(team.envelope("member")))
        assert reply.title != OWNERS, probe
        closed += [row["id"] for table, row in stage.rehearsal.changes.written() if table == "retros"]

    assert len(closed) == 1


def test_a_row_without_a_role_cannot_be_written() -> None:
    async def run() -> None: ...

    with pytest.raises(TypeError, match="role"):
        Action("anything", run)  # type: ignore[arg-type, call-arg]
