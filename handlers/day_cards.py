"""The one card a person gets a day, over all of their teams: who is its host, and what comes within it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers import backing_off, calendars, schedules
from handlers.context import Context
from handlers.local_time import instant, jitter_of
from handlers.messages import Message, about_team
from handlers.nudge_cases import Case, Decision, alone, key_of, said_as, spared
from handlers.weekly_cap import is_full
from storage.schedules import DayCard, Schedule

REMIND_AT = time(15, 0)
# By then it is eight hours since midnight, on the night too in which the clocks are put forward.
LONG_AFTER_MIDNIGHT = time(9, 0)
A_MOMENT = timedelta(seconds=1)  # by which whatever waited for the question comes after it
BEFORE_THE_END, AFTER_THE_CARD = timedelta(hours=1), timedelta(hours=2)


async def as_card(case: Case) -> Decision:
    """The one card of the day, or a part of it."""
    context, schedule = case.context, case.schedule
    host = context.catalog.card
    if await context.store.schedules.day_card(context.me.id, case.day):
        return case.put_off("asked by another team" if case.nudge is host else "another card came that day")
    coming = [each.next_due_at for each in case.mine if each.nudge == host.name and _is_today(case, each)]
    if case.nudge is not host and (due_at := min((at for at in coming if at), default=None)):
        return Decision(later=due_at + A_MOMENT)  # it comes with the question, which is still to come
    if rested := await _rested(case):
        return Decision(later=rested)
    guests = await _guests(case)
    top = min(case.nudge.priority, *(context.catalog.nudge_called[each.nudge].priority for each in guests), 99)
    if await is_full(case, top):
        return case.put_off("budget")
    if case.nudge is host:
        return await _host(case, guests)
    if first := _more_important(case):
        return Decision(later=max(first, context.now) + A_MOMENT)
    if case.nudge.backs_off and backing_off.rests(context.me, case.day, await _last_asked(context)):
        return case.put_off(backing_off.UNANSWERED)
    said = await alone(context, schedule, case.nudge, case.day)
    return await _take(case, said) if said.card else said


def _more_important(case: Case) -> datetime | None:
    """When something that goes before is due today, which decides first whether it needs the day's card."""
    rows = case.context.catalog.nudge_called
    others = (each for each in case.mine if _is_today(case, each) and each.nudge in rows)
    first = (
        each.next_due_at
        for each in others
        if rows[each.nudge].place == "part" and rows[each.nudge].priority < case.nudge.priority
    )
    return min((at for at in first if at), default=None)


async def _rested(case: Case) -> datetime | None:
    """When enough time has passed since what came late the day before; None where it has."""
    if case.context.now.astimezone(ZoneInfo(case.context.me.zone)).time() >= LONG_AFTER_MIDNIGHT:
        return None
    came_at = await case.context.store.schedules.last_nudged(case.context.me.id)
    until = came_at and came_at + schedules.APART
    return until if until and until > case.context.now else None


def _is_today(case: Case, other: Schedule) -> bool:
    """Whether another schedule of theirs is still to come on the same day."""
    at = other.next_due_at
    is_other = at is not None and other.id != case.schedule.id
    return is_other and at is not None and at.astimezone(ZoneInfo(case.context.me.zone)).date() == case.day


async def _guests(case: Case) -> list[Schedule]:
    """What else is due to the person today and may come within the card, the most important first."""
    if case.nudge is not case.context.catalog.card:
        return []
    rows = case.context.catalog.nudge_called
    due = [each for each in case.mine if _is_due(case, each) and each.nudge in rows]
    return sorted(
        (each for each in due if rows[each.nudge].place == "part"), key=lambda each: rows[each.nudge].priority
    )


def _is_due(case: Case, other: Schedule) -> bool:
    at = other.next_due_at
    overdue = at is not None and other.id != case.schedule.id and at <= case.context.now
    return overdue or _is_today(case, other)


async def _host(case: Case, guests: Sequence[Schedule]) -> Decision:
    """The card of the day, with the most important of what may come within it."""
    context, me = case.context, case.context.me
    resting = backing_off.rests(me, case.day, await _last_asked(context))
    also: list[tuple[Schedule, Decision]] = []
    riding, full = None, None
    for each in guests:
        theirs = await _guest(context, each, case.day)
        if theirs is None or (resting and context.catalog.nudge_called[each.nudge].backs_off):
            continue
        if theirs.card is None:
            also.append((each, theirs))
            continue
        riding, full = each, theirs
        break
    return await _compose(case, riding, full, tuple(also), resting)


