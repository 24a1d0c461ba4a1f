"""The sweep: turns what is due into occurrences and messages on their way, each exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.clock import Clock
from bot.crashes import Crash, nowhere
from handlers import calendars
from handlers.context import Context
from handlers.local_time import A_DAY, JITTER_S, NO_JITTER, instant, jitter_of, next_due
from handlers.messages import Message
from handlers.nudge_cases import Decision
from handlers.nudging import decide
from handlers.rows import Catalog
from storage import Store
from storage.database import Busy, Connection, Database
from storage.directory import halted_among
from storage.lanes import make_ready, wake
from storage.planning import Due, due, is_due
from storage.schedules import Schedule

BATCH = 100
TRY_AGAIN = timedelta(minutes=15)
TRY_FOR = timedelta(days=7)
MOST_JITTER = timedelta(seconds=JITTER_S)

# Plans one schedule in its store, whose workspace gets nothing for this reason. Returns what was settled.
Plan = Callable[[Store, Due, str], Awaitable[set[int]]]

log = structlog.get_logger()


class Sweep:
    """Plans what is due. Any number of processes may sweep the same database."""

    def __init__(self, database: Database, clock: Clock, catalog: Catalog, crash: Crash = nowhere) -> None:
        self._database = database
        self._clock = clock
        self._catalog = catalog
        self._crash = crash

    async def __call__(self) -> int:
        """Plan all that is due now. Returns how many schedules were due."""
        planned = 0
        while found := await self._batch():
            planned += found
        return planned

    async def _batch(self) -> int:
        now = self._clock.now()
        if not await self._database.read(lambda connection: is_due(connection, now)):
            return 0  # nothing is due most of the time, and reading waits for no writer
        try:
            planned = await self._database.write(lambda connection: self._plan_batch(connection, self._plan))
        except Exception as problem:  # noqa: BLE001 - one by one, it costs nobody but those whom it is about
            log.warning("planning one by one", kind=type(problem).__name__)
            planned = await self._database.write(
                lambda connection: self._plan_batch(connection, self._plan_or_skip)
            )
        self._crash("sweep.committed")
        return planned

    async def _plan_batch(self, connection: Connection, plan: Plan) -> int:
        self._crash("sweep.begun")
        found = await due(connection, self._clock.now(), BATCH)
        self._crash("sweep.found")
        halted = await halted_among(connection, {each.schedule.workspace_id for each in found})
        stores = {each.schedule.workspace_id: _store(connection, each.schedule.workspace_id) for each in found}
        settled: set[int] = set()
        planned: set[int | None] = set()
        # Always in this order, so that two who plan at once never wait for each other's people.
        for each in sorted(found, key=lambda each: (each.schedule.workspace_id, each.schedule.person_id or 0)):
            number, person = each.schedule.workspace_id, each.schedule.person_id
            if each.schedule.id in settled:
                continue
            anew = await _read_anew(stores[number], each) if person in planned else each
            settled |= await plan(stores[number], anew, halted.get(number, ""))
            planned.add(person)
        self._crash("sweep.planned")
        posted = {number for number, store in stores.items() if store.outbox.posted}
        await make_ready(connection, posted, self._clock.now())
        if posted:
            await wake(connection)
        self._crash("sweep.ready")
        return len(found)

    async def _plan_or_skip(self, store: Store, each: Due, halted: str) -> set[int]:
        """Plan one schedule; a failure of ours costs that one occurrence, not the others of its batch.

        What comes again tomorrow is skipped. What is due only once, such as closing a retro, is tried again
        until it is too old. Returns the schedules that were settled along with it.
        """
        schedule = each.schedule
        try:
            async with store.outbox.connection.begin_nested():
                return await self._plan(store, each, halted)
        except Busy:
            raise  # nobody's nudge failed: the whole batch is planned again, by the next turn
        except Exception as problem:  # noqa: BLE001 - one bad row must not stop the rest
            now, day = self._clock.now(), _local_date(schedule)
            log.error("nudge failed", nudge=schedule.nudge, kind=type(problem).__name__)
            following = self._following(schedule)
            await store.schedules.advance(schedule.id, following)
            if following is None and now.date() - day < TRY_FOR:
                await store.schedules.try_again(schedule.id, now + TRY_AGAIN, day)
            else:
                await store.schedules.occur(schedule, day, now, outcome="skipped", reason="failed")
            return {schedule.id}

    def _following(self, schedule: Schedule) -> datetime | None:
        """When a schedule is due after this time; None for one that is due once.

        What was missed while nobody swept is left out, but for what is still within its window.
        """
        if not (schedule.days and schedule.hour and schedule.next_due_at):
            return None
        nudge = self._catalog.nudge_called.get(schedule.nudge)
        oldest = self._clock.now() - (nudge.window if nudge else timedelta())
        after = max(schedule.next_due_at, oldest)
        jitter = jitter_of(schedule.person_id) if schedule.person_id else NO_JITTER
        return next_due(schedule.days, schedule.hour, schedule.zone, after, jitter)

    async def _plan(self, store: Store, each: Due, halted: str) -> set[int]:
        schedule = each.schedule
        if each.team is None:
            raise LookupError(f"schedule {schedule.id} is of no team")
        context = Context(
            person=each.person,
            found_team=each.team,
            membership=each.membership,
            channel_id=None,
            now=self._clock.now(),
            store=store,
            catalog=self._catalog,
        )
        decision = await decide(context, schedule, _local_date(schedule), halted)
        for one, theirs in (*decision.also, (schedule, decision)):
            await self._settle(context, one, theirs)
        return {schedule.id, *(one.id for one, _ in decision.also)}

    async def _settle(self, context: Context, schedule: Schedule, decision: Decision) -> None:
        """Record what becomes of a due date, and send what is to be sent."""
        schedules, day = context.store.schedules, _local_date(schedule)
        if decision.later:
            await self._put_off(context, schedule, day, decision.later)
            return
        await schedules.advance(schedule.id, self._following(schedule))
        outcome = "skipped" if decision.reason else "sent"
        values = {"outcome": outcome, "reason": decision.reason, "rode": decision.rode}
        is_new = await schedules.occur(_as_ruled(schedule, day), day, context.now, **values)
        if is_new and decision.card:
            await _promise(context, schedule, decision.key, decision.card)

    async def _put_off(self, context: Context, schedule: Schedule, day: date, later: datetime) -> None:
        """Make a schedule due later; what comes again by then comes then too.

        What is for a team stays for its own date, such as the summary of a week.
        """
        following = self._following(schedule)
        if following is None or later < following:
            await context.store.schedules.try_again(schedule.id, later, None if schedule.person_id else day)
            return
        await context.store.schedules.advance(schedule.id, following)
        await context.store.schedules.put(
            f"{schedule.key}:{day.isoformat()}",
            nudge=schedule.nudge,
            team_id=schedule.team_id,
            person_id=schedule.person_id,
            subject_id=schedule.subject_id,
            zone=schedule.zone,
            local_date=day,
            next_due_at=later,
        )


def _store(connection: Connection, number: int) -> Store:
    store = Store(connection, number)
    store.outbox.planned = True
    return store


async def _read_anew(store: Store, each: Due) -> Due:
    """Somebody as they are after what was planned for them in the same batch."""
    person = await store.directory.person(each.person.id) if each.person else None
    return replace(each, person=person)


def _as_ruled(schedule: Schedule, day: date) -> Schedule:
    """What comes again and again as it was due by its rule, which is what people know: without its jitter."""
    ruled = instant(day, schedule.hour, schedule.zone) if schedule.days and schedule.hour else None
    is_late = schedule.next_due_at and ruled and schedule.next_due_at - ruled > MOST_JITTER
    return schedule if ruled is None or is_late else replace(schedule, next_due_at=ruled)


def _local_date(schedule: Schedule) -> date:
    if schedule.local_date:
        return schedule.local_date
    due_at = schedule.next_due_at
    if due_at is None:
        raise ValueError("a schedule that is not due has no date")
    return due_at.astimezone(ZoneInfo(schedule.zone)).date()


async def _promise(context: Context, schedule: Schedule, key: str, said: Message) -> None:
    """Send it; a nudge only within its window, and while its person may still be disturbed today."""
    if not (schedule.person_id and context.person):
        await context.post(key, said)
        return
    nudge = context.catalog.nudge_called[schedule.nudge]
    until = context.now + min(nudge.window, A_DAY)
    if not nudge.asked_for:
        until = min(until, calendars.disturbed_until(context.team, context.person, context.now))
    await context.tell(key, context.person, said, anew=True, until=until)
