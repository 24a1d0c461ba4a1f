"""Answers that a platform was too busy for: they are kept in the outbox and come later."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock, SystemClock
from bot.nudges.port import Address
from handlers.messages import REPLY, Message
from storage import Store
from storage.database import Connection, Database, DatabaseError
from storage.directory import workspace_called
from storage.lanes import hold, wake

log = structlog.get_logger()


class Later:
    """Keeps answers for people of one platform, to be sent to their own chat."""

    def __init__(self, database: Database, clock: Clock, platform: str) -> None:
        self._database = database
        self._clock = clock
        self._platform = platform

    async def __call__(
        self, workspace: str, person: str, message: Message, at: datetime | None, standing: Address | None
    ) -> None:
        """Keep a message until the time (UTC) that the platform named, by its own ids of workspace and person.

        It takes the place of what is `standing`.
        """
        now = self._clock.now()
        wait = max(at - now, timedelta()) if at else timedelta()

        async def work(connection: Connection) -> None:
            store = Store(connection, await workspace_called(connection, self._platform, workspace) or 0)
            known = await store.directory.person_called(person)
            if known:
                await store.outbox.put(
                    f"answer:{secrets.token_hex(16)}",
                    REPLY.dump_json(message).decode(),
                    now,
                    person_id=known.id,
                    due_at=at or now,
                    address=json.dumps(dict(standing)) if standing else "",
                )
                await store.outbox.make_ready(now)
                told = None if isinstance(self._clock, SystemClock) else now
                await hold(connection, known.workspace_id, told, wait)
                await wake(connection)

        try:
            await self._database.write(work)
        except DatabaseError as problem:
            log.error("answer not kept", kind=type(problem).__name__)