async def _compose(
    case: Case,
    riding: Schedule | None,
    full: Decision | None,
    also: tuple[tuple[Schedule, Decision], ...],
    resting: str,
) -> Decision:
    """The day's card with its guest; the guest alone where the question is not asked; else nothing."""
    context, me = case.context, case.context.me
    key = key_of(case.nudge, case.schedule, me, case.day)
    slot = DayCard(key, "", None, None, context.team.id)
    if riding:
        slot = replace(slot, guest=riding.nudge, guest_team_id=riding.team_id, guest_subject_id=riding.subject_id)
    if not resting and not await context.store.schedules.take_day(me.id, case.day, slot):
        return case.put_off("asked by another team")
    said = Decision(resting) if resting else said_as(await case.nudge.run(context, case.schedule), key)
    if said.card is None:
        await context.store.schedules.give_day_back(me.id, case.day)
        if riding is None or full is None:
            return await _ask_whether(case, replace(said, also=also))
        if not await _may_stand_alone(context, riding):
            return replace(said, also=also)  # the day is left to what is still to come
        alone = replace(full, rode=False)
        if not await context.store.schedules.take_day(me.id, case.day, DayCard(full.key, "", None, None)):
            return replace(said, also=also)
        return replace(said, also=(*also, (riding, alone)))
    if case.nudge.backs_off:
        await context.store.directory.count_unanswered(me.id, me.unanswered + 1)
    await _remind(case)
    if riding:
        also = (*also, (riding, Decision(rode=True)))
    return replace(said, also=also)


async def _ask_whether(case: Case, instead: Decision) -> Decision:
    """Where several questions went unanswered: ask once whether to go on, in place of the next of them."""
    context, me = case.context, case.context.me
    if instead.reason != backing_off.ASK:
        return instead
    key = f"whether:{me.id}:{case.day.isoformat()}"
    if not await context.store.schedules.take_day(me.id, case.day, DayCard(key, "", None, None)):
        return replace(instead, reason=backing_off.UNANSWERED)
    await context.store.directory.count_unanswered(me.id, me.unanswered + 1)
    return replace(instead, reason="", card=backing_off.question(context), key=key)


async def _last_asked(context: Context) -> date | None:
    if context.me.unanswered < backing_off.IN_A_ROW:
        return None
    at = await context.store.schedules.last_sent(context.me.id, context.catalog.card.name)
    return at and at.astimezone(ZoneInfo(context.me.zone)).date()


async def _guest(context: Context, schedule: Schedule, day: date) -> Decision | None:
    """What a guest would say for itself, in its own team; None where it cannot come now and waits for its turn."""
    nudge = context.catalog.nudge_called[schedule.nudge]
    theirs = await _in_team_of(context, schedule)
    if theirs is None or spared(schedule, nudge, theirs, day, ""):
        return None
    if theirs is not context and (await calendars.of_member(context.store, theirs.team, context.me)).why_off(day):
        return None
    said = await nudge.run(theirs, schedule)
    said = about_team(said, schedule.team_id) if isinstance(said, Message) else said
    return said_as(said, key_of(nudge, schedule, context.me, day))


async def _may_stand_alone(context: Context, guest: Schedule) -> bool:
    """Whether a guest's own time has come, in the hours of its own team; else it waits for that."""
    theirs = await _in_team_of(context, guest)
    is_due = guest.next_due_at is not None and guest.next_due_at <= context.now + A_MOMENT
    return (
        is_due and theirs is not None and calendars.free_today(theirs.team, context.me, context.now) == context.now
    )


async def _in_team_of(context: Context, schedule: Schedule) -> Context | None:
    if schedule.team_id == context.team.id:
        return context
    team = await context.store.teams.get(schedule.team_id)
    membership = await context.store.teams.membership(schedule.team_id, context.me.id)
    return replace(context, found_team=team, membership=membership) if team else None


async def _take(case: Case, said: Decision) -> Decision:
    slot = DayCard(said.key, "", None, None)
    if await case.context.store.schedules.take_day(case.context.me.id, case.day, slot):
        return said
    return case.put_off("another card came that day")


async def _remind(case: Case) -> None:
    """Plan the one reminder of the same afternoon, where it would not come right after the card."""
    context, me = case.context, case.context.me
    if not case.nudge.reminder:
        return
    rules = ZoneInfo(me.zone)
    end = datetime.combine(case.day, context.team.works_until, rules) - BEFORE_THE_END
    hour = min(REMIND_AT, end.time())
    at = instant(case.day, hour, me.zone, jitter_of(me.id))
    if at is None or at < context.now + AFTER_THE_CARD:
        return
    await context.store.schedules.put(
        f"{case.nudge.reminder}:{me.id}",
        nudge=case.nudge.reminder,
        team_id=context.team.id,
        person_id=me.id,
        zone=me.zone,
        local_date=case.day,
        next_due_at=at,
    )
