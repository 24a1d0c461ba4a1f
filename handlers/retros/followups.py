"""What becomes of actions: listed, asked about on their day, done or not needed, and whether the sign showed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from handlers import calendars, checkins
from handlers.context import Context
from handlers.errors import HandlerError
from handlers.fields import Field, date_ahead, day, one_of, whole, words
from handlers.local_time import instant_on
from handlers.messages import Block, Button, Message
from handlers.retros import cases, promises, summaries
from handlers.rows import Opening, Skipped
from handlers.working_days import working_day_on_or_after
from storage.directory import Person
from storage.releases import SHOWN, Action, Stage
from storage.schedules import Schedule

NUDGE = "action-due"
AGAIN_AFTER = timedelta(days=7)

HIDDEN = Field("action", whole, shown=False)
IN_DAY = Field("date", day, shown=False, optional=True)  # of the day's card, where the button stands in one
SIGN = (
    Field("shown", one_of(*SHOWN), shown=False),
    Field("outcome", words, kind="text", optional=True, limit=500),
)
DUE = Field("due", date_ahead)


class NoSuchAction(HandlerError):
    """That action is not there any more. Type actions to see what there is to do."""


async def plan(context: Context, number: int, assignee: Person, due_on: date) -> None:
    """Ask the assignee on the day it is due, and once more a week later if nothing has become of it."""
    for key, on in zip(_keys(number), await _days(context, due_on), strict=True):
        await context.store.schedules.put(
            key,
            nudge=NUDGE,
            team_id=context.team.id,
            person_id=assignee.id,
            subject_id=number,
            zone=assignee.zone,
            next_due_at=max(instant_on(on, context.team.hour, assignee.zone), context.now),
        )


async def due(context: Context, schedule: Schedule) -> Message | Skipped:
    """The day has come: is it done?"""
    found = await context.store.retros.action(schedule.subject_id or 0)
    if found is None or found.assignee_id != context.me.id:
        return Skipped("somebody else's")
    return await promises.card(context, found) if found.is_open else Skipped("closed already")


def key_of(schedule: Schedule, assignee: Person) -> str:
    """The key of the card that asks about an action; a second one takes the place of the first."""
    return due_key(schedule.subject_id or 0)


def due_key(number: int) -> str:
    """The key of the card that asks about the action of a number."""
    return f"{NUDGE}:{number}"


async def part(context: Context, subject_id: int | None, day: date) -> tuple[Block, ...]:
    """An action inside the card of its day: to be done, or what became of it."""
    found = await context.store.retros.action(subject_id or 0)
    if found is None or found.assignee_id != context.me.id:
        return ()
    return await promises.part(context, found, day)


async def listed(context: Context) -> Message:
    """What is to be done: one's own first, then the team's."""
    return await promises.listed(context)


async def show(context: Context, action: int) -> Message:
    """One action as it is now."""
    return await promises.card(context, await _load(context, action))


async def done(context: Context, action: int, date: date | None) -> Message:
    """It is done; the card then asks whether the sign showed."""
    return await _close(context, action, date, done_at=context.now)


async def drop(context: Context, action: int, date: date | None) -> Message:
    """It is not needed any more."""
    return await _close(context, action, date, dropped_at=context.now)


async def sign(context: Context, action: int, shown: str, outcome: str | None, date: date | None) -> Message:
    """Whether what was to be seen showed. What was never said to be done is not judged."""
    found = await _load(context, action, locked=True)
    if found.done_at:
        kept = found.outcome if outcome is None else outcome
        await context.store.retros.change_action(action, shown=shown, outcome=kept)
    return await _settled(context, action, date)


async def reopen(context: Context, action: int, date: date | None) -> Message:
    """It is to be done after all."""
    found = await _load(context, action, locked=True)
    await context.store.retros.change_action(
        action, done_at=None, dropped_at=None, closed_by=None, shown="", outcome=""
    )
    if found.due_on and found.due_on > context.today:
        await _plan_again(context, found, found.due_on)
    return await _settled(context, action, date)


async def move(context: Context, action: int, due: date, date: date | None) -> Message:
    """Another day for it; what was done or given up meanwhile stays so."""
    found = await _load(context, action, locked=True)
    if found.is_open:
        await context.store.retros.change_action(action, due_on=due)
        await context.store.schedules.finish(action, NUDGE)
        await _plan_again(context, found, due)
    return await _settled(context, action, date)


async def moving(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form for another day. Raises NoSuchAction for a button whose action is gone."""
    number = typed.get("action", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    found = await _load(context, int(number) if is_number else 0)
    return Opening(facts={"action": found})


async def _close(context: Context, number: int, day: date | None, **at: object) -> Message:
    found = await _load(context, number, locked=True)
    if found.is_open:
        await context.store.retros.change_action(number, closed_by=context.me.id, **at)
        await context.store.schedules.finish(number, NUDGE)
    return await _settled(context, number, day)


async def _plan_again(context: Context, action: Action, due_on: date) -> None:
    members = await context.store.teams.members(context.team.id)
    assignee = next((each for each in members if each.id == action.assignee_id), None)
    if assignee:
        await plan(context, action.id, assignee, due_on)


async def _settled(context: Context, number: int, day: date | None) -> Message:
    """The card it was said on as it is now, and the same wherever else it stands."""
    found = await _load(context, number)
    await _redraw_theirs(context, found)
    await _redraw_summary(context, found)
    return await checkins.around(context, day) if day else await promises.card(context, found)


async def _redraw_theirs(context: Context, action: Action) -> None:
    """The cards that told the assignee of it, and asked them."""
    assignee = action.assignee_id and await context.store.directory.person(action.assignee_id)
    if not assignee:
        return
    theirs = context.seen_by(assignee)
    for key in (f"action:{action.id}", due_key(action.id)):
        await theirs.redraw(key, await promises.card(theirs, action))


async def _redraw_summary(context: Context, action: Action) -> None:
    """The summary in the channel, where it stands and the team alone reads it."""
    case = await cases.load(context, action.retro_id)
    inside = context.seen_by_team()
    if case.retro.stage is Stage.CLOSED and not await inside.is_closed():
        await inside.redraw(summaries.key(case.retro), await summaries.summary(inside, case))


async def _load(context: Context, number: int, *, locked: bool = False) -> Action:
    found = await context.store.retros.action(number, locked=locked)
    if found is None or found.team_id != context.team.id:
        raise NoSuchAction(Button(context.say("retros/followup").all, "actions"))
    return found


def _keys(number: int) -> tuple[str, str]:
    return f"{NUDGE}:{number}", f"{NUDGE}:{number}:again"


async def _days(context: Context, due_on: date) -> tuple[date, date]:
    """The team's days on which it is asked about."""
    days = await calendars.of_team(context.store, context.team)
    return working_day_on_or_after(due_on, days), working_day_on_or_after(due_on + AGAIN_AFTER, days)
