"""Releasing: the work is out, it is measured for a while, and the day to look back is set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from handlers import calendars
from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.fields import LINE_LIMIT, Field, date_ahead, line, span, whole
from handlers.initiatives import staleness
from handlers.initiatives.finding import FIELD, find, pick_once, reference
from handlers.messages import Button, Message
from handlers.retros import actuals, cases, release_cards
from handlers.rows import Opening
from handlers.working_days import working_day_on_or_after
from storage.directory import Person
from storage.initiatives import ALIVE, Initiative, Status
from storage.releases import Stage

OUT = (Status.RELEASED, Status.JUDGED)

INITIATIVE = Field(FIELD, line, kind="choice")
HIDDEN = Field(FIELD, line, shown=False)
AFTER = Field("after", whole, shown=False)
DAYS = Field("days", span, optional=True)
REVIEW_ON = Field("review_on", date_ahead)


class NothingToRelease(HandlerError):
    """There is no work here yet. Say first what success will be, start it, and release it when it is out."""


async def release(context: Context, initiative: str, days: int | None) -> Message:
    """The work has reached its users: set the day to look back. What cannot be released says why."""
    found = await _meant(context, initiative)
    current = await context.store.initiatives.get(found.id, locked=True) or found
    if current.status is Status.BUILDING:
        return await _release(context, current, days)
    if current.status in OUT:
        return await release_cards.out_already(context, current)
    if current.status is Status.DROPPED:
        return release_cards.dropped(context, current)
    return release_cards.not_started(context, current)


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """What is being built, to pick from; the rest of the team's work where nothing is."""
    found = await _meant_if_clear(context, typed.get(FIELD, ""))
    if found:
        return Opening(resolved={FIELD: reference(found.id)}, fields=(HIDDEN, DAYS))
    nothing = NothingToRelease(Button(context.say("releases/release").define, "define-success"))
    building = await context.store.initiatives.of_team(context.team.id, Status.BUILDING)
    statuses = (Status.BUILDING,) if building else ALIVE
    return await pick_once(context, typed, (INITIATIVE, DAYS), nothing, *statuses)


async def again(context: Context, initiative: str, after: int) -> Message:
    """Release once more what is out, with a review of its own. `after` is the release it comes after."""
    found = await find(context, initiative, *OUT)
    current = await context.store.initiatives.get(found.id, locked=True) or found
    latest = (await context.store.releases.of_initiative(current.id))[-1:]
    if current.status not in OUT or [each.id for each in latest] != [after]:
        return await release(context, initiative, None)
    return await _release(context, current, None)


async def dating(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form for another day. Raises NotNow where the review has begun."""
    case = await cases.of_button(context, typed)
    if case.retro.stage not in actuals.WAITING:
        raise cases.not_now(context, case)
    return Opening(known={"review_on": case.retro.review_on.isoformat()})


async def change_date(context: Context, retro: int, review_on: date) -> Message:
    """Look back on another day; a day off moves to the next working day."""
    case = await cases.load(context, retro)
    day = working_day_on_or_after(review_on, await calendars.of_team(context.store, context.team))
    owner = await actuals.owner_of(context, case)
    await actuals.move_day(context, case, owner, day)
    theirs = await release_cards.planned(context.seen_by(owner), retro, "releases/moved")
    await context.redraw(cases.numbers_key(case), theirs)
    return await release_cards.planned(context, retro, "releases/moved")


async def undo(context: Context, retro: int) -> Message:
    """It is not out after all: take the release back, unless its review has begun."""
    case = await cases.load(context, retro, locked=True)
    if case.retro.stage is not Stage.PLANNED:
        return release_cards.begun(context, case.initiative)
    await actuals.unplan(context, retro)
    await context.store.releases.remove(case.release.id)
    earlier = await context.store.retros.of_initiative(case.initiative.id)
    is_judged = bool(earlier) and all(each.stage is Stage.CLOSED for each in earlier)
    before = Status.JUDGED if is_judged else Status.RELEASED if earlier else Status.BUILDING
    await context.store.initiatives.move(case.initiative.id, before, *OUT)
    if before is Status.BUILDING:
        await staleness.plan(context, case.initiative.id, await actuals.owner_of(context, case))
    return release_cards.undone(context, case.initiative, is_out=bool(earlier))


async def _release(context: Context, initiative: Initiative, days: int | None) -> Message:
    store = context.store
    owner = await _owner(context, initiative)
    await store.initiatives.move(initiative.id, Status.RELEASED, Status.BUILDING, *OUT, owner_id=owner.id)
    release_id = await store.releases.add(initiative.id, context.me.id, context.now)
    day = context.team_reader.today + timedelta(days=days or initiative.review_days)
    review_on = working_day_on_or_after(day, await calendars.of_team(store, context.team))
    retro_id = await store.retros.plan(context.team.id, initiative.id, release_id, review_on)
    await actuals.plan(context, retro_id, owner, review_on)
    return await release_cards.planned(context, retro_id, "releases/released")


async def _meant(context: Context, text: str) -> Initiative:
    """The initiative that `text` means; one that was dropped only where nothing else fits."""
    try:
        return await find(context, text, *ALIVE)
    except FieldError as unclear:
        try:
            return await find(context, text, Status.DROPPED)
        except FieldError:
            raise unclear from None


async def _meant_if_clear(context: Context, text: str) -> Initiative | None:
    try:
        return await _meant(context, text) if 0 < len(text) <= LINE_LIMIT else None
    except FieldError:
        return None


async def _owner(context: Context, initiative: Initiative) -> Person:
    """The owner; whoever releases it, where that person has left or is no longer in the team."""
    members = await context.store.teams.members(context.team.id)
    return next((each for each in members if each.id == initiative.owner_id), context.me)
