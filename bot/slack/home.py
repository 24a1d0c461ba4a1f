"""People's home pages."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

import prompts
from bot.clock import Clock
from bot.dispatch import Dispatcher
from bot.reading import Request
from bot.slack.delivery import CoveredMeanwhile, Delivery, Visit
from bot.slack.installs import Install
from bot.slack.people import People
from handlers.messages import Form, Message, Text
from prompts import Reader
from storage import Store
from storage.arrivals import Envelope
from storage.database import Connection, Database
from storage.directory import Channel, workspace_called

PLATFORM = "slack"
HOME = "me"
INVITE = "/invite @Worthwhile"
DRAWN_AT_MOST = 6
KEPT_AT_MOST = 10_000


class Homes:
    """Publishes home pages: when somebody looks, and again after each change of theirs."""

    def __init__(
        self, dispatch: Dispatcher, delivery: Delivery, database: Database, clock: Clock, people: People
    ) -> None:
        self._clock = clock
        self._people = people
        self._dispatch = dispatch
        self._delivery = delivery
        self._database = database
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._hashes: dict[tuple[str, str], str] = {}  # of the pages that this process published last

    async def opened(self, install: Install, person: str) -> None:
        """Publish the page of somebody who looks at it, and keep it up to date from now on."""
        await self.publish(install, person, anything=True)

        async def work(connection: Connection) -> None:
            workspace = await workspace_called(connection, PLATFORM, install.workspace)
            if workspace:
                await Store(connection, workspace).directory.open_home(person)

        await self._database.write(work)

    async def publish(self, install: Install, person: str, *, anything: bool = False) -> None:
        """Publish somebody's page as it is now: with `anything`, also that there is none."""
        turn = self._turns.setdefault((install.workspace, person), asyncio.Lock())
        async with turn:  # one page after the other, each read anew: an older one never covers a newer one
            await self._publish(install, person, anything=anything)

    async def _publish(self, install: Install, person: str, *, anything: bool) -> None:
        """Draw and publish until no other process's newer page may be covered.

        Slack takes a page with the hash of the one that this process published before only where no other has
        published since. Without a hash it takes any, and nobody knows what it covers: then the page is drawn
        once more, and published again if it says something else by now.
        """
        whose, shown = (install.workspace, person), None
        for _ in range(DRAWN_AT_MOST):
            page = await self._draw(install, person, anything=anything)
            if page is None or page == shown:
                return
            known = self._hashes.pop(whose, "")
            try:
                published = await self._delivery.home(install, person, page, known)
            except CoveredMeanwhile:
                continue
            if published:
                self._remember(whose, published)
            if known or not published:
                return
            shown = page

    async def _draw(self, install: Install, person: str, *, anything: bool) -> Message | None:
        envelope = Envelope(PLATFORM, install.workspace, person, None)
        answer = await self._dispatch(Request(envelope, "home", "words", HOME, {}))
        is_shown = anything or not answer.failed
        return None if isinstance(answer.reply, Form) or not is_shown else answer.reply

    def _remember(self, whose: tuple[str, str], published: str) -> None:
        if len(self._hashes) >= KEPT_AT_MOST:
            self._hashes.clear()
        self._hashes[whose] = published

    async def move_in(self, visit: Visit, envelope: Envelope) -> None:
        """Come into the channel of a team that somebody has just started there, where that is open to all.

        The bot comes into no channel otherwise: whoever removes it from one has the last word. Where it may not
        come in, whoever started the team is told how to let it.
        """
        install = visit.install

        async def work(connection: Connection) -> Channel | None:
            workspace = await workspace_called(connection, PLATFORM, install.workspace)
            store = Store(connection, workspace or 0)
            if envelope.team is None:
                return await store.directory.channel_called(envelope.channel or "")
            started = await store.teams.get(envelope.team)
            return await store.directory.channel(started.channel_id) if started else None

        channel = await self._database.read(work)
        if channel is None or channel.is_private or await self._delivery.join(install, channel.external_id):
            return
        reader = Reader("en_GB", "UTC", self._clock.now())
        said = prompts.say("trouble/not_joined", reader, channel=channel.name, how=INVITE)
        await self._delivery.message(visit, Message(said.title, (Text(said.body),)))

    async def is_group(self, install: Install, channel: str) -> bool:
        """Whether a conversation is the direct messages of several people, which an event does not say."""
        return await self._people.is_group(install.workspace, channel)
