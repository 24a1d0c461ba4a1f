"""The composition root: from settings and a clock to the running parts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.background import Background
from bot.clock import Clock
from bot.crashes import Crash, nowhere
from bot.dispatch import DEADLINE_S, Dispatcher, Introduce
from bot.metrics import Metrics
from bot.nudges.drain import LEASE_S, SEND_DEADLINE_S, Drain
from bot.nudges.port import Sender
from bot.nudges.repair import Repair
from bot.nudges.sweep import Sweep
from bot.nudges.upgrading import Upgrading
from bot.nudges.zones import ZoneData
from bot.readiness import Readiness, beat
from bot.settings import Settings
from bot.timed import TimedDatabase
from handlers.catalog import CATALOG
from storage.database import Database, open_database
from storage.installations import forget_states
from storage.listening import listen
from storage.outbox import forget_deliveries

if TYPE_CHECKING:
    from bot.slack.connect import Slack
    from bot.teams.connect import Teams

SWEEP_EVERY_S = 5
KEEP_ANSWERS = timedelta(days=8)
TIDY_EVERY = timedelta(hours=1)
CLOSE_S = 4.5


@dataclass
class App:
    """The running parts of one process."""

    database: TimedDatabase
    clock: Clock
    dispatch: Dispatcher
    zone_data: ZoneData
    upgrading: Upgrading
    sweep: Sweep
    drain: Drain
    repair: Repair
    scheduler: AsyncIOScheduler
    background: Background
    metrics: Metrics
    readiness: Readiness
    platforms: tuple[str, ...]
    url: str
    swept_at: datetime | None = None
    slack: Slack | None = None
    teams: Teams | None = None
    _tidy_at: datetime | None = None
    _listening: asyncio.Task[None] | None = None

    async def tick(self) -> None:
        """One turn of the clockwork: plan what is due, send what was promised, drop what is stale."""
        await self.plan()
        await self.drain()
        await self.look_after()

    async def beat(self) -> None:
        """As a turn of the clockwork, beside a drain that runs: planning waits for nothing that is sent."""
        await self.plan()
        self.drain.wake()
        await self.look_after()

    async def plan(self) -> None:
        """Plan what is due."""
        await self.zone_data()
        await self.upgrading()
        await self.sweep()
        self.swept_at = self.clock.now()

    async def look_after(self) -> None:
        """Look for messages that nobody would send, do the bot's own chores, and drop what is stale."""
        await self.repair()
        if self.slack:
            await self.slack.chores()
        if self.teams:
            await self.teams.chores()
        if self._tidy_at is None or self.clock.now() >= self._tidy_at:
            self._tidy_at = self.clock.now() + TIDY_EVERY
            before = self.clock.now() - KEEP_ANSWERS
            await self.database.write(lambda connection: forget_deliveries(connection, before))
            await self.database.write(lambda connection: forget_states(connection, self.clock.now()))
            await self.database.tidy()

    def sweep_age_s(self) -> float | None:
        """Seconds since a sweep last ended well here; None where none has."""
        return (self.clock.now() - self.swept_at).total_seconds() if self.swept_at else None

    def send_soon(self, workspace_id: int) -> None:
        """Send what a workspace has just promised without making anybody wait for it."""
        self.background.soon(self.drain.at_once(workspace_id))

    async def settle(self) -> None:
        """Wait until what was begun to be sent is sent."""
        await self.background.settle()

    async def prepare(self) -> None:
        """Look at what is kept. Raises storage.secrets.SecretsError where its keys do not open it."""
        if self.slack:
            await self.slack.installs.prepare()
        if self.teams:
            await self.teams.prepare()

    def start(self) -> None:
        """Start the one interval job that plans all nudges, and the drain that sends them."""
        began = self.clock.now()
        self.readiness.watch("scheduler", beat(self.clock, lambda: self.swept_at or began))
        self.scheduler.add_job(
            self._turn,
            "interval",
            seconds=SWEEP_EVERY_S,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=began,
        )
        self.scheduler.start()
        self.background.soon(self.drain.run())
        self._listening = asyncio.create_task(listen(self.url, self.drain.wake))

    async def _turn(self) -> None:
        # A task of its own: shutting the scheduler down cancels its jobs, wherever they are.
        await asyncio.wait({self.background.soon(self.beat())})

    def stop(self) -> None:
        """Plan nothing more and begin to send nothing more; what is being sent goes on."""
        self.drain.stop()
        if self.scheduler.running:
            self.scheduler.pause()

    async def close(self, within_s: float = CLOSE_S) -> None:
        """Stop, finish what is being sent or break it off after a while, and give the database back."""
        self.stop()
        await self.background.end(within_s)
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        if self.slack:
            await self.slack.chores.close()
            await self.slack.close()
        if self.teams:
            await self.teams.chores.close()
            await self.teams.close()
        await self.database.close()


def build(
    settings: Settings,
    clock: Clock,
    senders: Mapping[str, Sender] | None = None,
    deadline_s: float = DEADLINE_S,
    *,
    lease_s: float = LEASE_S,
    send_s: float = SEND_DEADLINE_S,
    crash: Crash = nowhere,
) -> App:
    """The running parts for these settings. Nothing is opened or started yet. `senders` are added to them."""
    metrics, background = Metrics(), Background()
    database = TimedDatabase(open_database(settings.database_url), metrics.transacted)
    slack = _slack(settings, database, clock, background, deadline_s)
    teams = _teams(settings, database, clock, background)
    all_senders: dict[str, Sender] = dict(senders or {})
    introduce: Introduce | None = None
    if slack:
        all_senders["slack"] = slack.sender
        introduce = slack.people.introduce
    if teams:
        all_senders["teams"] = teams.sender
    drain = Drain(database, clock, all_senders, metrics, lease_s=lease_s, send_s=send_s, crash=crash)
    app: App
    dispatch = Dispatcher(
        database,
        clock,
        CATALOG,
        lambda workspace: app.send_soon(workspace),
        deadline_s,
        introduce,
        metrics,
        crash=crash,
    )
    if slack:
        slack.listen(dispatch)
    if teams:
        teams.listen(dispatch)
    sweep = Sweep(database, clock, CATALOG, crash)
    app = App(
        database,
        clock,
        dispatch,
        ZoneData(database, clock),
        Upgrading(database, clock, CATALOG),
        sweep,
        drain,
        Repair(database, clock),
        AsyncIOScheduler(timezone="UTC"),
        background,
        metrics,
        Readiness(database, settings.database_url, clock, tuple(all_senders)),
        tuple(all_senders),
        settings.database_url,
        slack=slack,
        teams=teams,
    )
    if teams:
        app.readiness.watch("teams keys", teams.problem)
    return app


def _slack(
    settings: Settings, database: Database, clock: Clock, background: Background, deadline_s: float
) -> Slack | None:
    """Slack, where it is set up; its libraries are not imported where it is not."""
    if not settings.has_slack:
        return None
    from bot.slack.connect import Slack

    return Slack(settings, database, clock, background, deadline_s)


def _teams(settings: Settings, database: Database, clock: Clock, background: Background) -> Teams | None:
    """Teams, where it is set up; its libraries are not imported where it is not."""
    if not settings.has_teams:
        return None
    from bot.teams.connect import Teams

    return Teams(settings, database, clock, background)
