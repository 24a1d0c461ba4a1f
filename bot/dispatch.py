"""The dispatcher: one request, one transaction, one answer."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog

import prompts
from bot import logs
from bot.clock import Clock
from bot.crashes import Crash, nowhere
from bot.observer import NOBODY, Observer
from bot.reading import Asked, Request, read, unknown
from handlers.context import Context
from handlers.errors import FieldError, Guest, HandlerError, Inactive, NotAllowed, NotInTeam, OldButton
from handlers.fields import Checked, check
from handlers.forms import form_of
from handlers.messages import REPLY, Form, Message, Quote, Reply, Text, about_team
from handlers.rows import Action, Catalog, Opening, Row
from prompts import Reader
from storage import Store
from storage.arrivals import Arrival, Envelope, arrive
from storage.database import Connection, Database
from storage.directory import Role
from storage.outbox import AnsweredMeanwhile

DEADLINE_S = 2.0
AT_LEAST_S = 0.1  # what is left for a second transaction, where the first or finding out who asks took its time

log = structlog.get_logger()


# Looks up who or what a verified request is from, in the chat service. Returns whether anything was learnt.
Introduce = Callable[[Envelope], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What to show. A message that `replaces` takes the place of the card the request came from.

    One that `failed` changed nothing, and what was filled in is to stay where it is. A `repeat` was answered
    before: where answers are shown as messages of their own, it is not shown again. `outdates_home` tells
    that the person's home page may say something else by now. `redrawn` is where the messages stand, in the
    platform's own notes, that are being drawn anew because of it.
    """

    reply: Reply
    replaces: bool = False
    outdates_home: bool = False
    failed: bool = False
    repeat: bool = False
    redrawn: tuple[Mapping[str, Any], ...] = ()


