"""The key host: an OpenID document, the keys that requests are signed with, and the signing.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from tests.fakes.teams.structure import Json

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams

ISSUER = "https://api.botframework.com"
TOKEN_S = 3600


@cache
def private_key(number: int) -> RSAPrivateKey:
    """A real key, made once for the whole run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class SigningKey:
    """A key and the channels that its owner vouches for."""

    number: int
    endorsements: tuple[str, ...] | None = ("msteams",)

    @property
    def kid(self) -> str:
        """The id by which a token names it."""
        return f"key-{self.number}-of-the-fake"

    @property
    def private(self) -> RSAPrivateKey:
        """The half that signs."""
        return private_key(self.number)

    @property
    def public(self) -> Json:
        """The half that is published."""
        made: Json = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        made = {"kty": "RSA", "use": "sig", "kid": self.kid, "x5t": self.kid, "n": made["n"], "e": made["e"]}
        return made if self.endorsements is None else {**made, "endorsements": list(self.endorsements)}


@dataclass
class Keys:
    """The key host. `fetches` counts what was asked of it; while it `is_down` it breaks the connection."""

    published: list[SigningKey] = field(default_factory=lambda: [SigningKey(1)])
    is_down: bool = False
    status: int = 200
    fetches: dict[str, int] = field(default_factory=lambda: {"openid": 0, "keys": 0})
    document: Json = field(default_factory=dict)

    @property
    def present(self) -> SigningKey:
        """The key that signs now."""
        return self.published[-1]

    def roll(self, *, keeps: bool = True, endorsements: tuple[str, ...] | None = ("msteams",)) -> SigningKey:
        """Sign with a new key from now on; the earlier ones stay published or not."""
        made = SigningKey(self.present.number + 1, endorsements)
        self.published = [*(self.published if keeps else []), made]
        return made


def sign(teams: FakeTeams, service_url: str, key: SigningKey | None = None, **claims: Any) -> str:
    """A token as the connector sends it; `claims` change it, and a claim of None is left out."""
    now = int(teams.token_clock.now().timestamp())
    whole: Json = {
        "serviceurl": service_url,
        "nbf": now,
        "exp": now + TOKEN_S,
        "iss": ISSUER,
        "aud": teams.app.id,
        **claims,
    }
    kept = {name: value for name, value in whole.items() if value is not None}
    signing = key or teams.keys.present
    return jwt.encode(kept, signing.private, "RS256", {"kid": signing.kid, "x5t": signing.kid})


async def serve_document(teams: FakeTeams, request: web.Request) -> web.StreamResponse:
    """The OpenID document."""
    return _serve(teams, request, "openid") or web.json_response(
        {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": f"{teams.url}/v1/.well-known/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            **teams.keys.document,
        }
    )


async def serve_keys(teams: FakeTeams, request: web.Request) -> web.StreamResponse:
    """The keys."""
    return _serve(teams, request, "keys") or web.json_response(
        {"keys": [each.public for each in teams.keys.published]}
    )


def _serve(teams: FakeTeams, request: web.Request, what: str) -> web.StreamResponse | None:
    teams.keys.fetches[what] += 1
    if teams.keys.is_down and request.transport:
        request.transport.abort()
        return web.Response(status=503)
    if teams.keys.status != 200:
        return web.Response(status=teams.keys.status)
    return None
