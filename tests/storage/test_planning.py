"""What is due is found with its team, its person and their place, and never with those of another workspace."""

from __future__ import annotations

from datetime import time, timedelta
from functools import partial

from storage import Store
from storage.database import Connection, Database
from storage.directory import Role, add_workspace
from storage.planning import Due, due, is_due
from storage.teams import Membership
from tests.bot.matrix import NOW


async def workspace(connection: Connection, name: str) -> tuple[Store, int, int]:
    """A workspace with a team and a member. Returns its store and their numbers."""
    store = Store(connection, await add_workspace(connection, "test", name, name, NOW))
    channel = await store.directory.keep_channel("C1", name="#shop")
    team = await store.teams.set_up(
        channel,
        NOW,
        name="Shop",
        zone="UTC",
        locale="en_GB",
        days=(1,),
        hour=time(9),
        visibility="private",
        retro_visibility="private",
        floor=4,
    )
    person = await store.directory.keep_person(
        "U1", NOW, name=f"Ana of {name}", zone="UTC", locale="en_GB", role=Role.MEMBER
    )
    await store.teams.join(team, person, Role.LEAD, NOW)
    return store, team, person


async def put(store: Store, team: int, person: int | None, key: str = "one") -> None:
    """Something that is due now."""
    await store.schedules.put(
        key, nudge="checkin", team_id=team, person_id=person, zone="UTC", next_due_at=NOW, local_date=NOW.date()
    )


async def only(database: Database) -> Due:
    """The one thing that is due."""
    (found,) = await database.write(partial(due, now=NOW, most=10))
    return found


async def test_what_is_due_comes_with_its_team_and_person_and_their_place(database: Database) -> None:
    async def arrange(connection: Connection) -> None:
        store, team, person = await workspace(connection, "W1")
        await put(store, team, person)

    await database.write(arrange)

    found = await only(database)

    assert found.team
    assert found.person
    assert (found.team.name, found.team.channel_name, found.team.payer) == ("Shop", "#shop", "")
    assert (found.person.name, found.person.role) == ("Ana of W1", Role.MEMBER)
    assert found.membership == Membership(Role.LEAD, None, None)


async def test_what_is_due_to_a_channel_comes_with_nobody(database: Database) -> None:
    async def arrange(connection: Connection) -> None:
        store, team, _ = await workspace(connection, "W1")
        await put(store, team, None)

    await database.write(arrange)

    found = await only(database)

    assert found.team
    assert (found.person, found.membership) == (None, None)


async def test_whoever_left_the_team_has_no_place_in_it(database: Database) -> None:
    async def arrange(connection: Connection) -> None:
        store, team, person = await workspace(connection, "W1")
        await put(store, team, person)
        await store.teams.leave(team, person)

    await database.write(arrange)

    found = await only(database)

    assert found.person
    assert found.membership is None


async def test_a_team_and_a_person_of_another_workspace_are_not_found(database: Database) -> None:
    async def arrange(connection: Connection) -> None:
        mine, _, _ = await workspace(connection, "W1")
        _, team, person = await workspace(connection, "W2")
        await put(mine, team, person)

    await database.write(arrange)

    found = await only(database)

    assert (found.team, found.person, found.membership) == (None, None, None)


async def test_nothing_is_due_before_its_time_and_the_oldest_comes_first(database: Database) -> None:
    async def arrange(connection: Connection) -> None:
        store, team, person = await workspace(connection, "W1")
        for key, late in (("second", 1), ("first", 2), ("third", 0)):
            at = NOW - timedelta(minutes=late)
            await store.schedules.put(
                key, nudge="checkin", team_id=team, person_id=person, zone="UTC", next_due_at=at
            )

    await database.write(arrange)

    early = await database.read(partial(is_due, now=NOW - timedelta(minutes=3)))
    found = await database.write(partial(due, now=NOW, most=2))

    assert not early
    assert await database.read(partial(is_due, now=NOW))
    assert [each.schedule.key for each in found] == ["first", "second"]
