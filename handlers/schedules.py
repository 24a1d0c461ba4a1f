"""When the members of a team are asked, and when its week is summed up."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.context import Context
from handlers.local_time import instant_on, next_due
from storage.directory import Person
from storage.schedules import Schedule

DIGEST_HOUR = time(16, 0)
MOMENT = timedelta(seconds=1)


def checkin_key(person_id: int, team_id: int) -> str:
    """The key of the schedule of a person's daily question."""
    return f"checkin:{team_id}:{person_id}"


async def next_question(context: Context, person: Person) -> datetime:
    """When a member is asked next, by the team's days and hour as they are now.

    Not before tomorrow, so that nobody is surprised by a start or a change; unless today's question is
    still to come, which then comes at the new hour.
    """
    team = context.team
    known = await context.store.schedules.called(checkin_key(person.id, team.id))
    rules = ZoneInfo(person.zone)
    today = context.now.astimezone(rules).date()
    after = instant_on(today + timedelta(days=1), time(0), person.zone) - MOMENT
    if known and known.next_due_at and known.next_due_at.astimezone(rules).date() == today:
        after = min(context.now, known.next_due_at - MOMENT)
    return next_due(team.days, team.hour, person.zone, after)


async def plan_question(context: Context, person: Person) -> None:
    """Ask a member on each of the team's days from now on, at its hour in their own zone."""
    team = context.team
    await context.store.schedules.put(
        checkin_key(person.id, team.id),
        nudge="checkin",
        team_id=team.id,
        person_id=person.id,
        days=team.days,
        hour=team.hour,
        zone=person.zone,
        next_due_at=await next_question(context, person),
    )


async def plan_digest(context: Context) -> None:
    """Sum up each week on its last day, in the team's zone."""
    team = context.team
    last_day = (_last_of_the_week(team.days),)
    await context.store.schedules.put(
        f"digest:{team.id}",
        nudge="digest",
        team_id=team.id,
        days=last_day,
        hour=DIGEST_HOUR,
        zone=team.zone,
        next_due_at=next_due(last_day, DIGEST_HOUR, team.zone, context.now),
    )


def _last_of_the_week(days: tuple[int, ...]) -> int:
    """The working day with the longest rest after it: Friday for most teams, Thursday where Sunday is worked."""
    rest = {day: min((other - day - 1) % 7 for other in days) for day in days}
    return max(days, key=lambda day: (rest[day], day))


async def coming(context: Context, paused_until: date | None, team_id: int | None = None) -> datetime | None:
    """When the person who asks gets their next question, after a pause, of one team or of any; None for none."""
    planned = [
        _after_pause(each, paused_until)
        for each in await context.store.schedules.of_person(context.me.id)
        if each.nudge == "checkin" and team_id in (None, each.team_id)
    ]
    return min((at for at in planned if at), default=None)


def _after_pause(schedule: Schedule, paused_until: date | None) -> datetime | None:
    """When a schedule is next carried out rather than spared."""
    at = schedule.next_due_at
    if at is None or paused_until is None:
        return at
    if (schedule.local_date or at.astimezone(ZoneInfo(schedule.zone)).date()) >= paused_until:
        return at
    if not schedule.days or not schedule.hour:
        return None
    over = instant_on(paused_until, time(0), schedule.zone) - MOMENT
    return next_due(schedule.days, schedule.hour, schedule.zone, over)
