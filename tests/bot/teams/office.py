"""The bot in a strict local Teams: a tenant with a team of five, over real HTTP with real tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from aiohttp import web

from bot.app import App, build
from bot.settings import alone
from bot.teams.connect import Teams
from bot.web import routes
from storage import Store
from storage.conversations import Conversations
from storage.database import Connection
from storage.directory import Channel, Person, workspace_called
from storage.schema import metadata
from tests.fakes.clock import StillClock
from tests.fakes.teams.people import Actor
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.world import Conversation, Team, Tenant

T = TypeVar("T")

PATIENCE_S = 60.0
PEOPLE = ("ana", "ben", "chi", "dev", "eva")
CHANNEL = "Checkout"


@dataclass
class Office:
    """Teams and the bot, connected. `tenant` is whose people may speak to it, `channel` where a team is made."""

    teams: FakeTeams
    clock: StillClock
    app: App
    tenant: Tenant
    channel: Conversation

    def __getattr__(self, name: str) -> Actor:
        """Somebody by name."""
        if name not in PEOPLE:
            raise AttributeError(name)
        return self.teams.person(name)

    @property
    def team(self) -> Team:
        """The team of Teams that the channel is in."""
        assert self.channel.team
        return self.channel.team

    @property
    def bot(self) -> Teams:
        """The bot's part that is Teams'."""
        assert self.app.teams
        return self.app.teams

    async def settle(self) -> None:
        """Wait until the bot has done what it began."""
        await self.app.settle()

    async def within(self, work: Callable[[Store, Conversations], Awaitable[T]]) -> T:
        """Look at what the bot knows of the tenant, or change it."""

        async def run(connection: Connection) -> T:
            number = await workspace_called(connection, "teams", self.tenant.id)
            assert number, "the tenant is not known"
            return await work(Store(connection, number), Conversations(connection, number))

        return await self.app.database.write(run)

    async def person(self, actor: Actor) -> Person | None:
        """Somebody as the directory has them."""
        return await self.within(lambda store, _: store.directory.person_called(actor.id))

    async def known_channel(self, place: Conversation) -> Channel | None:
        """A channel as the directory has it."""
        return await self.within(lambda store, _: store.directory.channel_called(place.id))

    async def members(self, place: Conversation) -> set[str]:
        """Who is in a channel, as the directory has it."""

        async def look(store: Store, _places: Conversations) -> set[str]:
            found = await store.directory.channel_called(place.id)
            return set(await store.directory.member_numbers(found.id)) if found else set()

        return await self.within(look)

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        query = sa.select(sa.func.count()).select_from(metadata.tables[table])

        async def look(connection: Connection) -> int:
            return int((await connection.execute(query)).scalar())

        return await self.app.database.read(look)

    async def start_team(self) -> None:
        """Ana makes the channel a team and starts it."""
        await self.ana.mention(CHANNEL, "setup")
        await self.settle()
        await self.ana.press(await self.ana.sees("Open the form"), "Open the form")
        filled = {"payer": "Shop owners", "pays": "Shop owners pay us €49 a month."}
        await self.ana.submit(fill=filled)
        await self.ana.submit(label="Start")
        await self.settle()


@asynccontextmanager
async def office(
    url: str, *, settings: dict[str, Any] | None = None, prepared: bool = True
) -> AsyncIterator[Office]:
    """A tenant of five who share a team with the bot in it; the bot knows nobody yet."""
    clock = StillClock()
    teams = await FakeTeams.start(clock, patience_s=PATIENCE_S)
    tenant = teams.add_tenant("Sample")
    teams.app.tenant = tenant.id
    for name in PEOPLE:
        teams.add_person(name, tenant=tenant, installed=True)
    teams.add_team("Shop", members=PEOPLE, channels=[CHANNEL], tenant=tenant)
    app = build(alone(**{"database_url": url, **connected(teams), **(settings or {})}), clock, None, PATIENCE_S)
    if prepared:
        await app.prepare()
    runner = web.AppRunner(routes(app), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    teams.connect(f"http://{teams.host_at(runner)}")
    yield Office(teams, clock, app, tenant, teams.conversation(CHANNEL))
    await app.settle()
    await runner.cleanup()
    await app.close()
    await teams.close()


def connected(teams: FakeTeams) -> dict[str, Any]:
    """The settings of a bot that is registered there."""
    return {
        "teams_app_id": teams.app.id,
        "teams_app_password": teams.app.secret,
        "teams_tenant_id": teams.app.tenant,
        "teams_openid_metadata_url": teams.openid_url,
        "teams_token_url": teams.token_url,
        "teams_service_hosts": teams.host,
    }
