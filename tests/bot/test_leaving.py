"""Somebody who leaves between opening a form and sending it gets nothing by it and changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from handlers.catalog import CATALOG
from handlers.errors import Guest, Inactive, NotInTeam
from handlers.messages import Form
from storage import Store
from storage.database import Connection
from storage.directory import Person, Role, workspace_called
from tests.bot.matrix import NOW, Probe, Stage
from tests.bot.planted import FRUIT, SURNAME, Team
from tests.handlers.retros.review import asked, numbers
from tests.world import World

EDIT = CATALOG.entries["checkin.edit"]
Loss = Callable[[Store, Person, Team], Awaitable[object]]


async def deactivated(store: Store, person: Person, team: Team) -> None:
    """Their account is closed."""
    await store.directory.keep_person(person.external_id, NOW, **_as_before(person), is_active=False)


async def a_guest(store: Store, person: Person, team: Team) -> None:
    """They become a guest."""
    await store.directory.keep_person(person.external_id, NOW, **{**_as_before(person), "role": Role.GUEST})


async def an_outsider(store: Store, person: Person, team: Team) -> None:
    """They go on in another organisation that shares the channel."""
    await store.directory.keep_person(person.external_id, NOW, **{**_as_before(person), "role": Role.OUTSIDER})


async def let_go(store: Store, person: Person, team: Team) -> None:
    """The lead takes them out of the team."""
    await store.teams.leave(team.id, person.id)


LOSSES: dict[Loss, str] = {
    deactivated: str(Inactive()),
    a_guest: str(Guest()),
    an_outsider: str(Guest()),
    let_go: "",
}


def _as_before(person: Person) -> dict[str, object]:
    return {"name": person.name, "zone": person.zone, "locale": person.locale, "role": person.role}


def lost(loss: Loss, who: str, team: Team) -> Callable[[Connection], Awaitable[None]]:
    """The loss, as something that has happened before a request."""

    async def happened(connection: Connection) -> None:
        workspace = await workspace_called(connection, *team.place)
        store = Store(connection, workspace or 0)
        person = await store.directory.person_called(who)
        assert person
        await loss(store, person, team)

    return happened


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
async def test_a_form_opened_before_and_sent_after_is_refused(
    stage: Stage, teams: list[Team], every: list[Probe], loss: Loss
) -> None:
    team, forms = teams[0], [each for each in every if each.kind == "form" and each.row.in_team]
    refused = LOSSES[loss] or str(NotInTeam(team=team.name))
    stage.rehearsal.suppose(lost(loss, "member", team))

    for probe in forms:
        reply = await stage.ask(probe.request(team.envelope("member")))

        assert (reply.title, stage.reached, stage.posts) == (refused, False, 0), probe
        assert not stage.rehearsal.changes, probe
        assert not [word for word in (*FRUIT, *SURNAME.values()) if word in repr(reply)], probe


async def test_a_form_of_a_leads_is_refused_to_somebody_who_leads_no_more(
    stage: Stage, teams: list[Team], every: list[Probe]
) -> None:
    team = teams[0]

    async def demoted(store: Store, person: Person, team: Team) -> None:
        another = await store.directory.person_called("member")
        assert another
        await store.teams.join(team.id, another.id, Role.LEAD, NOW)
        await store.teams.join(team.id, person.id, Role.MEMBER, NOW)

    stage.rehearsal.suppose(lost(demoted, "lead", team))

    for probe in (each for each in every if each.row.name.startswith("setup") and each.kind == "form"):
        reply = await stage.ask(probe.request(team.envelope("lead", team.channel)))

        assert "Only a lead" in repr(reply), probe
        assert not stage.rehearsal.changes, probe


async def test_an_answer_given_for_a_team_one_has_left_shows_nothing_of_its_work_when_it_is_edited(
    stage: Stage, teams: list[Team]
) -> None:
    mine, left = teams[0], teams[1]

    async def moved_over(store: Store, person: Person, team: Team) -> None:
        await store.teams.join(mine.id, person.id, Role.MEMBER, NOW)
        await store.teams.leave(left.id, person.id)

    stage.rehearsal.suppose(lost(moved_over, "fifth", left))
    opened = Probe(EDIT, "tap", {"date": NOW.date().isoformat(), "team": str(mine.id)})
    guessed = Probe(EDIT, "form", {**opened.values, "score": "2", "about": left.cases["about"][0]["about"]})

    form = await stage.ask(opened.request(mine.envelope("fifth")))
    refused = await stage.ask(guessed.request(mine.envelope("fifth")))

    assert isinstance(form, Form)
    shown = {choice.label for each in form.inputs for choice in each.choices if left.word in choice.label}
    assert shown == {f"{left.word} building"}
    assert isinstance(refused, Form)
    assert "about" in refused.errors
    assert not stage.rehearsal.changes


async def test_a_form_opened_in_one_team_and_sent_after_leaving_it_is_kept_nowhere(world: World) -> None:
    form = await world.form("ben", "define-success")
    async with world.writing() as connection:
        store = Store(connection, 1)
        ben = await store.directory.person_called("ben")
        assert ben
        await store.teams.leave(1, ben.id)

    reply = await world.submit("ben", form, title="Too late")

    assert reply.title == str(NotInTeam(team="Checkout"))
    async with world.reading() as connection:
        assert await Store(connection, 1).initiatives.of_team(1) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_card_of_somebody_who_has_left_is_not_told_what_became_of_the_work(world: World) -> None:
    card = await asked(world)
    async with world.writing() as connection:
        store = Store(connection, 1)
        ana = await store.directory.person_called("ana")
        assert ana
        await store.teams.leave(1, ana.id)
    theirs = world.chat.to("ana")

    await numbers(world, card, "ben")

    assert world.chat.to("ana") == theirs
    assert "17.4" in repr(await world.say("dev", "retro Checkout retry"))
