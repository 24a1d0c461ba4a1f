"""When the members of a team are asked what comes again and again, and what is posted to its channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers import calendars
from handlers.context import Context
from handlers.local_time import NO_JITTER, instant_on, jitter_of, next_due, occurrences
from handlers.rows import Nudge
from storage import Store
from storage.directory import Person
from storage.schedules import Schedule
from storage.teams import Team

CARD = "checkin"
APART = timedelta(hours=8)
MOMENT = timedelta(seconds=1)


def key_of(nudge: str, team_id: int, person_id: int) -> str:
    """The key of the schedule by which a member of a team gets a nudge again and again."""
    return f"{nudge}:{team_id}:{person_id}"


async def next_question(context: Context, person: Person) -> datetime:
    """When a member is asked next, to the minute, by what they and their team have chosen now.

    Not before tomorrow, so that nobody is surprised by a start or a change; unless today's question is
    still to come, which then comes at the new hour.
    """
    team = context.team
    calendar = await calendars.of_member(context.store, team, person)
    after = await _from_when(context, person, CARD)
    return calendars.next_morning(calendar, calendars.asked_hour(team, person), person.zone, after)


async def _from_when(context: Context, person: Person, nudge: str) -> datetime:
    """The instant after which a member may get a nudge by a new rule, not soon after the last question."""
    known = await context.store.schedules.called(key_of(nudge, context.team.id, person.id))
    rules = ZoneInfo(person.zone)
    today = context.now.astimezone(rules).date()
    if known and known.next_due_at and known.next_due_at.astimezone(rules).date() == today:
        return min(context.now, known.next_due_at - jitter_of(person.id) - MOMENT)
    midnight = instant_on(today + timedelta(days=1), time(0), person.zone) - MOMENT
    asked_at = await context.store.schedules.last_sent(person.id, CARD)
    return max(midnight, asked_at + APART) if asked_at else midnight


async def plan_member(context: Context, person: Person) -> None:
    """Ask a member all that comes again and again, from now on."""
    for nudge in context.catalog.nudges:
        if nudge.rule and nudge.audience == "person":
            await _plan(context, nudge, person, await _from_when(context, person, nudge.name))


async def plan_missing(context: Context) -> None:
    """Plan what a team and its members do not get yet of all that comes again and again, from tomorrow on."""
    tomorrow = instant_on(context.team_reader.today + timedelta(days=1), time(0), context.team.zone) - MOMENT
    members = await context.store.teams.members(context.team.id)
    for nudge in (each for each in context.catalog.nudges if each.rule):
        for person in members if nudge.audience == "person" else (None,):
            if await context.store.schedules.called(_key(nudge, context.team, person)) is None:
                after = await _from_when(context, person, nudge.name) if person else tomorrow
                await _plan(context, nudge, person, after)


async def replan(context: Context, person: Person) -> None:
    """Ask a person by what they have chosen by now, in each of their teams that has started."""
    for team in await context.store.teams.of_person(person.id):
        if team.started_at:
            await plan_member(replace(context, found_team=team), person)


async def plan_team(context: Context) -> None:
    """Post to the team's channel all that comes again and again, from now on."""
    for nudge in context.catalog.nudges:
        if nudge.rule and nudge.audience == "team":
            await _plan(context, nudge, None, context.now)


async def _plan(context: Context, nudge: Nudge, person: Person | None, after: datetime) -> None:
    if nudge.rule is None:
        raise LookupError(f"{nudge.name} comes by no rule")
    team, rule = context.team, nudge.rule(context.team, person)
    zone = person.zone if person else team.zone
    await context.store.schedules.put(
        _key(nudge, team, person),
        nudge=nudge.name,
        team_id=team.id,
        person_id=person.id if person else None,
        days=rule.days,
        hour=rule.hour,
        zone=zone,
        next_due_at=next_due(rule.days, rule.hour, zone, after, rule.jitter),
    )


def _key(nudge: Nudge, team: Team, person: Person | None) -> str:
    return key_of(nudge.name, team.id, person.id) if person else f"{nudge.name}:{team.id}"


async def move(store: Store, person: Person, zone: str, now: datetime) -> None:
    """Carry over what a person is asked into the zone they have moved to."""
    asked_at = await store.schedules.last_sent(person.id, CARD)
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
    jitter = jitter_of(schedule.person_id) if schedule.person_id else NO_JITTER
    coming = occurrences(schedule.days, schedule.hour, zone, after, jitter)
    return next(at for day, at in coming if day >= planned.date())


def _is_snoozed(schedule: Schedule) -> bool:
    return schedule.nudge == "checkin-again"


def last_of_the_week(days: tuple[int, ...]) -> int:
    """The working day with the longest rest after it: Friday for most teams, Thursday where Sunday is worked."""
    rest = {day: min((other - day - 1) % 7 for other in days) for day in days}
    return max(days, key=lambda day: (rest[day], day))


async def coming(context: Context, paused_until: date | None, team_id: int | None = None) -> datetime | None:
    """When the person who asks gets their next question, to the minute, of one team or of any; None for none.

    After a pause, on no day that is off, and not today where any team's card has come today.
    """
    since, card = paused_until, await context.store.schedules.day_card(context.me.id, context.today)
    if card:
        since = max(since or context.today, context.today + timedelta(days=1))
    teams = {team.id: team for team in await context.store.teams.of_person(context.me.id)}
    found = []
    for each in await context.store.schedules.of_person(context.me.id):
        team = teams.get(each.team_id)
        if each.nudge == CARD and team and team_id in (None, team.id) and not team.channel_is_archived:
            found.append(await _next_of(context, each, team, since))
    return min((at for at in found if at), default=None)


async def _next_of(context: Context, schedule: Schedule, team: Team, since: date | None) -> datetime | None:
    """When a schedule is next carried out rather than spared."""
    at, zone = schedule.next_due_at, schedule.zone
    if at is None or not schedule.days or not schedule.hour:
        return None
    after = at - jitter_of(context.me.id) - MOMENT
    if since:
        after = max(after, instant_on(since, time(0), zone) - MOMENT)
    calendar = await calendars.of_member(context.store, team, context.me)
    return calendars.next_morning(replace(calendar, days=schedule.days), schedule.hour, zone, after)
