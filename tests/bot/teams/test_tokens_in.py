"""Tokens that may not in: 401 or 403 each, never a failure, no handler run and no byte sent out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.bot.teams.office import Office, office
from tests.fakes.teams import activities
from tests.fakes.teams.delivery import Sent
from tests.fakes.teams.keys import ISSUER, SigningKey
from tests.fakes.teams.structure import Json

STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_TENANT = "99999999-9999-4999-8999-999999999999"


@pytest.fixture(scope="module")
def module_url(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> str:
    path = tmp_path_factory.mktemp("tokens") / "teams.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@dataclass(frozen=True)
class Forged:
    """A request that is wrong in one way: in its token's claims or header, its key, or its activity."""

    status: int
    claims: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    activity: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    endorsements: Any = ("msteams",)
    sign: Callable[[Json, Json, Any], str] = lambda claims, header, key: jwt.encode(claims, key, "RS256", header)


def given(header: str) -> Callable[[Json, Json, Any], str]:
    """A token that is none, as it stands in the header."""
    return lambda _claims, _header, _key: header


def with_public_key(claims: Json, header: Json, key: Any) -> str:
    """Signed with the public key, as if it were a shared secret."""
    numbers = str(key.public_key().public_numbers().n).encode()
    return jwt.encode(claims, numbers, "HS256", header)


def tampered(claims: Json, header: Json, key: Any) -> str:
    """Signed well, and changed afterwards."""
    head, body, signature = jwt.encode(claims, key, "RS256", header).split(".")
    return ".".join((head, body[:-2] + ("AA" if body[-2:] != "AA" else "BB"), signature))


def with_another_audience(claims: Json, header: Json, key: Any) -> str:
    """Signed well, for this bot and for another one."""
    return jwt.encode({**claims, "aud": [claims["aud"], "another"]}, key, "RS256", header)


def of_no_object(_claims: Json, header: Json, key: Any) -> str:
    """Signed well, and no object."""
    return jwt.api_jws.encode(b"[1]", key, "RS256", header)


GONE = object()
ROWS: dict[str, Forged] = {
    "no issuer": Forged(401, {"iss": GONE}),
    "another issuer": Forged(401, {"iss": "https://login.example"}),
    "the issuer of the emulator": Forged(
        401, {"iss": "https://login.microsoftonline.com/d6d49420-f39b-4df7-a1dc-d59a935871db/v2.0"}
    ),
    "the issuer of a skill": Forged(
        401, {"iss": "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/", "ver": "1.0"}
    ),
    "the issuer of the government's cloud": Forged(401, {"iss": "https://api.botframework.us"}),
    "no audience": Forged(401, {"aud": GONE}),
    "another audience": Forged(401, {"aud": "11111111-1111-4111-8111-111111111111"}),
    "several audiences": Forged(401, {"aud": ["11111111-1111-4111-8111-111111111111"]}),
    "several audiences, and the bot among them": Forged(401, sign=with_another_audience),
    "no end": Forged(401, {"exp": GONE}),
    "an end that is over": Forged(401, {"exp": -301}),
    "an end that is no number": Forged(401, {"exp": "tomorrow"}),
    "a beginning to come": Forged(401, {"nbf": 301}),
    "no key named": Forged(401, header={"kid": GONE}),
    "an unknown key": Forged(401, header={"kid": "nobody"}),
    "a key of another": Forged(401, sign=lambda claims, header, _: jwt.encode(claims, STRANGER, "RS256", header)),
    "no signature at all": Forged(401, sign=lambda claims, header, _: jwt.encode(claims, "", "none", header)),
    "a shared secret": Forged(401, sign=lambda claims, header, _: jwt.encode(claims, "s" * 64, "HS256", header)),
    "the public key as a secret": Forged(401, sign=with_public_key),
    "another kind of RSA": Forged(401, sign=lambda claims, header, key: jwt.encode(claims, key, "RS512", header)),
    "changed afterwards": Forged(401, sign=tampered),
    "no object in it": Forged(401, sign=of_no_object),
    "no endorsement": Forged(403, endorsements=None),
    "an empty list of endorsements": Forged(403, endorsements=()),
    "an endorsement for another channel": Forged(403, endorsements=("webchat",)),
    "another channel, which the key may": Forged(
        403, activity={"channelId": "webchat"}, endorsements=("webchat", "msteams")
    ),
    "no service address in the token": Forged(403, {"serviceurl": GONE}),
    "another service address in the token": Forged(403, {"serviceurl": "https://smba.trafficmanager.net/emea/"}),
    "no service address in the activity": Forged(403, without=("serviceUrl",)),
    "none in either": Forged(403, {"serviceurl": GONE}, without=("serviceUrl",)),
    "another tenant": Forged(
        403,
        activity={
            "conversation": {"id": "a:1", "conversationType": "personal", "tenantId": OTHER_TENANT},
            "channelData": {"tenant": {"id": OTHER_TENANT}},
        },
    ),
    "two tenants": Forged(403, activity={"channelData": {"tenant": {"id": OTHER_TENANT}}}),
    "a conversation of another tenant": Forged(
        403, activity={"conversation": {"id": "a:1", "conversationType": "personal", "tenantId": OTHER_TENANT}}
    ),
    "no tenant": Forged(
        403, activity={"conversation": {"id": "a:1", "conversationType": "personal"}, "channelData": {}}
    ),
    "garbage": Forged(401, sign=given("a.b.c")),
    "not even that": Forged(401, sign=given("Zm9v")),
    "nothing": Forged(401, sign=given("")),
    "a very long one": Forged(401, sign=given(f"{'a' * 8_100}.b.c")),
}


