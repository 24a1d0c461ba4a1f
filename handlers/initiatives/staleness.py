"""Whether the criteria of work that goes on and on are still how to know: the owner is asked every thirty days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from handlers import checkins
from handlers.context import Context
from handlers.fields import Field, day
from handlers.initiatives import cards, plans
from handlers.initiatives.finding import FIELD, by_reference, reference, unknown
from handlers.local_time import instant_on
from handlers.messages import Block, Button, Message, Scale, Text
from handlers.rows import Skipped
from prompts import Said
from storage.directory import Person
from storage.initiatives import Initiative, Status
from storage.schedules import Schedule

NUDGE = "stale"
EVERY = timedelta(days=30)
AHEAD = 6  # asked for so many times ahead, so that one that is spared does not end it

IN_DAY = Field("date", day, shown=False, optional=True)  # of the day's card, where the button stands in one


async def plan(context: Context, initiative_id: int, owner: Person) -> None:
    """Ask the owner every thirty days from today on, while it is being built."""
    await context.store.schedules.finish(initiative_id, NUDGE)
    for turn in range(1, AHEAD + 1):
        await _plan(context, initiative_id, owner, turn, context.team_reader.today + turn * EVERY)


async def due(context: Context, schedule: Schedule) -> Message | Skipped:
    """Thirty days more: is this still how we will know? Not where somebody has looked at it since."""
    found = await context.store.initiatives.get(schedule.subject_id or 0)
    if found is None or found.status is not Status.BUILDING:
        await context.store.schedules.finish(schedule.subject_id or 0, NUDGE)
        return Skipped("not being built")
    turn, today = int(schedule.key.split(":")[2]), context.team_reader.today
    await _plan(context, found.id, context.me, turn + AHEAD, today + AHEAD * EVERY)
    if context.now - await _looked_at(context, found) < EVERY - timedelta(days=1):
        return Skipped("looked at lately")
    return await card(context, found)


async def part(context: Context, subject_id: int | None, day: date) -> tuple[Block, ...]:
    """The question inside the card of a day, or that it was looked at."""
    found = await context.store.initiatives.get(subject_id or 0)
    if found is None or found.status is not Status.BUILDING:
        return ()
    looked_at = await _looked_at(context, found)
    said = _said(context, found, looked_at)
    if looked_at.astimezone(context.reader.zone_info).date() >= day:
        return (Text(said.looked_at),)
    values = {FIELD: reference(found.id)}
    confirm = Button(said.right, "stale.confirm", {**values, "date": day.isoformat()})
    row = Scale((confirm, Button(said.other, "stale.show", values)))
    return Text(said.title), *await plans.plan_blocks(context, found), row


async def card(context: Context, initiative: Initiative) -> Message:
    """The question on a card of its own: what was planned, and what can be said of it."""
    said = _said(context, initiative, await _looked_at(context, initiative))
    values = {FIELD: reference(initiative.id)}
    buttons = (
        Button(said.right, "stale.confirm", values, style="main"),
        Button(said.change, "criterion.pick", values),
        Button(said.drop, "initiative.drop", values),
    )
    return Message(said.title, (Text(said.body), *await plans.plan_blocks(context, initiative)), buttons)


async def show(context: Context, initiative: str) -> Message:
    """The question beside the card it was asked on."""
    found = await _named(context, initiative)
    return await (card(context, found) if found.status is Status.BUILDING else cards.card(context, found.id))


async def confirm(context: Context, initiative: str, date: date | None) -> Message:
    """It is still how we will know."""
    found = await _named(context, initiative)
    is_building = found.status is Status.BUILDING
    if is_building:
        await context.store.initiatives.change(found.id, confirmed_at=context.now)
    if date:
        return await checkins.around(context, date)
    lead = _said(context, found, context.now).confirmed if is_building else ""
    return await cards.card(context, found.id, lead)


async def _plan(context: Context, initiative_id: int, owner: Person, turn: int, on: date) -> None:
    await context.store.schedules.put(
        f"{NUDGE}:{initiative_id}:{turn}",
        nudge=NUDGE,
        team_id=context.team.id,
        person_id=owner.id,
        subject_id=initiative_id,
        zone=owner.zone,
        next_due_at=instant_on(on, context.team.hour, owner.zone),
    )


async def _looked_at(context: Context, initiative: Initiative) -> datetime:
    """When anybody last did anything about how it will be known: began, changed something, or said it is right."""
    changed = [each.created_at for each in await context.store.initiatives.amendments(initiative.id)]
    known = (initiative.created_at, initiative.started_at, initiative.confirmed_at, *changed)
    return max(at for at in known if at)


async def _named(context: Context, named: str) -> Initiative:
    found = await by_reference(context, named)
    if found is None:
        raise unknown(context)
    return found


def _said(context: Context, initiative: Initiative, looked_at: datetime) -> Said:
    days = (context.now - looked_at).days
    return context.say("initiatives/stale", initiative=initiative, looked_at=looked_at, days=days)
