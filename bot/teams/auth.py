"""Whether a request is Teams' own: its token, by the rules of the Bot Framework, and our own list of tenants.

The rules are those of "Authenticate requests from the Bot Connector service to your bot", in Microsoft's
documentation.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NoReturn, Protocol

import jwt
from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    UserTokenClient,
)
from botframework.connector.auth.connector_factory import ConnectorFactory

from bot.clock import Clock
from bot.teams.activities import tenants_of
from bot.teams.keys import Keys
from bot.teams.tokens import RESOURCE

ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
SKEW_S = 300
LONGEST_TOKEN = 8_192
BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)")
# The clock is the bot's own, so the times are compared here and not by the library.
DECODING: Any = {
    "require": ["exp", "iss", "aud"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "strict_aud": True,
}


class Hosts(Protocol):
    """Says which addresses may be called."""

    def allows(self, url: object) -> bool: ...


class Refused(PermissionError):
    """A request that may not in: `status` 401 for whoever has not shown to be Teams, 403 for what Teams may not.

    `reason` is for the log, never for whoever sent it.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def bearer(header: str) -> str:
    """The token in an Authorization header. Raises Refused for anything that can be none."""
    found = BEARER.fullmatch(header) if len(header) <= LONGEST_TOKEN else None
    if found is None:
        raise Refused(401, "no bearer")
    return found[1]


class _Own(BotFrameworkAuthentication):
    """What both ways of authentication share: connectors of our own, and neither streams nor skills."""

    def __init__(self, connectors: ConnectorFactory) -> None:
        self._connectors = connectors

    async def authenticate_streaming_request(
        self, auth_header: str, channel_id_header: str
    ) -> AuthenticateRequestResult:
        """No streams."""
        raise Refused(403, "stream")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        """The connectors for whatever is sent."""
        return self._connectors

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> UserTokenClient:
        """None: the bot signs nobody in, and asks for nobody's own token."""
        return None

    def _result(self, claims: Mapping[str, Any]) -> AuthenticateRequestResult:
        result = AuthenticateRequestResult()
        result.claims_identity = ClaimsIdentity(dict(claims), True)
        result.audience = RESOURCE
        result.caller_id = None
        result.connector_factory = self._connectors
        return result


class Authentication(_Own):
    """Lets in what Teams has signed for this bot, of the tenants on our list."""

    def __init__(
        self,
        app_id: str,
        tenants: Collection[str],
        keys: Keys,
        hosts: Hosts,
        connectors: ConnectorFactory,
        clock: Clock,
    ) -> None:
        if not app_id or not tenants:
            raise ValueError("without an app id and a tenant, anybody could be let in")
        super().__init__(connectors)
        self._app_id = app_id
        self._tenants = frozenset(tenant.lower() for tenant in tenants)
        self._keys = keys
        self._hosts = hosts
        self._clock = clock

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        """Check an activity and the token it came with. Raises Refused."""
        token = bearer(auth_header)
        claims = await self._claims(token, activity.channel_id)
        if claims.get("serviceurl") != activity.service_url:
            raise Refused(403, "service address of another")
        check_address(activity, self._hosts)
        named = tenants_of(activity)
        if len(named) != 1 or not named <= self._tenants:
            raise Refused(403, "tenant")
        return self._result(claims)

    async def _claims(self, token: str, channel: object) -> Mapping[str, Any]:
        """What the token says, once it is known to be Microsoft's, for this bot, of now, and for this channel."""
        key = await self._keys.find(_kid(token))
        if key is None:
            raise Refused(401, "key")
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token, key.public, algorithms=["RS256"], audience=self._app_id, issuer=ISSUER, options=DECODING
            )
        except (jwt.PyJWTError, ValueError, TypeError) as wrong:
            _refuse_token(type(wrong).__name__)
        _check_times(claims, self._clock.now())
        if channel != CHANNEL or CHANNEL not in key.endorsements:
            raise Refused(403, "endorsement")
        return claims


class Unsigned(_Own):
    """For a local test client, which signs nothing: lets in what names an address of this machine."""

    def __init__(self, hosts: Hosts, connectors: ConnectorFactory) -> None:
        super().__init__(connectors)
        self._hosts = hosts

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        """Check where the answer would go, which is all there is to check. Raises Refused."""
        check_address(activity, self._hosts)
        if activity.channel_id != CHANNEL or len(tenants_of(activity)) != 1:
            raise Refused(403, "tenant")
        return self._result({})


def check_address(activity: Activity, hosts: Hosts) -> None:
    """Whether the activity may be answered where it says. Raises Refused."""
    if not hosts.allows(activity.service_url):
        raise Refused(403, "service address")


def _kid(token: str) -> str:
    """The name of the key that signed a token. Raises Refused for a token that is none, or of another kind."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as wrong:
        _refuse_token(type(wrong).__name__)
    kid = header.get("kid")
    if header.get("alg") != "RS256" or not isinstance(kid, str) or "crit" in header:
        raise Refused(401, "kind of token")
    return kid


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """Whether a token is valid at this instant (UTC), give or take five minutes. Raises Refused."""
    ends, begins = claims["exp"], claims.get("nbf", 0)
    if not all(type(each) in (int, float) for each in (ends, begins)):
        raise Refused(401, "times")
    if not begins - SKEW_S <= now.timestamp() < ends + SKEW_S:
        raise Refused(401, "expired")


def _refuse_token(kind: str) -> NoReturn:
    raise Refused(401, kind)
