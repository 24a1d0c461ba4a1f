"""Opening a review: who is asked, when they are asked and reminded, and until when they can answer."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from handlers import calendars
from handlers.context import Context
from handlers.local_time import instant_on
from handlers.retros.cases import Case
from handlers.working_days import WorkingDays, working_days_later
from storage.directory import Person
from storage.releases import Stage

OPEN_DAYS = 3  # working days, the day of opening not counted
EVENING = time(18, 0)


async def start(context: Context, case: Case, giver: Person | None = None) -> None:
    """Open the review and have everybody asked who is there; `giver` has the question before them already."""
    team = context.team
    calendar = await calendars.of_team(context.store, team)
    last_day = working_days_later(context.team_reader.today, OPEN_DAYS, calendar)
    closes_at = instant_on(last_day, team.hour, team.zone)
    await context.store.retros.move(
        case.retro.id,
        Stage.OPEN,
        Stage.PLANNED,
        Stage.NUMBERS,
        closes_at=closes_at,
        visibility=team.retro_visibility,
    )
    await _schedule(context, case, "retro-close", closes_at)
    for person in await context.store.teams.members(team.id):
        if not _is_away(person, context.now):
            await _invite(context, case, person, closes_at, is_asked=person == giver)


async def _invite(context: Context, case: Case, person: Person, closes_at: datetime, *, is_asked: bool) -> None:
    """Make somebody a participant: asked within their working hours, reminded on their next working day."""
    team = context.team
    await context.store.retros.ask(case.retro.id, person.id)
    theirs = await calendars.of_member(context.store, team, person)
    asked_at = context.now if is_asked else _working_time(person, theirs, team.hour, context.now)
    if not is_asked:
        await _schedule(context, case, "retro-ask", asked_at, person)
    asked_on = asked_at.astimezone(ZoneInfo(person.zone)).date()
    remind_at = instant_on(working_days_later(asked_on, 1, theirs), team.hour, person.zone)
    midway = asked_at + (closes_at - asked_at) / 2
    await _schedule(context, case, "retro-remind", remind_at if remind_at < closes_at else midway, person)


async def _schedule(
    context: Context, case: Case, nudge: str, due_at: datetime, person: Person | None = None
) -> None:
    whose = f":{person.id}" if person else ""
    await context.store.schedules.put(
        f"{nudge}:{case.retro.id}{whose}",
        nudge=nudge,
        team_id=context.team.id,
        person_id=person.id if person else None,
        subject_id=case.retro.id,
        zone=person.zone if person else context.team.zone,
        next_due_at=due_at,
    )


def _working_time(person: Person, calendar: WorkingDays, hour: time, now: datetime) -> datetime:
    """Now, where it is the person's working day between the team's hour and the evening; else the next one."""
    local = now.astimezone(ZoneInfo(person.zone))
    if hour <= local.time() < EVENING and not calendar.why_off(local.date()):
        return now
    return calendars.next_morning(calendar, hour, person.zone, now)


def _is_away(person: Person, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(person.zone)).date()
    return person.paused_until is not None and today < person.paused_until
