"""The doctor's look at Slack: settings, tokens, scopes and the way in. Its few calls change nothing."""

from __future__ import annotations

import re
from datetime import datetime

import aiohttp

from bot.clock import Clock
from bot.findings import Finding, missing, ok, skewed, unreached, wrong
from bot.settings import Settings
from bot.slack import challenge, grants
from bot.slack.asking import AGAIN, GUIDE, Answer, Asking
from bot.slack.clients import Clients
from bot.slack.installs import PLATFORM
from storage import condition
from storage.condition import Home, Installed
from storage.database import Database
from storage.secrets import SecretsError, Vault

MOST_WORKSPACES = 20
SECRET = re.compile(r"[0-9a-f]{32}")
CLIENT_ID = re.compile(r"\d+\.\d+")
CREDENTIALS = "Copy it again: Basic Information, App Credentials."
SETTINGS = (
    "slack_signing_secret",
    "slack_bot_token",
    "slack_app_token",
    "slack_client_id",
    "slack_client_secret",
)


async def examine(settings: Settings, clock: Clock, database: Database | None, is_public: bool) -> list[Finding]:
    """Every finding about Slack.

    Without a usable `database` there is none about what stands in it; the server behind PUBLIC_URL is only
    asked where it was found to be the bot, which `is_public` says.
    """
    if not any(_text(settings, name) for name in SETTINGS):
        begin = f"To connect it, follow {GUIDE}; it begins with: python -m bot manifest slack --socket"
        return [missing("slack", "Slack is not set up", begin)]
    clients = Clients(settings.slack_api_url)
    try:
        found = [*_unset(settings), *_odd(settings)]
        found += await _slack(Asking(clients.session, settings.slack_api_url), settings, clock, database)
        if is_public and (secret := _signing_secret(settings)):
            found.append(await challenge.examine(clients.session, settings.public_url, secret, clock))
        return found
    finally:
        await clients.close()


def _text(settings: Settings, name: str) -> str:
    given = getattr(settings, name)
    return str(given if isinstance(given, str) else given.get_secret_value())


def _signing_secret(settings: Settings) -> str:
    """The newest of the signing secrets: while Slack's is changed there may be two, with a comma between."""
    return _text(settings, "slack_signing_secret").split(",")[0].strip()


def _unset(settings: Settings) -> list[Finding]:
    """What is not set and has to be, by what is."""
    given = {name for name in (*SETTINGS, "public_url") if _text(settings, name)}
    found = []
    if not given & {"slack_bot_token", "slack_client_id"}:
        mend = f"Set SLACK_BOT_TOKEN for one workspace, or SLACK_CLIENT_ID for many: {GUIDE}."
        found.append(missing("way out", "The bot has no token with which to answer in Slack", mend))
    if not given & {"slack_app_token", "slack_signing_secret"}:
        mend = "Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET and PUBLIC_URL for HTTP."
        found.append(missing("way in", "Slack has no way to reach the bot", mend))
    if "slack_client_id" in given and "slack_client_secret" not in given:
        found.append(missing("oauth", "SLACK_CLIENT_SECRET is not set beside SLACK_CLIENT_ID", CREDENTIALS))
    by_http = "slack_app_token" not in given and "slack_signing_secret" in given
    if "public_url" not in given and (by_http or "slack_client_id" in given):
        mend = "Set it to the https:// address under which this bot is reached."
        found.append(missing("public address", "PUBLIC_URL is not set, and Slack has to call it", mend))
    return found


def _odd(settings: Settings) -> list[Finding]:
    """What is set and does not look like Slack's."""
    checks = (
        ("signing secret", "SLACK_SIGNING_SECRET", _signing_secret(settings), SECRET),
        ("oauth", "SLACK_CLIENT_ID", settings.slack_client_id, CLIENT_ID),
        ("oauth", "SLACK_CLIENT_SECRET", _text(settings, "slack_client_secret"), SECRET),
    )
    return [
        wrong(check, f"{name} does not look like one of Slack's", CREDENTIALS)
        for check, name, value, looks in checks
        if value and not looks.fullmatch(value)
    ]


