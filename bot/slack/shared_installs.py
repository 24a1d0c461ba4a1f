"""Installs in any number of workspaces, by OAuth: their tokens stand sealed in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.dispatch import DEADLINE_S
from bot.nudges.port import NotSent
from bot.slack.granting import Grant, Granting
from bot.slack.installs import CHORES, KEPT_FOR, KNOWN_FOR, PATIENCE, PLATFORM, Install, wanted
from bot.slack.renewals import Renewals
from bot.slack.rotation import Rotation, sealed
from storage.chores import ChoreList
from storage.database import Connection, Database
from storage.directory import leave_workspace, workspace_called
from storage.installations import Installation, Installations, install
from storage.keys import check_keys, reseal
from storage.secrets import SecretsError, Vault

KEPT_AT_MOST = 10_000
EARLY = timedelta(hours=2)
LATE = timedelta(minutes=2)
ASK_AGAIN = timedelta(seconds=5)
LOOK_AGAIN = timedelta(minutes=5)
NEVER_RUNS_OUT = timedelta(hours=12)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Found:
    """An install as it was read at an instant."""

    install: Install
    expires_at: datetime | None
    read_at: datetime

    def runs_out_by(self, at: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= at

    def is_fresh(self, now: datetime) -> bool:
        return self.is_known(now, KEPT_FOR) and not self.runs_out_by(now)

    def is_known(self, now: datetime, since: timedelta = KNOWN_FOR) -> bool:
        return timedelta() <= now - self.read_at < since


class SharedInstalls:
    """The workspaces that installed the bot. Tokens are exchanged by one process at a time, ahead of time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        vault: Vault,
        granting: Granting,
        chores: tuple[str, ...] = CHORES,
        patience_s: float = PATIENCE * DEADLINE_S,
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._granting = granting
        self._rotation = Rotation(database, clock, vault, granting, self.removed)
        self._chores = chores
        self._found: dict[str, _Found] = {}
        self._renewals: Renewals[_Found | None] = Renewals(patience_s)
        self._changes = 0

    async def find(self, team: str | None, enterprise: str | None, is_enterprise: bool) -> Install | None:
        """Which install a request is for; see Installs."""
        for workspace, is_organisation in wanted(team, enterprise, is_enterprise):
            found = await self._look_up(workspace)
            if found and found.install.is_organisation == is_organisation:
                return found.install
        return None

    async def of(self, workspace: str) -> Install | None:
        """A workspace's install, its token exchanged first where it has run out; see Installs."""
        found = await self._look_up(workspace)
        if found and found.runs_out_by(self._clock.now() + LATE):
            await self._rotation(workspace, LATE)
            found = await self._read(workspace)
            if found and found.runs_out_by(self._clock.now()):
                raise NotSent("the token is being exchanged", self._clock.now() + ASK_AGAIN)
        return found.install if found else None

    async def rotate(self, workspace: str) -> timedelta:
        """Exchange a token with less than two hours left. Returns how long until the next look at it."""
        found = await self._read(workspace)
        if found and found.runs_out_by(self._clock.now() + EARLY):
            await self._rotation(workspace, EARLY)
            found = await self._read(workspace)
        if found is None or found.expires_at is None:
            return NEVER_RUNS_OUT
        return max(found.expires_at - self._clock.now() - EARLY, LOOK_AGAIN)

    async def accept(self, code: str, redirect_uri: str) -> Grant:
        """Keep what an install's one-time code grants, in place of what was granted there before.

        Raises NotGranted, or NotSent where Slack did not answer.
        """
        grant = await self._granting.for_code(code, redirect_uri)
        await self._keep(grant)
        return grant

    async def removed(self, workspace: str, at: datetime | None = None, token: str | None = None) -> None:
        """The bot was removed from a workspace: its tokens are wiped; see Installs."""
        now = self._clock.now()

        async def work(connection: Connection) -> bool:
            number = await workspace_called(connection, PLATFORM, workspace)
            if number is None:
                return False
            installed = Installations(connection, number)
            present = await installed.present(locked=True)
            if present and not self._is_meant(workspace, present, at, token):
                return False
            await installed.remove(now)
            await leave_workspace(connection, number, now)
            return present is not None

        if await self._database.write(work):
            log.info("removed", workspace=workspace)
        self._forget(workspace)

    async def prepare(self) -> None:
        """See that every token can be opened, and seal with the newest key. Raises SecretsError."""
        await check_keys(self._database, self._vault)
        if resealed := await reseal(self._database, self._vault):
            log.info("resealed", workspaces=resealed)

    async def close(self) -> None:
        """Finish the exchanges that have begun: tokens that are not kept are lost."""
        await self._rotation.close()
        await self._renewals.close()

    async def _keep(self, grant: Grant) -> None:
        now, workspace = self._clock.now(), grant.workspace
        values = {
            "bot": grant.bot,
            "is_organisation": grant.is_organisation,
            "scopes": grant.scopes,
            **sealed(self._vault, workspace, grant.tokens),
        }

        async def work(connection: Connection) -> None:
            number = await install(connection, PLATFORM, workspace, grant.name, now, **values)
            await ChoreList(connection, number).hurry(self._chores, now)

        await self._database.write(work)
        self._forget(workspace)
        log.info("installed", workspace=workspace, is_organisation=grant.is_organisation)

    def _is_meant(self, workspace: str, present: Installation, at: datetime | None, token: str | None) -> bool:
        # Slack tells the time of an event in whole seconds.
        if at is not None and at < present.installed_at.replace(microsecond=0):
            return False
        opened = self._opened(workspace, present) if token else None
        return opened is None or opened.install.token == token

    async def _look_up(self, workspace: str) -> _Found | None:
        """What is known of an install: read a minute ago at most, or longer ago where it cannot be read just now.

        Raises NotSent where nothing is known.
        """
        found, now = self._found.get(workspace), self._clock.now()
        if found and found.is_fresh(now):
            return found
        known = found if found and found.is_known(now) else None
        return await self._renewals(workspace, lambda: self._read(workspace), known)

    async def _read(self, workspace: str) -> _Found | None:
        async def work(connection: Connection) -> Installation | None:
            number = await workspace_called(connection, PLATFORM, workspace)
            return await Installations(connection, number).present() if number else None

        changes = self._changes
        present = await self._database.read(work)
        found = self._opened(workspace, present) if present else None
        if found and changes == self._changes:  # else what was read may be older than what was changed
            self._remember(workspace, found)
        return found

    def _remember(self, workspace: str, found: _Found) -> None:
        if len(self._found) >= KEPT_AT_MOST:
            self._found.clear()
        self._found[workspace] = found

    def _forget(self, workspace: str) -> None:
        self._changes += 1
        self._found.pop(workspace, None)
        self._renewals.forget(workspace)

    def _opened(self, workspace: str, present: Installation) -> _Found | None:
        try:
            token = self._vault.open(workspace, present.sealed)["token"]
        except SecretsError as wrong:
            log.error("install not opened", workspace=workspace, kind=type(wrong).__name__)
            return None
        scopes = tuple(scope for scope in present.scopes.split(",") if scope)
        opened = Install(workspace, token, present.bot, present.is_organisation, scopes)
        return _Found(opened, present.expires_at, self._clock.now())
