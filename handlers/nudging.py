"""What becomes of a nudge that is due: sent, left out for a reason, or put off until it may come."""

from __future__ import annotations

from datetime import date

from handlers import calendars
from handlers.context import Context
from handlers.day_cards import as_card
from handlers.local_time import A_DAY
from handlers.nudge_cases import Case, Decision, alone, said_as, spared
from handlers.rows import Nudge
from handlers.weekly_cap import is_full
from storage.schedules import Schedule

HALTS = ("channel archived", "bot removed", "stopped")


async def decide(context: Context, schedule: Schedule, day: date, halted: str) -> Decision:
    """What becomes of a schedule that is due for a local date. `halted` is why its workspace gets nothing."""
    nudge = context.catalog.nudge_called[schedule.nudge]
    reason = spared(schedule, nudge, context, day, halted)
    if reason in HALTS and not schedule.days and nudge.window > A_DAY:
        return Decision(later=context.now + A_DAY)  # what was promised for a day is done however late
    if reason:
        return Decision(reason)
    if nudge.audience == "team":
        return await _to_team(context, schedule, nudge, day)
    if nudge.asked_for:
        return await alone(context, schedule, nudge, day)
    return await _to_person(context, schedule, nudge, day)


async def _to_team(context: Context, schedule: Schedule, nudge: Nudge, day: date) -> Decision:
    """What comes again and again to a channel waits for a day that is worked."""
    team = context.team
    calendar = await calendars.of_team(context.store, team)
    if schedule.days and schedule.hour and calendar.why_off(context.today):
        return Decision(later=calendars.next_morning(calendar, schedule.hour, team.zone, context.now))
    said = await nudge.run(context, schedule)
    key = f"{schedule.key}:{day.isoformat()}"
    return said_as(said, key)


async def _to_person(context: Context, schedule: Schedule, nudge: Nudge, day: date) -> Decision:
    case = await _case(context, schedule, nudge, day)
    off = case.calendar.why_off(case.day)
    if off:
        return case.put_off(off)
    free = calendars.free_today(context.team, context.me, context.now)
    if free is None:
        return case.put_off("quiet hours")
    if free > context.now:
        return Decision(later=free)
    return await (_beside(case) if nudge.place == "beside" else as_card(case))


async def _case(context: Context, schedule: Schedule, nudge: Nudge, day: date) -> Case:
    calendar = await calendars.of_member(context.store, context.team, context.me)
    mine = await context.store.schedules.of_person(context.me.id)
    return Case(context, schedule, nudge, calendar, day if schedule.days else context.today, mine)


async def _beside(case: Case) -> Decision:
    """A message of its own: where there is room for it after what is more important this week."""
    said = await alone(case.context, case.schedule, case.nudge, case.day)
    if said.card and await is_full(case, case.nudge.priority):
        return Decision("budget")
    return said
