"""Slack, put together: what of it runs in one process."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext

from bot.background import Background
from bot.clock import Clock
from bot.dispatch import Dispatcher
from bot.slack.clients import Clients
from bot.slack.delivery import Delivery
from bot.slack.home import Homes
from bot.slack.installs import Installs, is_bot_revoked
from bot.slack.listeners import Listeners
from bot.slack.people import People
from storage.database import Database

ANY = re.compile("")
NOT_INSTALLED = "Worthwhile is not installed here any more, so nothing was saved. Ask an admin to install it again."
WITH_WORDS = (None, "file_share", "thread_broadcast")

Event = Mapping[str, Any]


def bolt(installs: Installs, listeners: Listeners, events: Events) -> AsyncApp:
    """Bolt, with a listener for each kind of request. Signatures are the gate's; tokens are `installs`'."""
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)  # it logs what people wrote
    app = AsyncApp(
        process_before_response=True,  # what Slack waits for is one short transaction
        request_verification_enabled=False,
        authorize=_authorize(installs),
        user_facing_authorize_error_message=NOT_INSTALLED,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
    )
    app.command(ANY)(listeners.command)
    app.action(ANY)(listeners.tap)
    app.view_submission(ANY)(listeners.form)
    app.shortcut(ANY)(listeners.shortcut)
    app.event(ANY)(events)
    return app


def _authorize(installs: Installs) -> Callable[..., Awaitable[Any]]:
    async def authorize(
        context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None
    ) -> AuthorizeResult | None:
        """Which of our installs a request is for, as Slack's envelope says; no network, and no cache of Bolt's."""
        install = await installs.find(team_id, enterprise_id, bool(context.is_enterprise_install))
        if install is None:
            return None
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
        if kind in ("app_uninstalled", "tokens_revoked"):
            await self._removed(event, body, context)
        elif kind == "app_mention" or (kind == "message" and event.get("channel_type") == "im"):
            if _is_typed(event):
                await self._listeners.words(event, body, context)
        elif kind == "app_home_opened":
            await self._listeners.home(event, context)
        else:
            self._background.soon(self._people.heard(context["install"].workspace, event))

    async def _removed(self, event: Event, body: Event, context: AsyncBoltContext) -> None:
        if not is_bot_revoked(event):
            return
        install = await self._installs.find(
            context.team_id, context.enterprise_id, bool(context.is_enterprise_install)
        )
        if install:
            at = datetime.fromtimestamp(int(body.get("event_time") or 0), UTC)
            await self._installs.removed(install.workspace, at)


def _is_typed(event: Event) -> bool:
    """Whether a person typed it: not a bot, and not Slack's note of an edit, a joining or a deletion."""
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in WITH_WORDS


class Slack:
    """The parts of Slack in one process."""

    def __init__(
        self,
        installs: Installs,
        clients: Clients,
        people: People,
        dispatch: Dispatcher,
        database: Database,
        background: Background,
        clock: Clock,
    ) -> None:
        self.installs = installs
        self.clients = clients
        self.people = people
        delivery = Delivery(installs, clients, clock)
        homes = Homes(dispatch, delivery, database)
        listeners = Listeners(dispatch, delivery, homes, background, clock)
        self.bolt = bolt(installs, listeners, Events(listeners, people, installs, background))

    async def close(self) -> None:
        """Let go of Slack."""
        await self.installs.close()
        await self.clients.close()
