"""Teams of an earlier version: what this one brings is planned for them once, and nothing of it for today."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import storage
from bot.app import build
from bot.clock import SteppedClock
from bot.settings import Settings
from storage import Store
from storage.directory import Role
from storage.migrate import upgrade
from storage.schedules import Schedule
from tests.handlers.initiatives.plan import lines
from tests.handlers.setup import schedules
from tests.world import PATIENCE_S, FakeChat, World

EARLIER = "0002"
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
LAST_YEAR = datetime(2025, 11, 3, 8, tzinfo=UTC)
ONE: dict[str, Any] = {"workspace_id": 1}
PLANNED: dict[str, Any] = {**ONE, "team_id": 1, "zone": "Europe/London", "hour": time(9, 40)}


def rows() -> dict[str, list[dict[str, Any]]]:
    """A team of an earlier version: Ana owns what is built, Ben has promised three things, Kim is a guest."""
    person = {**ONE, "zone": "Europe/London", "locale": "en_GB", "created_at": LAST_YEAR}
    action = {**ONE, "team_id": 1, "retro_id": 1, "assignee_id": 2, "created_at": LAST_YEAR}
    question = {
        **PLANNED,
        "nudge": "checkin",
        "days": "1,2,3,4,5",
        "next_due_at": MONDAY.replace(hour=9, minute=40),
    }
    work = {"team_id": 1, "owner_id": 1, "review_days": 30, "created_at": LAST_YEAR, "started_at": LAST_YEAR}
    return {
        "workspaces": [{"id": 1, "platform": "test", "external_id": "W1", "created_at": LAST_YEAR}],
        "channels": [
            {**ONE, "id": 1, "external_id": "checkout", "name": "#checkout"},
            {**ONE, "id": 2, "external_id": "later", "name": "#later"},
        ],
        "people": [
            {**person, "id": 1, "external_id": "ana", "name": "Ana", "role": int(Role.MEMBER)},
            {**person, "id": 2, "external_id": "ben", "name": "Ben", "role": int(Role.MEMBER)},
            {**person, "id": 3, "external_id": "kim", "name": "Kim", "role": int(Role.GUEST)},
        ],
        "teams": [team(1, 1, LAST_YEAR), team(2, 2, None)],
        "memberships": [
            {**ONE, "team_id": 1, "person_id": 1, "role": int(Role.LEAD), "joined_at": LAST_YEAR},
            {**ONE, "team_id": 1, "person_id": 2, "role": int(Role.MEMBER), "joined_at": LAST_YEAR},
            {**ONE, "team_id": 2, "person_id": 2, "role": int(Role.LEAD), "joined_at": LAST_YEAR},
            {**ONE, "team_id": 1, "person_id": 3, "role": int(Role.MEMBER), "joined_at": LAST_YEAR},
        ],
        "initiatives": [
            {**ONE, **work, "id": 1, "title": "Retry", "title_key": "retry", "status": "building"},
            {**ONE, **work, "id": 2, "title": "Wallet", "title_key": "wallet", "status": "judged"},
        ],
        "releases": [{**ONE, "id": 1, "initiative_id": 2, "released_at": LAST_YEAR}],
        "retros": [
            {
                **ONE,
                "id": 1,
                "team_id": 1,
                "initiative_id": 2,
                "release_id": 1,
                "stage": "closed",
                "review_on": date(2025, 12, 1),
            }
        ],
        "actions": [
            {**action, "id": 1, "deed": "split the measure", "due_on": date(2026, 12, 9)},
            {**action, "id": 2, "deed": "ask Meera", "due_on": date(2026, 11, 20)},
            {**action, "id": 3, "deed": "write it down", "due_on": date(2026, 1, 15)},
            {**action, "id": 4, "deed": "some day", "due_on": None},
        ],
        "schedules": [
            {**question, "key": "checkin:1:1", "person_id": 1},
            {**question, "key": "checkin:1:2", "person_id": 2},
        ],
    }


def team(number: int, channel: int, started_at: datetime | None) -> dict[str, Any]:
    """A team that is asked on weekdays at 09:40."""
    return {
        **ONE,
        "id": number,
        "channel_id": channel,
        "name": "Checkout",
        "zone": "Europe/London",
        "locale": "en_GB",
        "days": "1,2,3,4,5",
        "hour": time(9, 40),
        "visibility": "private",
        "retro_visibility": "by_name",
        "floor": 4,
        "created_at": LAST_YEAR,
        "started_at": started_at,
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def earlier_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of an earlier version, with a team in it."""
    url = f"sqlite:///{tmp_path / 'earlier.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        name = f"earlier_{tmp_path.name}".lower().replace("-", "_")[-60:]
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f'create database "{name}" template template0')
        url = server.get_uri(name)
    driver = "sqlite" if request.param == "sqlite" else "postgresql+psycopg"
    engine = sa.create_engine(sa.make_url(url).set(drivername=driver), poolclass=sa.NullPool)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
        command.upgrade(config, EARLIER)
        tables = sa.MetaData()
        tables.reflect(connection)
        for name, kept in rows().items():
            for row in kept:
                connection.execute(tables.tables[name].insert().values(row))
    return url


