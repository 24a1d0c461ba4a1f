"""A verified turn of Teams that answers with a card, beside the SDK's own adapter on the same activity.

CPU seconds of the serving process for each turn, over HTTP with a real token, with the keys and the connector on
this machine: check-ins that write a row, and words that only read. Then the check of a token alone, and how often
ours asked for a token of its own. The SDK's adapter is given its token, where it would ask Microsoft at each turn.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import psutil
from aiohttp import web
from botbuilder.schema import Activity
from botframework.connector.auth import BotFrameworkAuthentication
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from benchmarks.serve import free_port
from benchmarks.slack_servers import PEOPLE, plant
from benchmarks.teams_servers import APP_ID, PATH, TENANT, ours, stock_authentication
from storage.migrate import upgrade

ROUNDS, PER_ROUND, AT_ONCE = 5, 200, 8
CHECKS = 1_000
LIMIT_S = 0.0025
ISSUER = "https://api.botframework.com"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Microsoft:
    """The host of the keys, of tokens and of the connector, in this process: no server measured pays for it."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.tokens = 0
        self._cards = 0
        self._more = asyncio.Event()

    async def start(self) -> web.AppRunner:
        """Serve."""
        served = web.Application()
        served.add_routes(
            [
                web.get("/openid", self._document),
                web.get("/keys", self._keys),
                web.post("/token", self._token),
                web.post("/v3/conversations/{place}/activities", self._taken),
                web.post("/v3/conversations/{place}/activities/{activity}", self._taken),
            ]
        )
        runner = web.AppRunner(served, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(self.url.rpartition(":")[2])).start()
        return runner

    async def until(self, cards: int) -> None:
        """Wait until so many cards more have come."""
        while self._cards < cards:
            self._more.clear()
            await self._more.wait()
        self._cards -= cards

    async def _document(self, _request: web.Request) -> web.Response:
        told = {
            "issuer": ISSUER,
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return web.json_response(told)

    async def _keys(self, _request: web.Request) -> web.Response:
        key = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
        return web.json_response({"keys": [{**key, "use": "sig", "kid": "one", "endorsements": ["msteams"]}]})

    async def _token(self, _request: web.Request) -> web.Response:
        self.tokens += 1
        return web.json_response({"access_token": "a-token", "expires_in": 3600})

    async def _taken(self, request: web.Request) -> web.Response:
        said = await request.json()
        assert said["attachments"], said
        self._cards += 1
        self._more.set()
        return web.json_response({"id": "1"}, status=201)


def token(service: str) -> str:
    """A token as Teams signs it, valid now."""
    now = int(time.time())
    claims = {"serviceurl": service, "nbf": now, "exp": now + 3600, "iss": ISSUER, "aud": APP_ID}
    return jwt.encode(claims, KEY, "RS256", {"kid": "one"})


def activity(service: str, number: int, words: str) -> dict[str, Any]:
    """Words of one person to the bot, in private, as Teams sends them."""
    return {
        "type": "message",
        "id": f"{words}-{number}-{time.monotonic_ns()}",
        "timestamp": "2026-11-23T08:00:00.000Z",
        "channelId": "msteams",
        "serviceUrl": service,
        "from": {"id": f"U{number}", "name": f"Person {number}", "aadObjectId": f"object-{number}"},
        "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": f"a:{number}"},
        "recipient": {"id": f"28:{APP_ID}", "name": "Worthwhile"},
        "locale": "en-GB",
        "localTimezone": "UTC",
        "entities": [{"type": "clientInfo", "locale": "en-GB", "country": "GB", "platform": "Web"}],
        "channelData": {"tenant": {"id": TENANT}},
        "text": words,
        "textFormat": "plain",
    }


