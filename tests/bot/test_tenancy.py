"""Nothing crosses from one workspace or team to another, whatever number a button or a form comes back with."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from handlers.messages import Reply
from storage import Store
from storage.arrivals import Envelope, arrive
from storage.database import Database
from storage.directory import Role, add_workspace
from tests.bot.matrix import NOW, Case, Probe, Stage, is_failure, marked
from tests.bot.planted import PLACES, SURNAME, Team
from tests.bot.rehearsal import Changes, keeps
from tests.bot.workers import claimed
from tests.world import CHANNEL, World

SWAPS = int(os.environ.get("SWAPS", "450"))
SEED = int(os.environ.get("SEED", "7"))


@dataclass(frozen=True)
class Swap:
    """A request of the first team's with numbers of another team's."""

    probe: Probe
    whose: Team
    numbers: Case

    @property
    def about(self) -> tuple[str, str, tuple[str, ...]]:
        """What is tried: which row, with whose numbers, in which fields."""
        return self.probe.row.name, self.whose.word, tuple(self.numbers)

    @property
    def swapped(self) -> Probe:
        """The request as it comes back."""
        if self.probe.kind == "words":
            return replace(self.probe, rest=self.numbers["initiative"])
        together = {"people": f"{self.probe.values.get('people', '')},{self.numbers.get('people', '')}"}
        added = {name: together.get(name, number) for name, number in self.numbers.items()}
        return replace(self.probe, values={**self.probe.values, **added})


def swaps(every: list[Probe], others: list[Team], chance: random.Random) -> Iterator[Swap]:
    """Each row with each of its numbers from each of the others, and all of them at once."""
    for probe in every:
        names = ("initiative",) if probe.rest.startswith("#") else probe.references
        for other in others:
            foreign = {name: marked(name, chance.choice(other.numbers[name])) for name in names}
            yield from (Swap(probe, other, {name: number}) for name, number in foreign.items())
            yield from (Swap(probe, other, foreign) for _ in foreign if len(foreign) > 1)


def tried(every: list[Probe], others: list[Team], count: int) -> list[Swap]:
    """So many swaps, those first that try something that none before them did."""
    chance = random.Random(SEED)  # noqa: S311 - what is drawn is no secret
    found: list[Swap] = []
    while len(found) < count:
        found += list(swaps(every, others, chance))
    chance.shuffle(found)
    firsts: dict[object, int] = {}
    for index, each in enumerate(found):
        firsts.setdefault(each.about, index)
    new = set(firsts.values())
    return [found[index] for index in (*new, *(i for i in range(len(found)) if i not in new))][:count]


class Owners:
    """Whose each row is, found by what it refers to."""

    def __init__(self, kept: Mapping[str, list[dict[str, Any]]]) -> None:
        self._teams = {row["id"]: row["team_id"] for row in kept["initiatives"]}
        self._retros = {row["id"]: row["team_id"] for row in kept["retros"]}
        self._workspaces = {row["id"]: (row["platform"], row["external_id"]) for row in kept["workspaces"]}

    def is_of(self, table: str, row: Mapping[str, Any], whose: Team) -> bool:
        """Whether a row is the team's, its workspace's where that is another one, or about one of its people."""
        if whose.place == self._workspaces.get(row.get("workspace_id", 0)) and whose.place != PLACES[0]:
            return True
        people = {row.get("person_id"), row.get("assignee_id"), row.get("owner_id")}
        return self._team(table, row) == whose.id or bool(people & set(whose.numbers["people"]))

    def _team(self, table: str, row: Mapping[str, Any]) -> int | None:
        if table == "people":
            return None  # the team somebody used last says nothing about whose they are
        if table == "teams":
            return int(row["id"])
        by_work, by_retro = self._teams.get(row.get("initiative_id")), self._retros.get(row.get("retro_id"))
        return row.get("team_id") or by_work or by_retro


async def owners(stage: Stage) -> Owners:
    """Whose everything is at first."""
    kept = Changes(after=await stage.rehearsal.read(keeps))
    rows: dict[str, list[dict[str, Any]]] = {}
    for table, row in kept.written():
        rows.setdefault(table, []).append(row)
    return Owners(rows)


def touched(stage: Stage, swap: Swap) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a request changed, but for copies of earlier answers, which erasing empties in the whole workspace."""
    for table, row in stage.rehearsal.changes.rows():
        if swap.probe.row.name != "my-data.erase-now" or table not in ("deliveries", "outbox"):
            yield table, row


def leaks(stage: Stage, reply: Reply, whose: Team) -> list[str]:
    """Which of another team's words are in an answer or in anything that was written."""
    text = repr((reply, list(stage.rehearsal.changes.written())))
    words = [whose.word, *([whose.name, SURNAME[whose.place]] if whose.place != PLACES[0] else [])]
    return [word for word in words if word in text]


