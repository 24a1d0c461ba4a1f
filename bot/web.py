"""The HTTP side of `serve`: health, and the platforms' requests."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

from bot.app import App
from storage import migrate
from storage.database import check

log = structlog.get_logger()


def routes(app: App, url: str) -> web.Application:
    """The routes of a serving process."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        problem = await _problem(app, url)
        return web.json_response({"status": problem or "ready"}, status=503 if problem else 200)

    served = web.Application()
    served.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    if app.slack:
        served.add_routes(app.slack.routes())
    return served


async def _problem(app: App, url: str) -> str:
    """Why this process cannot do its work now; "" where it can."""
    try:
        await check(app.database)
        if not await asyncio.to_thread(migrate.is_present, url):
            return "the database is not at the present schema: run python -m bot migrate"
    except OSError:
        return "the database does not answer"
    return ""
