"""A bot that serves a Slack of its own: the whole app, over HTTP or a socket, and five people in one channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.app import App, build
from bot.clock import SteppedClock
from bot.playground.passage import live_until
from bot.settings import Settings
from bot.slack.scopes import NAMES
from bot.web import routes
from storage.database import Connection
from storage.schedules import schedules
from tests.canaries import plant
from tests.fakes.slack import Actor, Card, FakeSlack, Page
from tests.world import CHANNEL, MONDAY, PATIENCE_S, PEOPLE

Over = Literal["http", "socket"]


@dataclass
class Office:
    """The bot at work in one workspace. `url` is where its requests come in."""

    slack: FakeSlack
    app: App
    clock: SteppedClock
    url: str

    def person(self, name: str) -> Actor:
        """Somebody of the workspace."""
        return self.slack.person(name)

    async def quiet(self) -> None:
        """Wait until all that was begun is done."""
        await self.app.settle()
        if self.app.slack:
            await self.app.slack.chores.settle()

    async def tick(self) -> None:
        """One turn of the clockwork, and all that it begins."""
        await self.app.tick()
        await self.quiet()

    async def go_to(self, to: datetime) -> None:
        """Live through all that is due until an instant."""
        await live_until(self.app, self.clock, to)
        await self.quiet()

    async def types(self, name: str, text: str, *, channel: str | None = None) -> Card | Page:
        """A command, and what its writer sees because of it."""
        plant(text, text.partition(" ")[2])
        person = self.person(name)
        seen = await person.command(f"/value {text}", channel=channel)
        await self.quiet()
        found = seen or await person.sees(within_s=5)
        assert not person.errors, person.errors
        return found

    async def presses(self, name: str, surface: Card | Page | None, label: str, **fill: Any) -> Card | Page:
        """A tap, and what is seen because of it."""
        plant(*fill.values())
        person = self.person(name)
        seen = await person.press(surface, label, fill)
        await self.quiet()
        found = seen or await person.sees(within_s=5)
        assert not person.errors, person.errors
        return found

    async def sends(self, name: str, page: Card | Page | None = None, **fill: Any) -> Card | Page | None:
        """A modal filled in and sent, and what is seen because of it."""
        plant(*fill.values())
        person = self.person(name)
        assert page is None or isinstance(page, Page)
        seen = await person.submit(page, fill)
        await self.quiet()
        assert not person.errors, person.errors
        return seen or next(iter(person._fresh()), None)

    async def start_team(self) -> None:
        """Ana makes the channel a team and starts it."""
        form = await self.types("ana", "setup", channel=CHANNEL)
        preview = await self.sends("ana", form, payer="Shop owners", pays="Shop owners pay us €49 a month.")
        await self.presses("ana", preview, "Start")
        await self.app.database.write(without_ideas)  # which would take the place of the rotating sentence


async def without_ideas(connection: Connection) -> None:
    """Nobody gets the ideas for new members."""
    await connection.execute(sa.delete(schedules).where(schedules.c.nudge == "learning"))


def settings(database_url: str, slack: FakeSlack, over: Over) -> Settings:
    """Settings for one workspace, by its token."""
    installation = slack.workspace().installation
    assert installation
    given: dict[str, Any] = {
        "_env_file": None,
        "database_url": database_url,
        "slack_api_url": slack.api_url,
        "slack_bot_token": installation.token,
    }
    if over == "http":
        return Settings(**given, slack_signing_secret=SecretStr(slack.app.signing_secret))
    return Settings(**given, slack_app_token=SecretStr(slack.app.app_token))


@asynccontextmanager
async def office(database_url: str, over: Over = "http", deadline_s: float = PATIENCE_S) -> AsyncIterator[Office]:
    """An office with nobody in a team yet."""
    clock = SteppedClock(MONDAY)
    slack = await FakeSlack.start(clock, patience_s=PATIENCE_S)
    slack.app.scopes = NAMES
    slack.add_workspace("Sample")
    for name, (real_name, _, zone, _) in PEOPLE.items():
        slack.add_person(name, real_name=real_name, tz=zone)
    slack.add_channel(CHANNEL, members=list(PEOPLE))
    app = build(settings(database_url, slack, over), clock, deadline_s=deadline_s)
    server = TestServer(routes(app))
    await server.start_server()
    slack.connect(str(server.make_url("/")))
    socket = app.slack.socket(lambda: None) if app.slack else None
    if socket:
        await socket.open()
    await app.prepare()
    opened = Office(slack, app, clock, str(server.make_url("/")))
    try:
        await opened.tick()
        yield opened
    finally:
        if socket:
            await socket.close()
        await server.close()
        await app.close()
        await slack.close()
