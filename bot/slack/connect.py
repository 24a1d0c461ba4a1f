"""Slack, put together: what of it runs in one process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext

from bot.background import Background
from bot.clock import Clock
from bot.dispatch import Dispatcher
from bot.gate import Gate, Refusal
from bot.nudges.chores import Chores
from bot.settings import Settings
from bot.slack.clients import Clients
from bot.slack.delivery import Delivery
from bot.slack.granting import Granting
from bot.slack.guard import Guard
from bot.slack.home import Homes
from bot.slack.installs import PATIENCE, PLATFORM, Installs, is_bot_revoked, uninstalled
from bot.slack.listeners import Listeners
from bot.slack.manifest import EVENTS_PATH
from bot.slack.oauth import Oauth
from bot.slack.own_install import OwnInstall
from bot.slack.people import People
from bot.slack.sender import SlackSender
from bot.slack.shared_installs import SharedInstalls
from bot.slack.socket import Answered, Socket
from bot.slack.unanswered import NotInstalled, answered, failed
from bot.slack.wording import Wording
from storage.database import Database
from storage.secrets import Vault

ANY = re.compile("")
ACCESS = ("team_access_granted", "team_access_revoked")  # to one workspace of an organisation
WITH_WORDS = (None, "file_share", "thread_broadcast")

Event = Mapping[str, Any]


def bolt(installs: Installs, listeners: Listeners, events: Events) -> AsyncApp:
    """Bolt, with a listener for each kind of request. Signatures are the gate's; tokens are `installs`'."""
    app = AsyncApp(
        process_before_response=True,  # what Slack waits for is one short transaction
        request_verification_enabled=False,
        authorize=_authorize(installs),
        raise_error_for_unhandled_request=True,  # or what is new at Slack would be sent again and again
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
    )
    app.command(ANY)(listeners.command)
    app.action(ANY)(listeners.tap)
    app.view_submission(ANY)(listeners.form)
    app.shortcut(ANY)(listeners.shortcut)
    app.event(ANY)(events)
    app.error(failed(listeners))
    return app


def _authorize(installs: Installs) -> Callable[..., Awaitable[Any]]:
    async def authorize(
        context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None
    ) -> AuthorizeResult:
        """Which of our installs a request is for, as Slack's envelope says; no network, and no cache of Bolt's.

        Raises NotInstalled, for what Bolt would do itself is to post to any address that a request names; and
        NotSent where nobody knows just now.
        """
        install = await installs.find(team_id, enterprise_id, bool(context.is_enterprise_install))
        if install is None:
            raise NotInstalled
        context["install"] = install
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=install.token, bot_user_id=install.bot
        )

    return authorize


class Events:
    """What Slack tells of: words for the bot, home pages looked at, and what changed in a workspace."""

    def __init__(self, listeners: Listeners, people: People, installs: Installs, background: Background) -> None:
        self._listeners = listeners
        self._people = people
        self._installs = installs
        self._background = background

    async def __call__(self, event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        kind = event.get("type")
        if body.get("is_ext_shared_channel") and "install" in context:
            self._background.soon(self._people.heard_from_shared(context["install"].workspace, event))
        if kind in ("app_uninstalled", "tokens_revoked"):
            await self._removed(event, body, context)
        elif kind == "app_mention" or (kind == "message" and event.get("channel_type") == "im"):
            if _is_typed(event):
                await self._listeners.words(event, body, context)
        elif kind in ACCESS:
            # Bolt looks up no install for what may be the last that is heard of one.
            self._background.soon(self._people.look_over(_workspace(context)))
        elif kind == "app_home_opened":
            await self._listeners.home(event, context)
        else:
            self._background.soon(self._people.heard(context["install"].workspace, event))

    async def _removed(self, event: Event, body: Event, context: AsyncBoltContext) -> None:
        if not is_bot_revoked(event):
            return
        workspace = _workspace(context)
        told = body.get("event_time")
        at = datetime.fromtimestamp(told, UTC) if isinstance(told, int) else None
        await self._installs.removed(workspace, at)


def _workspace(context: AsyncBoltContext) -> str:
    return uninstalled(context.team_id, context.enterprise_id, bool(context.is_enterprise_install))


def _is_typed(event: Event) -> bool:
    """Whether a person typed it: not a bot, and not Slack's note of an edit, a joining or a deletion."""
    return (
        bool(event.get("user"))
        and not event.get("bot_id")
        and event.get("subtype") in WITH_WORDS
        and "edited" not in event
    )


