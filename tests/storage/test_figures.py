"""The one door for figures about people: the floor, what was seen, what was published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from handlers.periods import week_of
from storage import Store
from storage.database import Connection
from storage.reflections import CHECK_IN, Figures
from tests.world import World

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = week_of(MONDAY)
PEOPLE = ("ana", "ben", "chi", "dev", "eva")


class Table:
    """Answers put straight into storage, and the figures that come out."""

    def __init__(self, connection: Connection) -> None:
        self.store = Store(connection, 1)
        self.now = NOON

    async def answer(self, person: str, score: int, **more: Any) -> None:
        """One person's answer, at a later moment than the one before."""
        self.now += timedelta(minutes=1)
        who = await self.store.directory.person_called(person)
        assert who
        values = {"local_date": MONDAY, "promised": "anonymous", "is_late": False, **more}
        await self.store.reflections.add(
            team_id=1,
            person_id=who.id,
            question=CHECK_IN,
            score=score,
            sentence="",
            prompt="",
            created_at=self.now,
            **values,
        )

    async def figures(self) -> Figures:
        """What anybody gets to see now."""
        self.now += timedelta(minutes=1)
        team = await self.store.teams.get(1)
        assert team
        return await self.store.reflections.figures(team, WEEK, self.now)

    async def publish(self) -> Figures:
        """The week, published."""
        team = await self.store.teams.get(1)
        assert team
        published = await self.store.reflections.publish(team, WEEK, self.now)
        assert published
        return published

    async def show(self, visibility: str) -> None:
        """The team chooses who sees check-ins."""
        team = await self.store.teams.get(1)
        assert team
        await self.store.teams.set_up(
            team.channel_id,
            self.now,
            name=team.name,
            zone=team.zone,
            locale=team.locale,
            days=team.days,
            hour=team.hour,
            visibility=visibility,
            retro_visibility=team.retro_visibility,
            floor=team.floor,
        )


@pytest.mark.parametrize(("count", "withheld"), [(0, "floor"), (3, "floor"), (4, ""), (5, "")])
async def test_nothing_is_said_below_the_floor(world: World, count: int, withheld: str) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        for person in PEOPLE[:count]:
            await table.answer(person, 4)

        figures = await table.figures()

    assert figures.withheld == withheld
    assert figures.people == (count if not withheld else 0)


async def test_one_more_answer_cannot_be_learned_by_subtracting(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        for person in PEOPLE[:4]:
            await table.answer(person, 5)
        before = await table.figures()

        await table.answer("eva", 1)
        after = await table.figures()

    assert before == after
    assert after.mean == 5.0


async def test_figures_move_on_once_as_many_as_the_floor_have_answered_anew(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        for person in PEOPLE:
            await table.answer(person, 5)
        await table.figures()
        for person in PEOPLE[:4]:
            await table.answer(person, 1, local_date=MONDAY + timedelta(days=1))

        figures = await table.figures()

    assert figures.answers == 9


async def test_a_published_week_stays_as_it_was_published(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        for person in PEOPLE[:4]:
            await table.answer(person, 4)
        published = await table.publish()
        for person in PEOPLE:
            await table.answer(person, 1, local_date=MONDAY + timedelta(days=2))

        figures = await table.figures()

    assert figures == published
    assert figures.answers == 4


async def test_an_answer_given_without_names_is_never_shown_with_one(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        for person in PEOPLE:
            await table.answer(person, 2)
            who = await table.store.directory.person_called(person)
            assert who
            await table.store.teams.consent(1, who.id, True)
        await table.show("by_name")
        await table.answer("ana", 5, local_date=MONDAY + timedelta(days=1), promised="by_name")

        figures = await table.figures()

    assert figures.by_name == (("Ana Ruiz", 5.0),)
    assert figures.answers == 1


async def test_one_person_who_does_not_agree_is_enough_to_show_no_names(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        await table.show("by_name")
        for number, person in enumerate(PEOPLE):
            await table.answer(person, 3, promised="by_name")
            who = await table.store.directory.person_called(person)
            assert who
            await table.store.teams.consent(1, who.id, number > 0)

        figures = await table.figures()

    assert figures == Figures(withheld="consent")


async def test_a_private_team_shows_nothing_whoever_answers(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        await table.show("private")
        for person in PEOPLE:
            await table.answer(person, 3, promised="private")

        figures = await table.figures()

    assert figures == Figures(withheld="private")


async def test_what_is_left_beside_a_subject_is_not_one_persons_answer(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        number = await table.store.initiatives.add(1, "Checkout retry", NOON, review_days=30)
        for person in PEOPLE[:4]:
            await table.answer(person, 5, initiative_id=number)
        await table.answer("eva", 1)

        figures = await table.figures()

    assert figures.answers == 5
    assert figures.about == ()


async def test_what_was_counted_by_name_is_not_shown_once_the_team_is_anonymous(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        await table.show("by_name")
        for person in PEOPLE:
            who = await table.store.directory.person_called(person)
            assert who
            await table.store.teams.consent(1, who.id, True)
        await table.answer("ben", 1, promised="by_name")
        named = await table.figures()
        await table.show("anonymous")

        figures = await table.figures()

    assert named.answers == 1
    assert figures == Figures(withheld="floor")


async def test_figures_seen_late_do_not_reopen_a_published_week(world: World) -> None:
    async with world.writing() as connection:
        table = Table(connection)
        for person in PEOPLE[:4]:
            await table.answer(person, 4)
        await table.publish()
        team = await table.store.teams.get(1)
        assert team

        kept = await table.store.reflections._keep(team, WEEK, Figures(answers=99), table.now, is_final=False)

        assert kept is False
        assert await table.store.reflections.publish(team, WEEK, table.now) is None
        assert (await table.figures()).answers == 4