async def _slack(ask: Asking, settings: Settings, clock: Clock, database: Database | None) -> list[Finding]:
    """What Slack itself says; one finding where it cannot be reached."""
    try:
        reached = await ask("api.test")
        found = [ok("slack", "Slack is reached"), *_clock(reached, clock)]
        if app := _text(settings, "slack_app_token"):
            found.append(_socket(await ask("apps.connections.open", app)))
        if settings.slack_client_id and (secret := _text(settings, "slack_client_secret")):
            found += _credentials(await _try_credentials(ask, settings.slack_client_id, secret))
        return found + await _workspaces(ask, settings, clock, database)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return [unreached("slack", "Slack", error)]


def _clock(reached: Answer, clock: Clock) -> list[Finding]:
    return [skewed("clock", "Slack's", clock.now(), reached.date)] if reached.date else []


def _socket(told: Answer) -> Finding:
    if not told.error:
        return ok("app token", "SLACK_APP_TOKEN opens a socket: Socket Mode is on")
    if told.error == "missing_scope":
        mend = "Make another one with it: Basic Information, App-Level Tokens."
        return wrong("app token", "SLACK_APP_TOKEN lacks the scope connections:write", mend)
    says, _ = told.refusal("SLACK_APP_TOKEN")
    return wrong(
        "app token", says, "See that Socket Mode is on, and copy the token: Basic Information, App-Level Tokens."
    )


async def _try_credentials(ask: Asking, client_id: str, secret: str) -> Answer:
    """Offer Slack an install that never was: which error comes back tells whether it knows the app."""
    return await ask("oauth.v2.access", client_id=client_id, client_secret=secret, code="none")


def _credentials(told: Answer) -> list[Finding]:
    if told.error == "invalid_client_id":
        return [wrong("oauth", "SLACK_CLIENT_ID is of no app that Slack knows", CREDENTIALS)]
    if told.error == "bad_client_secret":
        return [wrong("oauth", "SLACK_CLIENT_SECRET is not the secret of this SLACK_CLIENT_ID", CREDENTIALS)]
    return [ok("oauth", "Slack does not object to SLACK_CLIENT_ID and SLACK_CLIENT_SECRET")]


async def _workspaces(ask: Asking, settings: Settings, clock: Clock, database: Database | None) -> list[Finding]:
    homes = await database.read(lambda connection: condition.homes(connection, PLATFORM)) if database else []
    if token := _text(settings, "slack_bot_token"):
        return await _workspace(ask, "SLACK_BOT_TOKEN", token, homes)
    if not database or not settings.slack_client_id:
        return []
    installed = await database.read(lambda connection: condition.installed(connection, PLATFORM, MOST_WORKSPACES))
    if not installed:
        return [
            ok("workspaces", "No workspace has installed the bot yet", f"Open {settings.public_url}/slack/install")
        ]
    found = []
    for each in installed:
        found += await _installed(ask, settings, clock.now(), each, homes)
    return found


async def _workspace(ask: Asking, name: str, token: str, homes: list[Home]) -> list[Finding]:
    told = await ask("auth.test", token)
    found = [grants.token(name, told), *grants.scopes(name, told)]
    if told.error:
        return found
    here = [home for home in homes if home.workspace == grants.workspace_of(told)]
    return found + await grants.channels(ask, token, here)


async def _installed(
    ask: Asking, settings: Settings, now: datetime, installed: Installed, homes: list[Home]
) -> list[Finding]:
    name = f"The token of {installed.name or installed.workspace}"
    if installed.expires_at and installed.expires_at <= now:
        says = f"{name} ran out at {installed.expires_at:%Y-%m-%d %H:%M} UTC and nobody has exchanged it"
        return [wrong("bot token", says, f"See that serve or a worker runs. {AGAIN}")]
    try:
        kept = Vault.from_text(_text(settings, "secret_keys")).open(installed.workspace, installed.sealed)
    except SecretsError:
        return []  # told with the keys
    return await _workspace(ask, name, str(kept.get("token", "")), homes)
