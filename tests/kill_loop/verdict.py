"""What is left after a round, held against what people were told and what the chat service took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from storage.database import Connection, open_database
from storage.schema import metadata
from tests.kill_loop.crowd import Crowd
from tests.kill_loop.process import Tally
from tests.kill_loop.town import Town

TAKEN_OVER, UNKNOWN = "delivery taken over", "delivery unknown"
SAVED = "Saved: "
# A modal is opened for a form that takes long, and the triggers of this crowd open none.
EXPECTED = (UNKNOWN, "modal not shown")


@dataclass
class Verdict:
    """What is wrong, in a sentence each, and what was counted."""

    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def expect(self, holds: object, problem: str) -> None:
        """Note a problem where something does not hold."""
        if not holds:
            self.problems.append(problem)


@dataclass(frozen=True)
class Kept:
    """What the database holds at the end."""

    integrity: str
    evidence: Counter[str]
    said: list[tuple[int, str]]
    outbox: list[dict[str, Any]]
    occurrences: list[tuple[str, str, str]]


async def judge(town: Town, crowd: Crowd, tally: Tally) -> Verdict:
    """Everything that must hold."""
    kept, verdict = await _kept(town.url), Verdict()
    verdict.expect(kept.integrity == "ok", f"the integrity check says {kept.integrity}")
    _judge_saved(verdict, kept, crowd)
    _judge_people(verdict, kept, town)
    _judge_channels(verdict, kept, town, crowd, tally)
    _judge_ends(verdict, kept, tally)
    verdict.counts.update(crowd.told)
    verdict.counts["kills"] = len(tally.kills)
    return verdict


def _judge_saved(verdict: Verdict, kept: Kept, crowd: Crowd) -> None:
    """What people were told is saved is there, once."""
    lost = [mark for mark in crowd.witnessed if not kept.evidence[mark]]
    doubled = [mark for mark, times in kept.evidence.items() if times > 1]
    said = dict(kept.said)
    forgotten = [number for number, mark in crowd.said.items() if said.get(number) != mark]
    verdict.expect(not lost, f"told and lost: {lost}")
    verdict.expect(not doubled, f"kept twice: {doubled}")
    verdict.expect(not forgotten, f"the last word is not kept of {forgotten}")
    verdict.expect(len(said) == len(kept.said), "somebody's check-in is kept twice")


def _judge_people(verdict: Verdict, kept: Kept, town: Town) -> None:
    """Everybody's question was decided once, and nobody got it twice."""
    promised = {row["person"]: row for row in kept.outbox if row["person"]}
    decided = Counter(key for key, _, _ in kept.occurrences)
    verdict.counts["questions"] = len(promised)
    for each in town.residents:
        row = promised.get(each.id)
        times = len(_direct(town, each.workspace, each.id, row["address"] if row else ""))
        fate = row["state"] if row else "not asked"
        fits = {"sent": times == 1, "unknown": times <= 1, "not asked": times == 0}.get(fate, False)
        verdict.expect(fits, f"{each.id}: {fate}, and got it {times} times")
        verdict.counts[f"questions {fate}"] += 1
    verdict.expect(len(decided) == len(town.residents), f"decided about {len(decided)}")
    verdict.expect(set(decided.values()) == {1}, "something was decided twice")
    sent = sum(outcome == "sent" for _, outcome, _ in kept.occurrences)
    verdict.expect(sent == len(promised), f"{sent} decided to be sent, {len(promised)} promised")


def _direct(town: Town, workspace: str, person: str, address: str) -> list[str]:
    """The questions in somebody's direct messages: not the answer to a request that Slack waited long for.

    A question that was answered before it went is the receipt from the first; it stands at its own address.
    """
    every = town.slack.workspace(workspace).channels.values()
    found = [each for channel in every if channel.with_person == person for each in channel.history]
    return [each.ts for each in found if each.edits or each.ts in address or not each.text.startswith(SAVED)]


def _judge_channels(verdict: Verdict, kept: Kept, town: Town, crowd: Crowd, tally: Tally) -> None:
    """What was posted stands in its channel; a second copy only where nobody could know of the first."""
    promised = {row["channel"]: row for row in kept.outbox if row["channel"]}
    copies = 0
    for lead in town.leads:
        times = len(town.slack.workspace(lead.workspace).channels[lead.channel].history)
        row = promised.get(lead.channel)
        verdict.expect(row and row["state"] == "sent", f"{lead.channel}: {row and row['state']}")
        verdict.expect(times >= 1, f"lost in {lead.channel}")
        copies += max(times - 1, 0)
    known = [line for line in tally.events(TAKEN_OVER) if not line["personal"]]
    possible = len(known) + len(tally.events(UNKNOWN))
    verdict.expect(copies <= possible, f"{copies} second copies, {possible} of unknown outcome")
    verdict.expect(len(crowd.posted) == len(town.leads), "a post was never taken")
    verdict.counts["posts"], verdict.counts["second copies"] = len(promised), copies


def _judge_ends(verdict: Verdict, kept: Kept, tally: Tally) -> None:
    """Nothing is left over, and whoever is told to end does."""
    left = Counter(row["state"] for row in kept.outbox)
    verdict.expect(left.keys() <= {"sent", "unknown"}, f"left over: {dict(left)}")
    verdict.expect(set(tally.codes) == {0}, f"ended with {tally.codes}")
    errors = [line for line in tally.logged if line.get("level") == "error" and line["event"] not in EXPECTED]
    failed = Counter(f"{line['event']}, {line.get('kind')}" for line in errors)
    verdict.expect(not failed, f"logged as errors: {dict(failed)}")


async def _kept(url: str) -> Kept:
    database = open_database(url)
    try:
        return await database.read(_read)
    finally:
        await database.close()


async def _read(connection: Connection) -> Kept:
    tables = metadata.tables
    evidence, reflections, outbox = tables["evidence"], tables["reflections"], tables["outbox"]
    people, channels, occurrences = tables["people"], tables["channels"], tables["occurrences"]
    integrity = "ok"
    if connection.dialect.name == "sqlite":
        integrity = (await connection.execute(sa.text("pragma integrity_check"))).scalar_one()
    promised = (
        sa.select(
            people.c.external_id.label("person"),
            channels.c.external_id.label("channel"),
            outbox.c.key,
            outbox.c.state,
            outbox.c.tries,
            outbox.c.address,
        )
        .outerjoin(people, people.c.id == outbox.c.person_id)
        .outerjoin(channels, channels.c.id == outbox.c.channel_id)
    )
    decided = sa.select(occurrences.c.key, occurrences.c.outcome, occurrences.c.reason)
    said = sa.select(reflections.c.person_id, reflections.c.sentence)
    return Kept(
        integrity,
        Counter((await connection.execute(sa.select(evidence.c.words))).scalars()),
        [(row[0], row[1]) for row in (await connection.execute(said)).all()],
        [dict(row._mapping) for row in (await connection.execute(promised)).all()],
        [(row[0], row[1], row[2]) for row in (await connection.execute(decided)).all()],
    )
