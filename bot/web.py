"""The HTTP side of a process: what is seen of it from outside, and the platforms' requests."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot import logs
from bot.app import App
from bot.metrics import CONTENT_TYPE, Metrics
from storage.backlog import Backlog, backlog
from storage.condition import FAILURES

REQUEST_ID = "X-Request-Id"
DATABASE_S = 3.0
PLATFORM_AT = {"/slack/events": "slack", "/api/messages": "teams"}


def routes(app: App) -> web.Application:
    """The routes of a serving process."""
    served = health(app)
    if app.slack:
        served.add_routes(app.slack.routes())
    if app.teams:
        served.add_routes(app.teams.routes())
    return served


def health(app: App) -> web.Application:
    """The routes by which a process is seen from outside, and nothing else."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        problems = await app.readiness()
        if problems:
            return web.json_response({"status": "not ready", "problems": problems}, status=503)
        return web.json_response({"status": "ready"})

    async def metrics(_request: web.Request) -> web.Response:
        page = app.metrics.page(await _backlog(app), app.sweep_age_s())
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE})

    served = web.Application(middlewares=[_measured(app.metrics)])
    served.on_response_prepare.append(_give_back)
    served.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    return served


def _measured(metrics: Metrics) -> Middleware:
    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Give the request its id, and measure what a platform waits for."""
        logs.begin_request(request.headers.get(REQUEST_ID, ""))
        platform = PLATFORM_AT.get(request.path)
        began, status = asyncio.get_running_loop().time(), 500
        try:
            response = await handler(request)
            status = response.status
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            if platform:
                metrics.answered(platform, str(status), asyncio.get_running_loop().time() - began)
        return response

    return measure


async def _give_back(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers[REQUEST_ID] = logs.present_request()


async def _backlog(app: App) -> Backlog | None:
    """What waits; None where the database does not say in time."""
    now = app.clock.now()
    try:
        return await app.database.read(lambda connection: backlog(connection, now, app.platforms), DATABASE_S)
    except FAILURES:
        return None
