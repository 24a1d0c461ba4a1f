"""The two servers of the Teams benchmark: ours, and the SDK's own adapter that answers with a card."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from aiohttp import web
from botbuilder.core import ActivityHandler, CloudAdapterBase, TurnContext
from botbuilder.schema import Activity, ActivityTypes, Attachment
from botframework.connector.auth import (
    AppCredentials,
    BotFrameworkAuthentication,
    BotFrameworkAuthenticationFactory,
    PasswordServiceClientCredentialFactory,
)

from bot import logs
from bot.app import App, build
from bot.clock import SystemClock
from bot.settings import alone
from bot.web import routes

APP_ID = "11111111-1111-4111-8111-111111111111"
TENANT = "22222222-2222-4222-8222-222222222222"
PATH = "/api/messages"
CARD = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [{"type": "TextBlock", "text": "Saved", "wrap": True}] * 6,
    "actions": [{"type": "Action.Execute", "title": "Undo", "verb": "undo", "data": {"n": 1}}] * 3,
}


class Fixed(AppCredentials):
    """A token that is there already: the SDK's own library for tokens takes no address without https."""

    def get_access_token(self, force_refresh: bool = False) -> str:
        """The same one always, which costs less than the SDK's own."""
        return "a-token"


class FixedFactory(PasswordServiceClientCredentialFactory):
    """Gives everybody that token."""

    async def create_credentials(self, app_id: str, *_: Any, **__: Any) -> AppCredentials:
        """The credentials of the app."""
        return Fixed(app_id=app_id)


class Answers(ActivityHandler):
    """Answers any words with a card."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Send the card."""
        attachment = Attachment(content_type="application/vnd.microsoft.card.adaptive", content=CARD)
        await turn_context.send_activity(Activity(type=ActivityTypes.message, attachments=[attachment]))


def ours(url: str, microsoft: str) -> tuple[App, web.Application]:
    """Our server."""
    settings = alone(
        database_url=url,
        teams_app_id=APP_ID,
        teams_app_password="secret",
        teams_tenant_id=TENANT,
        teams_openid_metadata_url=f"{microsoft}/openid",
        teams_token_url=f"{microsoft}/token",
        teams_service_hosts=microsoft.removeprefix("http://"),
    )
    app = build(settings, SystemClock())
    return app, routes(app)


def stock_authentication(microsoft: str) -> BotFrameworkAuthentication:
    """The SDK's own way of authentication, as its cloud adapter has it, with the keys of the local host."""
    return BotFrameworkAuthenticationFactory.create(
        credential_factory=FixedFactory(APP_ID, "secret"),
        validate_authority=True,
        to_channel_from_bot_login_url="https://login.microsoftonline.com/botframework.com",
        to_channel_from_bot_oauth_scope="https://api.botframework.com",
        to_bot_from_channel_token_issuer="https://api.botframework.com",
        oauth_url="https://api.botframework.com",
        to_bot_from_channel_open_id_metadata_url=f"{microsoft}/openid",
        to_bot_from_emulator_open_id_metadata_url=f"{microsoft}/openid",
    )


def stock(microsoft: str) -> web.Application:
    """The SDK's adapter over its own authentication and connectors, in the form that its guide has."""
    adapter, handler = CloudAdapterBase(stock_authentication(microsoft)), Answers()

    async def messages(request: web.Request) -> web.Response:
        activity = Activity().deserialize(await request.json())
        await adapter.process_activity(request.headers["Authorization"], activity, handler.on_turn)
        return web.Response(status=201)

    served = web.Application()
    served.add_routes([web.post(PATH, messages)])
    return served


async def serve(kind: str, url: str, microsoft: str, port: int) -> None:
    """Serve one of the two, and say so."""
    app, application = ours(url, microsoft) if kind == "ours" else (None, stock(microsoft))
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    if app:
        await app.prepare()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logs.configure()
    asyncio.run(serve(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
