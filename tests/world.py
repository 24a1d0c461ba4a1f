"""A workspace to test with: five people, a channel, a clock that is set, and a chat that remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from bot.app import App, build
from bot.clock import SteppedClock
from bot.dispatch import Answer
from bot.nudges.port import Address, Recipient
from bot.reading import Request
from bot.settings import Settings
from handlers.messages import Button, Form, Message, Scale
from storage import Store
from storage.arrivals import Envelope
from storage.database import Connection
from storage.directory import Role, add_workspace
from storage.schedules import schedules, upcoming
from tests.canaries import plant

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PEOPLE = {
    "ana": ("Ana Ruiz", "Product manager", "Europe/London", "en_GB"),
    "ben": ("Ben Okafor", "Engineer", "Europe/London", "en_GB"),
    "chi": ("Chi Nguyen", "Designer", "Europe/Berlin", "de_DE"),
    "dev": ("Dev Patel", "Engineer", "Europe/London", "en_GB"),
    "eva": ("Eva Lindqvist", "Support", "Europe/London", "en_GB"),
}
CHANNEL = "checkout"
PATIENCE_S = 60.0  # a busy machine must not turn an answer into a time-out


@dataclass
class Sent:
    """A message that stands in the chat, as it reads now."""

    recipient: Recipient
    message: Message
    edits: int = 0


@dataclass
class FakeChat:
    """A chat service that keeps what it is sent. `failures` are raised for the next sends, one each."""

    sent: list[Sent] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    async def send(self, recipient: Recipient, message: Message) -> Address:
        if self.failures:
            raise self.failures.pop(0)
        if recipient.replacing:
            standing = self.sent[recipient.replacing["index"]]
            standing.message = message
            standing.edits += 1
            return recipient.replacing
        self.sent.append(Sent(recipient, message))
        return {"index": len(self.sent) - 1}

    def to(self, person: str) -> list[Message]:
        """What was written to a person, in order."""
        return [sent.message for sent in self.sent if sent.recipient.person == person]

    def posted(self, *, in_threads: bool = False) -> list[Message]:
        """What stands in the channel itself, or in its threads."""
        in_channel = [sent for sent in self.sent if sent.recipient.channel]
        return [sent.message for sent in in_channel if bool(sent.recipient.thread) is in_threads]


@dataclass
class World:
    """The bot over one workspace, spoken to as its people would."""

    app: App
    clock: SteppedClock
    chat: FakeChat
    url: str
    deliveries: int = 0

    @classmethod
    async def create(cls, url: str, *, with_team: bool = True) -> World:
        """A workspace in which nobody has said anything yet; with the team set up and started, or not."""
        world = cls.over(url, FakeChat())
        clock = world.clock
        async with world.writing() as connection:
            workspace = await add_workspace(connection, "test", "W1", "Sample", clock.now())
            directory = Store(connection, workspace).directory
            channel = await directory.keep_channel(CHANNEL, name=f"#{CHANNEL}")
            numbers = [
                await directory.keep_person(
                    who, clock.now(), name=name, does=does, zone=zone, locale=locale, role=Role.MEMBER
                )
                for who, (name, does, zone, locale) in PEOPLE.items()
            ]
            await directory.set_members(channel, numbers)
        if with_team:
            await world.start_team()
        return world

    @classmethod
    def over(cls, url: str, chat: FakeChat, deliveries: int = 0) -> World:
        """The bot over a database as it is, with what stands in the chat already."""
        clock = SteppedClock(MONDAY)
        settings = Settings(database_url=url, _env_file=None)  # type: ignore[call-arg]
        return cls(build(settings, clock, {"test": chat}, PATIENCE_S), clock, chat, url, deliveries)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """The test's own connection, to see what the bot has saved."""
        engine = create_async_engine(self._driver())
        async with engine.connect() as connection:
            yield cast(Connection, connection)  # all of it but what is added at the end
        await engine.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """The test's own transaction, for what a chat service would tell the bot."""
        engine = create_async_engine(self._driver())
        async with engine.begin() as connection:
            yield cast(Connection, connection)  # all of it but what is added at the end
        await engine.dispose()

    def _driver(self) -> sa.URL:
        url = sa.make_url(self.url)
        sqlite = url.get_backend_name() == "sqlite"
        return url.set(drivername="sqlite+aiosqlite" if sqlite else "postgresql+psycopg")

    async def start_team(
        self, lead: str = "ana", channel: str = CHANNEL, *, with_ideas: bool = False, **changes: str
    ) -> None:
        """Somebody makes a channel a team and starts it, with the ideas for new members or without."""
        filled = {"payer": "Shop owners", "pays": "Shop owners pay us €49 a month.", **changes}
        form = await self.form(lead, "setup", channel=channel)
        preview = await self.submit(lead, form, channel=channel, **filled)
        assert isinstance(preview, Message), preview
        await self.press(lead, preview, "Start", channel=channel)
        if not with_ideas:
            async with self.writing() as connection:
                await connection.execute(sa.delete(schedules).where(schedules.c.nudge == "learning"))

    async def ask(self, person: str, text: str, *, channel: str | None = None, key: str = "") -> Any:
        """What somebody typed, and the reply."""
        return (await self._request(person, channel, "words", text, {}, key)).reply

    async def say(self, person: str, text: str, *, channel: str | None = None) -> Message:
        """What somebody typed, answered by a message."""
        reply = await self.ask(person, text, channel=channel)
        assert isinstance(reply, Message), reply
        return reply

    async def form(self, person: str, text: str, *, channel: str | None = None) -> Form:
        """What somebody typed, answered by a form."""
        reply = await self.ask(person, text, channel=channel)
        assert isinstance(reply, Form), reply
        return reply

    async def submit(self, person: str, form: Form, *, channel: str | None = None, **inputs: str) -> Any:
        """A form sent as it was opened, with these inputs changed; what is not on the form is an error."""
        on_form = {shown.name: shown.value for shown in form.inputs}
        assert inputs.keys() <= on_form.keys(), inputs.keys() - on_form.keys()
        values = {**form.values, **on_form, **inputs}
        return (await self._request(person, channel, "form", form.action, values)).reply

    async def press(
        self, person: str, message: Message, label: str, *, channel: str | None = None, **inputs: str
    ) -> Any:
        """A button tapped, found by the beginning of its label, with what was filled in on the card."""
        button = find_button(message, label)
        return (await self._request(person, channel, "tap", button.action, {**button.values, **inputs})).reply

    async def tap(self, person: str, action: str, /, *, key: str = "", **values: str) -> Any:
        """A button's action with its values, whatever card it came from."""
        return (await self._request(person, None, "tap", action, values, key)).reply

    async def _request(
        self,
        person: str,
        channel: str | None,
        kind: Any,
        name: str,
        values: Mapping[str, str],
        key: str = "",
    ) -> Answer:
        self.deliveries += 1
        plant(name, name.partition(" ")[2], *values.values())
        team = values.get("team", "")
        envelope = Envelope("test", "W1", person, channel, int(team) if team.isdigit() else None)
        answer = await self.app.dispatch(
            Request(envelope, key or f"delivery-{self.deliveries}", kind, name, values)
        )
        await self.app.settle()
        return answer

    async def go_to(self, at: datetime) -> None:
        """Move the clock on to an instant, living through all that is due on the way."""
        while (due := await self.next_due()) and due <= at:
            self.clock.set(due)
            await self.app.tick()
        self.clock.set(at)
        await self.app.tick()

    async def pass_days(self, days: float) -> None:
        """Live through some days."""
        await self.go_to(self.clock.now() + timedelta(days=days))

    async def next_due(self) -> datetime | None:
        """When something is due next."""
        found = await self.app.database.read(lambda connection: upcoming(connection, limit=1))
        return found[0].next_due_at if found else None


def find_button(message: Message, label: str) -> Button:
    """The message's first button whose label begins so."""
    scales = [button for block in message.blocks if isinstance(block, Scale) for button in block.buttons]
    every = [*message.buttons, *message.more, *scales]
    found = next((button for button in every if button.label.startswith(label)), None)
    assert found, f"no button {label!r} among {[button.label for button in every]}"
    return found


def words_of(message: Message) -> str:
    """All that a message says, in one text."""
    return repr(message)
