"""Where in Teams people and channels are written to: the conversations that the bot knows, by tenant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.clock import Clock
from bot.nudges.port import Refused
from bot.teams.activities import CHANNEL, PERSONAL, THREAD, Visit
from storage import Store
from storage.conversations import Conversation, Conversations
from storage.database import Connection, Database
from storage.directory import workspace_called

PLATFORM = "teams"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a conversation is reached: its id, the service address, the bot's own id there, and its kind."""

    conversation: str
    service: str
    bot: str
    kind: str
    team: str = ""
    is_closed: bool = False

    @property
    def is_threaded(self) -> bool:
        """Whether what is posted there begins a thread of its own."""
        return self.kind == CHANNEL

    def notes(self) -> Mapping[str, Any]:
        """What is kept of it: plain JSON, in which a successor of this package finds its way as well."""
        return {"service": self.service, "bot": self.bot, "kind": self.kind, "team": self.team}


def spot_of(visit: Visit) -> Spot:
    """Where somebody has just spoken."""
    return Spot(visit.place, visit.service, visit.bot, visit.kind, visit.team)


class Places:
    """The conversations of every tenant."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of_person(self, tenant: str, person: str) -> Spot | None:
        """A person's own chat with the bot; None where there has been none."""
        return _spot(await self._read(tenant, lambda known: known.of_person(person)))

    async def of_channel(self, tenant: str, channel: str) -> Spot:
        """A channel or a group chat. Raises Refused for one that nobody has spoken in."""
        found = _spot(await self._read(tenant, lambda known: known.called(channel)))
        if found is None:
            raise Refused("the bot does not know this channel")
        return found

    async def near(self, tenant: str) -> Spot:
        """Some conversation of the tenant, for what is the same in all. Raises Refused where there is none."""
        found = _spot(await self._read(tenant, lambda known: known.latest()))
        if found is None:
            raise Refused("the bot does not know this tenant")
        return Spot(found.conversation, found.service, found.bot, found.kind)

    async def service(self, tenant: str, conversation: str) -> str:
        """Where Teams listens for a conversation now; "" where nobody knows."""
        found = await self._read(tenant, lambda known: known.called(conversation.partition(THREAD)[0]))
        spot = _spot(found)
        return spot.service if spot else ""

    async def begun(self, tenant: str, person: str, near: Spot, conversation: str) -> Spot:
        """Keep a conversation that the bot has begun with a person."""
        spot = Spot(conversation, near.service, near.bot, PERSONAL)

        async def work(connection: Connection) -> None:
            number = await workspace_called(connection, PLATFORM, tenant)
            if number is None:
                return
            known = await Store(connection, number).directory.person_called(person)
            if known:
                places = Conversations(connection, number)
                await places.meet(conversation, spot.notes(), known.id, self._clock.now())

        await self._database.write(work)
        return spot

    async def close(self, tenant: str, conversation: str) -> None:
        """The bot may not write there until somebody speaks there again."""

        async def work(connection: Connection) -> None:
            number = await workspace_called(connection, PLATFORM, tenant)
            if number:
                await Conversations(connection, number).close(conversation, self._clock.now())

        await self._database.write(work)

    async def _read(self, tenant: str, query: Callable[[Conversations], Awaitable[T]]) -> T | None:
        async def work(connection: Connection) -> T | None:
            number = await workspace_called(connection, PLATFORM, tenant)
            return await query(Conversations(connection, number)) if number else None

        return await self._database.read(work)


def _spot(known: Conversation | None) -> Spot | None:
    return noted(known) if known else None


def noted(known: Conversation) -> Spot:
    """Where a conversation that is kept is reached."""
    notes = known.notes
    service, bot, kind, team = (str(notes.get(name) or "") for name in ("service", "bot", "kind", "team"))
    return Spot(known.external_id, service, bot, kind, team, known.closed_at is not None)
