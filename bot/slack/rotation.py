"""Exchanging tokens that run out: by one process at a time, and never given up half-way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.nudges.port import NotSent
from bot.slack.granting import Granting, NotGranted, Tokens
from bot.slack.installs import PLATFORM
from storage.database import Connection, Database
from storage.directory import workspace_called
from storage.installations import Installation, Installations, keep_exchanged
from storage.secrets import Vault

LEASE = timedelta(seconds=60)  # several times what a call to Slack may take

log = structlog.get_logger()


def sealed(vault: Vault, workspace: str, tokens: Tokens) -> dict[str, object]:
    """A workspace's tokens as they are kept."""
    data = {"token": tokens.token, "refresh_token": tokens.refresh_token}
    return {"sealed": vault.seal(workspace, data), "expires_at": tokens.expires_at}


class Rotation:
    """Exchanges tokens. `ended` is told of a workspace whose tokens Slack takes no more, and of which install."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        vault: Vault,
        granting: Granting,
        ended: Callable[[str, datetime], Awaitable[None]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._granting = granting
        self._ended = ended
        self._running: dict[str, asyncio.Task[None]] = {}

    async def __call__(self, workspace: str, left: timedelta) -> None:
        """Exchange a workspace's token if it has less than `left` to live and no other process is at it.

        All who ask here at once wait for one exchange, which goes on where nobody waits any more: what
        Slack hands out must be kept. Raises NotSent where Slack cannot do it now, and SecretsError.
        """
        task = self._running.get(workspace)
        if task is None:
            task = self._running[workspace] = asyncio.create_task(self._exchange(workspace, left))
            task.add_done_callback(lambda done: self._finished(workspace, done))
        await asyncio.shield(task)

    async def close(self) -> None:
        """Finish the exchanges that have begun."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _finished(self, workspace: str, task: asyncio.Task[None]) -> None:
        self._running.pop(workspace, None)
        if not task.cancelled():
            task.exception()  # whoever waited was told; nobody may be waiting any more

    async def _exchange(self, workspace: str, left: timedelta) -> None:
        until = self._clock.now() + LEASE
        begun = await self._begin(workspace, left, until)
        if begun is None:
            return
        try:
            kept = self._vault.open(workspace, begun.sealed)
            tokens = await self._granting.for_refresh_token(kept["refresh_token"])
        except NotSent:
            await self._end(begun, until, {})
            raise
        except NotGranted as final:
            await self._end(begun, until, {})
            await self._refused(workspace, begun, str(final))
        else:
            await self._end(begun, until, sealed(self._vault, workspace, tokens))
            log.info("token exchanged", workspace=workspace)

    async def _begin(self, workspace: str, left: timedelta, until: datetime) -> Installation | None:
        now = self._clock.now()

        async def work(connection: Connection) -> Installation | None:
            number = await workspace_called(connection, PLATFORM, workspace)
            here = Installations(connection, number) if number else None
            return await here.begin_exchange(now, now + left, until) if here else None

        return await self._database.write(work)

    async def _end(self, begun: Installation, until: datetime, values: Mapping[str, object]) -> None:
        await keep_exchanged(self._database, begun, until, **values)

    async def _refused(self, workspace: str, begun: Installation, why: str) -> None:
        """The refresh token is dead. What is left of the token is used up; then only an install helps."""
        log.error("token cannot be exchanged: the workspace has to install again", workspace=workspace, reason=why)
        if begun.expires_at and begun.expires_at <= self._clock.now():
            await self._ended(workspace, begun.installed_at)
