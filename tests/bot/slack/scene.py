"""A Slack on this machine with the bot's directory beside it, to hold the one against the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.slack.clients import Clients
from bot.slack.installs import Install
from bot.slack.people import EVENTS, People
from storage import Store
from storage.arrivals import Envelope
from storage.database import Connection, Database
from storage.directory import Channel, Person, Role, add_workspace, workspace_called
from storage.teams import ANONYMOUS, BY_NAME
from tests.fakes.slack import FakeSlack, StillClock

T = TypeVar("T")

PATIENCE_S = 60.0


@dataclass
class OwnInstalls:
    """Where the fake Slack says that the bot is installed; `lost` are the workspaces it was told are gone."""

    slack: FakeSlack
    lost: list[str] = field(default_factory=list)

    async def of(self, workspace: str) -> Install | None:
        """The install of a workspace or organisation."""
        for each in self.slack.world.installations():
            external_id = each.enterprise if each.is_organisation else each.workspaces[0].id
            if external_id == workspace and workspace not in self.lost:
                return Install(workspace, each.token, each.bot.id, each.is_organisation, each.scopes)
        return None

    async def removed(self, workspace: str, at: datetime | None = None, token: str | None = None) -> None:
        """The bot is installed there no more."""
        self.lost.append(workspace)


@dataclass
class Scene:
    """Slack, the directory, and what keeps the two alike. `heard` are the events that were delivered."""

    slack: FakeSlack
    clock: StillClock
    database: Database
    installs: OwnInstalls
    people: People
    workspace: str
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def reconcile(self, workspace: str = "") -> Any:
        """What the chore does."""
        return await self.people.reconcile(workspace or self.workspace)

    async def introduce(self, person: str, channel: str | None = None) -> bool:
        """What the dispatcher does for somebody, or somewhere, it does not know."""
        return await self.people.introduce(Envelope("slack", self.workspace, person, channel))

    async def within(self, work: Callable[[Store], Awaitable[T]], workspace: str = "") -> T:
        """Look at the directory, or change it."""

        async def run(connection: Connection) -> T:
            number = await workspace_called(connection, "slack", workspace or self.workspace)
            assert number
            return await work(Store(connection, number))

        return await self.database.write(run)

    async def person(self, external_id: str) -> Person | None:
        """Somebody as the directory has them."""
        return await self.within(lambda store: store.directory.person_called(external_id))

    async def channel(self, external_id: str) -> Channel | None:
        """A channel as the directory has it."""
        return await self.within(lambda store: store.directory.channel_called(external_id))

    async def members(self, external_id: str) -> list[str]:
        """The ids of a channel's members, by the directory."""

        async def read(store: Store) -> list[str]:
            found = await store.directory.channel_called(external_id)
            return sorted(await store.directory.member_numbers(found.id)) if found else []

        return await self.within(read)

    async def team(self, channel: str, members: Sequence[str]) -> int:
        """A channel made a team, the first of its members leading it."""

        async def set_up(store: Store) -> int:
            found = await store.directory.channel_called(channel)
            assert found
            settings = {"name": "Checkout", "zone": "UTC", "locale": "en_GB", "days": (1, 2, 3), "hour": time(9)}
            shown = {"visibility": ANONYMOUS, "retro_visibility": BY_NAME, "floor": 4}
            team = await store.teams.set_up(found.id, self.clock.now(), **settings, **shown)
            for number, member in enumerate(members):
                person = await store.directory.person_called(member)
                assert person
                await store.teams.join(team, person.id, Role.MEMBER if number else Role.LEAD, self.clock.now())
            return team

        return await self.within(set_up)

    async def taking_part(self, team: int) -> list[str]:
        """The ids of those who have a place in a team, whether they may be asked or not."""
        found = await self.within(lambda store: store.teams.everybody(team, self.clock.now()))
        return sorted(person.external_id for person in found)

    def calls(self, method: str) -> int:
        """How often Slack was asked this."""
        return len(self.slack.called(method))


@asynccontextmanager
async def scene(
    database: Database, *, organisation: str = "", look_up_s: float = PATIENCE_S
) -> AsyncIterator[Scene]:
    """A workspace, or two of an organisation, in which the bot is installed and knows nobody yet.

    Events go to the bot's ear as Slack sends them.
    """
    clock = StillClock()
    slack = await FakeSlack.start(clock, patience_s=PATIENCE_S)
    if organisation:
        every = [
            slack.add_workspace(name, enterprise=organisation, installed=False) for name in ("North", "South")
        ]
        slack.install(*every, organisation=organisation)
    here = organisation or slack.add_workspace().id
    await database.write(lambda connection: add_workspace(connection, "slack", here, "Sample", clock.now()))
    installs, clients = OwnInstalls(slack), Clients(slack.api_url)
    people = People(database, clock, installs, clients, look_up_s)  # type: ignore[arg-type]
    made = Scene(slack, clock, database, installs, people, here)
    slack.app.events = set(EVENTS)
    async with _listening(made) as address:
        slack.connect(address)
        yield made
    await clients.close()
    await slack.close()


@asynccontextmanager
async def _listening(made: Scene) -> AsyncIterator[str]:
    """A server that hears events, and does nothing else with them."""

    async def events(request: web.Request) -> web.Response:
        event = (await request.json())["event"]
        made.heard.append(event)
        await made.people.heard(made.workspace, event)
        return web.Response()

    served = web.Application()
    served.add_routes([web.post("/slack/events", events)])
    async with TestServer(served) as server:
        yield str(server.make_url("")).rstrip("/")
