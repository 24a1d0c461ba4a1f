"""The doctor's look at Slack: settings, tokens, scopes and the way in. Its few calls change nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp

from bot.clock import Clock
from bot.findings import Finding, missing, ok, skewed, unreached, wrong
from bot.settings import Settings
from bot.slack import allowed, challenge
from bot.slack.asking import AGAIN, GUIDE, Answer, Asking
from bot.slack.clients import Clients
from bot.slack.installs import PLATFORM
from storage import condition
from storage.condition import Home, Installed
from storage.database import Connection, Database
from storage.secrets import SecretsError, Vault

MOST_WORKSPACES = 20
MOST_CHANNELS = 20  # in all of them together
SECRET = re.compile(r"[0-9a-f]{32}")
CREDENTIALS = "Copy it again: Basic Information, App Credentials."


async def examine(settings: Settings, clock: Clock, database: Database | None, is_public: bool) -> list[Finding]:
    """Every finding about Slack.

    Without a usable `database` there is none about what stands in it; the server behind PUBLIC_URL is only
    asked where it was found to be the bot, which `is_public` says.
    """
    if not settings.has_slack:
        begin = f"To connect it, follow {GUIDE}; it begins with: python -m bot manifest slack --socket"
        return [missing("slack", "Slack is not set up", begin)]
    clients = Clients(settings.slack_api_url)
    try:
        found = [*_unset(settings), *_odd(settings)]
        ask = Asking(clients.session, settings.slack_api_url)
        found += [finding async for finding in _slack(ask, settings, clock, database)]
        if is_public and settings.slack_over_http:
            secret = settings.slack_signing_secrets[0]
            found.append(await challenge.examine(clients.session, settings.public_url, secret, clock))
        return found
    finally:
        await clients.close()


def _unset(settings: Settings) -> list[Finding]:
    """What the settings themselves do not ask for, and this way of connecting needs."""
    if settings.public_url or not settings.slack_over_http or settings.slack_over_socket:
        return []
    mend = "Set it to the https:// address under which this bot is reached, or set SLACK_APP_TOKEN instead."
    return [missing("public address", "PUBLIC_URL is not set, and it is where Slack sends what people do", mend)]


def _odd(settings: Settings) -> list[Finding]:
    """Secrets that do not look like Slack's."""
    given = [("signing secret", "SLACK_SIGNING_SECRET", secret) for secret in settings.slack_signing_secrets]
    if secret := settings.slack_client_secret.get_secret_value():
        given.append(("oauth", "SLACK_CLIENT_SECRET", secret))
    return [
        wrong(check, f"{name} does not look like one of Slack's, which are 32 of 0-9 and a-f", CREDENTIALS)
        for check, name, secret in given
        if not SECRET.fullmatch(secret)
    ]


async def _slack(
    ask: Asking, settings: Settings, clock: Clock, database: Database | None
) -> AsyncIterator[Finding]:
    """What Slack itself says, as far as it can be reached."""
    try:
        async for finding in _asked(ask, settings, clock, database):
            yield finding
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        yield unreached("slack", "Slack", error)


async def _asked(
    ask: Asking, settings: Settings, clock: Clock, database: Database | None
) -> AsyncIterator[Finding]:
    reached = await ask("api.test")
    yield ok("slack", "Slack is reached")
    if reached.date:
        yield skewed("clock", "Slack's", clock.now(), reached.date)
    if app := settings.slack_app_token.get_secret_value():
        yield _socket(await ask("apps.connections.open", app))
    if settings.installs_by_oauth:
        yield _credentials(await _try_credentials(ask, settings))
    async for finding in _of_workspaces(ask, settings, clock, database):
        yield finding


async def _of_workspaces(
    ask: Asking, settings: Settings, clock: Clock, database: Database | None
) -> AsyncIterator[Finding]:
    homes = await database.read(_homes) if database else []
    if token := settings.slack_bot_token.get_secret_value():
        async for finding in _workspace(ask, "SLACK_BOT_TOKEN", token, homes):
            yield finding
    elif database:
        async for finding in _installed(ask, settings, clock.now(), database, homes):
            yield finding


def _socket(told: Answer) -> Finding:
    if not told.error:
        return ok("app token", "SLACK_APP_TOKEN opens a socket: Socket Mode is on")
    if told.error == "missing_scope":
        mend = "Make another one with it: Basic Information, App-Level Tokens."
        return wrong("app token", "SLACK_APP_TOKEN lacks the scope connections:write", mend)
    says, _ = told.refusal("SLACK_APP_TOKEN")
    mend = "See that Socket Mode is on, and copy the token again: Basic Information, App-Level Tokens."
    return wrong("app token", says, mend)


async def _try_credentials(ask: Asking, settings: Settings) -> Answer:
    """Offer Slack an install that never was: which error comes back tells whether it knows the app."""
    secret = settings.slack_client_secret.get_secret_value()
    return await ask("oauth.v2.access", client_id=settings.slack_client_id, client_secret=secret, code="none")


def _credentials(told: Answer) -> Finding:
    if told.error == "invalid_client_id":
        return wrong("oauth", "SLACK_CLIENT_ID is of no app that Slack knows", CREDENTIALS)
    if told.error == "bad_client_secret":
        return wrong("oauth", "SLACK_CLIENT_SECRET is not the secret of this SLACK_CLIENT_ID", CREDENTIALS)
    return ok("oauth", "Slack does not object to SLACK_CLIENT_ID and SLACK_CLIENT_SECRET")


async def _homes(connection: Connection) -> list[Home]:
    return await condition.homes(connection, PLATFORM, MOST_CHANNELS)


async def _workspaces(connection: Connection) -> list[Installed]:
    return await condition.installed(connection, PLATFORM, MOST_WORKSPACES)


async def _installed(
    ask: Asking, settings: Settings, now: datetime, database: Database, homes: list[Home]
) -> AsyncIterator[Finding]:
    """The workspaces that installed the bot by OAuth, those installed last first."""
    installed = await database.read(_workspaces)
    if not installed:
        begin = f"Open {settings.public_url}/slack/install"
        yield ok("workspaces", "No workspace has installed the bot yet", begin)
    for each in installed:
        name = f"The token of {each.name or each.workspace}"
        if each.expires_at and each.expires_at <= now:
            yield _ran_out(name, each.expires_at)
        elif token := _opened(settings, each):
            async for finding in _workspace(ask, name, token, homes):
                yield finding


def _ran_out(name: str, at: datetime) -> Finding:
    says = f"{name} ran out at {at:%Y-%m-%d %H:%M} UTC and nobody has exchanged it"
    return wrong("bot token", says, f"See that serve or a worker runs. {AGAIN}")


def _opened(settings: Settings, installed: Installed) -> str:
    """A workspace's token; "" where the keys do not open it, which is told with the keys."""
    try:
        kept = Vault(settings.secret_key_list).open(installed.workspace, installed.sealed)
    except SecretsError:
        return ""
    return str(kept.get("token", ""))


async def _workspace(ask: Asking, name: str, token: str, homes: list[Home]) -> AsyncIterator[Finding]:
    told = await ask("auth.test", token)
    yield allowed.token(name, told)
    if told.error:
        return
    for finding in allowed.scopes(name, told):
        yield finding
    here = [home for home in homes if home.workspace == allowed.workspace_of(told)]
    for finding in await allowed.channels(ask, token, here):
        yield finding
