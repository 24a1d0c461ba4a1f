"""The port to Teams: messages to people's own chats with the bot, and to channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from botbuilder.schema import Activity, ChannelAccount, ConversationParameters

from bot.clock import Clock
from bot.nudges.pace import Pace, Rate
from bot.nudges.port import Address, NotSent, Partly, Recipient, Refused
from bot.teams import failures, posts
from bot.teams.connectors import Connector, Connectors
from bot.teams.failures import CallFailed
from bot.teams.files import files_of
from bot.teams.places import Places, Spot
from handlers.messages import Message

# How many messages a bot may send in one conversation and in one tenant, and within how many seconds: Microsoft's
# "Rate limiting for bots". Beginning a conversation counts alike.
PACE = Pace(recipient=(Rate(7, 1), Rate(8, 2), Rate(60, 30), Rate(1_800, 3_600)), workspace=(Rate(30, 1),))

PROBLEMS = (CallFailed, aiohttp.ClientError, TimeoutError)


@dataclass(frozen=True, slots=True)
class _Thread:
    """Where a message stands: a conversation and the ids of its cards there."""

    service: str
    conversation: str
    activities: list[str]

    def address(self) -> dict[str, Any]:
        return {"service": self.service, "conversation": self.conversation, "activities": self.activities}


class TeamsSender:
    """Sends messages to wherever somebody of a tenant has spoken with the bot, or shares a team with it."""

    pace = PACE

    def __init__(self, places: Places, connectors: Connectors, clock: Clock) -> None:
        self._places = places
        self._connectors = connectors
        self._clock = clock

    def pieces(self, address: Address) -> int:
        """As how many cards one was posted."""
        return len(address["activities"])

    async def send(self, recipient: Recipient, message: Message) -> Address:
        """Post the message, or put it in the place of the one it replaces.

        Raises NotSent, with the time that Teams told us to wait until, and Refused; what may have arrived
        is raised as it came. Where a part of it stands, any of these is the rest of Partly.
        """
        if recipient.replacing:
            shown = _to_one(message) if recipient.person else posts.activities(message)
            return await self._replace(recipient.workspace, recipient.replacing, shown)
        if recipient.person:
            return await self._to_person(recipient.workspace, recipient.person, message)
        if recipient.thread:
            return await self._reply(recipient.workspace, recipient.thread, message)
        return await self._to_channel(recipient.workspace, recipient.channel or "", message)

    async def _to_person(self, tenant: str, person: str, message: Message) -> Address:
        spot = await self._places.of_person(tenant, person) or await self._begin(tenant, person)
        try:
            posted = await posts.post(self._at(spot), spot.conversation, _to_one(message))
        except Partly as part:
            raise self._rest(spot.service, part) from part
        except PROBLEMS as problem:
            await self._note(tenant, spot, problem)
            raise failures.meaning(problem, self._clock.now()) from problem
        return _Thread(spot.service, spot.conversation, posted).address()

    async def _begin(self, tenant: str, person: str) -> Spot:
        """Begin a conversation with somebody who has had none; the same one again where it was begun before."""
        near = await self._places.near(tenant)
        parameters = ConversationParameters(
            is_group=False,
            bot=ChannelAccount(id=near.bot),
            members=[ChannelAccount(id=person)],
            tenant_id=tenant,
            channel_data={"tenant": {"id": tenant}},
        )
        try:
            begun = await self._at(near).conversations.create_conversation(parameters)
        except PROBLEMS as problem:
            raise failures.harmless(problem, self._clock.now()) from problem
        if not begun.id:
            raise NotSent("a conversation without an id")
        return await self._places.begun(tenant, person, near, begun.id)

    async def _to_channel(self, tenant: str, channel: str, message: Message) -> Address:
        spot = await self._places.of_channel(tenant, channel)
        shown = posts.activities(message)
        try:
            if spot.is_threaded:
                thread, posted = await posts.begin_thread(self._at(spot), channel, tenant, spot.bot, shown)
            else:
                thread, posted = channel, await posts.post(self._at(spot), channel, shown)
        except Partly as part:
            raise self._rest(spot.service, part) from part
        except PROBLEMS as problem:
            await self._note(tenant, spot, problem)
            raise failures.meaning(problem, self._clock.now()) from problem
        return _Thread(spot.service, thread, posted).address()

    async def _reply(self, tenant: str, thread: Address, message: Message) -> Address:
        conversation = str(thread["conversation"])
        service = await self._places.service(tenant, conversation) or str(thread["service"])
        try:
            posted = await posts.post(self._connectors.at(service), conversation, posts.activities(message))
        except Partly as part:
            raise self._rest(service, part) from part
        except PROBLEMS as problem:
            raise failures.meaning(problem, self._clock.now()) from problem
        return _Thread(service, conversation, posted).address()

    async def _replace(self, tenant: str, standing: Address, shown: Sequence[Activity]) -> Address:
        conversation = str(standing["conversation"])
        service = await self._places.service(tenant, conversation) or str(standing["service"])
        connector = self._connectors.at(service)
        try:
            posted = await posts.redraw(connector, conversation, standing["activities"], shown)
        except Partly as part:
            raise self._rest(service, part) from part
        except PROBLEMS as problem:
            raise failures.harmless(problem, self._clock.now()) from problem
        return _Thread(service, conversation, posted).address()

    def _rest(self, service: str, part: Partly) -> Partly:
        """What a part that stands means for the rest, with where it stands."""
        return Partly({"service": service, **part.address}, failures.meaning(part.rest, self._clock.now()))

    def _at(self, spot: Spot) -> Connector:
        if spot.is_closed:
            raise Refused("the bot may not write there")
        return self._connectors.at(spot.service)

    async def _note(self, tenant: str, spot: Spot, problem: Exception) -> None:
        """Remember where the bot may write no more, so that it is not tried again and again."""
        if isinstance(problem, CallFailed) and problem.is_gone:
            await self._places.close(tenant, spot.conversation)


def _to_one(message: Message) -> list[Activity]:
    """A message to a person, with its files: only somebody who has just asked can be asked where to put them."""
    return [*posts.activities(message), *posts.word_for_word(files_of(message))]
