"""The sweep: turns what is due into occurrences and messages on their way, each exactly once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.clock import Clock
from handlers.context import Context
from handlers.local_time import next_due
from handlers.messages import Message
from handlers.rows import Catalog, Done, Nudge, Skipped
from storage import Store
from storage.database import Connection, Database
from storage.directory import Person, halted_among
from storage.schedules import Schedule, due
from storage.teams import Team

BATCH = 100
TRY_AGAIN = timedelta(minutes=15)
TRY_FOR = timedelta(days=7)
A_DAY = timedelta(days=1)
HALTS = ("channel archived", "bot removed")

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
        removed = await halted_among(connection, {schedule.workspace_id for schedule in schedules})
        for schedule in schedules:
            await self._plan_or_skip(connection, schedule, is_removed=schedule.workspace_id in removed)
        return len(schedules)

    async def _plan_or_skip(self, connection: Connection, schedule: Schedule, *, is_removed: bool) -> None:
        """Plan one schedule; a failure of ours costs that one occurrence, not the others of its batch.

        What comes again tomorrow is skipped. What is due only once, such as closing a retro, is tried again
        until it is too old.
        """
        store = Store(connection, schedule.workspace_id)
        following = self._following(schedule)
        await store.schedules.advance(schedule.id, following)
        try:
            async with connection.begin_nested():
                await self._plan(store, schedule, is_removed=is_removed)
        except Exception as problem:  # noqa: BLE001 - one bad row must not stop the rest
            now, day = self._clock.now(), _local_date(schedule)
            log.error("nudge failed", nudge=schedule.nudge, kind=type(problem).__name__)
            if following is None and now.date() - day < TRY_FOR:
                await store.schedules.try_again(schedule.id, now + TRY_AGAIN, day)
            else:
                await store.schedules.occur(schedule, day, now, outcome="skipped", reason="failed")

    def _following(self, schedule: Schedule) -> datetime | None:
        """When a schedule is due after this time; None for one that is due once.

        What was missed while nobody swept is left out, but for what is still within its window.
        """
        if not (schedule.days and schedule.hour and schedule.next_due_at):
            return None
        nudge = self._catalog.nudge_called.get(schedule.nudge)
        oldest = self._clock.now() - (nudge.window if nudge else timedelta())
        return next_due(schedule.days, schedule.hour, schedule.zone, max(schedule.next_due_at, oldest))

    async def _plan(self, store: Store, schedule: Schedule, *, is_removed: bool) -> None:
        day = _local_date(schedule)
        nudge = self._catalog.nudge_called[schedule.nudge]
        team = await store.teams.get(schedule.team_id)
        if team is None:
            raise LookupError(f"schedule {schedule.id} is of no team")
        context = await self._context(store, schedule, team)
        reason = _spared(schedule, nudge, context, day, is_removed=is_removed)
        if reason in HALTS and _is_promised(schedule, nudge):
            await store.schedules.try_again(schedule.id, context.now + A_DAY, day)
            return
        said = Skipped(reason) if reason else await nudge.run(context, schedule)
        outcome = said.reason if isinstance(said, Skipped) else ""
        kept = "skipped" if outcome else "sent"
        if await store.schedules.occur(schedule, day, context.now, outcome=kept, reason=outcome):
            await _promise(context, schedule, day, said)

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


def _local_date(schedule: Schedule) -> date:
    if schedule.local_date:
        return schedule.local_date
    due_at = schedule.next_due_at
    if due_at is None:
        raise ValueError("a schedule that is not due has no date")
    return due_at.astimezone(ZoneInfo(schedule.zone)).date()


def _is_promised(schedule: Schedule, nudge: Nudge) -> bool:
    """Whether it is due once and is done however late, such as closing a review; a reminder is not."""
    return not schedule.days and nudge.window > A_DAY


def _spared(schedule: Schedule, nudge: Nudge, context: Context, day: date, *, is_removed: bool) -> str:
    """Why a nudge is not sent, before its handler is asked; "" where nothing stands in its way."""
    if is_removed:
        return "bot removed"
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


async def _promise(context: Context, schedule: Schedule, day: date, said: Message | Skipped | Done) -> None:
    if not isinstance(said, Message):
        return
    if context.person:
        await context.tell(card_key(schedule, context.person, day), context.person, said, anew=True)
    else:
        await context.post(f"{schedule.key}:{day.isoformat()}", said)


def card_key(schedule: Schedule, person: Person, day: date) -> str:
    """The key of the card a nudge sends: one for each kind, subject, person and day."""
    subject = f":{schedule.subject_id}" if schedule.subject_id else ""
    return f"{schedule.nudge}{subject}:{person.id}:{day.isoformat()}"
