"""Which way of installing the settings ask for, and the parts it needs."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.clock import Clock
from bot.settings import Settings
from bot.slack.clients import Clients
from bot.slack.granting import Granting
from bot.slack.installs import Installs
from bot.slack.oauth import Oauth
from bot.slack.own_install import OwnInstall
from bot.slack.shared_installs import SharedInstalls
from storage.database import Database
from storage.secrets import Vault


@dataclass(frozen=True, slots=True)
class Installing:
    """Where the bot is installed, and the addresses at which it can be: none for a bot of one workspace."""

    installs: Installs
    routes: tuple[web.RouteDef, ...] = ()


def installing(settings: Settings, database: Database, clock: Clock, clients: Clients) -> Installing | None:
    """One workspace where there is a bot token, else any number by OAuth; None where neither is set.

    Raises storage.secrets.SecretsError where SECRET_KEYS holds no good key and is needed.
    """
    if token := settings.slack_bot_token.get_secret_value():
        return Installing(OwnInstall(database, clock, clients, token))
    if not settings.slack_client_id:
        return None
    vault = Vault.from_text(settings.secret_keys.get_secret_value())
    client_id, secret = settings.slack_client_id, settings.slack_client_secret.get_secret_value()
    granting = Granting(clients, clock, client_id, secret)
    installs = SharedInstalls(database, clock, vault, granting)
    oauth = Oauth(database, clock, installs, client_id, settings.public_url, settings.slack_api_url)
    return Installing(installs, tuple(oauth.routes()))
