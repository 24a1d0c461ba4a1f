"""Moving an initiative on: starting it, dropping it with a reason, and taking it up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.fields import Field, date_ahead, line, words
from handlers.initiatives import cards, staleness
from handlers.initiatives.finding import FIELD, find, pick, pick_once, reference
from handlers.messages import Button, Message
from handlers.rows import Opening
from storage.directory import Person
from storage.initiatives import Initiative, Status

STARTABLE = (Status.IDEA, Status.CHOSEN)
DROPPABLE = (Status.IDEA, Status.CHOSEN, Status.BUILDING)

INITIATIVE = Field(FIELD, line, kind="choice")
HIDDEN = Field(FIELD, line, shown=False)
DROP = (
    Field("reason", words, kind="text", limit=500),
    Field("revisit_on", date_ahead, optional=True),
)


class NothingToStart(HandlerError):
    """Nothing is waiting to be started. Say first what success will be, then start."""


class NothingToDrop(HandlerError):
    """Nothing here can be dropped: there is no idea and no work in hand. Type status to see what there is."""


class NothingDropped(HandlerError):
    """Nothing has been dropped, so there is nothing to take up again. Type status to see what there is."""


class NotDroppable(HandlerError):
    """{sentence}"""


async def start(context: Context, initiative: str) -> Message:
    """Begin the work. Its plan is frozen from here on; without a measure it cannot begin."""
    found = await find(context, initiative, *STARTABLE)
    current = await context.store.initiatives.get(found.id, locked=True) or found
    said = context.say("initiatives/done", initiative=current)
    if current.status not in STARTABLE:
        return await cards.card(context, current.id, said(f"not_started_{current.status}"))
    criteria = await context.store.initiatives.criteria(current.id)
    if all(each.is_guardrail for each in criteria):
        return await cards.card(context, current.id, said.no_measure)
    owner = await _owner(context, current)
    await context.store.initiatives.move(
        current.id, Status.BUILDING, *STARTABLE, started_at=context.now, owner_id=owner.id
    )
    await staleness.plan(context, current.id, owner)
    return await cards.card(context, current.id, said.started)


async def starting(context: Context, typed: Mapping[str, str]) -> Opening:
    """The initiatives to pick from."""
    opening = await pick(context, typed, *STARTABLE)
    if not opening.choices[FIELD] and not opening.resolved:
        raise NothingToStart(_define(context))
    return opening


async def drop(context: Context, initiative: str, reason: str, revisit_on: date | None) -> Message:
    """Decide against an initiative, with the reason and, if wanted, a day to look at it again."""
    found = await find(context, initiative, *DROPPABLE)
    if revisit_on and revisit_on <= context.today:
        raise FieldError("revisit_on", context.say("initiatives/refused").past)
    moved = await context.store.initiatives.move(
        found.id,
        Status.DROPPED,
        *DROPPABLE,
        dropped_at=context.now,
        drop_reason=reason,
        revisit_on=revisit_on,
    )
    became = await context.store.initiatives.get(found.id) or found
    return await cards.card(context, found.id, "" if moved else str(_not_droppable(context, became)))


async def dropping(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form for the reason. What cannot be dropped is told before anything is filled in."""
    nothing = NothingToDrop(Button(context.say("initiatives/refused").status, "status"), _define(context))
    opening = await pick_once(context, typed, (INITIATIVE, *DROP), nothing, *DROPPABLE)
    found = opening.facts["initiative"]
    if isinstance(found, Initiative) and found.status not in DROPPABLE:
        raise _not_droppable(context, found)
    return opening


async def revisit(context: Context, initiative: str) -> Message:
    """Take a dropped initiative up again, as an idea, if its title is still free."""
    found = await find(context, initiative, Status.DROPPED)
    current = await context.store.initiatives.get(found.id, locked=True) or found
    said = context.say("initiatives/done", initiative=current)
    if current.status is not Status.DROPPED:
        return await cards.card(context, current.id, said.not_dropped)
    if not await context.store.initiatives.change(current.id, status=Status.IDEA, revisit_on=None):
        taken = context.say("initiatives/refused", initiative=current).title_taken
        return await cards.card(context, current.id, taken)
    return await cards.card(context, current.id, said.taken_up)


async def revisiting(context: Context, typed: Mapping[str, str]) -> Opening:
    """The dropped initiatives to pick from."""
    opening = await pick(context, typed, Status.DROPPED)
    if not opening.choices[FIELD] and not opening.resolved:
        raise NothingDropped(Button(context.say("initiatives/refused").status, "status"))
    return opening


async def _owner(context: Context, initiative: Initiative) -> Person:
    """Whoever defined it; whoever starts it where that person has left or is no longer in the team."""
    members = await context.store.teams.members(initiative.team_id)
    return next((each for each in members if each.id == initiative.owner_id), context.me)


def _not_droppable(context: Context, initiative: Initiative) -> NotDroppable:
    said = context.say("initiatives/refused", initiative=initiative)
    values = {FIELD: reference(initiative.id)}
    show = Button(said.show, "status", values)
    if initiative.status is Status.RELEASED:
        return NotDroppable(Button(said.retro, "retro", values), show, sentence=said.out)
    return NotDroppable(show, sentence=said(f"already_{initiative.status}"))


def _define(context: Context) -> Button:
    return Button(context.say("initiatives/refused").define, "define-success")
