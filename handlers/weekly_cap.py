"""The weekly cap: how many nudges a person gets in a week, and which are left out where it is reached."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.local_time import A_DAY, Rule, between, instant_on
from handlers.nudge_cases import Case
from storage.schedules import Schedule

WEEKLY_CAP = 8


async def is_full(case: Case, priority: int) -> bool:
    """Whether the week's nudges are used up, those kept that more important ones will need this week."""
    context, me = case.context, case.context.me
    monday = case.day - timedelta(days=case.day.weekday())
    sent = await context.store.schedules.sent_between(me.id, monday, monday + timedelta(days=6))
    room = (me.cap or WEEKLY_CAP) - sent
    if room > 7:
        return False
    return room <= len(_needed(case, priority, monday + timedelta(days=6)))


def _needed(case: Case, priority: int, sunday: date) -> set[date]:
    """The later days of the week on which something more important is to come."""
    rows, zone = case.context.catalog.nudge_called, case.context.me.zone
    until = instant_on(sunday + A_DAY, time(0), zone)
    found: set[date] = set()
    for each in case.mine:
        row = rows.get(each.nudge)
        if row and row.priority < priority and each.next_due_at:
            found |= {day for day in _dates(each, case.context.now, until) if case.day < day <= sunday}
    return {day for day in found if not case.calendar.why_off(day)}


def _dates(schedule: Schedule, now: datetime, until: datetime) -> set[date]:
    if schedule.days and schedule.hour:
        rule = Rule(schedule.days, schedule.hour)
        return {day for day, _ in between(rule, schedule.zone, now, until)}
    at = schedule.next_due_at
    return {at.astimezone(ZoneInfo(schedule.zone)).date()} if at else set()
