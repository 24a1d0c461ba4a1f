"""The story's stage in Teams: people write and press through real requests with real tokens, and read cards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from aiohttp.test_utils import TestServer

from bot.app import App, build
from bot.clock import SteppedClock
from bot.playground.passage import live_until
from bot.settings import alone
from bot.web import routes
from tests.bot.teams.office import connected
from tests.fakes.teams import Actor, Card, FakeTeams, Page
from tests.scenarios.story import is_called
from tests.world import CHANNEL, MONDAY, PATIENCE_S, PEOPLE

OPENS = "Open the form"
ASKS = "Action.ToggleVisibility"
SENDS = ("Action.Submit", "Action.Execute")


@dataclass
class TeamsStage:
    """The bot at work in one tenant, spoken to by first names."""

    teams: FakeTeams
    app: App
    clock: SteppedClock

    async def types(self, name: str, text: str, *, in_channel: bool = False) -> None:
        """Somebody writes to the bot, in the channel with its name before it."""
        person = self.teams.person(name)
        await (person.mention(CHANNEL, text) if in_channel else person.dm(text))
        await self._passes(person)

    async def presses(self, name: str, label: str, **fill: str) -> None:
        """Somebody presses the newest button of this label that they see, and says yes where they are asked."""
        person = self.teams.person(name)
        seen = self._seen(person)
        found = (
            (surface, each.label) for surface in seen for each in surface.actions if is_called(each.label, label)
        )
        surface, whole = next(found, (None, ""))
        assert surface, f"{name} sees no {label!r}: {[each.title for each in seen][:6]}"
        if person.dialog and not isinstance(surface, Page):
            person.close()
        asks = any(each.label == whole and not each.within and each.kind == ASKS for each in surface.actions)
        if asks:
            await person.press(surface, whole)
        await person.press(surface, whole, fill)
        await self._passes(person)

    async def sends(self, name: str, **fill: str) -> None:
        """Somebody fills in the form that is open, or stands in their chat, and sends it."""
        person = self.teams.person(name)
        newest = self._seen(person)[0]
        if OPENS in newest.buttons:
            await person.press(newest, OPENS)
            newest = self._seen(person)[0]
        sending = [each.label for each in newest.actions if each.kind in SENDS]
        assert newest.fields, f"{name} has no form open: {newest!r}"
        assert len(sending) == 1, sending
        await person.press(newest, sending[0], fill)
        await self._passes(person)

    async def sees(self, name: str) -> str:
        """All that stands on somebody's newest card."""
        return self._seen(self.teams.person(name))[0].words

    async def goes_to(self, to: datetime) -> None:
        """Time passes."""
        await live_until(self.app, self.clock, to)
        await self.app.settle()

    def _seen(self, person: Actor) -> list[Card | Page]:
        """All that somebody sees of the bot's, the newest first."""
        places = (person.chat, self.teams.conversation(CHANNEL))
        cards = [each for place in places for each in person.cards(place) if each.message.by_bot]
        found: list[Card | Page] = [*cards, *([person.dialog] if person.dialog else [])]
        return sorted(found, key=lambda each: -each.order)

    async def _passes(self, person: Actor) -> None:
        """What was begun is done, and nobody was told of any trouble."""
        await self.app.settle()
        await self.app.tick()
        await self.app.settle()
        assert not person.errors, person.errors


@asynccontextmanager
async def teams_stage(database_url: str) -> AsyncIterator[TeamsStage]:
    """Five people who share a team with the bot, in which one has met it, and who have each said hello to it."""
    clock = SteppedClock(MONDAY)
    teams = await FakeTeams.start(clock, patience_s=PATIENCE_S)
    teams.app.tenant = teams.add_tenant().id
    for name, (real_name, _, zone, _) in PEOPLE.items():
        teams.add_person(name, real_name=real_name, timezone=zone)
    teams.add_team("Shop", members=list(PEOPLE), channels=[CHANNEL])
    app = build(alone(database_url=database_url, **connected(teams)), clock, deadline_s=PATIENCE_S)
    await app.prepare()
    stage = TeamsStage(teams, app, clock)
    async with TestServer(routes(app)) as server:
        teams.connect(str(server.make_url("/")))
        await stage.types("ana", "hello", in_channel=True)
        for name in PEOPLE:
            await teams.person(name).installs()
            await stage.types(name, "hello")
        yield stage
    await app.close()
    await teams.close()