class _Refused(Exception):
    """The handler refused what was filled in; `form` says so. Raised to roll the transaction back."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form


class _NotKnown(Exception):
    """The workspace does not know who this is from, or from where, yet."""


class Dispatcher:
    """Runs requests through the catalog, each within `deadline_s`. `after_commit` is told which workspace has
    something to send.

    `introduce` looks up people and channels that are not known, once for each request.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        catalog: Catalog,
        after_commit: Callable[[int], None],
        deadline_s: float = DEADLINE_S,
        introduce: Introduce | None = None,
        observer: Observer = NOBODY,
        *,
        crash: Crash = nowhere,
    ) -> None:
        self._crash = crash
        self._introduce = introduce
        self._observer = observer
        self._database = database
        self._clock = clock
        self._catalog = catalog
        self._after_commit = after_commit
        self.deadline_s = deadline_s

    async def __call__(self, request: Request, arrived: float | None = None) -> Answer:
        """Answer a request. Never raises: what went wrong is an answer too, and then nothing was saved.

        `arrived` is when it came in, by the loop's own clock: its deadline counts from there, else from now.
        """
        asked = read(request, self._catalog) or Asked(request, self._not_understood(request), {})
        try:
            answer = await self._answer_once(asked, (_tick() if arrived is None else arrived) + self.deadline_s)
            outcome = "repeated" if answer.repeat else "answered"
        except Exception as problem:  # noqa: BLE001 - here and in the nudges, nowhere else
            answer, outcome = self._failed(asked, problem), _outcome(problem)
        self._observer.asked(request.envelope.platform, outcome)
        return answer

    def may_open(self, request: Request) -> bool:
        """Whether the answer may be a form."""
        asked = read(request, self._catalog)
        return asked is not None and bool(asked.row.form)

    def typed(self, request: Request) -> Mapping[str, str]:
        """What was typed, by field: enough to open the request's form again as it was."""
        asked = read(request, self._catalog)
        return asked.typed if asked else {}

    def _not_understood(self, request: Request) -> Row:
        """Stands for the row that there is not, so that the same people are refused as everywhere."""

        async def answer(context: Context) -> Reply:
            if request.kind == "form":
                raise OldButton  # which leaves what was filled in where it is
            return unknown(request, self._catalog, context.reader)

        return Row("", answer, role=Role.MEMBER, in_team=False, writes=False)

    async def _answer_once(self, asked: Asked, until: float) -> Answer:
        """The answer; for a repeat the one given before, also where it came together with the first."""
        try:
            return await self._answer(asked, until)
        except (HandlerError, _Refused):
            # Two copies of a delivery at once: what the second is refused for may be what the first one did.
            given = await self._given(asked, until) if _is_kept(asked) else None
            if given is None:
                raise
            return given

    async def _given(self, asked: Asked, until: float) -> Answer | None:
        async def work(connection: Connection) -> Answer | None:
            arrival = await arrive(connection, asked.request.envelope, asked.request.key)
            return _repeated(asked, arrival) if arrival else None

        with suppress(TimeoutError):
            return await self._database.read(work, max(until - _tick(), AT_LEAST_S))
        return None

    async def _answer(self, asked: Asked, until: float) -> Answer:
        try:
            return await self._transact(asked, until - _tick(), introduces=self._introduce is not None)
        except _NotKnown:
            await self._make_known(asked.request.envelope, until)
            return await self._answer_again(asked, until)
        except AnsweredMeanwhile:
            return await self._answer_again(asked, until)  # finds the answer given meanwhile and gives it again

    async def _make_known(self, envelope: Envelope, until: float) -> None:
        """Look up who asks, as far as there is time for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until - AT_LEAST_S):
                if self._introduce:
                    await self._introduce(envelope)

    async def _answer_again(self, asked: Asked, until: float) -> Answer:
        try:
            return await self._transact(asked, max(until - _tick(), AT_LEAST_S))
        except AnsweredMeanwhile:
            return await self._transact(asked, max(until - _tick(), AT_LEAST_S))

    async def _transact(self, asked: Asked, left_s: float, *, introduces: bool = False) -> Answer:
        """Answer within one transaction, then send what it promised."""
        posted_in = 0

        async def work(connection: Connection) -> Answer:
            nonlocal posted_in
            posted_in = 0  # it may be done again
            self._crash("dispatch.begun")
            envelope = asked.request.envelope
            arrival = await arrive(connection, envelope, asked.request.key)
            self._crash("dispatch.arrived")
            if introduces and (arrival is None or (envelope.channel and not arrival.channel_id)):
                raise _NotKnown
            if arrival is None:
                said = prompts.say("trouble/unknown_person", self._anybody())
                return Answer(Message(said.title, (Text(said.body),)))
            repeated = _repeated(asked, arrival)
            if repeated:
                return repeated
            store = Store(connection, arrival.person.workspace_id)
            reply = await _settle(asked, self._context(arrival, store))
            self._crash("dispatch.answered")
            if arrival.person.unanswered and asked.row.writes:
                await store.directory.count_unanswered(arrival.person.id, 0)
            store.outbox.make_ready_at_the_end(self._clock.now())
            self._crash("dispatch.ready")
            posted_in = arrival.person.workspace_id if store.outbox.posted else 0
            return replace(_answer(asked.row, reply, arrival), redrawn=tuple(store.outbox.redrawn))

        transact = self._database.write if _is_kept(asked) else self._database.read
        answer = await transact(work, left_s)
        self._crash("dispatch.committed")
        if posted_in:
            self._after_commit(posted_in)
        return answer

    def _context(self, arrival: Arrival, store: Store) -> Context:
        return Context(
            person=arrival.person,
            found_team=arrival.team,
            membership=arrival.membership,
            channel_id=arrival.channel_id,
            now=self._clock.now(),
            store=store,
            catalog=self._catalog,
        )

    def _anybody(self) -> Reader:
        return Reader("en_GB", "UTC", self._clock.now())

    def _failed(self, asked: Asked, problem: Exception) -> Answer:
        if isinstance(problem, _Refused):
            return Answer(problem.form)
        if isinstance(problem, HandlerError):
            return Answer(Message(str(problem), _typed_words(asked), problem.buttons), failed=True)
        reference = logs.present_request()
        # The text of an exception may quote what the person wrote: only its kind and place are logged.
        place = traceback.extract_tb(problem.__traceback__)[-1]
        at = f"{place.filename}:{place.lineno}"
        log.error("request failed", row=asked.row.name, reference=reference, kind=type(problem).__name__, at=at)
        said = prompts.say("trouble/failed", self._anybody(), reference=reference)
        return Answer(Message(said.title, (Text(said.body), *_typed_words(asked))), failed=True)


def _outcome(problem: Exception) -> str:
    """What became of a request that ended so."""
    if isinstance(problem, (HandlerError, _Refused)):
        return "refused"
    return "late" if isinstance(problem, TimeoutError) else "failed"


def _answer(row: Row, reply: Reply, arrival: Arrival) -> Answer:
    is_message = isinstance(reply, Message)
    replaces = isinstance(row, Action) and not row.keeps_card and is_message
    return Answer(reply, replaces, outdates_home=row.writes and is_message and arrival.person.has_home)


def _repeated(asked: Asked, arrival: Arrival) -> Answer | None:
    """The answer that the same delivery was given before."""
    if arrival.answer is None:
        return None
    return replace(_answer(asked.row, REPLY.validate_json(arrival.answer), arrival), repeat=True)


def _tick() -> float:
    """Seconds by the loop's own clock, which only ever counts on."""
    return asyncio.get_running_loop().time()


