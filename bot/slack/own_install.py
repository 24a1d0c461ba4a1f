"""The one install of a bot that is run by its own workspace: its token stands in the settings."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock
from bot.dispatch import DEADLINE_S
from bot.nudges.port import NotSent
from bot.slack import failures
from bot.slack.clients import Clients
from bot.slack.installs import KEPT_FOR, KNOWN_FOR, PATIENCE, PLATFORM, Install, wanted
from bot.slack.renewals import Renewals
from storage.chores import ChoreList
from storage.database import Connection, Database
from storage.directory import add_workspace, has_left, leave_workspace, return_workspace, workspace_called

CHORES = ("reconcile",)  # a token in the settings never runs out
ASK_DEADLINE_S = 2.0
ASK_AGAIN = timedelta(seconds=5)
DAY = timedelta(days=1)
OWN = "own"  # there is but one

log = structlog.get_logger()


class OwnInstall:
    """The workspace, or the organisation, of one bot token. Slack is asked which one it is."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        clients: Clients,
        token: str,
        chores: tuple[str, ...] = CHORES,
        deadline_s: float = ASK_DEADLINE_S,
        patience_s: float = PATIENCE * DEADLINE_S,
    ) -> None:
        self._database = database
        self._clock = clock
        self._clients = clients
        self._token = token
        self._chores = chores
        self._deadline_s = deadline_s
        self._install: Install | None = None
        self._read_at: datetime | None = None
        self._ask_at: datetime | None = None
        self._unanswered = False
        self._renewals: Renewals[Install | None] = Renewals(patience_s)

    async def find(self, team: str | None, enterprise: str | None, is_enterprise: bool) -> Install | None:
        """The install, where the request is for it; see Installs."""
        own = await self._answered()
        is_ours = own and (own.workspace, own.is_organisation) in wanted(team, enterprise, is_enterprise)
        return own if is_ours else None

    async def of(self, workspace: str) -> Install | None:
        """The install, where it is this workspace's."""
        own = await self._answered()
        return own if own and own.workspace == workspace else None

    async def removed(self, workspace: str, at: datetime | None = None, token: str | None = None) -> None:
        """The bot was removed: it stays so until Slack takes the token again, which it is asked."""
        now = self._clock.now()

        async def work(connection: Connection) -> None:
            if number := await workspace_called(connection, PLATFORM, workspace):
                await leave_workspace(connection, number, now)

        if self._install is None or self._install.workspace == workspace:
            self._install, self._ask_at = None, now + ASK_AGAIN
            await self._database.write(work)

    async def rotate(self, workspace: str) -> timedelta:
        """Nothing to do: the token never runs out."""
        return DAY

    async def prepare(self) -> None:
        """Ask Slack whose token it is; where it does not answer, it is asked again when it is needed."""
        with suppress(NotSent):
            await self._renewals.whole(OWN, self._present)

    async def close(self) -> None:
        """Break off what is being asked."""
        await self._renewals.close()

    async def _answered(self) -> Install | None:
        """The install as it was a minute ago at most, or known where that is not to be had just now; else None.

        Raises NotSent where Slack could not be asked, or the database not read: nobody knows whose the token is.
        """
        if self._is_known(KEPT_FOR):
            return self._install
        return await self._renewals(OWN, self._present, self._install if self._is_known(KNOWN_FOR) else None)

    def _is_known(self, since: timedelta) -> bool:
        at = self._read_at
        return self._install is not None and at is not None and timedelta() <= self._clock.now() - at < since

    async def _present(self) -> Install | None:
        """Look whether another process was told that the bot was removed, and ask Slack where nothing is known."""
        now, install = self._clock.now(), self._install
        if install:
            gone = await self._database.read(lambda found: has_left(found, PLATFORM, install.workspace))
            self._install, self._read_at = None if gone else self._install, now
        if self._install is None and self._may_ask():
            await self._ask()
        if self._install is None and self._unanswered:
            raise NotSent("Slack has not said yet whose SLACK_BOT_TOKEN is", self._ask_at)
        return self._install

    def _may_ask(self) -> bool:
        now = self._clock.now()
        return self._ask_at is None or not now < self._ask_at <= now + ASK_AGAIN

    async def _ask(self) -> None:
        self._ask_at = self._clock.now() + ASK_AGAIN
        self._unanswered = True
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await self._clients(self._token).auth_test()
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as problem:
            self._unanswered = not (isinstance(problem, SlackApiError) and failures.is_removed(problem))
            log.error("Slack does not take SLACK_BOT_TOKEN", kind=_kind(problem))
            return
        if not answer.get("bot_id"):
            log.error("SLACK_BOT_TOKEN is not a bot's token: it has to begin with xoxb-")
        else:
            await self._recognise(answer)
        self._unanswered = False

    async def _recognise(self, answer: AsyncSlackResponse) -> None:
        is_organisation = bool(answer.get("is_enterprise_install"))
        workspace = str(answer.get("enterprise_id" if is_organisation else "team_id") or "")
        name, now = str(answer.get("team") or ""), self._clock.now()

        async def work(connection: Connection) -> None:
            number = await add_workspace(connection, PLATFORM, workspace, name, now)
            await return_workspace(connection, number, name)
            await ChoreList(connection, number).ensure(self._chores, now)

        await self._database.write(work)
        self._install = Install(
            workspace, self._token, str(answer.get("user_id")), is_organisation, _scopes(answer)
        )
        self._read_at = now


def _scopes(answer: AsyncSlackResponse) -> tuple[str, ...]:
    told = next((value for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes"), "")
    return tuple(scope.strip() for scope in str(told).split(",") if scope.strip())


def _kind(problem: Exception) -> str:
    """What went wrong, in Slack's word where it has one; the text of the exception may hold the token."""
    answer = getattr(getattr(problem, "response", None), "data", None)
    return str(answer.get("error", "")) if isinstance(answer, dict) else type(problem).__name__