async def test_numbers_of_another_team_or_workspace_read_and_change_nothing_there(
    stage: Stage, teams: list[Team], every: list[Probe]
) -> None:
    mine, others = teams[0], teams[1:]
    whose = await owners(stage)
    count = SWAPS if len(every) > 200 else SWAPS // 4

    for number, swap in enumerate(tried(every, others, count)):
        who = "admin" if swap.whose.place != mine.place and number % 2 else "lead"
        reply = await stage.ask(swap.swapped.request(mine.envelope(who, mine.channel)))
        about = (f"SEED={SEED}", number, who, swap)

        changed = [row for row in touched(stage, swap) if whose.is_of(*row, swap.whose)]
        assert not changed, about
        assert not leaks(stage, reply, swap.whose), about
        assert not is_failure(reply), about


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
async def test_every_number_of_every_row_is_swapped_with_every_other_team(
    teams: list[Team], every: list[Probe]
) -> None:
    others = teams[1:]
    carried = {(probe.row.name, name) for probe in every for name in probe.references}

    done = {(swap.probe.row.name, name) for swap in tried(every, others, 4 * SWAPS) for name in swap.numbers}

    assert carried <= done


async def test_equal_ids_in_several_workspaces_get_each_their_own(
    stage: Stage, teams: list[Team], every: list[Probe]
) -> None:
    alike, whose, seen = [teams[0], *teams[2:]], await owners(stage), set()
    plain = [each for each in every if not set(each.references) - {"team"} and not each.rest.startswith("#")]

    for probe in plain:
        for team in alike:
            asked = replace(probe, values={**probe.values, **({"team": str(team.id)} if probe.values else {})})
            reply = await stage.ask(asked.request(team.envelope("lead", team.channel)))
            others = [other for other in alike if other is not team]

            assert not is_failure(reply), (probe, team.place)
            assert not [word for other in others for word in leaks(stage, reply, other)], (probe, team.place)
            changed = [row for row in stage.rehearsal.changes.rows() if any(whose.is_of(*row, o) for o in others)]
            assert not changed, (probe, team.place)
            seen |= {team.word} if team.word in repr(reply) else set()

    assert seen == {team.word for team in alike}


async def test_a_person_and_a_channel_are_looked_up_in_their_own_workspace(database: Database) -> None:
    async def same_ids_everywhere(connection: Any) -> list[tuple[str, str, str]]:
        found = []
        for place in PLACES:
            directory = Store(connection, await add_workspace(connection, *place, "", NOW)).directory
            await directory.keep_person("U1", NOW, name=SURNAME[place], zone="UTC", locale="en", role=Role.MEMBER)
            await directory.keep_channel("C1", name=SURNAME[place])
        for place in PLACES:
            arrival = await arrive(connection, Envelope(*place, "U1", "C1"), "key")
            assert arrival
            directory = Store(connection, arrival.person.workspace_id).directory
            channel = await directory.channel(arrival.channel_id or 0)
            person = await directory.person_called("U1")
            assert channel
            assert person
            found.append((arrival.person.name, channel.name, person.name))
        return found

    found = await database.write(same_ids_everywhere)

    assert found == [(SURNAME[place],) * 3 for place in PLACES]


async def test_what_is_promised_under_one_key_in_several_workspaces_goes_to_each(database: Database) -> None:
    async def promised_and_claimed(connection: Any) -> list[tuple[str, str, str | None, str]]:
        for place in PLACES:
            store = Store(connection, await add_workspace(connection, *place, "", NOW))
            profile = {"name": "", "zone": "UTC", "locale": "en", "role": Role.MEMBER}
            person = await store.directory.keep_person("U1", NOW, **profile)
            await store.outbox.put("the same key", SURNAME[place], NOW, person_id=person)
            await store.outbox.make_ready(NOW)
        taken = [await claimed(connection, NOW, platform=platform) for platform in ("test", "other")]
        parcels = [parcel for claim in taken for load in claim.loads for parcel in load.parcels]
        return [(each.platform, each.workspace, each.person, each.body) for each in parcels]

    sent = await database.write(promised_and_claimed)

    assert sent == [(*place, "U1", SURNAME[place]) for place in PLACES]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_form_that_names_another_team_takes_over_no_team_that_nobody_is_left_in(world: World) -> None:
    form = await world.form("ana", "setup", channel=CHANNEL)
    async with world.writing() as connection:
        for number in range(1, 6):
            await Store(connection, 1).teams.leave(1, number)

    reply = await world.submit("ben", replace(form, values={"team": "999"}), channel=CHANNEL, name="Mine now")

    async with world.reading() as connection:
        team = await Store(connection, 1).teams.get(1)
    assert team
    assert team.name == "Checkout"
    assert "Somebody else has just made this channel a team" in repr(reply)
