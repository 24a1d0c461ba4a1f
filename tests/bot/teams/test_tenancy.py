"""Nothing crosses from tenant to tenant, and nobody is more than Teams says, whatever a tap comes back with."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from sqlite3 import connect
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from bot.app import App, build
from bot.settings import alone
from bot.teams.buttons import Place, carried
from bot.web import routes
from handlers.catalog import CATALOG
from tests.bot.matrix import REFERENCES, marked
from tests.bot.teams.office import PATIENCE_S, connected
from tests.fakes.teams import Actor, FakeTeams, activities
from tests.fakes.teams.structure import Json

SECRET = "Tamarind"  # stands in all that the other tenant's people wrote
GUESTS = "I am for the members of this workspace"
EVERYBODY = ("ana", "ben", "chi", "dev", "eva")
TABLES = ("teams", "initiatives", "criteria", "evidence", "memberships", "reflections", "customers")


@dataclass
class Two:
    """Two tenants with people and channels of the same names, served by one bot."""

    teams: FakeTeams
    app: App
    url: str

    def person(self, name: str, tenant: str) -> Actor:
        """Somebody of one of them."""
        return self.teams.person(name, self.teams.tenant(tenant))

    async def settle(self) -> None:
        """Wait until the bot has done what it began."""
        await self.app.settle()

    async def tap(self, actor: Actor, name: str, values: dict[str, str], place: Any = None) -> str:
        """A tap that carries anything, and all that the bot answers it with."""
        before = len(self.teams.calls)
        action = {"type": "Action.Execute", "title": "Go", "verb": name}
        value = activities.executed(action, carried(name, values, Place()), "manual")
        where = place or actor.chat
        asked = activities.invoked(self.teams, actor.state, where, "adaptiveCard/action", value)
        reply = await self.teams.delivery.send(asked)
        await self.settle()
        assert reply.status == 200, (name, reply)
        shown = [call.body for call in self.teams.calls[before:]]
        return json.dumps([reply.body, shown], ensure_ascii=False)

    def rows(self, tenant: str) -> dict[str, list[Any]]:
        """What the bot has of one of them."""
        with closing(connect(self.url.removeprefix("sqlite:///"))) as rows:
            found = rows.execute("select id from workspaces where external_id = ?", [self.teams.tenant(tenant).id])
            number = found.fetchone()[0]
            query = "select * from {} where workspace_id = ? order by 1, 2, 3"
            return {each: rows.execute(query.format(each), [number]).fetchall() for each in TABLES}

    async def start(self, tenant: str, word: str) -> None:
        """A team with work, evidence and an answer, in all of which a word stands."""
        ana, channel = self.person("ana", tenant), f"{tenant} checkout"
        await ana.mention(channel, "setup")
        await self.settle()
        await ana.press(await ana.sees("Open the form"), "Open the form")
        await ana.submit(fill={"payer": f"{word} owners", "pays": f"{word} pays"})
        await ana.submit(label="Start")
        ana.close()
        await ana.dm(f"define-success {word} retry")
        await self.settle()
        plan = {"who": f"{word} owners", "change": word, "measure": word, "baseline": "12 %", "target": "20 %"}
        await ana.press(await ana.sees("What will success be"), "Define success", {**plan, "source": word})
        await self.settle()
        assert not ana.errors, ana.errors


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Two]:
    """Both tenants, with nobody in a team yet."""
    teams = await FakeTeams.start(patience_s=PATIENCE_S)
    for name in ("north", "south"):
        tenant = teams.add_tenant(name)
        for person in EVERYBODY:
            teams.add_person(person, tenant=tenant, installed=True)
        teams.add_person("gus", tenant=tenant, installed=True, role="guest")
        teams.add_person("zoe", tenant=tenant, installed=True, home_tenant="another")
        people = [*EVERYBODY, "gus", "zoe"]
        teams.add_team(f"{name} shop", members=people, channels=[f"{name} checkout"], tenant=tenant)
    both = ",".join(teams.world.tenants)
    given = {**connected(teams), "teams_tenant_id": both, "teams_app_type": "MultiTenant"}
    app = build(alone(database_url=url, **given), teams.clock, deadline_s=PATIENCE_S)
    await app.prepare()
    async with TestServer(routes(app)) as server:
        teams.connect(str(server.make_url("/")))
        yield Two(teams, app, url)
    await app.close()
    await teams.close()


@pytest.fixture
async def two(url: str) -> AsyncIterator[Two]:
    """Two tenants, each with a team that has begun."""
    async with opened(url) as made:
        await made.start("north", SECRET)
        await made.start("south", "Rambutan")
        yield made


def swapped(name: str, team: str = "1") -> dict[str, str]:
    """The numbers of what the tenant that was there first has, wherever a row takes one."""
    fields = [each.name for each in CATALOG.entries[name].fields if each.name in REFERENCES]
    return {field: marked(field, 1) for field in fields} | {"team": team}


@pytest.fixture
async def asked(two: Two) -> Two:
    """The same, with the bot's calls forgotten."""
    two.teams.calls.clear()
    return two


@pytest.mark.parametrize("team", ["1", "2", ""])
async def test_numbers_of_another_tenant_in_a_tap_read_and_change_nothing_there(asked: Two, team: str) -> None:
    before, ben = asked.rows("north"), asked.person("ben", "south")

    for name in CATALOG.entries:
        told = await asked.tap(ben, name, swapped(name, team))
        assert SECRET not in told, name

    assert asked.rows("north") == before
    assert SECRET in await asked.tap(asked.person("ana", "north"), "status", {"team": "1"})


@pytest.mark.parametrize("who", ["gus", "zoe"])
async def test_a_guest_or_somebody_of_another_organisation_is_refused_by_every_row(asked: Two, who: str) -> None:
    before, outsider = asked.rows("north"), asked.person(who, "north")

    for name in CATALOG.entries:
        told = await asked.tap(outsider, name, swapped(name))
        assert GUESTS in told, name
        assert SECRET not in told, name

    assert asked.rows("north") == before


async def test_a_tenant_that_is_not_on_the_list_is_not_let_in(asked: Two) -> None:
    stranger = asked.teams.add_person("sam", tenant=asked.teams.add_tenant("west"), installed=True)

    await stranger.dm("help")

    assert asked.teams.delivery.failed[-1][1].status == 403
    assert stranger.fresh() == []


@pytest.mark.parametrize("part", ["conversation", "channelData"])
async def test_an_activity_of_two_tenants_at_once_is_not_let_in(asked: Two, part: str) -> None:
    ben, other = asked.person("ben", "south"), asked.teams.tenant("north").id
    action = {"type": "Action.Execute", "title": "Go", "verb": "status"}
    value = activities.executed(action, carried("status", {}, Place()), "manual")
    mixed: Json = activities.invoked(asked.teams, ben.state, ben.chat, "adaptiveCard/action", value)
    if part == "conversation":
        mixed["conversation"]["tenantId"] = other
    else:
        mixed["channelData"]["tenant"]["id"] = other

    before = asked.rows("north")

    reply = await asked.teams.delivery.send(mixed)

    assert reply.status == 403
    assert SECRET not in reply.text
    assert "Rambutan" not in reply.text
    assert asked.rows("north") == before


async def test_equal_names_in_two_tenants_get_each_their_own(asked: Two) -> None:
    for tenant, own, others in (("north", SECRET, "Rambutan"), ("south", "Rambutan", SECRET)):
        ana = asked.person("ana", tenant)
        await ana.dm("status")
        await asked.settle()

        said = "\n".join(each.words for each in ana.fresh())
        assert own in said
        assert others not in said
