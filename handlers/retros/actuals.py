"""The owner's numbers: asked on the day of the review, once more after it, and then no longer waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from handlers import calendars
from handlers.context import Context
from handlers.initiatives import plans
from handlers.local_time import instant_on
from handlers.messages import Block, Button, Message, Note, Scale, Text
from handlers.retros import answers, cases, invitations, readings
from handlers.retros.cases import Case
from handlers.rows import Done, Skipped
from handlers.typed.amounts import Amount
from handlers.working_days import working_days_later
from storage.directory import Person
from storage.releases import Stage
from storage.schedules import Schedule

REMIND_AFTER, OPEN_AFTER = 1, 2  # working days after the review date
WAITING = (Stage.PLANNED, Stage.NUMBERS)
NUDGES = ("review", "review-remind", "retro-open")


async def plan(context: Context, retro_id: int, owner: Person, review_on: date) -> None:
    """Ask the owner on the day, remind them once, and open the review without numbers after that."""
    team = context.team
    calendar = await calendars.of_team(context.store, team)
    later = (working_days_later(review_on, count, calendar) for count in (REMIND_AFTER, OPEN_AFTER))
    zones = (owner.zone, owner.zone, team.zone)
    for nudge, day, zone in zip(NUDGES, (review_on, *later), zones, strict=True):
        await context.store.schedules.put(
            f"{nudge}:{retro_id}",
            nudge=nudge,
            team_id=team.id,
            person_id=None if nudge == "retro-open" else owner.id,
            subject_id=retro_id,
            zone=zone,
            next_due_at=max(instant_on(day, team.hour, zone), context.now),
        )


async def unplan(context: Context, retro_id: int) -> None:
    """Ask nobody for the numbers any more."""
    await context.store.schedules.finish(retro_id, *NUDGES)


async def due(context: Context, schedule: Schedule) -> Message | Skipped:
    """The day has come: ask the owner for the numbers, or remind them."""
    case = await cases.load(context, schedule.subject_id or 0, locked=True)
    if case.retro.stage not in WAITING:
        return Skipped("the numbers are in")
    await context.store.retros.move(case.retro.id, Stage.NUMBERS, Stage.PLANNED)
    return await card(context, case, is_reminder=schedule.nudge == "review-remind")


def key_of(schedule: Schedule, owner: Person) -> str:
    """The key of the card that asks for the numbers, whichever nudge brings it."""
    return f"numbers:{schedule.subject_id}"


async def part(context: Context, subject_id: int | None, day: date) -> tuple[Block, ...]:
    """The question for the numbers inside the card of a day; nothing once they are in."""
    case = await cases.load(context, subject_id or 0)
    if case.retro.stage not in WAITING:
        return ()
    said = context.say("retros/review", initiative=case.initiative, measured=bool(case.criteria))
    return Text(said.title), Scale((Button(said.open, "retro.show", case.values),))


async def open_anyway(context: Context, schedule: Schedule) -> Done | Skipped:
    """Nobody gave the numbers: open the review, in which they cannot be told."""
    case = await cases.load(context, schedule.subject_id or 0, locked=True)
    if case.retro.stage not in WAITING:
        return Skipped("the numbers are in")
    await invitations.start(context, case)
    return Done()


async def card(context: Context, case: Case, *, is_reminder: bool = False) -> Message:
    """The question to the owner: what was planned, what else happened, and the form for the numbers."""
    opens = await context.store.schedules.called(f"retro-open:{case.retro.id}")
    others = await cases.others(context, case)
    said = context.say(
        "retros/review",
        initiative=case.initiative,
        measured=bool(case.criteria),
        is_reminder=is_reminder,
        opens_at=opens.next_due_at if opens else None,
        others=others,
        count=len(await context.store.teams.members(context.team.id)),
    )
    blocks: tuple[Block, ...] = (
        *((Text(said.planned),) if case.criteria else ()),
        *await plans.plan_blocks(context, case.initiative),
        *await plans.change_blocks(context, case.initiative),
        *((Text(said.others),) if others else ()),
        *await cases.heard(context, case),
        Note(said.next),
    )
    give = (Button(said.give, "retro.numbers", case.values, style="main"),) if case.criteria else ()
    confirm = said.unknown_confirm if case.criteria else ""
    unknown = Button(said.unknown, "retro.unknown", case.values, confirm=confirm)
    return Message(said.title, blocks, (*give, unknown, Button(said.later, "release.date", case.values)))


async def give(
    context: Context, retro: int, read_on: date, events: str | None, **typed: Amount | str | None
) -> Message:
    """Keep the numbers. Where the review waited for them, everybody is asked now."""
    case = await cases.load(context, retro, locked=True)
    if case.retro.stage not in cases.GOING:
        raise cases.not_now(context, case)
    await readings.keep(context, case, typed, read_on)
    await context.store.retros.change(case.retro.id, events=events or "")
    return await _go_on(context, await cases.load(context, retro))


async def cannot_tell(context: Context, retro: int) -> Message:
    """Open the review without numbers."""
    case = await cases.load(context, retro, locked=True)
    if case.retro.stage not in cases.GOING:
        raise cases.not_now(context, case)
    return await _go_on(context, case)


async def ask_now(context: Context, retro: int) -> Message:
    """Look back before the day: the numbers are asked for now."""
    case = await cases.load(context, retro)
    owner, today = await owner_of(context, case), context.team_reader.today
    await move_day(context, case, owner, today)
    await context.store.retros.move(retro, Stage.NUMBERS, Stage.PLANNED)
    await context.store.schedules.finish(retro, "review")  # this very card asks
    case = await cases.load(context, retro)
    message = await card(context, case)
    if owner.id == context.me.id:
        return message
    await context.tell(cases.numbers_key(case), owner, await card(context.seen_by(owner), case), anew=True)
    asked = context.say("retros/review", owner=owner.name)
    return replace(message, blocks=(Text(asked.asked), *message.blocks))


async def move_day(context: Context, case: Case, owner: Person, review_on: date) -> None:
    """Plan the review for another day. Raises NotNow where it has begun.

    The schedules come first and the review after, as in the sweep: neither ever waits for the other.
    """
    await plan(context, case.retro.id, owner, review_on)
    held = await cases.load(context, case.retro.id, locked=True)
    if held.retro.stage not in WAITING:
        raise cases.not_now(context, held)
    await context.store.retros.move(case.retro.id, Stage.PLANNED, *WAITING, review_on=review_on)


async def owner_of(context: Context, case: Case) -> Person:
    """Who is asked for the numbers: the owner; whoever asks, where the owner is not in the team any more."""
    members = await context.store.teams.members(context.team.id)
    return next((each for each in members if each.id == case.initiative.owner_id), context.me)


async def _go_on(context: Context, case: Case) -> Message:
    if case.retro.stage in WAITING:
        await unplan(context, case.retro.id)
        await invitations.start(context, case, giver=context.me)
        case = await cases.load(context, case.retro.id)
        owner = await owner_of(context, case)  # whose card it is that asked, whoever gave the numbers
        theirs = await answers.card(context.seen_by(owner), case, is_giver=owner.id == context.me.id)
        await context.redraw(cases.numbers_key(case), theirs)
    return await answers.card(context, case, is_giver=True)
