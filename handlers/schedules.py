"""When the members of a team are asked, and when its week is summed up."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.context import Context
from handlers.local_time import instant_on, next_due, occurrences
from storage import Store
from storage.directory import Person
from storage.schedules import Schedule

DIGEST_HOUR = time(16, 0)
APART = timedelta(hours=8)
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


async def move(store: Store, person: Person, zone: str, now: datetime) -> None:
    """Carry over what a person is asked into the zone they have moved to."""
    asked_at = await store.schedules.last_sent(person.id, "checkin")
    for each in await store.schedules.of_person(person.id):
        await store.schedules.move(each.id, zone, moved(each, zone, asked_at, now))


def moved(schedule: Schedule, zone: str, asked_at: datetime | None, now: datetime) -> datetime:
    """When a schedule is due in another zone: never twice for a local date, nor within eight hours of
    what was `asked_at`.

    The next date is not before the one it was to be, by either zone's calendar: what was asked on Tuesday
    in Auckland does not come again for the Tuesday that has not begun in Honolulu. Raises ValueError for a
    schedule that is not due.
    """
    due_at = schedule.next_due_at
    if due_at is None:
        raise ValueError("a schedule that is not due cannot move")
    planned = due_at.astimezone(ZoneInfo(schedule.zone))
    if due_at <= now or _is_snoozed(schedule):
        return due_at  # it is being asked at this moment, or in an hour, which is the same hour everywhere
    if not (schedule.days and schedule.hour):
        return max(now, instant_on(planned.date(), planned.time(), zone))
    after = max(now, asked_at + APART) if asked_at else now
    coming = occurrences(schedule.days, schedule.hour, zone, after)
    return next(at for day, at in coming if day >= planned.date())


def _is_snoozed(schedule: Schedule) -> bool:
    return schedule.nudge == "checkin" and not schedule.days


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
    halted = {team.id for team in await context.store.teams.of_person(context.me.id) if team.channel_is_archived}
    planned = [
        _after_pause(each, paused_until)
        for each in await context.store.schedules.of_person(context.me.id)
        if each.nudge == "checkin" and team_id in (None, each.team_id) and each.team_id not in halted
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
