"""Shows an answer where its request came from."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from weakref import WeakValueDictionary

import structlog

import prompts
from bot.clock import Clock
from bot.nudges.later import Later
from bot.nudges.port import Address, NotSent, Partly, Recipient, Refused
from bot.teams import failures, files, forms, posts
from bot.teams.activities import Visit
from bot.teams.connectors import Connectors
from bot.teams.failures import CallFailed
from bot.teams.files import Allowed, Uploads
from bot.teams.posts import FAILED
from bot.teams.render import summary
from bot.teams.sender import TeamsSender
from handlers.messages import Button, File, Form, Message, Quote, Text
from prompts import Reader, Said

CARRIED = 500  # characters that a button takes along of one field
NOT_SHOWN = (*FAILED, Refused, Partly)

log = structlog.get_logger()


class Delivery:
    """Shows answers. What Teams does not take is logged by its kind: what was asked is saved all the same.

    What Teams is only too busy for is kept in the outbox and comes later, to the person's own chat.
    """

    def __init__(
        self, connectors: Connectors, sender: TeamsSender, uploads: Uploads, clock: Clock, later: Later
    ) -> None:
        self._later = later
        self._uploads = uploads
        self._connectors = connectors
        self._sender = sender
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def beside(self, visit: Visit, message: Message, action: str = "") -> None:
        """Post a message where somebody has just spoken, with its files; `action` is what makes them again."""
        try:
            connector = self._connectors.at(visit.service)
            await posts.post(connector, visit.conversation, posts.activities(message))
        except NOT_SHOWN as problem:
            log.error("answer not shown", kind=type(problem).__name__)
            await self._keep(visit, message, problem)
        else:
            await self._files(visit, message, action)

    async def _keep(
        self, visit: Visit, message: Message, problem: Exception, standing: Address | None = None
    ) -> None:
        """Keep what was not taken, if Teams was only too busy for it; in the place of what is `standing`."""
        if isinstance(problem, Partly):
            await self._keep(visit, message, problem.rest, {"service": visit.service, **problem.address})
            return
        meaning = failures.meaning(problem, self._clock.now())
        if isinstance(meaning, NotSent):
            await self._later(visit.tenant, visit.person, message, meaning.retry_at, standing)

    async def redraw(self, visit: Visit, card: str, message: Message, action: str = "") -> None:
        """Put a message in the place of a card; beside it, where Teams does not say which card that is."""
        if not card:
            await self.beside(visit, message, action)
            return
        turn = self._turns.setdefault(f"{visit.conversation} {card}", asyncio.Lock())
        async with turn:  # in the order of the taps: an older answer never covers a newer one
            try:
                connector = self._connectors.at(visit.service)
                await posts.redraw(connector, visit.conversation, [card], posts.activities(message))
            except NOT_SHOWN as problem:
                log.error("card not changed", kind=type(problem).__name__)
                here = {"service": visit.service, "conversation": visit.conversation, "activities": [card]}
                await self._keep(visit, message, problem, here)
            else:
                await self._files(visit, message, action)

    async def upload(self, visit: Visit, card: str, allowed: Allowed, made: Message) -> None:
        """Put a file where somebody has allowed it, and show where it is; word for word, where it is not taken."""
        file = next((each for each in files.files_of(made) if each.name == allowed.name), None)
        if file is None:
            await self.beside(visit, made)
            return
        done = await self._uploads.put(allowed.upload.get("uploadUrl"), file.content)
        line = posts.text(self._say("mine/file", name=file.name).not_taken)
        shown = files.standing(allowed.upload, file.name) if done else None
        try:
            connector = self._connectors.at(visit.service)
            if not done:
                await posts.post(connector, visit.conversation, [line, *posts.word_for_word([file])])
            elif shown:
                await posts.post(connector, visit.conversation, [shown])
            if card:  # its question is answered
                await posts.redraw(connector, visit.conversation, [card], [])
        except NOT_SHOWN as problem:
            log.error("file not shown", kind=type(problem).__name__)

    async def _files(self, visit: Visit, message: Message, action: str) -> None:
        """Ask whether each file may be uploaded; where that cannot be asked, post it word for word."""
        for file in files.files_of(message):
            try:
                await self._file(visit, file, action)
            except NOT_SHOWN as problem:
                log.error("file not shown", kind=type(problem).__name__)
                await self._keep(visit, Message(message.title, (file,)), problem)

    async def _file(self, visit: Visit, file: File, action: str) -> None:
        connector = self._connectors.at(visit.service)
        if action and not visit.channel:
            asked = files.question(file, action, self._say("mine/file", name=file.name).ask)
            try:
                await posts.post(connector, visit.conversation, [asked])
                return
            except CallFailed as refused:
                log.info("no files here", status=refused.status)
        await posts.post(connector, visit.conversation, posts.word_for_word([file]))

    async def form(self, visit: Visit, form: Form, typed: Mapping[str, str]) -> None:
        """A form where none can be opened: as a card, or where others read too, as a button that opens it."""
        if visit.channel:
            await self.beside(visit, self._invitation(form, typed))
            return
        shown = posts.activity(forms.input_card(form), forms.title(form))
        try:
            await posts.post(self._connectors.at(visit.service), visit.conversation, [shown])
        except NOT_SHOWN as problem:
            log.error("form not shown", kind=type(problem).__name__)
            await self._keep(visit, self._invitation(form, typed), problem)

    async def aside(self, visit: Visit, message: Message) -> None:
        """Show a message to the person alone, in their own chat, and say in a line where it is."""
        said = self._said(name=_name(visit))
        try:
            await self._sender.send(Recipient(visit.tenant, visit.person, None), message)
            line = said.in_private
        except Refused:
            line = said.unreachable
        except NOT_SHOWN as problem:
            log.error("answer not shown", kind=type(problem).__name__)
            await self._keep(visit, message, problem)
            return
        try:
            await posts.post(self._connectors.at(visit.service), visit.conversation, [posts.text(line)])
        except NOT_SHOWN as problem:
            log.error("answer not announced", kind=type(problem).__name__)

    async def greet(self, visit: Visit) -> None:
        """Say what the bot is, in a channel or a group that it has just come to."""
        said = self._said(name="")
        buttons = (Button(said.setup, "setup", style="main"), Button(said.help, "help"))
        message = Message(said.title, (Text(said.body),), buttons)
        try:
            await self._sender.send(Recipient(visit.tenant, None, visit.place), message)
        except (*NOT_SHOWN, NotSent) as problem:
            log.error("greeting not shown", kind=type(problem).__name__, of=summary(message))

    def _invitation(self, form: Form, typed: Mapping[str, str]) -> Message:
        """A message with the button that opens a form; what was typed is in it."""
        team = {"team": form.values["team"]} if "team" in form.values else {}
        long = [text for text in typed.values() if len(text) > CARRIED]
        carried = {name: text for name, text in typed.items() if len(text) <= CARRIED}
        said = prompts.say("trouble/form", Reader("en_GB", "UTC", self._clock.now()))
        button = Button(said.open, form.action, {**carried, **team}, style="main")
        return Message(form.title, (Text(said.body), *map(Quote, long)), (button,))

    def _said(self, **facts: object) -> Said:
        return self._say("help/installed", **facts)

    def _say(self, what: str, **facts: object) -> Said:
        return prompts.say(what, Reader("en_GB", "UTC", self._clock.now()), **facts)


def _name(visit: Visit) -> str:
    """What somebody is called, as plain words: a line of Teams' own reads no Markdown, but mentions in tags."""
    return " ".join(visit.name.replace("<", " ").replace(">", " ").split()) or "For you"
