"""What becomes of a nudge that is due: sent, left out for a reason, or put off until it may come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers import backing_off, calendars
from handlers.context import Context
from handlers.local_time import A_DAY, Rule, between, instant, instant_on, jitter_of
from handlers.messages import Message, about_team
from handlers.rows import Nudge, Skipped
from handlers.working_days import WorkingDays
from storage.directory import Person
from storage.schedules import DayCard, Schedule

WEEKLY_CAP = 8
REMIND_AT = time(15, 0)
BEFORE_THE_END, AFTER_THE_CARD = timedelta(hours=1), timedelta(hours=2)
HALTS = ("channel archived", "bot removed", "stopped")


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one due date: skipped for a `reason`, put off until `later`, or done.

    A `card` is sent under its `key`. What `rode` came as a part of another's card. `also` is what was decided
    of other schedules along with it.
    """

    reason: str = ""
    later: datetime | None = None
    card: Message | None = None
    key: str = ""
    rode: bool = False
    also: tuple[tuple[Schedule, Decision], ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """A nudge that is due to a person: when they may be asked, on which day it counts, and what else is theirs."""

    context: Context
    schedule: Schedule
    nudge: Nudge
    calendar: WorkingDays
    day: date
    mine: Sequence[Schedule]

    @property
    def hour(self) -> time:
        return calendars.asked_hour(self.context.team, self.context.me)

    @property
    def morning(self) -> datetime:
        """When it comes where it cannot come today."""
        context, me = self.context, self.context.me
        end = instant_on(context.today + A_DAY, time(0), me.zone) - timedelta(seconds=1)
        return calendars.next_morning(self.calendar, self.hour, me.zone, end, jitter_of(me.id))

    def put_off(self, reason: str, until: datetime | None = None) -> Decision:
        """Skip what comes again anyway, and a reminder; what comes once comes later."""
        return (
            Decision(reason)
            if self.schedule.days or self.nudge.place == "beside"
            else Decision(later=until or self.morning)
        )


async def decide(context: Context, schedule: Schedule, day: date, halted: str) -> Decision:
    """What becomes of a schedule that is due for a local date. `halted` is why its workspace gets nothing."""
    nudge = context.catalog.nudge_called[schedule.nudge]
    reason = _spared(schedule, nudge, context, day, halted)
    if reason in HALTS and not schedule.days and nudge.window > A_DAY:
        return Decision(later=context.now + A_DAY)  # what was promised for a day is done however late
    if reason:
        return Decision(reason)
    if nudge.audience == "team":
        return await _to_team(context, schedule, nudge, day)
    if nudge.asked_for:
        return await _alone(context, schedule, nudge, day)
    return await _to_person(context, schedule, nudge, day)


def _spared(schedule: Schedule, nudge: Nudge, context: Context, day: date, halted: str) -> str:
    """Why a nudge is not sent, whatever it says; "" where nothing stands in its way."""
    if halted:
        return halted
    if context.team.channel_is_archived:
        return "channel archived"
    if schedule.next_due_at and context.now - schedule.next_due_at > nudge.window:
        return "late"
    person = context.person
    if person is None:
        return "" if nudge.audience == "team" else "not askable"
    if not person.is_askable:
        return "not askable"
    if context.membership is None:
        return "not in the team"
    if person.paused_until and day < person.paused_until:
        return "paused"
    return ""


async def _to_team(context: Context, schedule: Schedule, nudge: Nudge, day: date) -> Decision:
    """What comes again and again to a channel waits for a day that is worked."""
    team = context.team
    calendar = await calendars.of_team(context.store, team)
    if schedule.days and schedule.hour and calendar.why_off(context.today):
        return Decision(later=calendars.next_morning(calendar, schedule.hour, team.zone, context.now))
    said = await nudge.run(context, schedule)
    key = f"{schedule.key}:{day.isoformat()}"
    return _said(said, key)


def _said(said: object, key: str) -> Decision:
    if isinstance(said, Skipped):
        return Decision(said.reason)
    return Decision(card=said if isinstance(said, Message) else None, key=key)


async def _alone(context: Context, schedule: Schedule, nudge: Nudge, day: date) -> Decision:
    return _said(await nudge.run(context, schedule), key_of(nudge, schedule, context.me, day))


def key_of(nudge: Nudge, schedule: Schedule, person: Person, day: date) -> str:
    """The key of the card a nudge sends: its own, else one for each kind, subject, person and day."""
    if nudge.key:
        return nudge.key(schedule, person)
    subject = f":{schedule.subject_id}" if schedule.subject_id else ""
    return f"{nudge.name}{subject}:{person.id}:{day.isoformat()}"


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
    return await (_beside(case) if nudge.place == "beside" else _as_card(case))


async def _case(context: Context, schedule: Schedule, nudge: Nudge, day: date) -> _Case:
    calendar = await calendars.of_member(context.store, context.team, context.me)
    mine = await context.store.schedules.of_person(context.me.id)
    return _Case(context, schedule, nudge, calendar, day if schedule.days else context.today, mine)


async def _beside(case: _Case) -> Decision:
    """A message of its own: where there is room for it after what is more important this week."""
    said = await _alone(case.context, case.schedule, case.nudge, case.day)
    if said.card and await _is_full(case, case.nudge.priority):
        return Decision("budget")
    return said


async def _as_card(case: _Case) -> Decision:
    """The one card of the day, or a part of it."""
    context, schedule = case.context, case.schedule
    host = context.catalog.card
    if await context.store.schedules.day_card(context.me.id, case.day):
        return case.put_off("asked by another team" if case.nudge is host else "another card came that day")
    coming = [each.next_due_at for each in case.mine if each.nudge == host.name and _is_today(case, each)]
    if case.nudge is not host and (due_at := min((at for at in coming if at), default=None)):
        return Decision(later=due_at + timedelta(seconds=1))  # it comes with the question, which is still to come
    guests = await _guests(case)
    top = min(case.nudge.priority, *(context.catalog.nudge_called[each.nudge].priority for each in guests), 99)
    if await _is_full(case, top):
        return case.put_off("budget")
    if case.nudge is host:
        return await _host(case, guests)
    said = await _alone(context, schedule, case.nudge, case.day)
    return await _take(case, said) if said.card else said


def _is_today(case: _Case, other: Schedule) -> bool:
    """Whether another schedule of theirs is still to come on the same day."""
    at = other.next_due_at
    is_other = at is not None and other.id != case.schedule.id
    return is_other and at is not None and at.astimezone(ZoneInfo(case.context.me.zone)).date() == case.day


async def _guests(case: _Case) -> list[Schedule]:
    """What else is due to the person today and may come within the card, the most important first."""
    if case.nudge is not case.context.catalog.card:
        return []
    rows = case.context.catalog.nudge_called
    due = [each for each in case.mine if _is_due(case, each) and each.nudge in rows]
    return sorted(
        (each for each in due if rows[each.nudge].place == "part"), key=lambda each: rows[each.nudge].priority
    )


def _is_due(case: _Case, other: Schedule) -> bool:
    at = other.next_due_at
    overdue = at is not None and other.id != case.schedule.id and at <= case.context.now
    return overdue or _is_today(case, other)


async def _host(case: _Case, guests: Sequence[Schedule]) -> Decision:
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
    case: _Case,
    riding: Schedule | None,
    full: Decision | None,
    also: tuple[tuple[Schedule, Decision], ...],
    resting: str,
) -> Decision:
    """The day's card with its guest; the guest alone where the question is not asked; else nothing."""
    context, me = case.context, case.context.me
    key = key_of(case.nudge, case.schedule, me, case.day)
    slot = DayCard(key, "", None, None)
    if riding:
        slot = DayCard(key, riding.nudge, riding.team_id, riding.subject_id)
    if not resting and not await context.store.schedules.take_day(me.id, case.day, slot):
        return case.put_off("asked by another team")
    said = Decision(resting) if resting else _said(await case.nudge.run(context, case.schedule), key)
    if said.card is None:
        await context.store.schedules.give_day_back(me.id, case.day)
        if riding is None or full is None:
            return await _ask_whether(case, replace(said, also=also))
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