@pytest.fixture
async def upgraded(earlier_url: str) -> AsyncIterator[World]:
    """The bot of this version over it, at eight on a Monday."""
    upgrade(earlier_url)
    world = running(earlier_url)
    yield world
    await world.app.close()


def running(url: str) -> World:
    """A process of the bot's."""
    clock, chat = SteppedClock(MONDAY), FakeChat()
    settings = Settings(database_url=url, _env_file=None)  # type: ignore[call-arg]
    return World(build(settings, clock, {"test": chat}, PATIENCE_S), clock, chat, url)


def new(planned: list[Schedule]) -> list[tuple[str, int | None, datetime | None]]:
    """What is planned but for the question: the nudge, what it is about, and when, to five minutes."""
    found = [(each.nudge, each.subject_id, each.next_due_at) for each in planned if each.nudge != "checkin"]
    return [
        (nudge, about, at and at - timedelta(minutes=at.minute % 5, seconds=at.second))
        for nudge, about, at in found
    ]


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, 40, tzinfo=UTC)


async def test_what_is_new_is_planned_when_the_bot_runs_again(upgraded: World) -> None:
    await upgraded.app.plan()

    assert new(await schedules(upgraded, "ben")) == [
        ("action-due", 2, at(11, 24)),
        ("pulse", None, at(11, 25)),
        ("action-due", 2, at(12, 1)),
        ("action-due", 1, at(12, 9)),
        ("action-due", 1, at(12, 16)),
    ]
    theirs = new(await schedules(upgraded, "ana"))
    assert theirs[:2] == [("pulse", None, at(11, 25)), ("stale", 1, at(12, 23))]
    assert {nudge for nudge, _, _ in theirs} == {"pulse", "stale"}
    assert await schedules(upgraded, "kim") == []


async def test_nothing_new_comes_on_the_day_of_the_upgrade(upgraded: World) -> None:
    await upgraded.go_to(MONDAY.replace(hour=20))

    cards = upgraded.chat.to("ben")
    assert all("Would " in card.title for card in cards)
    assert not any("ask Meera" in line for card in cards for line in lines(card))


async def test_the_question_comes_when_it_was_to_come_anyway(upgraded: World) -> None:
    await upgraded.go_to(MONDAY.replace(hour=9, minute=40))

    assert [card.title for card in upgraded.chat.to("ana")] == [
        "Would your paying customer be happy to pay for today?"
    ]


async def test_the_pulse_is_within_wednesdays_card(upgraded: World) -> None:
    await upgraded.go_to(datetime(2026, 11, 25, 9, 45, tzinfo=UTC))

    assert "Retry: are we still focusing on value?" in lines(upgraded.chat.to("ana")[-1])


async def test_it_is_planned_once(upgraded: World) -> None:
    await upgraded.app.plan()
    async with upgraded.writing() as connection:
        await Store(connection, 1).schedules.cancel("pulse:1:1")
    again = running(upgraded.url)

    planned = await again.app.upgrading()

    assert planned == 0
    assert "pulse" not in [each.nudge for each in await schedules(again, "ana")]
    await again.app.close()


async def test_a_team_that_has_not_started_is_planned_nothing(upgraded: World) -> None:
    await upgraded.app.plan()

    assert {each.team_id for each in await schedules(upgraded, "ben")} == {1}


async def test_a_team_that_cannot_be_planned_is_tried_again_in_an_hour(upgraded: World) -> None:
    async with upgraded.writing() as connection:
        await connection.execute(sa.text("update people set zone = 'Mars/Olympus'"))
    failed = await upgraded.app.upgrading()
    async with upgraded.writing() as connection:
        await connection.execute(sa.text("update people set zone = 'Europe/London'"))
    too_soon = await upgraded.app.upgrading()
    upgraded.clock.set(MONDAY + timedelta(hours=1))

    planned = await upgraded.app.upgrading()

    assert (failed, too_soon, planned) == (0, 0, 1)
    assert "pulse" in [each.nudge for each in await schedules(upgraded, "ana")]
