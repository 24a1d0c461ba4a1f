"""The two servers of the Slack benchmark: ours, and a bare Bolt app that inserts a row the same way."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, date, datetime, time

import sqlalchemy as sa
from aiohttp import web
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot import logs
from bot.app import App, build
from bot.clock import SystemClock
from bot.settings import Settings
from bot.web import routes
from storage.database import Connection, _begin_sqlite, _prepare_sqlite, open_database
from storage.directory import add_workspace
from storage.schema import metadata

SECRET = "0123456789abcdef0123456789abcdef"
TOKEN = "xoxb-bench"
PEOPLE = 6000
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


async def plant(url: str, platform: str = "slack", name: str = "T1") -> None:
    """A workspace with one started team of everybody."""
    database = open_database(url)
    tables = metadata.tables

    async def work(connection: Connection) -> None:
        workspace = await add_workspace(connection, platform, name, "Sample", NOW)
        own = {"workspace_id": workspace}
        await connection.execute(
            sa.insert(tables["channels"]).values(id=1, external_id="C1", name="#checkout", **own)
        )
        people = [
            {
                "id": number + 1,
                "external_id": f"U{number}",
                "name": f"Person {number}",
                "zone": "UTC",
                "locale": "en_GB",
                "role": 2,
                "team_id": 1,
                "created_at": NOW,
                **own,
            }
            for number in range(PEOPLE)
        ]
        await connection.execute(
            sa.insert(tables["teams"]).values(
                id=1,
                channel_id=1,
                name="Checkout",
                zone="UTC",
                locale="en_GB",
                days=(1, 2, 3, 4, 5, 6, 7),
                hour=time(9, 40),
                visibility="anonymous",
                retro_visibility="by_name",
                floor=4,
                created_at=NOW,
                started_at=NOW,
                **own,
            )
        )
        await connection.execute(sa.insert(tables["people"]), people)
        members = [{"team_id": 1, "person_id": each["id"], "role": 2, "joined_at": NOW, **own} for each in people]
        await connection.execute(sa.insert(tables["memberships"]), members)

    await database.write(work)
    await database.close()


def ours(url: str, port: int, api_url: str = "", token: str = TOKEN) -> tuple[App, web.Application]:
    """Our server, which asks once whose token it has: of itself, where no Slack is given."""
    settings = Settings(
        database_url=url,
        slack_signing_secret=SecretStr(SECRET),
        slack_bot_token=SecretStr(token),
        slack_api_url=api_url or f"http://127.0.0.1:{port}/api/",
        _env_file=None,  # type: ignore[call-arg]
    )
    app = build(settings, SystemClock())
    served = routes(app)
    served.add_routes([web.post("/api/auth.test", _whose)])
    return app, served


async def _whose(_request: web.Request) -> web.Response:
    told = {"ok": True, "team_id": "T1", "team": "Sample", "user_id": "UBOT", "bot_id": "B1", "user": "worthwhile"}
    return web.json_response(told)


def engine_of(url: str) -> AsyncEngine:
    """The usual asyncio engine, with the pragmas that what was acknowledged is not lost by."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=10)
    engine = create_async_engine(parsed.set(drivername="sqlite+aiosqlite"))
    sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def bare(url: str) -> web.Application:
    """A Bolt app as its guide has it, with its own check of signatures, and one listener that inserts."""
    engine = engine_of(url)
    reflections = metadata.tables["reflections"]

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-bench", bot_user_id="UB"
        )

    app = AsyncApp(signing_secret=SECRET, process_before_response=True, authorize=authorize)

    @app.command("/value")
    async def command(ack: AsyncAck, command: dict[str, str]) -> None:
        async with engine.begin() as connection:
            await connection.execute(
                sa.insert(reflections).values(
                    workspace_id=1,
                    team_id=1,
                    person_id=int(command["user_id"][1:]) + 1,
                    question="bare",
                    local_date=date(2020, 1, 1),
                    score=4,
                    sentence=command["text"],
                    prompt="user.stuck",
                    promised="anonymous",
                    is_late=False,
                    created_at=datetime.now(UTC),
                )
            )
        await ack(f"Saved: {command['text']}")

    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    served = web.Application()
    served.add_routes([web.post("/slack/events", events)])
    return served


async def serve(kind: str, url: str, port: int, *slack: str) -> None:
    """Serve one of the two, and say so."""
    app, application = ours(url, port, *slack) if kind == "ours" else (None, bare(url))
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    if app:
        await app.prepare()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logs.configure()
    asyncio.run(serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