async def _ask_whether(case: _Case, instead: Decision) -> Decision:
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
    if theirs is None or _spared(schedule, nudge, theirs, day, ""):
        return None
    said = await nudge.run(theirs, schedule)
    said = about_team(said, schedule.team_id) if isinstance(said, Message) else said
    return _said(said, key_of(nudge, schedule, context.me, day))


async def _in_team_of(context: Context, schedule: Schedule) -> Context | None:
    if schedule.team_id == context.team.id:
        return context
    team = await context.store.teams.get(schedule.team_id)
    membership = await context.store.teams.membership(schedule.team_id, context.me.id)
    return replace(context, found_team=team, membership=membership) if team else None


async def _take(case: _Case, said: Decision) -> Decision:
    slot = DayCard(said.key, "", None, None)
    if await case.context.store.schedules.take_day(case.context.me.id, case.day, slot):
        return said
    return case.put_off("another card came that day")


async def _remind(case: _Case) -> None:
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


async def _is_full(case: _Case, priority: int) -> bool:
    """Whether the week's nudges are used up, those kept that more important ones will need this week."""
    context, me = case.context, case.context.me
    monday = case.day - timedelta(days=case.day.weekday())
    sent = await context.store.schedules.sent_between(me.id, monday, monday + timedelta(days=6))
    room = (me.cap or WEEKLY_CAP) - sent
    if room > 7:
        return False
    return room <= len(_needed(case, priority, monday + timedelta(days=6)))


def _needed(case: _Case, priority: int, sunday: date) -> set[date]:
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
