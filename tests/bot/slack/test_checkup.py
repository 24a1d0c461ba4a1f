"""The doctor's look at Slack: tokens, scopes, the secret, the app, and the channels of teams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.clock import SteppedClock, SystemClock
from bot.doctor import examine
from bot.findings import State, as_json, as_text, is_well
from bot.slack.scopes import NAMES, SCOPES
from storage.database import Database
from storage.secrets import Vault
from tests.bot.diagnosis import (
    NOW,
    about,
    by_oauth,
    diagnosed,
    given,
    has_installed,
    has_team,
    in_a_process,
    only,
    unwell,
)
from tests.bot.slack.standins import (
    APP_TOKEN,
    BOT_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    WORKSPACE,
    AnsweringSlack,
    answering_bot,
    answering_slack,
    works,
)
from tests.bot.test_serve import fetch, free_port, running


@pytest.fixture
async def slack() -> AsyncIterator[AnsweringSlack]:
    """A Slack that knows the tokens of these tests."""
    async with answering_slack(SystemClock()) as answering:
        yield answering


async def test_all_is_well_over_http(database_url: str, slack: AnsweringSlack) -> None:
    async with answering_bot() as address:
        found = await diagnosed(
            given(
                database_url,
                slack,
                slack_bot_token=BOT_TOKEN,
                slack_signing_secret=SIGNING_SECRET,
                public_url=address,
            )
        )

    assert unwell(found) == []
    assert is_well(found)
    assert "worthwhile in Checkout Ltd" in only(found, "bot token").says


async def test_all_is_well_over_a_socket(database_url: str, slack: AnsweringSlack) -> None:
    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert unwell(found) == []
    assert "Socket Mode is on" in only(found, "app token").says


async def test_it_makes_few_calls(database_url: str, slack: AnsweringSlack) -> None:
    await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert slack.calls == ["api.test", "apps.connections.open", "auth.test"]


@pytest.mark.parametrize(
    ("error", "says", "mend"),
    [
        ("invalid_auth", "is no token that Slack knows", "OAuth & Permissions"),
        ("account_inactive", "removed or deactivated", "Install the app again"),
        ("token_revoked", "was revoked", "Install the app again"),
        ("token_expired", "has expired", "OAuth"),
        ("not_allowed_token_type", "of another kind", "xoxb-"),
        ("team_access_not_granted", "may not be used", "administrator"),
        ("org_login_required", "refused by Slack: org_login_required", "docs/slack.md"),
    ],
)
async def test_each_way_in_which_a_token_does_not_work_has_its_sentence(
    database_url: str, slack: AnsweringSlack, error: str, says: str, mend: str
) -> None:
    slack.tokens[BOT_TOKEN] = {"ok": False, "error": error}

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    token = only(found, "bot token")
    assert token.state is State.WRONG
    assert says in token.says
    assert mend in token.mend
    assert not about(found, "scopes")


async def test_a_persons_token_is_not_taken_for_the_bots(database_url: str, slack: AnsweringSlack) -> None:
    slack.tokens[BOT_TOKEN] = works(bot_id=None)

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert "a person's" in only(found, "bot token").says


async def test_a_throttled_doctor_says_to_wait(database_url: str, slack: AnsweringSlack) -> None:
    slack.status = 429

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert "fewer calls" in only(found, "bot token").says


async def test_an_answer_that_is_not_slacks_is_not_repeated(database_url: str, slack: AnsweringSlack) -> None:
    slack.tokens[BOT_TOKEN] = {"ok": False, "error": f"<p>Proxy: {BOT_TOKEN}"}

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert "an answer that is not Slack's" in only(found, "bot token").says
    assert BOT_TOKEN not in as_json(found)


@pytest.mark.parametrize(("scope", "why"), SCOPES)
async def test_a_scope_that_was_not_granted_is_named_with_what_breaks(
    database_url: str, slack: AnsweringSlack, scope: str, why: str
) -> None:
    slack.scopes = tuple(name for name in NAMES if name != scope)

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    lacking = only(found, "scopes")
    assert lacking.state is State.MISSING
    assert scope in lacking.says
    assert why in lacking.says


async def test_scopes_that_are_not_needed_are_named(database_url: str, slack: AnsweringSlack) -> None:
    slack.scopes = (*NAMES, "channels:history", "admin")

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert only(found, "scopes").says.endswith("some that are not: admin, channels:history")
    assert is_well(found)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("invalid_auth", "is no token that Slack knows"),
        ("missing_scope", "lacks the scope connections:write"),
        ("not_allowed_token_type", "of another kind"),
    ],
)
async def test_an_app_token_that_opens_no_socket_is_wrong(
    database_url: str, slack: AnsweringSlack, error: str, says: str
) -> None:
    slack.answers["apps.connections.open"] = {"ok": False, "error": error}

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert says in only(found, "app token").says
    assert "App-Level Tokens" in only(found, "app token").mend


async def test_slack_that_cannot_be_reached_is_one_finding(database_url: str) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/api/"

    found = await diagnosed(
        given(database_url, slack_api_url=nowhere, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN)
    )

    assert unwell(found) == [only(found, "slack").line]
    assert "nothing listens there" in only(found, "slack").says


@pytest.mark.parametrize(
    ("apart", "says"),
    [(61, "61 s ahead of Slack's"), (-3600, "3600 s behind Slack's"), (0, "agrees with Slack's")],
)
async def test_the_clock_is_held_against_slacks(apart: int, says: str, tmp_path: Path) -> None:
    clock = SteppedClock(NOW + timedelta(seconds=apart))
    async with answering_slack(SteppedClock(NOW)) as slack:
        settings = given(f"sqlite:///{tmp_path / 'none.db'}", slack, slack_bot_token=BOT_TOKEN)
        found = await examine(settings, clock)

    assert says in only(found, "clock").says


async def test_another_signing_secret_on_the_server_is_noticed(database_url: str, slack: AnsweringSlack) -> None:
    async with answering_bot("0" * 32) as address:
        found = await diagnosed(
            given(
                database_url,
                slack,
                slack_bot_token=BOT_TOKEN,
                slack_signing_secret=SIGNING_SECRET,
                public_url=address,
            )
        )

    assert unwell(found) == [only(found, "signing secret").line]
    assert "refuses what is signed" in only(found, "signing secret").says


async def test_a_server_that_does_not_listen_for_slack_is_noticed(
    database_url: str, slack: AnsweringSlack
) -> None:
    async with answering_bot(listens=False) as address:
        found = await diagnosed(
            given(
                database_url,
                slack,
                slack_bot_token=BOT_TOKEN,
                slack_signing_secret=SIGNING_SECRET,
                public_url=address,
            )
        )

    assert only(found, "signing secret").says.startswith("Nothing listens for Slack at")


async def test_of_two_signing_secrets_the_newest_signs(database_url: str, slack: AnsweringSlack) -> None:
    async with answering_bot() as address:
        found = await diagnosed(
            given(
                database_url,
                slack,
                slack_bot_token=BOT_TOKEN,
                slack_signing_secret=f"{SIGNING_SECRET},{'0' * 32}",
                public_url=address,
            )
        )

    assert unwell(found) == []


async def test_an_address_at_which_nothing_listens_is_noticed(tmp_path: Path, slack: AnsweringSlack) -> None:
    address = f"http://127.0.0.1:{free_port()}"

    found = await diagnosed(
        given(
            f"sqlite:///{tmp_path / 'none.db'}",
            slack,
            slack_bot_token=BOT_TOKEN,
            slack_signing_secret=SIGNING_SECRET,
            public_url=address,
        )
    )

    assert "refuses the connection" in only(found, "public address").says
    assert not about(found, "signing secret")


async def test_over_http_a_public_address_is_needed(database_url: str, slack: AnsweringSlack) -> None:
    found = await diagnosed(
        given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_signing_secret=SIGNING_SECRET)
    )

    assert unwell(found) == [only(found, "public address").line]
    assert "PUBLIC_URL is not set" in only(found, "public address").says


async def test_secrets_that_do_not_look_like_slacks_are_named_and_not_shown(
    database_url: str, slack: AnsweringSlack
) -> None:
    secrets = {"slack_signing_secret": "not hexadecimal at all", "slack_client_secret": "A0123456789ABCDEF"}

    found = await diagnosed(given(database_url, slack, slack_client_id=CLIENT_ID, **secrets))

    assert "SLACK_SIGNING_SECRET does not look like one of Slack's" in as_text(found)
    assert "SLACK_CLIENT_SECRET does not look like one of Slack's" in as_text(found)
    assert not [secret for secret in secrets.values() if secret in as_text(found)]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("invalid_client_id", "SLACK_CLIENT_ID is of no app"),
        ("bad_client_secret", "SLACK_CLIENT_SECRET is not the secret"),
        ("invalid_code", "does not object"),
    ],
)
async def test_slack_is_asked_whether_it_knows_the_app(
    database_url: str, slack: AnsweringSlack, error: str, says: str
) -> None:
    slack.answers["oauth.v2.access"] = {"ok": False, "error": error}

    found = await diagnosed(
        given(database_url, slack, slack_client_id=CLIENT_ID, slack_client_secret=CLIENT_SECRET)
    )

    assert says in as_text(about(found, "oauth"))


async def test_a_team_whose_channel_the_bot_is_not_in_is_named(
    database: Database, database_url: str, slack: AnsweringSlack
) -> None:
    await has_team(database, "C1", "#checkout")
    await has_team(database, "C2", "#hidden")
    await has_team(database, "C3", "#private")
    await has_team(database, "C4", "#elsewhere", workspace="T0OTHER")
    slack.channels = {"C1": {"is_member": True}, "C3": {"is_member": False, "is_private": True}}

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert unwell(found) == [only(found, "channels").line]
    assert {"#hidden", "#private"} == set(only(found, "channels").says.split(": ")[1].split(", "))
    assert "/invite @Worthwhile" in only(found, "channels").mend


async def test_a_public_channel_that_the_bot_will_join_is_no_fault(
    database: Database, database_url: str, slack: AnsweringSlack
) -> None:
    await has_team(database, "C1", "#checkout")
    slack.channels = {"C1": {"is_member": False}}

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert only(found, "channels").state is State.OK
    assert "with its first post: #checkout" in only(found, "channels").says


async def test_channels_of_all_teams_are_fine(
    database: Database, database_url: str, slack: AnsweringSlack
) -> None:
    await has_team(database, "C1", "#checkout")
    slack.channels = {"C1": {"is_member": True}}

    found = await diagnosed(given(database_url, slack, slack_bot_token=BOT_TOKEN, slack_app_token=APP_TOKEN))

    assert only(found, "channels").says.endswith("looked at: 1")


async def test_every_installed_workspace_is_looked_at(
    database: Database, database_url: str, slack: AnsweringSlack
) -> None:
    key = Fernet.generate_key().decode()
    await has_installed(database, Vault([key]), BOT_TOKEN, WORKSPACE)
    await has_installed(database, Vault([key]), "xoxb-gone", "T0GONE")
    slack.tokens["xoxb-gone"] = {"ok": False, "error": "token_revoked"}

    async with answering_bot() as address:
        found = await diagnosed(by_oauth(database_url, slack, address, key))

    states = sorted((finding.state.value, finding.says) for finding in about(found, "bot token"))
    assert states == [
        ("ok", "The token of Checkout Ltd works: worthwhile in Checkout Ltd"),
        ("wrong", "The token of Checkout Ltd was revoked"),
    ]
    assert only(found, "secret keys").says.endswith("workspace: 2")


async def test_a_token_that_ran_out_and_was_not_exchanged_is_told(
    database: Database, database_url: str, slack: AnsweringSlack
) -> None:
    key = Fernet.generate_key().decode()
    await has_installed(database, Vault([key]), BOT_TOKEN, expires_at=NOW - timedelta(days=300))

    async with answering_bot() as address:
        found = await diagnosed(by_oauth(database_url, slack, address, key))

    assert "nobody has exchanged it" in only(found, "bot token").says
    assert "auth.test" not in slack.calls


async def test_before_the_first_install_it_says_where_to_install(database_url: str, slack: AnsweringSlack) -> None:
    async with answering_bot() as address:
        found = await diagnosed(by_oauth(database_url, slack, address, Fernet.generate_key().decode()))

        assert only(found, "workspaces").mend == f"Open {address}/slack/install"
    assert unwell(found) == []


async def test_keys_that_do_not_open_what_is_stored_are_told(
    database: Database, database_url: str, slack: AnsweringSlack
) -> None:
    await has_installed(database, Vault([Fernet.generate_key().decode()]), BOT_TOKEN)

    async with answering_bot() as address:
        found = await diagnosed(by_oauth(database_url, slack, address, Fernet.generate_key().decode()))

    keys = only(found, "secret keys")
    assert keys.state is State.WRONG
    assert "1 of 1 workspaces cannot be opened" in keys.says
    assert "Put the key that sealed them back" in keys.mend


async def test_a_running_bot_and_its_doctor_agree(tmp_path: Path, slack: AnsweringSlack) -> None:
    port = free_port()
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'worthwhile.db'}",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    }

    with running("serve", **settings) as serving:
        await asyncio.to_thread(fetch, serving, port, "/healthz")
        well = await in_a_process(**settings)
        other = await in_a_process(**{**settings, "SLACK_SIGNING_SECRET": "0" * 32})

    assert well.returncode == 0, well.stdout
    assert other.returncode == 1
    assert "refuses what is signed with this SLACK_SIGNING_SECRET" in other.stdout


async def test_the_command_ends_with_0_when_all_is_well_and_shows_no_secret(
    database: Database, database_url: str, slack: AnsweringSlack
) -> None:
    key = Fernet.generate_key().decode()
    await has_installed(database, Vault([key]), BOT_TOKEN)
    async with answering_bot() as address:
        done = await in_a_process(
            DATABASE_URL=database_url,
            SLACK_API_URL=slack.url,
            SLACK_CLIENT_ID=CLIENT_ID,
            SLACK_CLIENT_SECRET=CLIENT_SECRET,
            SLACK_SIGNING_SECRET=SIGNING_SECRET,
            PUBLIC_URL=address,
            SECRET_KEYS=key,
        )

    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert told["ok"]
    assert {"check", "state", "says", "mend"} == told["checks"][0].keys()
    for secret in (key, CLIENT_SECRET, SIGNING_SECRET, BOT_TOKEN):
        assert secret not in done.stdout + done.stderr