class Slack:
    """The parts of Slack in one process: `listen` gives them the dispatcher, and then requests can come."""

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, background: Background, deadline_s: float
    ) -> None:
        self.clients = Clients(settings.slack_api_url)
        self._settings = settings
        self._database = database
        self._clock = clock
        self._background = background
        self._oauth: Oauth | None = None
        self.installs = self._find_installs(PATIENCE * deadline_s)
        self.people = People(database, clock, self.installs, self.clients)
        guard = Guard(database, clock, self.installs, self.clients)
        self.sender = SlackSender(self.installs, self.clients, clock, guard)
        self.chores = Chores(
            database,
            clock,
            {"reconcile": self.people.reconcile, "rotate": self.installs.rotate},
            platform=PLATFORM,
        )

    def _find_installs(self, patience_s: float) -> Installs:
        settings, clock = self._settings, self._clock
        if not settings.installs_by_oauth:
            token = settings.slack_bot_token.get_secret_value()
            return OwnInstall(self._database, clock, self.clients, token, patience_s=patience_s)
        secret = settings.slack_client_secret.get_secret_value()
        granting = Granting(self.clients, clock, settings.slack_client_id, secret)
        vault = Vault(settings.secret_key_list)
        shared = SharedInstalls(self._database, clock, vault, granting, patience_s=patience_s)
        self._oauth = Oauth(
            self._database,
            clock,
            shared,
            vault,
            settings.slack_client_id,
            settings.public_url,
            settings.slack_api_url,
        )
        return shared

    def listen(self, dispatch: Dispatcher) -> None:
        """Answer with this dispatcher."""
        delivery = Delivery(self.installs, self.clients, self._clock, self._database)
        homes = Homes(dispatch, delivery, self._database, self._clock, self.people)
        wording = Wording(self._database, self.people, dispatch.deadline_s)
        listeners = Listeners(dispatch, delivery, homes, wording, self._background, self._clock)
        self.bolt = bolt(self.installs, listeners, Events(listeners, self.people, self.installs, self._background))

    def routes(self) -> list[web.RouteDef]:
        """Where Slack and browsers come in over HTTP."""
        found = list(self._oauth.routes()) if self._oauth else []
        if not self._settings.slack_over_http:
            return found
        requests = Requests(self.bolt, Gate(self._settings.slack_signing_secrets, self._clock))
        return [*found, web.post(EVENTS_PATH, requests.answer)]

    def socket(self, ended: Callable[[], None], answered: Answered | None = None) -> Socket | None:
        """The connection of Socket Mode, where the settings ask for one."""
        if not self._settings.slack_over_socket:
            return None
        token = self._settings.slack_app_token.get_secret_value()
        return Socket(self.bolt, self.clients, token, self._background, self._clock, ended, answered=answered)

    async def close(self) -> None:
        """Let go of Slack."""
        await self.installs.close()
        await self.clients.close()


class Requests:
    """Slack's requests over HTTP: through the gate, then to Bolt. Only what Slack has signed goes on to it."""

    def __init__(self, bolt: AsyncApp, gate: Gate) -> None:
        self._bolt = bolt
        self._gate = gate

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request; one that may not in gets 400, 401, 408 or 413."""
        arrived = asyncio.get_running_loop().time()
        admitted = await self._gate.admit(request)
        if isinstance(admitted, Refusal):
            return admitted.response()
        answer = await answered(self._bolt, admitted.values, admitted.mark, arrived)
        kind = answer.headers.get("content-type", ["text/plain"])[0].partition(";")[0]
        return web.Response(status=answer.status, text=answer.body, content_type=kind)
