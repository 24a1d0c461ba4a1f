"""What the tests of the doctor share: settings, workspaces, teams, and what was found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from subprocess import CompletedProcess
from typing import Any

from bot.clock import SystemClock
from bot.doctor import examine
from bot.findings import Finding, State
from bot.settings import Settings
from bot.slack.scopes import NAMES
from storage import Store
from storage.database import Connection, Database
from storage.directory import add_workspace
from storage.installations import install
from storage.secrets import Vault
from tests.bot.slack.standins import CLIENT_ID, CLIENT_SECRET, SIGNING_SECRET, WORKSPACE, AnsweringSlack
from tests.commands import bot

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def given(url: str, slack: AnsweringSlack | None = None, **settings: Any) -> Settings:
    """These settings and no others."""
    api = {"slack_api_url": slack.url} if slack else {}
    chosen: dict[str, Any] = {"_env_file": None, "database_url": url, **api, **settings}
    return Settings(**chosen)


def by_oauth(url: str, slack: AnsweringSlack, address: str, key: str) -> Settings:
    """Settings for many workspaces."""
    return given(
        url,
        slack,
        slack_client_id=CLIENT_ID,
        slack_client_secret=CLIENT_SECRET,
        slack_signing_secret=SIGNING_SECRET,
        public_url=address,
        secret_keys=key,
    )


async def diagnosed(settings: Settings) -> list[Finding]:
    """What the doctor finds."""
    return await examine(settings, SystemClock())


def about(found: Sequence[Finding], check: str) -> list[Finding]:
    """The findings of one check."""
    return [finding for finding in found if finding.check == check]


def only(found: Sequence[Finding], check: str) -> Finding:
    """The one finding of a check."""
    (finding,) = about(found, check)
    return finding


def unwell(found: Sequence[Finding]) -> list[str]:
    """What is not all right."""
    return [finding.line for finding in found if finding.state is not State.OK]


async def has_team(database: Database, channel: str, name: str, workspace: str = WORKSPACE) -> None:
    """A team that is asked, in a channel of a Slack workspace."""

    async def work(connection: Connection) -> None:
        number = await add_workspace(connection, "slack", workspace, "Checkout Ltd", NOW)
        store = Store(connection, number)
        place = await store.directory.keep_channel(channel, name=name)
        team = await store.teams.set_up(
            place,
            NOW,
            name=name,
            zone="UTC",
            locale="en",
            days=(1, 2),
            hour=datetime(2026, 1, 1, 9, 40).time(),
            visibility="anonymous",
            retro_visibility="by_name",
            floor=4,
        )
        await store.teams.start(team, NOW)

    await database.write(work)


async def has_installed(
    database: Database, vault: Vault, token: str, workspace: str = WORKSPACE, expires_at: datetime | None = None
) -> None:
    """A workspace that has installed the bot by OAuth."""
    sealed = vault.seal(workspace, {"token": token})

    async def work(connection: Connection) -> None:
        await install(
            connection,
            "slack",
            workspace,
            "Checkout Ltd",
            NOW,
            bot="U0BOT",
            is_organisation=False,
            scopes=",".join(NAMES),
            sealed=sealed,
            expires_at=expires_at,
        )

    await database.write(work)


async def in_a_process(**settings: str) -> CompletedProcess[str]:
    """The doctor as a command for scripts, while the servers of a test go on answering."""
    return await asyncio.to_thread(bot, "doctor", "--json", **settings)