def _is_kept(asked: Asked) -> bool:
    """Whether the delivery is kept with its answer, so that a repeat of it is known as one."""
    return asked.row.writes or asked.request.posts


async def _settle(asked: Asked, context: Context) -> Reply:
    """Run the row, and keep what it answered for a repeat of the same delivery."""
    reply = await _run(asked, context)
    if context.found_team:
        reply = about_team(reply, context.found_team.id)
    if _is_kept(asked) and (isinstance(reply, Message) or asked.request.posts):
        kept = REPLY.dump_json(reply).decode()
        context.store.outbox.answered(asked.request.key, context.me.id, kept, context.now)
    return reply


async def _run(asked: Asked, context: Context) -> Reply:
    row = asked.row
    await _permit(row, context)
    opening = await row.opening(context, asked.typed) if row.opening else Opening()
    fields = opening.fields or row.fields
    checked = check(fields, {**asked.typed, **opening.resolved}, context.reader)
    errors = _errors(asked, checked, context)
    if errors and not row.form:
        raise FieldError(*next(iter(errors.items())))
    if errors or any(field.shown for field in checked.missing):
        return form_of(row, opening, asked.typed, errors, context.reader)
    if checked.missing:
        raise OldButton
    try:
        return await row.run(context, **checked.arguments)
    except HandlerError as refused:
        field = refused.field if isinstance(refused, FieldError) else ""
        if not row.form or not (field or asked.request.kind == "form"):
            raise
        errors = {field: str(refused)}
        raise _Refused(form_of(row, opening, asked.typed, errors, context.reader)) from refused


def _errors(asked: Asked, checked: Checked, context: Context) -> dict[str, str]:
    """What is wrong, by field; a hidden field that is wrong means an old button, not a typing error."""
    hidden = {field.name for field in asked.row.fields if not field.shown}
    if hidden & set(checked.errors):
        raise OldButton
    if asked.request.kind != "form":
        return checked.errors
    needed = prompts.say("trouble/needed", context.reader)
    return {**{field.name: needed(field.kind) for field in checked.missing if field.shown}, **checked.errors}


async def _permit(row: Row, context: Context) -> None:
    person = context.me
    if not person.is_active:
        raise Inactive
    if not person.is_askable:
        raise Guest
    role = person.role
    if row.in_team:
        team, role = context.team, context.role
        if role < Role.MEMBER:
            raise NotInTeam(team=team.name)
    if role < row.role and not (row.role is Role.LEAD and row.in_team and await context.leads()):
        who = "an admin" if row.role is Role.ADMIN else "a lead"
        raise NotAllowed(who=who)


def _typed_words(asked: Asked) -> tuple[Quote, ...]:
    """What the person typed, to be sent again: nothing they wrote is lost with a failure."""
    hidden = {"team", *(field.name for field in asked.row.fields if not field.shown)}
    return tuple(Quote(text) for name, text in asked.typed.items() if text and name not in hidden)
