"""The doctor before a whole Slack: an app that is installed, half installed, and removed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.findings import Finding
from bot.slack.scopes import NAMES
from storage.database import Database
from tests.bot.diagnosis import about, diagnosed, given, has_team, only, unwell
from tests.fakes.slack import FakeSlack, uninstall


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A Slack with one workspace, in which the app is installed with all its scopes."""
    started = await FakeSlack.start()
    started.install(started.add_workspace("Checkout Ltd", installed=False), scopes=NAMES)
    yield started
    await started.close()


async def doctor(url: str, slack: FakeSlack) -> list[Finding]:
    """What is found over a socket with the token of the first workspace."""
    here = slack.workspace().installation
    assert here
    return await diagnosed(
        given(url, slack_api_url=slack.api_url, slack_bot_token=here.token, slack_app_token=slack.app.app_token)
    )


async def test_an_app_that_is_installed_is_well(database: Database, database_url: str, slack: FakeSlack) -> None:
    channel = slack.add_channel("checkout", private=True)
    await has_team(database, channel.id, "#checkout", slack.workspace().id)

    found = await doctor(database_url, slack)

    assert unwell(found) == []
    assert "Checkout Ltd" in only(found, "bot token").says
    assert only(found, "channels").says.endswith("looked at: 1")


async def test_nothing_in_slack_is_changed(database: Database, database_url: str, slack: FakeSlack) -> None:
    channel = slack.add_channel("checkout")
    await has_team(database, channel.id, "#checkout", slack.workspace().id)

    await doctor(database_url, slack)

    assert {call.method for call in slack.calls} <= {
        "api.test",
        "apps.connections.open",
        "auth.test",
        "conversations.info",
    }


async def test_a_private_channel_that_the_bot_was_taken_out_of_is_named(
    database: Database, database_url: str, slack: FakeSlack
) -> None:
    channel = slack.add_channel("checkout", private=True, with_bot=False)
    await has_team(database, channel.id, "#checkout", slack.workspace().id)

    found = await doctor(database_url, slack)

    assert unwell(found) == [only(found, "channels").line]


async def test_an_app_that_was_removed_is_told_to_be_installed_again(database_url: str, slack: FakeSlack) -> None:
    await uninstall(slack, slack.workspace(), events=())

    found = await doctor(database_url, slack)

    assert "removed or deactivated" in only(found, "bot token").says
    assert "Install the app again" in only(found, "bot token").mend


async def test_an_app_that_was_installed_with_fewer_scopes_names_what_breaks(
    database_url: str, slack: FakeSlack
) -> None:
    smaller = slack.add_workspace("Second", installed=False)
    slack.install(smaller, scopes=NAMES[:-1])
    here = smaller.installation
    assert here

    found = await diagnosed(
        given(
            database_url,
            slack_api_url=slack.api_url,
            slack_bot_token=here.token,
            slack_app_token=slack.app.app_token,
        )
    )

    assert unwell(found) == [finding.line for finding in about(found, "scopes")]
    assert NAMES[-1] in only(found, "scopes").says


async def test_the_channels_of_an_organisation_are_looked_at_too(
    database: Database, database_url: str, slack: FakeSlack
) -> None:
    branch = slack.add_workspace("Branch", enterprise="E0GROUP", installed=False)
    whole = slack.install(branch, scopes=NAMES, organisation="E0GROUP")
    channel = slack.add_channel("checkout", workspace=branch, private=True)
    await has_team(database, channel.id, "#checkout", "E0GROUP")

    found = await diagnosed(
        given(
            database_url,
            slack_api_url=slack.api_url,
            slack_bot_token=whole.token,
            slack_app_token=slack.app.app_token,
        )
    )

    assert unwell(found) == []
    assert only(found, "channels").says.endswith("looked at: 1")
