"""Teams, put together: what of it runs in one process."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.background import Background
from bot.clock import Clock
from bot.dispatch import Dispatcher
from bot.nudges.chores import Chores
from bot.nudges.later import Later
from bot.settings import Settings
from bot.teams.auth import Authentication, Unsigned
from bot.teams.connectors import Connectors
from bot.teams.delivery import Delivery
from bot.teams.door import Adapter, Door
from bot.teams.events import Events
from bot.teams.files import Uploads
from bot.teams.hosts import LOOPBACK, FileHosts, LoopbackOnly, ServiceHosts
from bot.teams.http import Http
from bot.teams.keys import Keys
from bot.teams.listeners import Listeners
from bot.teams.people import People
from bot.teams.places import PLATFORM, Places
from bot.teams.sender import TeamsSender
from bot.teams.tokens import Cached, Grant, NoTokens, Tokens, by_identity, by_secret
from storage.database import Database

MESSAGES_PATH = "/api/messages"
AUTHORITY = "https://login.microsoftonline.com"
# The authority of registrations that are not of one tenant, of which no new ones can be made.
OF_ALL_TENANTS = "botframework.com"

log = structlog.get_logger()


class Teams:
    """The parts of Teams in one process: `listen` gives them the dispatcher, and then requests can come.

    Make it within a running loop or not: nothing is opened before it is used.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock, background: Background) -> None:
        # It warns of every field that the schema does not know, and quotes it.
        logging.getLogger("msrest.serialization").setLevel(logging.ERROR)
        self._settings = settings
        self._clock = clock
        self._background = background
        self._http = Http(_set_by_the_operator(settings))
        self._hosts: ServiceHosts | LoopbackOnly = (
            LoopbackOnly() if settings.lets_in_local_tools else ServiceHosts(settings.teams_service_host_list)
        )
        self.tokens = self._find_tokens()
        self.keys = Keys(self._http, settings.teams_openid_metadata_url, clock, background)
        self._connectors = Connectors(self._http, self.tokens, self._hosts)
        self.people = People(database, clock, self._connectors, background, settings.teams_admin_list)
        self._later = Later(database, clock, PLATFORM)
        self.sender = TeamsSender(Places(database, clock), self._connectors, clock)
        self.chores = Chores(database, clock, {"reconcile": self.people.reconcile}, platform=PLATFORM)

    def listen(self, dispatch: Dispatcher) -> None:
        """Answer with this dispatcher."""
        uploads = Uploads(self._http, FileHosts(self._hosts))
        delivery = Delivery(self._connectors, self.sender, uploads, self._clock, self._later)
        events = Events(dispatch, self.people, delivery, self._background)
        listeners = Listeners(dispatch, self.people, delivery, events, self._background)
        self._door = Door(
            Adapter(self._authentication()), listeners, signed=not self._settings.lets_in_local_tools
        )

    def routes(self) -> list[web.RouteDef]:
        """Where Teams comes in over HTTP."""
        return [web.post(MESSAGES_PATH, self.answer)]

    def problem(self) -> str:
        """Why no request of Teams' can be let in now; "" where they can."""
        return "" if self._settings.lets_in_local_tools else self.keys.problem()

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request of Teams'."""
        return await self._door.answer(request)

    async def prepare(self) -> None:
        """Get ready to start: read Microsoft's keys. A host that is away is asked again when they are needed."""
        if self._settings.lets_in_local_tools:
            log.warning("TEAMS_LOCAL_TOOLS is on: anybody on this machine can speak to the bot as anybody")
        else:
            await self.keys.prefetch()

    async def close(self) -> None:
        """Let go of Teams."""
        await self._http.close()

    def _authentication(self) -> Authentication | Unsigned:
        settings = self._settings
        if settings.lets_in_local_tools:
            return Unsigned(self._hosts, self._connectors)
        return Authentication(
            settings.teams_app_id,
            settings.teams_tenants,
            self.keys,
            self._hosts,
            self._connectors,
            self._clock,
        )

    def _find_tokens(self) -> Tokens:
        if self._settings.lets_in_local_tools:
            return NoTokens()
        return Cached(self._http, grant(self._settings), self._clock)


def _set_by_the_operator(settings: Settings) -> frozenset[str]:
    """The names that the settings lead to: these may be in the operator's own network."""
    addresses = (settings.teams_openid_metadata_url, settings.teams_token_url, settings.identity_endpoint)
    hosts = (f"//{host}" for host in settings.teams_service_host_list)
    names = {urlsplit(each).hostname or "" for each in (*addresses, *hosts)}
    return frozenset(names | LOOPBACK if settings.lets_in_local_tools else names)


def grant(settings: Settings) -> Grant:
    """How the bot gets its token: as its registration in Azure is of one tenant, of all, or a managed identity."""
    if settings.teams_app_type == "UserAssignedMSI":
        endpoint, header = settings.identity_endpoint, settings.identity_header.get_secret_value()
        return by_identity(endpoint, header, settings.teams_app_id)
    tenant = OF_ALL_TENANTS if settings.teams_app_type == "MultiTenant" else settings.teams_tenants[0]
    url = settings.teams_token_url or f"{AUTHORITY}/{tenant}/oauth2/v2.0/token"
    return by_secret(url, settings.teams_app_id, settings.teams_app_password.get_secret_value())
