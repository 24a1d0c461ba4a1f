"""Closing a review, once: by its last answer, at its deadline, or by its owner or a lead before that."""

from __future__ import annotations

from handlers.context import Context
from handlers.errors import NotAllowed
from handlers.messages import Message
from handlers.retros import cases, summaries
from handlers.retros.cases import Case, card_key
from handlers.rows import Done, Skipped
from storage.directory import Role
from storage.initiatives import Status
from storage.releases import Stage
from storage.schedules import Schedule

NUDGES = ("retro-ask", "retro-remind", "retro-close")


async def close(context: Context, retro: int) -> Message:
    """Close a review before its time; for its owner and the team's leads."""
    case = await cases.load(context, retro, locked=True)
    if not may_close(context, case):
        raise NotAllowed(who=context.say("retros/state").owner_or_lead)
    if case.retro.stage is not Stage.OPEN:
        raise cases.not_now(context, case)
    return await finish(context, case)


async def deadline(context: Context, schedule: Schedule) -> Done | Skipped:
    """The time for answers is up."""
    case = await cases.load(context, schedule.subject_id or 0, locked=True)
    if case.retro.stage is not Stage.OPEN:
        return Skipped("closed")
    await finish(context, case)
    return Done()


async def finish(context: Context, case: Case) -> Message:
    """Close an open review that is held, once: post its summary, and show everybody's card what came of it."""
    store = context.store
    await store.retros.move(case.retro.id, Stage.CLOSED, Stage.OPEN, closed_at=context.now)
    others = await store.retros.of_initiative(case.initiative.id)
    if not any(each.stage in cases.GOING for each in others):
        await store.initiatives.move(case.initiative.id, Status.JUDGED, Status.RELEASED)
    await store.schedules.finish(case.retro.id, *NUDGES)
    closed = await cases.load(context, case.retro.id)
    await summaries.publish(context, closed)
    for person in await store.retros.participants(case.retro.id):
        theirs = context.seen_by(person)
        await theirs.redraw(card_key(case, person), summaries.closed_card(theirs, closed))
    owner_id = case.initiative.owner_id
    owner = await store.directory.person(owner_id) if owner_id else None
    if owner:
        theirs = context.seen_by(owner)
        await theirs.redraw(cases.numbers_key(case), summaries.closed_card(theirs, closed))
    return summaries.closed_card(context, closed)


def may_close(context: Context, case: Case) -> bool:
    """Whether the person is its owner or leads the team; past its time anybody may."""
    is_owner = case.initiative.owner_id == context.me.id
    return is_owner or context.role >= Role.LEAD or cases.is_over(case, context.now)
