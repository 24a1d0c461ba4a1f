"""When a pulse comes, and about which work: what is being built, a few at a time, in turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from handlers import calendars, periods
from handlers.context import Context
from handlers.local_time import Rule
from storage.directory import Person
from storage.initiatives import Initiative, Status
from storage.reflections import Period, pulse
from storage.schedules import Schedule
from storage.teams import Team

NUDGE = "pulse"
AT_ONCE = 5
WEEK = timedelta(days=7)


def rule(team: Team, person: Person | None) -> Rule:
    """Each member on the middle one of the days on which they are asked. Raises LookupError for a channel."""
    if person is None:
        raise LookupError("a channel has no pulse")
    each_day = calendars.rule_of(team, person)
    return replace(each_day, days=(middle(each_day.days),))


def middle(days: tuple[int, ...]) -> int:
    """The middle one of ISO weekdays, counted from the first after the longest rest; the later of two."""
    ordered = sorted(set(days))
    rest = {day: (day - before - 1) % 7 for before, day in zip([ordered[-1], *ordered], ordered, strict=False)}
    first = max(ordered, key=lambda day: (rest[day], -day))
    return sorted(ordered, key=lambda day: (day - first) % 7)[len(ordered) // 2]


def day_of(schedule: Schedule) -> date:
    """The local date that a schedule is due on. Raises ValueError for one that is not due."""
    if schedule.next_due_at is None:
        raise ValueError("a schedule that is not due has no date")
    return schedule.local_date or schedule.next_due_at.astimezone(ZoneInfo(schedule.zone)).date()


def key_of(schedule: Schedule, person: Person) -> str:
    """The key of a person's card for the week that a schedule is due in."""
    return card_key(schedule.team_id, person.id, monday(day_of(schedule)))


def card_key(team_id: int, person_id: int, week: date) -> str:
    """The key of a person's card for a week, which its Monday names."""
    return f"{NUDGE}:{team_id}:{person_id}:{week.isoformat()}"


def monday(day: date) -> date:
    """The Monday by which the week of a date is known."""
    return periods.week_of(day).starts_on


def period(initiative_id: int, week: date) -> Period:
    """The week of that Monday, for figures over the answers about one initiative."""
    question = pulse(initiative_id)
    return Period(question, week, week + WEEK - timedelta(days=1), question)


async def asked_about(context: Context, week: date) -> list[Initiative]:
    """What everybody is asked about in the week of that Monday: at most five of what was being built by then.

    Where there are more they take turns, so that what was asked about longest ago comes next.
    """
    found = await context.store.initiatives.of_team(context.team.id, Status.BUILDING)
    rules = ZoneInfo(context.team.zone)
    begun = [each for each in reversed(found) if _began(each, rules) < week + WEEK]
    if len(begun) <= AT_ONCE:
        return begun
    first = week.toordinal() // 7 * AT_ONCE % len(begun)
    return (begun * 2)[first : first + AT_ONCE]


def _began(initiative: Initiative, rules: ZoneInfo) -> date:
    return (initiative.started_at or initiative.created_at).astimezone(rules).date()
