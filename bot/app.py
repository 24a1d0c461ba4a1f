"""The composition root: from settings and a clock to the running parts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from bot.dispatch import DEADLINE_S, Dispatcher
from bot.nudges.drain import Drain
from bot.nudges.port import Sender
from bot.nudges.sweep import Sweep
from bot.settings import Settings
from handlers.catalog import CATALOG
from storage.database import Database, open_database
from storage.outbox import forget_deliveries

SWEEP_EVERY_S = 5
KEEP_ANSWERS = timedelta(days=8)
TIDY_EVERY = timedelta(hours=1)


@dataclass
class App:
    """The running parts of one process."""

    database: Database
    clock: Clock
    dispatch: Dispatcher
    sweep: Sweep
    drain: Drain
    scheduler: AsyncIOScheduler
    _sending: set[asyncio.Task[int]] = field(default_factory=set)
    _tidy_at: datetime | None = None

    async def tick(self) -> None:
        """One turn of the clockwork: plan what is due, send what was promised, drop what is stale."""
        await self.sweep()
        await self.drain()
        if self._tidy_at is None or self.clock.now() >= self._tidy_at:
            self._tidy_at = self.clock.now() + TIDY_EVERY
            before = self.clock.now() - KEEP_ANSWERS
            await self.database.write(lambda connection: forget_deliveries(connection, before))
            await self.database.tidy()

    def send_soon(self) -> None:
        """Send what was just promised without making anybody wait for it."""
        task = asyncio.create_task(self.drain())
        self._sending.add(task)  # the loop itself keeps no reference to a task
        task.add_done_callback(self._sending.discard)

    async def settle(self) -> None:
        """Wait until what was begun to be sent is sent."""
        while self._sending:
            await asyncio.gather(*self._sending, return_exceptions=True)

    def start(self) -> None:
        """Start the one interval job that drives all nudges."""
        self.scheduler.add_job(self.tick, "interval", seconds=SWEEP_EVERY_S, max_instances=1, coalesce=True)
        self.scheduler.start()

    async def close(self) -> None:
        """Stop the clockwork, finish sending, and give the database back."""
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        await self.settle()
        await self.database.close()


def build(settings: Settings, clock: Clock, senders: Mapping[str, Sender], deadline_s: float = DEADLINE_S) -> App:
    """The running parts for these settings. Nothing is opened or started yet."""
    database = open_database(settings.database_url)
    drain = Drain(database, clock, senders)
    app: App
    dispatch = Dispatcher(database, clock, CATALOG, lambda: app.send_soon(), deadline_s)
    sweep = Sweep(database, clock, CATALOG)
    app = App(database, clock, dispatch, sweep, drain, AsyncIOScheduler(timezone="UTC"))
    return app
