"""When a member of a team may be asked: their days, their hour and their quiet, within what the team allows."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from handlers.local_time import A_DAY, NO_JITTER, Rule, instant, jitter_of, occurrences
from handlers.quiet import Quiet
from handlers.working_days import WorkingDays
from storage import Store
from storage.directory import Person
from storage.teams import Team

NEVER = Quiet(time(0), time(0))
LOOK_AHEAD = 400  # days; nobody is off for longer


async def of_team(store: Store, team: Team) -> WorkingDays:
    """The days a team works."""
    return WorkingDays(team.days, team.region, await store.teams.days_off(team.id))


async def of_member(store: Store, team: Team, person: Person) -> WorkingDays:
    """The days on which a member is asked: their own of the team's, less their own country's holidays."""
    region = team.region if person.region is None else person.region
    return WorkingDays(asked_days(team, person), region, await store.teams.days_off(team.id))


def asked_days(team: Team, person: Person) -> tuple[int, ...]:
    """The ISO weekdays on which a member is asked: their own where the team works on any of them."""
    return tuple(day for day in team.days if person.own_days and day in person.own_days) or team.days


def asked_hour(team: Team, person: Person) -> time:
    """The local time at which a member is asked: their own where the team works then, and never in their quiet."""
    own = person.own_hour
    hour = own if own and works_at(team, own) else team.hour
    quiet = quiet_of(person)
    return quiet.until if quiet.covers(hour) and works_at(team, quiet.until) else hour


def works_at(team: Team, hour: time) -> bool:
    """Whether a local time is within the hours a team works."""
    return team.works_from <= hour < team.works_until


def quiet_of(person: Person) -> Quiet:
    """A person's quiet hours."""
    if person.quiet_from is None or person.quiet_until is None:
        return NEVER
    return Quiet(person.quiet_from, person.quiet_until)


def rule_of(team: Team, person: Person) -> Rule:
    """When a member is asked each day."""
    return Rule(asked_days(team, person), asked_hour(team, person), jitter_of(person.id))


def free_today(team: Team, person: Person, now: datetime) -> datetime | None:
    """The first instant from now on, today, at which a member may be disturbed; None where today is over."""
    local = now.astimezone(ZoneInfo(person.zone))
    quiet = quiet_of(person)
    at = local.time()
    if works_at(team, at) and not quiet.covers(at):
        return now
    starts = [hour for hour in (team.works_from, quiet.until) if hour > at and works_at(team, hour)]
    free = (instant(local.date(), hour, person.zone) for hour in sorted(starts) if not quiet.covers(hour))
    return next((start for start in free if start), None)


def disturbed_until(team: Team, person: Person, now: datetime) -> datetime:
    """The instant, today, from which on a member may not be disturbed any more who may be now."""
    local, quiet = now.astimezone(ZoneInfo(person.zone)), quiet_of(person)
    ends = [team.works_until, *([quiet.since] if quiet != NEVER else [])]
    coming = (instant(local.date(), hour, person.zone) for hour in ends if hour > local.time())
    return min((end for end in coming if end), default=now)


def next_morning(
    calendar: WorkingDays, hour: time, zone: str, after: datetime, jitter: timedelta = NO_JITTER
) -> datetime:
    """The first instant (UTC) after another at which it is `hour` on a day that is worked."""
    coming = islice(occurrences(calendar.days, hour, zone, after, jitter), LOOK_AHEAD)
    return next((at for day, at in coming if not calendar.why_off(day)), after + A_DAY)
