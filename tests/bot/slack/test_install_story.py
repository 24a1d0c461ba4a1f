"""A bot from its first install to its last removal: the whole app, a Slack on this machine, and a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.fernet import Fernet

from bot.app import App, build
from bot.clock import SteppedClock
from bot.settings import Settings
from bot.slack.connect import Slack
from bot.slack.scopes import NAMES
from bot.web import routes
from tests.bot.test_serve import free_port
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.changes import uninstall
from tests.fakes.slack.oauth import Browser, Page
from tests.world import PATIENCE_S

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Running:
    """A bot that serves, and the Slack it serves."""

    app: App
    slack: FakeSlack
    browser: Browser
    clock: SteppedClock
    url: str

    @property
    def bot(self) -> Slack:
        """The bot's side of Slack."""
        assert self.app.slack
        return self.app.slack

    async def install(self) -> Page:
        """Somebody follows the link to install the bot, as far as it leads."""
        return await self.browser.get(f"{self.url}/slack/install")

    async def can_call(self, workspace: str) -> bool:
        """Whether the bot has a token for a workspace that Slack takes."""
        install = await self.bot.installs.of(workspace)
        if install is None:
            return False
        return bool((await self.bot.clients(install.token).auth_test())["ok"])


@pytest.fixture
async def running(database_url: str) -> AsyncIterator[Running]:
    """A bot that any workspace may install, of an app that rotates its tokens."""
    clock, port = SteppedClock(NOW), free_port()
    slack = await FakeSlack.start(clock)
    url = f"http://127.0.0.1:{port}"
    slack.app.rotates_tokens = True
    slack.app.redirect_urls.append(f"{url}/slack/oauth_redirect")
    app = build(settings(database_url, slack, url), clock, deadline_s=PATIENCE_S)
    await app.prepare()
    runner = web.AppRunner(routes(app), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    slack.connect(url)
    browser = Browser(slack)
    yield Running(app, slack, browser, clock, url)
    await browser.close()
    await runner.cleanup()
    await app.close()
    await slack.close()


def settings(database_url: str, slack: FakeSlack, url: str) -> Settings:
    """Settings for installs by OAuth."""
    given: dict[str, Any] = {
        "_env_file": None,
        "database_url": database_url,
        "public_url": url,
        "secret_keys": Fernet.generate_key().decode(),
        "slack_api_url": slack.api_url,
        "slack_client_id": slack.app.client_id,
        "slack_client_secret": slack.app.client_secret,
        "slack_signing_secret": slack.app.signing_secret,
    }
    return Settings(**given)


async def test_a_workspace_installs_the_bot_with_all_the_scopes_it_needs(running: Running) -> None:
    workspace = running.slack.add_workspace("Sample", installed=False)

    page = await running.install()

    install = await running.bot.installs.find(workspace.id, None, False)
    assert (page.status, "Installed in Sample" in page.text) == (200, True)
    assert install
    assert set(install.scopes) == set(NAMES)
    assert await running.can_call(workspace.id)


async def test_somebody_who_declines_installs_nothing(running: Running) -> None:
    workspace = running.slack.add_workspace("Sample", installed=False)
    running.slack.browsing.denies = True

    page = await running.install()

    assert (page.status, "Nothing was installed" in page.text) == (403, True)
    assert await running.bot.installs.of(workspace.id) is None


async def test_tokens_stay_good_for_days_by_the_chore_alone(running: Running) -> None:
    workspace = running.slack.add_workspace("Sample", installed=False)
    await running.install()

    for hour in range(1, 49):
        running.clock.set(NOW + hour * HOUR)
        await running.app.tick()
        await running.bot.chores.settle()

    exchanges = [call for call in running.slack.called("oauth.v2.access") if call.args.get("refresh_token")]
    assert len(exchanges) == 4
    assert await running.can_call(workspace.id)


async def test_after_thirteen_quiet_hours_the_bot_can_still_call(running: Running) -> None:
    workspace = running.slack.add_workspace("Sample", installed=False)
    await running.install()

    running.clock.set(NOW + 13 * HOUR)

    assert await running.can_call(workspace.id)


@pytest.mark.parametrize(
    "events",
    [
        ("app_uninstalled", "tokens_revoked"),
        ("tokens_revoked", "app_uninstalled"),
        ("app_uninstalled", "app_uninstalled"),
        ("tokens_revoked",),
    ],
    ids=" then ".join,
)
async def test_a_removal_is_heard_in_whatever_order_and_an_install_anew_works(
    running: Running, events: tuple[str, ...]
) -> None:
    workspace = running.slack.add_workspace("Sample", installed=False)
    await running.install()
    running.clock.set(NOW + HOUR)

    replies = await uninstall(running.slack, workspace, events=events)
    await running.app.settle()
    gone = await running.bot.installs.of(workspace.id)
    running.clock.set(NOW + 2 * HOUR)
    await running.install()

    assert all(reply and reply.status == 200 for reply in replies)
    assert gone is None
    assert await running.can_call(workspace.id)


async def test_a_removal_that_nobody_told_is_noticed_by_the_first_look_at_the_workspace(running: Running) -> None:
    workspace = running.slack.add_workspace("Sample", installed=False)
    await running.install()
    await uninstall(running.slack, workspace, events=())

    await running.app.tick()
    await running.bot.chores.settle()

    assert await running.bot.installs.of(workspace.id) is None


async def test_an_organisation_installs_once_for_all_of_its_workspaces(running: Running) -> None:
    first = running.slack.add_workspace("First", enterprise="E1", installed=False)
    second = running.slack.add_workspace("Second", enterprise="E1", installed=False)
    running.slack.browsing.is_organisation = True

    page = await running.install()

    found = [await running.bot.installs.find(each.id, "E1", True) for each in (first, second)]
    assert page.status == 200
    assert found[0]
    assert found == [found[0]] * 2
    assert await running.can_call("E1")


async def test_a_team_that_removes_its_own_install_twice_leaves_its_organisations_alone(running: Running) -> None:
    team = running.slack.add_workspace("Team", enterprise="E1", installed=False)
    running.slack.browsing.is_organisation = True
    await running.install()
    of_all = team.installation
    running.slack.browsing.is_organisation = False
    await running.install()

    await uninstall(running.slack, team)
    team.installation = of_all

    assert await running.bot.installs.of(team.id) is None
    assert await running.can_call("E1")
