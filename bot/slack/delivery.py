"""Shows an answer where its request came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

import prompts
from bot.clock import Clock
from bot.nudges.later import Later
from bot.nudges.port import Address, NotSent, Partly, Refused
from bot.slack import failures, forms, posts
from bot.slack.clients import Clients
from bot.slack.failures import error_of
from bot.slack.installs import PLATFORM, Install, Installs
from bot.slack.places import Place
from bot.slack.render import Page, render
from handlers.messages import File, Form, Message, Text
from prompts import Reader
from storage.database import Database

FAILED = (*posts.CALL_FAILED, posts.BadAddress, NotSent, Partly)

log = structlog.get_logger()


class CoveredMeanwhile(Exception):
    """The home page that a new one was to take the place of does not stand there any more."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a place: who in which workspace, where, and the one modal they may be shown, for 3 s.

    `mark` is the delivery's own where there is no `trigger`.
    """

    install: Install
    person: str
    place: Place
    trigger: str = ""
    mark: str = ""

    @property
    def once(self) -> str:
        """What this delivery has and no other."""
        return self.trigger or self.mark


class Delivery:
    """Shows answers. What Slack does not take is logged by its kind: what was asked is saved all the same.

    What Slack is only too busy for is kept in the outbox and comes later, to the person's direct messages.
    """

    def __init__(self, installs: Installs, clients: Clients, clock: Clock, database: Database) -> None:
        self._installs = installs
        self._clients = clients
        self._clock = clock
        self._later = Later(database, clock, PLATFORM)
        self._answers = posts.Answers(clients.api_url)

    async def message(self, visit: Visit, message: Message, *, replaces: bool = False) -> None:
        """Show a message: in place of the card it came from, in a modal that stands open, or beside."""
        try:
            await self._message(visit, message, replaces=replaces)
        except FAILED as problem:
            log.error("answer not shown", kind=type(problem).__name__, error=error_of(problem))
            standing = _standing(visit.place) if replaces else None
            await self._keep(visit, _without_files(message), problem, standing)

    async def _keep(self, visit: Visit, message: Message, problem: Exception, standing: Address | None) -> bool:
        """Promise what was not taken, if Slack was only too busy for it. Returns whether it was.

        It takes the place of what is `standing`, or of the part of it that was taken.
        """
        if isinstance(problem, Partly):
            return await self._keep(visit, message, problem.rest, problem.address)
        meaning = failures.meaning(problem, self._clock.now())
        if isinstance(meaning, NotSent):
            await self._later(visit.install.workspace, visit.person, message, meaning.retry_at, standing)
        return isinstance(meaning, NotSent)

    async def files(self, visit: Visit, files: Sequence[File]) -> None:
        """Send what came with an answer to the person's direct messages. Where one may not come, they are told."""
        left = list(files)
        try:
            client = await self._client(visit.install)
            opened = await client.conversations_open(users=visit.person)
            while left:
                await posts.upload(client, opened["channel"]["id"], left[0])
                del left[0]
        except FAILED as problem:
            log.error("file not sent", kind=type(problem).__name__, error=error_of(problem))
            said = prompts.say("trouble/file", Reader("en_GB", "UTC", self._clock.now()))
            told = Message(said.title, (Text(said.body),))
            if not await self._keep(visit, replace(told, blocks=(*told.blocks, *left)), problem, None):
                await self.message(visit, told)

    async def rest(self, visit: Visit, message: Message) -> None:
        """Show what of a message did not fit into a response, which is all but its first page."""
        try:
            await self._beside(visit, render(message)[1:], replaces=False)
        except FAILED as problem:
            log.error("answer not shown", kind=type(problem).__name__, error=error_of(problem))
            await self._keep(visit, _without_files(message), problem, None)

    async def at_address(self, place: Place, message: Message) -> None:
        """Show a message where the request said to answer, or not at all: that takes no token."""
        try:
            if place.lives(self._clock.now().timestamp()):
                await self._answers(self._clients.session, place, render(message), replaces=False)
        except FAILED as problem:
            log.error("answer not shown", kind=type(problem).__name__, error=error_of(problem))

    async def modal(self, visit: Visit, reply: Form | Message) -> bool:
        """Open or change the modal. Returns False where it cannot be opened any more."""
        view = self._view(visit, reply)
        try:
            if visit.place.kind == "modal" and visit.place.view:
                await self._change(visit, view)
            else:
                client = await self._client(visit.install)
                await client.views_open(trigger_id=visit.trigger, view=view)
        except FAILED as problem:
            log.error("modal not shown", kind=type(problem).__name__, error=error_of(problem))
            return False
        return True

    async def loading(self, visit: Visit) -> Place | None:
        """Open a modal that says that its form is coming, before the trigger is too old. None where it cannot."""
        view = forms.to_page(forms.LOADING, visit.place)
        try:
            client = await self._client(visit.install)
            opened = await client.views_open(trigger_id=visit.trigger, view=view)
        except FAILED as problem:
            log.error("modal not shown", kind=type(problem).__name__, error=error_of(problem))
            return None
        # The channel stays with it: what is filled in is about the team of where it was asked for.
        return replace(visit.place, kind="modal", view=opened["view"]["id"], hash=opened["view"]["hash"])

    async def home(self, install: Install, person: str, message: Message, standing: str = "") -> str:
        """Publish somebody's home page, in place of the one with the hash `standing`, or of any.

        Returns its own hash, "" where Slack did not take it. Raises CoveredMeanwhile where another page stands.
        """
        try:
            client = await self._client(install)
            view = forms.to_home(message)
            published = await client.views_publish(user_id=person, view=view, hash=standing or None)
        except FAILED as problem:
            if error_of(problem) == "hash_conflict":
                raise CoveredMeanwhile from problem
            log.error("home not shown", kind=type(problem).__name__, error=error_of(problem))
            return ""
        return str(published["view"]["hash"])

    async def join(self, install: Install, channel: str) -> bool:
        """Come into a public channel; one that is private has to invite the bot. Returns whether it is there."""
        try:
            client = await self._client(install)
            await client.conversations_join(channel=channel)
        except FAILED as problem:
            log.error("channel not joined", kind=type(problem).__name__, error=error_of(problem))
            return False
        return True

    async def _client(self, install: Install) -> AsyncWebClient:
        """A client with a token that is valid now. Raises NotSent where there is none just now."""
        present = await self._installs.of(install.workspace)
        if present is None:
            raise NotSent("the bot is not installed there any more")
        return self._clients(present.token)

    async def _change(self, visit: Visit, view: forms.Json) -> None:
        place = visit.place
        client = await self._client(visit.install)
        await client.views_update(view_id=place.view, hash=place.hash or None, view=view)

    def _view(self, visit: Visit, reply: Form | Message) -> forms.Json:
        place = visit.place
        if isinstance(reply, Form):
            return forms.to_modal(reply, place)
        return forms.to_page(reply, place)

    async def _message(self, visit: Visit, message: Message, *, replaces: bool) -> None:
        place, pages = visit.place, render(message)
        if replaces and _standing(place):
            await self._redraw(visit, pages)
        elif _is_own(place):
            await posts.post(await self._client(visit.install), place.channel, pages, place.thread)
        else:
            await self._beside(visit, pages, replaces=replaces and place.kind == "ephemeral")

    async def _redraw(self, visit: Visit, pages: Sequence[Page]) -> None:
        """Show pages in place of the card; of one that cannot be changed any more, below it."""
        place, client = visit.place, await self._client(visit.install)
        try:
            await posts.redraw(client, place.channel, [place.message], pages)
        except SlackApiError as problem:
            if not isinstance(failures.meaning(problem, self._clock.now()), Refused):
                raise
            log.info("card not changed", error=error_of(problem))
            await posts.post(client, place.channel, pages, place.thread)

    async def _beside(self, visit: Visit, pages: Sequence[Page], *, replaces: bool) -> None:
        """Show pages where the request said to answer, and what is not taken there to the person alone."""
        place, taken = visit.place, 0
        if place.lives(self._clock.now().timestamp()):
            taken = await self._answers(self._clients.session, place, pages, replaces=replaces)
        if pages[taken:]:
            await self._aside(visit, pages[taken:])

    async def _aside(self, visit: Visit, pages: Sequence[Page]) -> None:
        """Show pages to the person alone: where they are, else in their direct messages."""
        place, client, taken = visit.place, await self._client(visit.install), 0
        if not place.is_private:
            taken = await posts.whisper(client, place.channel, visit.person, pages, place.thread)
        if pages[taken:]:
            await posts.post(client, visit.person, pages[taken:])


def _without_files(message: Message) -> Message:
    """A message to be kept: its files are sent, and kept, by themselves."""
    return replace(message, blocks=tuple(block for block in message.blocks if not isinstance(block, File)))


def _is_own(place: Place) -> bool:
    """Whether it is the person's direct messages with the bot, where what is said may stay.

    A command may be typed in anybody's direct messages: those are not the bot's.
    """
    is_direct = place.channel.startswith("D")
    return is_direct and (place.kind == "message" or (place.kind == "typed" and not place.url))


def _standing(place: Place) -> Address | None:
    """Where the card stands that a request came from, if it is one that the bot may change by itself."""
    return {"channel": place.channel, "stamps": [place.message]} if _is_own(place) and place.message else None
