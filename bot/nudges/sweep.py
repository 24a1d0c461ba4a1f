"""The sweep: turns what is due into occurrences and messages on their way, each exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.clock import Clock
from handlers.context import Context
from handlers.local_time import JITTER_S, NO_JITTER, instant, jitter_of, next_due
from handlers.messages import Message
from handlers.nudge_cases import Decision
from handlers.nudging import decide
from handlers.rows import Catalog
from storage import Store
from storage.database import Connection, Database
from storage.directory import halted_among
from storage.lanes import make_ready, wake
from storage.schedules import Schedule, due
from storage.teams import Team

BATCH = 100
TRY_AGAIN = timedelta(minutes=15)
TRY_FOR = timedelta(days=7)
MOST_JITTER = timedelta(seconds=JITTER_S)

log = structlog.get_logger()


class Sweep:
    """Plans what is due. Any number of processes may sweep the same database."""

    def __init__(self, database: Database, clock: Clock, catalog: Catalog) -> None:
        self._database = database
        self._clock = clock
        self._catalog = catalog

    async def __call__(self) -> int:
        """Plan all that is due now. Returns how many schedules were due."""
        planned = 0
        while found := await self._batch():
            planned += found
        return planned

    async def _batch(self) -> int:
        if not await self._database.read(self._is_due):
            return 0  # nothing is due most of the time, and reading waits for no writer
        return await self._database.write(self._plan_batch)

    async def _is_due(self, connection: Connection) -> bool:
        return bool(await due(connection, self._clock.now(), limit=1))

    async def _plan_batch(self, connection: Connection) -> int:
        schedules = await due(connection, self._clock.now(), limit=BATCH)
        halted = await halted_among(connection, {schedule.workspace_id for schedule in schedules})
        settled: set[int] = set()
        stores: dict[int, Store] = {}
        # Always in this order, so that two who plan at once never wait for each other's people.
        for schedule in sorted(schedules, key=lambda each: (each.workspace_id, each.person_id or 0)):
            if schedule.id not in settled:
                number = schedule.workspace_id
                store = stores.setdefault(number, Store(connection, number))
                store.outbox.planned = True
                settled |= await self._plan_or_skip(store, schedule, halted.get(number, ""))
        posted = {number for number, store in stores.items() if store.outbox.posted}
        await make_ready(connection, posted, self._clock.now())
        if posted:
            await wake(connection)
        return len(schedules)

    async def _plan_or_skip(self, store: Store, schedule: Schedule, halted: str) -> set[int]:
        """Plan one schedule; a failure of ours costs that one occurrence, not the others of its batch.

        What comes again tomorrow is skipped. What is due only once, such as closing a retro, is tried again
        until it is too old. Returns the schedules that were settled along with it.
        """
        try:
            async with store.outbox.connection.begin_nested():
                return await self._plan(store, schedule, halted)
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

    async def _plan(self, store: Store, schedule: Schedule, halted: str) -> set[int]:
        team = await store.teams.get(schedule.team_id)
        if team is None:
            raise LookupError(f"schedule {schedule.id} is of no team")
        context = await self._context(store, schedule, team)
        decision = await decide(context, schedule, _local_date(schedule), halted)
        for each, theirs in (*decision.also, (schedule, decision)):
            await self._settle(context, each, theirs)
        return {schedule.id, *(each.id for each, _ in decision.also)}

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

    async def _context(self, store: Store, schedule: Schedule, team: Team) -> Context:
        person = await store.directory.person(schedule.person_id) if schedule.person_id else None
        membership = await store.teams.membership(team.id, person.id) if person else None
        return Context(
            person=person,
            found_team=team,
            membership=membership,
            channel_id=None,
            now=self._clock.now(),
            store=store,
            catalog=self._catalog,
        )


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
    if schedule.person_id and context.person:
        await context.tell(key, context.person, said, anew=True)
    else:
        await context.post(key, said)
