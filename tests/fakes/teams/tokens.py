"""The token endpoint: a token for the connector, for an app's secret or for the machine that the bot runs on.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from tests.fakes.teams.structure import Json

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams

RESOURCE = "https://api.botframework.com"
SCOPE = f"{RESOURCE}/.default"
MANY_TENANTS = "botframework.com"


@dataclass
class Tokens:
    """What was given out, and until when it is good. `asked` are the requests, `refused` why some were."""

    life: timedelta = timedelta(seconds=3599)
    given: dict[str, datetime] = field(default_factory=dict)
    asked: list[Json] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    is_down: bool = False
    status: int = 200
    has_identity: bool = False

    def is_good(self, bearer: str, now: datetime) -> bool:
        """Whether a bearer is one of them, and not run out."""
        return bearer in self.given and now < self.given[bearer]

    def revoke(self) -> None:
        """None of those given out is good any more."""
        self.given.clear()


class AuthorityError(Exception):
    """A request that the authority refuses with this error and code."""

    def __init__(self, error: str, said: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.said = said
        self.status = status


def _judge(teams: FakeTeams, tenant: str, form: Json) -> None:
    app = teams.app
    if form.get("grant_type") != "client_credentials":
        raise AuthorityError("unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.")
    if tenant not in {app.tenant or MANY_TENANTS}:
        known = tenant in teams.world.tenants or tenant == MANY_TENANTS
        said = (
            "AADSTS700016: Application was not found in the directory."
            if known
            else "AADSTS90002: Tenant not found."
        )
        raise AuthorityError("unauthorized_client" if known else "invalid_request", said)
    if form.get("client_id") != app.id:
        raise AuthorityError("unauthorized_client", "AADSTS700016: Application was not found in the directory.")
    if form.get("client_secret") != app.secret:
        raise AuthorityError("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
    if form.get("scope") != SCOPE:
        raise AuthorityError("invalid_scope", "AADSTS70011: The provided value for scope is not valid.")


def _give(teams: FakeTeams) -> Json:
    value = f"eyJ.{secrets.token_urlsafe(48)}.token-of-the-fake"
    teams.tokens.given[value] = teams.clock.now() + teams.tokens.life
    seconds = int(teams.tokens.life.total_seconds())
    return {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": value}


def _trouble(teams: FakeTeams, request: web.Request) -> web.Response | None:
    if teams.tokens.is_down and request.transport:
        request.transport.abort()
        return web.Response(status=503)
    return web.Response(status=teams.tokens.status) if teams.tokens.status != 200 else None


async def give_token(teams: FakeTeams, request: web.Request) -> web.StreamResponse:
    """A token for an app's secret."""
    tenant, form = request.match_info["tenant"], dict(await request.post())
    teams.tokens.asked.append({"tenant": tenant, **form})
    if trouble := _trouble(teams, request):
        return trouble
    try:
        _judge(teams, tenant, form)
    except AuthorityError as refusal:
        teams.tokens.refused.append(refusal.said)
        body = {"error": refusal.error, "error_description": refusal.said}
        return web.json_response(body, status=refusal.status)
    return web.json_response(_give(teams))


async def give_identity(teams: FakeTeams, request: web.Request) -> web.StreamResponse:
    """A token for the machine, where it has an identity of its own.

    https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
    """
    query = dict(request.query)
    teams.tokens.asked.append({"identity": query})
    if trouble := _trouble(teams, request):
        return trouble
    wrong = request.headers.get("Metadata") != "true" or query.get("resource") not in {RESOURCE, f"{RESOURCE}/"}
    if wrong or not query.get("api-version") or not teams.tokens.has_identity:
        return web.json_response(
            {"error": "invalid_request", "error_description": "Identity not found"}, status=400
        )
    given = _give(teams)
    return web.json_response({**given, "expires_in": str(given["expires_in"]), "resource": RESOURCE})
