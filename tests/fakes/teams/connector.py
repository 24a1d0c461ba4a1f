"""The HTTP side of the connector: reading a call, refusing it as Teams does, and answering."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.teams import posting, roster
from tests.fakes.teams.calls import Call
from tests.fakes.teams.errors import ConnectorError, Unauthorized
from tests.fakes.teams.faults import Fault

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams

Run = Callable[[Call], Awaitable[Any]]
PLACE = "/v3/conversations/{conversation}"
OPERATIONS: tuple[tuple[str, str, str, Run], ...] = (
    ("create", "POST", "/v3/conversations", posting.create),
    ("send", "POST", f"{PLACE}/activities", posting.send),
    ("reply", "POST", f"{PLACE}/activities/{{activity}}", posting.reply),
    ("update", "PUT", f"{PLACE}/activities/{{activity}}", posting.update),
    ("delete", "DELETE", f"{PLACE}/activities/{{activity}}", posting.delete),
    ("members", "GET", f"{PLACE}/members", roster.members),
    ("member", "GET", f"{PLACE}/members/{{member}}", roster.member),
    ("pagedmembers", "GET", f"{PLACE}/pagedmembers", roster.paged),
    ("team", "GET", "/v3/teams/{team}", roster.team),
    ("channels", "GET", "/v3/teams/{team}/conversations", roster.channels),
)
STATUS = {"create": 201, "send": 201, "reply": 201}


def routes(teams: FakeTeams) -> list[web.RouteDef]:
    """Every operation, below the region that stands in a serviceUrl."""
    return [
        web.route(method, f"/{{region}}{path}", partial(_answer, teams, name, run))
        for name, method, path, run in OPERATIONS
    ]


async def _answer(teams: FakeTeams, operation: str, run: Run, request: web.Request) -> web.StreamResponse:
    call = await _read(teams, operation, request)
    teams.calls.append(call)
    fault = teams.faults.strike(operation, call.tenant, call.conversation_id)
    if fault and fault.drop == "before":
        return _dropped(call, request)
    headers: dict[str, str] = {}
    try:
        _let_in(call, request)
        call.answer = await _outcome(call, run, fault)
        call.status = STATUS.get(operation, 200)
    except ConnectorError as error:
        call.status, call.answer, headers = error.status, error.body, error.headers
    teams.happened()
    if fault and fault.drop == "after":
        return _dropped(call, request)
    return web.json_response(call.answer, status=call.status, headers=headers)


async def _read(teams: FakeTeams, operation: str, request: web.Request) -> Call:
    path = dict(request.match_info)
    region = path.pop("region")
    try:
        body = await request.json() if request.can_read_body else None
    except ValueError:
        body = None
    return Call(teams, operation, path, dict(request.query), body, teams.clock.now(), region)


def _let_in(call: Call, request: web.Request) -> None:
    """Whether the token is one that was given out, and the address the present one."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not call.teams.tokens.is_good(bearer, call.teams.clock.now()):
        raise Unauthorized
    if call.region not in call.teams.regions:
        raise ConnectorError(404, "NotFound", "There is no such service here any more.")
    if call.body is not None and not re.match(r"application/json\b", request.headers.get("Content-Type", "")):
        raise ConnectorError(415, "UnsupportedMediaType", "The body is not JSON.")


async def _outcome(call: Call, run: Run, fault: Fault | None) -> Any:
    """What is answered, with what goes wrong on the way."""
    thread = call.conversation_id or call.path.get("team", "")
    wait = call.teams.pace.spend(call.operation, call.tenant, thread, call.at)
    if wait:
        raise ConnectorError(429, "TooManyRequests", "API calls quota exceeded.", wait)
    if fault and fault.hang == "before":
        await call.teams.faults.hold(call.teams.happened)
        raise fault.error if fault.status else ConnectorError(504, "GatewayTimeout", "nothing was done")
    if fault and fault.status and not fault.after:
        raise fault.error
    answer = await run(call)
    if fault and fault.hang == "after":
        await call.teams.faults.hold(call.teams.happened)
    if fault and fault.status and fault.after:
        raise fault.error
    return answer


def _dropped(call: Call, request: web.Request) -> web.StreamResponse:
    call.status = 0
    if request.transport:
        request.transport.abort()
    return web.Response()