class Served:
    """One of the two servers, in a process of its own."""

    def __init__(self, microsoft: Microsoft, port: int, process: psutil.Process) -> None:
        self._microsoft = microsoft
        self._address = f"http://127.0.0.1:{port}{PATH}"
        self._process = process

    async def spent(self, first: int, words: str) -> float:
        """CPU seconds of each turn of a round, until the last card has come, several of them under way at once."""
        waiting = iter(range(first, first + PER_ROUND))
        before = self._process.cpu_times()
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(self._send(session, waiting, words) for _ in range(AT_ONCE)))
        await self._microsoft.until(PER_ROUND)
        after = self._process.cpu_times()
        return (after.user + after.system - before.user - before.system) / PER_ROUND

    async def _send(self, session: aiohttp.ClientSession, waiting: Any, words: str) -> None:
        service = f"{self._microsoft.url}/"
        headers = {"Authorization": f"Bearer {token(service)}"}
        for number in waiting:
            sent = activity(service, number, words)
            async with session.post(self._address, json=sent, headers=headers) as answer:
                assert answer.status in (200, 201), answer.status


@asynccontextmanager
async def serving(kind: str, url: str, microsoft: Microsoft) -> AsyncIterator[Served]:
    """A server of one kind."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.teams_servers", kind, url, microsoft.url, str(port)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
        yield Served(microsoft, port, psutil.Process(process.pid))
    finally:
        process.terminate()
        await process.wait()


async def compare(url: str, microsoft: Microsoft) -> tuple[bool, int]:
    """Print what a turn costs in each; returns whether ours is within its limit, and the turns that it took."""
    reads, writes, theirs, turns = [], [], [], 0
    async with serving("ours", url, microsoft) as own, serving("stock", url, microsoft) as stock:
        await stock.spent(0, "help")
        for first in range(0, (ROUNDS + 1) * PER_ROUND, PER_ROUND):
            await own.spent(first, "help")  # whoever comes for the first time is looked up, and that is kept
            reads.append(await own.spent(first, "help"))
            writes.append(await own.spent(first, "checkin 4 a good day"))
            theirs.append(await stock.spent(first, "checkin 4 a good day"))
            turns += 3 * PER_ROUND
    reading, writing, other = (statistics.median(each[1:]) for each in (reads, writes, theirs))
    print(f"a turn that writes a row  ours {writing * 1e3:6.2f} ms CPU  (at most {LIMIT_S * 1e3})")
    print(f"a turn that only reads    ours {reading * 1e3:6.2f} ms CPU")
    print(
        f"one that does neither     the SDK's adapter {other * 1e3:6.2f} ms CPU, {other / writing:.1f} times ours"
    )
    return max(reading, writing) <= LIMIT_S, turns


async def checked(authentication: BotFrameworkAuthentication, microsoft: Microsoft) -> float:
    """CPU seconds of the check of one token, in this process."""
    service = f"{microsoft.url}/"
    told, header = Activity().deserialize(activity(service, 1, "help")), f"Bearer {token(service)}"
    told.channel_data = {"tenant": {"id": TENANT}}
    await authentication.authenticate_request(told, header)
    began = time.process_time()
    for _ in range(CHECKS):
        await authentication.authenticate_request(told, header)
    return (time.process_time() - began) / CHECKS


async def check_alone(url: str, microsoft: Microsoft) -> None:
    """Print what the check of a token costs in each."""
    app, _ = ours(url, microsoft.url)
    assert app.teams
    await app.prepare()
    own = await checked(app.teams._authentication(), microsoft)
    await app.close()
    stock = await _stock_checked(microsoft)
    print(f"the check of a token      ours {own * 1e3:6.2f} ms CPU, the SDK's {stock * 1e3:.2f} ms")


async def _stock_checked(microsoft: Microsoft) -> float:
    """As `checked`, in a thread with a loop of its own: the SDK fetches the keys while its loop stands still."""
    return await asyncio.to_thread(lambda: asyncio.run(checked(stock_authentication(microsoft.url), microsoft)))


async def run(url: str) -> bool:
    """Print it all; returns whether it is within its limits."""
    microsoft = Microsoft()
    runner = await microsoft.start()
    kept, turns = await compare(url, microsoft)
    asked = microsoft.tokens
    print(f"tokens asked for          {asked} in {turns} turns of ours  (1)")
    await check_alone(url, microsoft)
    await runner.cleanup()
    return kept and asked == 1


def main() -> bool:
    """Both servers on one database file."""
    assert (ROUNDS + 1) * PER_ROUND <= PEOPLE
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        upgrade(url)
        asyncio.run(plant(url, "teams", TENANT))
        return asyncio.run(run(url))


if __name__ == "__main__":
    sys.exit(not main())