@pytest.fixture
async def door(module_url: str) -> AsyncIterator[Office]:
    async with office(module_url) as opened:
        yield opened


def request(here: Office, row: Forged) -> tuple[Json, str]:
    """The activity and the Authorization header of a row."""
    teams, ana = here.teams, here.ana
    now = int(here.clock.now().timestamp())
    activity = activities.done(teams, "message", ana.state, ana.chat) | {"text": "help", **row.activity}
    activity = {name: value for name, value in activity.items() if name not in row.without}
    claims: Json = {
        "serviceurl": teams.service_url, "nbf": now, "exp": now + 3600, "iss": ISSUER, "aud": teams.app.id,
    }  # fmt: skip
    for name, value in row.claims.items():
        claims[name] = now + value if name in ("exp", "nbf") and isinstance(value, int) else value
    key = SigningKey(1, row.endorsements)
    teams.keys.published = [key]
    header = {"kid": key.kid, **row.header}
    return activity, row.sign(_kept(claims), _kept(header), key.private)


def _kept(values: Mapping[str, Any]) -> Json:
    return {name: value for name, value in values.items() if value is not GONE}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_a_token_that_is_wrong_lets_nothing_in(door: Office, row: Forged) -> None:
    activity, token = request(door, row)
    await door.app.prepare()  # reads the keys as they are now

    reply = await door.teams.post(activity, f"Bearer {token}")
    await door.settle()

    assert reply.status == row.status
    assert door.teams.calls == []
    assert door.teams.tokens.asked == []
    assert await door.count("workspaces") == 0
    assert await door.count("deliveries") == 0


@pytest.mark.parametrize(
    "header", [None, "", "Basic YTpi", "bearer {}", "Bearer  {}", "Bearer {} {}", "Bearer\t{}"]
)
async def test_so_does_another_header(door: Office, header: str | None) -> None:
    activity, token = request(door, Forged(200))

    reply = await door.teams.post(activity, header and header.format(token, token))

    assert reply.status == 401
    assert await door.count("workspaces") == 0


@pytest.mark.parametrize(("claim", "off"), [("exp", -299), ("nbf", 299)])
async def test_clocks_may_differ_by_five_minutes(here: Office, claim: str, off: int) -> None:
    activity, token = request(here, Forged(200, {claim: off}))

    reply = await here.teams.post(activity, f"Bearer {token}")

    assert reply.status == 200


BODIES: dict[str, tuple[bytes, int]] = {
    "broken": (b"{", 400),
    "empty": (b"", 400),
    "a list": (b"[1]", 400),
    "a number": (b"1", 400),
    "deep": (b'{"a":' * 100_000, 413),
    "less deep": (b'{"a":' * 5_000, 400),
    "no UTF-8": (b'{"type": "\xff"}', 400),
    "no type": (b'{"channelId": "msteams"}', 400),
    "a type that is none": (b'{"type": 1, "channelId": "msteams"}', 400),
    "a sender that is none": (b'{"type": "message", "channelId": "msteams", "from": "ana"}', 400),
    "an id that is none": (b'{"type": "message", "channelId": "msteams", "from": {"id": 5}}', 400),
    "entities that are none": (b'{"type": "message", "channelId": "msteams", "entities": [1]}', 400),
    "too large": (b'{"type": "message", "text": "' + b"a" * 300_000 + b'"}', 413),
}


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
async def test_a_body_that_cannot_be_read_is_refused_whatever_its_token(
    door: Office, body: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {door.teams.sign()}"}

    reply = await door.teams.replay(Sent(body, headers))

    assert reply.status == status
    assert await door.count("workspaces") == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
async def test_a_body_of_another_kind_is_refused(door: Office, kind: str) -> None:
    activity, token = request(door, Forged(200))

    reply = await door.teams.post(activity, f"Bearer {token}", **{"Content-Type": kind})

    assert reply.status == 400


SERVICES = [
    "https://evil.example/emea/",
    "https://smba.trafficmanager.net.evil.example/",
    "https://smba.trafficmanager.net@evil.example/",
    "https://evil.example/smba.trafficmanager.net",
    "https://user:word@smba.trafficmanager.net/",
    "http://smba.trafficmanager.net/emea/",
    "https://smba.trafficmanager.net:8443/",
    "https://20.190.128.1/",
    "https://[::1]/",
    "http://127.0.0.1:1/",
    "http://localhost/",
    "http://169.254.169.254/metadata/",
    "https://smba.trafficmanager.net\\@evil.example/",
    "https://smba.trafficmanager.net/?to=evil",
    "https://smba.trafficmanager.net/#evil",
    "//smba.trafficmanager.net/",
    "https:///emea/",
    "file:///etc/passwd",
    "https://smba.trafficmanager.net:99999/",
    f"https://smba.trafficmanager.net/{'a' * 600}",
]


@pytest.mark.parametrize("service", SERVICES)
async def test_no_byte_goes_to_an_address_that_is_not_teams(door: Office, service: str) -> None:
    activity, _ = request(door, Forged(200))
    activity["serviceUrl"] = service

    reply = await door.teams.post(activity, f"Bearer {door.teams.sign(serviceurl=service)}")
    await door.settle()

    assert reply.status == 403
    assert door.teams.tokens.asked == []
    assert await door.count("workspaces") == 0
