"""Shows an answer where its request came from."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock, SystemClock
from bot.nudges.port import NotSent
from bot.slack import failures, forms, posts
from bot.slack.clients import Clients
from bot.slack.installs import PLATFORM, Install, Installs
from bot.slack.places import Place
from bot.slack.render import Page, render
from handlers.messages import REPLY, File, Form, Message
from storage import Store
from storage.database import Connection, Database, DatabaseError
from storage.directory import workspace_called
from storage.lanes import hold, wake

FAILED = (SlackApiError, aiohttp.ClientError, TimeoutError, posts.BadAddress, NotSent)

log = structlog.get_logger()


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
    """Shows answers. What Slack does not take is logged by its kind: what was asked is saved all the same."""

    def __init__(self, installs: Installs, clients: Clients, clock: Clock, database: Database) -> None:
        self._installs = installs
        self._clients = clients
        self._clock = clock
        self._database = database
        self._answers = posts.Answers(clients.api_url)

    async def message(self, visit: Visit, message: Message, *, replaces: bool = False) -> None:
        """Show a message: in place of the card it came from, in a modal that stands open, or beside."""
        try:
            await self._message(visit, message, replaces=replaces)
        except FAILED as problem:
            log.error("answer not shown", kind=type(problem).__name__, error=_error(problem))
            refused = failures.meaning(problem, self._clock.now())
            if _is_own(visit.place) and isinstance(refused, NotSent):
                await self._promise(visit, message, refused.retry_at, replaces=replaces)

    async def _promise(self, visit: Visit, message: Message, at: datetime | None, *, replaces: bool) -> None:
        """Keep what Slack was too busy for, to be sent to the person's direct messages when it named."""
        now, place = self._clock.now(), visit.place
        wait = max(at - now, timedelta()) if at else timedelta()
        standing = {"channel": place.channel, "stamps": [place.message]} if replaces and place.message else None

        async def work(connection: Connection) -> None:
            workspace = await workspace_called(connection, PLATFORM, visit.install.workspace)
            store = Store(connection, workspace or 0)
            person = await store.directory.person_called(visit.person)
            if person:
                await store.outbox.put(
                    f"answer:{secrets.token_hex(16)}",
                    REPLY.dump_json(message).decode(),
                    now,
                    person_id=person.id,
                    due_at=at or now,
                    address=json.dumps(standing) if standing else "",
                )
                await store.outbox.make_ready(now)
                told = None if isinstance(self._clock, SystemClock) else now
                await hold(connection, person.workspace_id, told, wait)
                await wake(connection)

        try:
            await self._database.write(work)
        except DatabaseError as problem:
            log.error("answer not kept", kind=type(problem).__name__)

    async def files(self, visit: Visit, files: Sequence[File]) -> None:
        """Send what came with an answer to the person's direct messages."""
        try:
            await posts.upload(await self._client(visit.install), visit.person, files)
        except FAILED as problem:
            log.error("file not sent", kind=type(problem).__name__, error=_error(problem))

    async def pages(self, visit: Visit, pages: Sequence[Page]) -> None:
        """Show what did not fit into a response."""
        try:
            await self._beside(visit, pages, replaces=False)
        except FAILED as problem:
            log.error("answer not shown", kind=type(problem).__name__, error=_error(problem))

    async def at_address(self, place: Place, message: Message) -> None:
        """Show a message where the request said to answer, or not at all: that takes no token."""
        try:
            if place.lives(self._clock.now().timestamp()):
                await self._answers(self._clients.session, place, render(message), replaces=False)
        except FAILED as problem:
            log.error("answer not shown", kind=type(problem).__name__, error=_error(problem))

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
            log.error("modal not shown", kind=type(problem).__name__, error=_error(problem))
            return False
        return True

    async def loading(self, visit: Visit) -> Place | None:
        """Open a modal that says that its form is coming, before the trigger is too old. None where it cannot."""
        view = forms.to_page(forms.LOADING, visit.place)
        try:
            client = await self._client(visit.install)
            opened = await client.views_open(trigger_id=visit.trigger, view=view)
        except FAILED as problem:
            log.error("modal not shown", kind=type(problem).__name__, error=_error(problem))
            return None
        # The channel stays with it: what is filled in is about the team of where it was asked for.
        return replace(visit.place, kind="modal", view=opened["view"]["id"], hash=opened["view"]["hash"])

    async def home(self, install: Install, person: str, message: Message) -> None:
        """Publish somebody's home page."""
        try:
            client = await self._client(install)
            await client.views_publish(user_id=person, view=forms.to_home(message))
        except FAILED as problem:
            log.error("home not shown", kind=type(problem).__name__, error=_error(problem))

    async def join(self, install: Install, channel: str) -> bool:
        """Come into a public channel; one that is private has to invite the bot. Returns whether it is there."""
        try:
            client = await self._client(install)
            await client.conversations_join(channel=channel)
        except FAILED as problem:
            log.error("channel not joined", kind=type(problem).__name__, error=_error(problem))
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
        if replaces and _is_own(place) and place.message:
            await posts.redraw(await self._client(visit.install), place.channel, [place.message], pages)
        elif _is_own(place):
            await posts.post(await self._client(visit.install), place.channel, pages, place.thread)
        else:
            await self._beside(visit, pages, replaces=replaces and place.kind == "ephemeral")

    async def _beside(self, visit: Visit, pages: Sequence[Page], *, replaces: bool) -> None:
        """Show pages where the request said to answer, and what is not taken there to the person alone."""
        place, taken = visit.place, 0
        if place.lives(self._clock.now().timestamp()):
            taken = await self._answers(self._clients.session, place, pages, replaces=replaces)
        if pages[taken:]:
            await self._aside(visit, pages[taken:])

    async def _aside(self, visit: Visit, pages: Sequence[Page]) -> None:
        """Show pages to the person alone: where they are, else in their direct messages."""
        place, client = visit.place, await self._client(visit.install)
        if not place.is_private:
            try:
                await posts.whisper(client, place.channel, visit.person, pages, place.thread)
            except SlackApiError as refused:
                log.info("not shown in the channel", error=_error(refused))
            else:
                return
        await posts.post(client, visit.person, pages)


def _is_own(place: Place) -> bool:
    """Whether it is the person's direct messages with the bot, where what is said may stay.

    A command may be typed in anybody's direct messages: those are not the bot's.
    """
    is_direct = place.channel.startswith("D")
    return is_direct and (place.kind == "message" or (place.kind == "typed" and not place.url))


def _error(problem: BaseException) -> str:
    """Slack's own word for what is wrong; never the text of an exception, which may quote somebody."""
    data = getattr(getattr(problem, "response", None), "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""
