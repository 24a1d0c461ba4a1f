"""What goes to a channel stays away from one that another organisation reads, whenever it came to be shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.nudges.port import NotSent
from handlers.catalog import CATALOG
from storage import Store
from storage.database import Connection
from storage.directory import Role, workspace_called
from storage.schema import metadata
from tests.bot.matrix import Probe, Stage
from tests.bot.planted import SURNAME, Team
from tests.handlers.retros.review import answer, card_of, closed, opened, released, summaries, thread
from tests.handlers.setup import erase
from tests.world import CHANNEL, World, words_of

POSTING = {"summary.post", "retro.close", "retro.add", "retro.action", "my-data.erase-now"}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_SQLITE_PLANTED = pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
TEAM_NUDGES = [nudge.name for nudge in CATALOG.nudges if nudge.audience == "team"]


def with_channel(team: Team, **state: bool) -> Any:
    """The team's channel in another state, as something that has happened before a request."""

    async def happened(connection: Connection) -> None:
        store = Store(connection, await workspace_called(connection, *team.place) or 0)
        await store.directory.keep_channel(team.channel, **state)

    return happened


def posts(stage: Stage) -> Iterator[dict[str, Any]]:
    """What the last request promised to a channel, or to replace there."""
    return (row for table, row in stage.rehearsal.changes.written() if table == "outbox" and row["channel_id"])


async def posting(stage: Stage, team: Team, every: list[Probe]) -> list[Probe]:
    """The requests that post, or that change what is posted, while the channel is the team's own."""
    found = []
    for probe in (each for each in every if each.row.writes and each.kind != "words"):
        await stage.ask(probe.request(team.envelope("lead", team.channel)))
        found += [probe] if list(posts(stage)) else []
    return found


@ON_SQLITE_PLANTED
async def test_no_request_posts_to_a_shared_channel(stage: Stage, teams: list[Team], every: list[Probe]) -> None:
    team = teams[0]
    requests = await posting(stage, team, every)
    stage.rehearsal.suppose(with_channel(team, is_shared=True))

    for probe in requests:
        await stage.ask(probe.request(team.envelope("lead", team.channel)))
        for row in posts(stage):
            assert probe.row.name == "my-data.erase-now", probe
            assert row["address"], probe
            assert SURNAME[team.place] not in row["body"], probe

    assert {probe.row.name for probe in requests} >= POSTING


@ON_SQLITE
async def test_no_nudge_posts_to_a_shared_channel(world: World) -> None:
    await released(world)
    await world.say("ben", "checkin 4")
    await share(world)

    await world.pass_days(16)

    assert set(TEAM_NUDGES) <= await outcomes(world)
    assert world.chat.posted() == []
    assert world.chat.posted(in_threads=True) == []
    assert world.chat.to("ana")


async def share(world: World, **state: bool) -> None:
    """The channel comes to be shared with another organisation, or into another state."""
    async with world.writing() as connection:
        await Store(connection, 1).directory.keep_channel(CHANNEL, **(state or {"is_shared": True}))


async def outcomes(world: World) -> set[str]:
    """The nudges that came to their time."""
    occurrences = metadata.tables["occurrences"]
    async with world.reading() as connection:
        return set((await connection.execute(sa.select(occurrences.c.nudge))).scalars())


async def test_a_summary_promised_before_its_channel_is_shared_goes_to_the_lead_instead(world: World) -> None:
    await opened(world)
    for person in ("ana", "ben", "chi", "dev"):
        await answer(world, person, why=f"{person} knows why")
    world.chat.failures = [NotSent("busy")] * 10
    await answer(world, "eva", why="eva knows why")
    before = world.chat.posted()
    await share(world)
    world.chat.failures = []

    await world.pass_days(1)

    assert world.chat.posted() == before
    assert world.chat.posted(in_threads=True) == []
    assert "shared with another organisation" in words_of(card_of(world, "ana", "partly a success"))
    assert not any("shared with another" in words_of(message) for message in world.chat.to("ben"))


@ON_SQLITE
async def test_a_summary_promised_before_its_channel_is_archived_stays_here(world: World) -> None:
    await opened(world)
    for person in ("ana", "ben", "chi", "dev"):
        await answer(world, person)
    world.chat.failures = [NotSent("busy")] * 10
    await answer(world, "eva")
    before = world.chat.posted()
    await share(world, is_archived=True)
    world.chat.failures = []

    await world.pass_days(1)

    assert world.chat.posted() == before


@ON_SQLITE
async def test_what_is_added_after_a_channel_is_shared_is_not_written_into_what_stands_there(world: World) -> None:
    before = await closed(world)
    await share(world)
    card = await world.say("ben", "retro Checkout retry")
    form = await world.press("ben", card, "Something to add")

    await world.submit("ben", form, more="a secret of ours")

    assert summaries(world) == [before]
    assert "a secret of ours" not in thread(world)
    assert "a secret of ours" in words_of(await world.press("ana", card, "Read all"))


@ON_SQLITE
async def test_whoever_erases_what_is_theirs_is_not_left_standing_in_a_channel_that_is_shared_since(
    world: World,
) -> None:
    await closed(world)
    await share(world)

    await erase(world, "ben")

    stands = " ".join(words_of(message) for message in world.chat.posted()) + thread(world)
    assert "ben knows why" not in stands
    assert "chi knows why" not in stands
    assert "Checkout retry" in stands


async def test_a_message_to_somebody_who_became_a_guest_since_is_not_sent(world: World) -> None:
    world.chat.failures = [NotSent("busy")] * 10
    await world.pass_days(1.1)
    async with world.writing() as connection:
        ben = await Store(connection, 1).directory.person_called("ben")
        assert ben
        profile = {"name": ben.name, "zone": ben.zone, "locale": ben.locale}
        await Store(connection, 1).directory.keep_person("ben", world.clock.now(), role=Role.GUEST, **profile)
    before = len(world.chat.to("ben"))
    world.chat.failures = []

    await world.pass_days(0.1)

    assert len(world.chat.to("ben")) == before
    assert any(message.title.startswith("Would ") for message in world.chat.to("dev"))
