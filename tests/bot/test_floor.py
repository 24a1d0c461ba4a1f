"""Fewer than four answers without names show nothing of what was answered, whichever way somebody asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from storage.database import Connection
from storage.directory import people
from storage.reflections import published, reflections
from storage.releases import retro_answers, retros
from tests.bot.matrix import Probe, Stage
from tests.bot.planted import TEAMS, Team

SCORES = {"lead": 5, "member": 4, "third": 2, "fourth": 4}
MEAN_OF_THREE, MEAN_OF_FOUR = "3.7", "3.8"  # 11 / 3 and 15 / 4
SECRET = "Zanzibar"
ASKING = "admin"  # who sees everything that may be seen, and has answered nothing that would be shown to them


def answered_by(count: int) -> Callable[[Connection], Awaitable[None]]:
    """So many people have answered without names, as something that has happened before a request."""

    async def happened(connection: Connection) -> None:
        await connection.execute(sa.delete(published))
        await connection.execute(sa.update(retros).values(visibility="anonymous"))
        words = dict.fromkeys(("why", "learned", "differently"), SECRET)
        await connection.execute(sa.update(retro_answers).values(**words))
        for number, who in enumerate(TEAMS["checkout"]):
            theirs = sa.select(people.c.id).where(people.c.external_id == who)
            given = reflections.c.person_id.in_(theirs)
            if number < count:
                changed = {"score": SCORES[who], "sentence": SECRET, "initiative_id": None}
                await connection.execute(sa.update(reflections).where(given).values(**changed))
            else:
                await connection.execute(sa.delete(reflections).where(given))
                await connection.execute(sa.delete(retro_answers).where(retro_answers.c.person_id.in_(theirs)))

    return happened


async def everything_said(stage: Stage, team: Team, every: list[Probe]) -> str:
    """All that is answered to somebody who asks for all there is, and all that is posted for it."""
    said = []
    for probe in every:
        reply = await stage.ask(probe.request(team.envelope(ASKING, team.channel)))
        posted = [row["body"] for table, row in stage.rehearsal.changes.written() if table == "outbox"]
        said.append(repr((reply, posted)))
    return " ".join(said)


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
async def test_three_answers_show_no_words_and_no_figures(
    stage: Stage, teams: list[Team], every: list[Probe]
) -> None:
    stage.rehearsal.suppose(answered_by(3))

    said = await everything_said(stage, teams[0], shows(every))

    assert SECRET not in said
    assert MEAN_OF_THREE not in said


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
async def test_four_answers_show_both(stage: Stage, teams: list[Team], every: list[Probe]) -> None:
    stage.rehearsal.suppose(answered_by(4))

    said = await everything_said(stage, teams[0], shows(every))

    assert SECRET in said
    assert MEAN_OF_FOUR in said


def shows(every: list[Probe]) -> list[Probe]:
    """The requests by which somebody sees what others answered; their own data is theirs alone."""
    return [each for each in every if each.row.in_team and each.kind == "tap"]
