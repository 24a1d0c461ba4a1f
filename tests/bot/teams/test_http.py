"""What the bot calls over HTTP, and what it does not: names that lead inside, pages that lead elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from socket import AF_INET, AddressFamily

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from bot.teams.http import Http, PublicOnly, TooLarge, content


class Told(AbstractResolver):
    """Finds the same addresses for any name."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        """What was given."""
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self._addresses
        ]

    async def close(self) -> None:
        """Nothing to let go of."""


class Elsewhere:
    """A server that counts whoever comes, and sends them on."""

    def __init__(self, port: int | None, came: list[str]) -> None:
        self.came = came
        self.port = port

    def at(self, name: str) -> str:
        """Its address under another name."""
        return f"http://{name}:{self.port}/"


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    came: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        came.append(request.headers.get("Authorization", ""))
        if request.path == "/long":
            return web.Response(body=b"a" * 1_001)
        return web.Response(status=307, headers={"Location": "/again", "Set-Cookie": "a=b"})

    served = web.Application()
    served.router.add_get("/{any:.*}", answer)
    async with TestServer(served) as server:
        yield Elsewhere(server.port, came)


async def test_a_name_that_leads_inside_is_not_called(elsewhere: Elsewhere) -> None:
    http = Http(inside=["login.example"])

    with pytest.raises(aiohttp.ClientConnectorError):
        async with http.request("GET", elsewhere.at("localhost"), headers={"Authorization": "Bearer mine"}):
            pass
    await http.close()

    assert elsewhere.came == []


async def test_one_that_the_operator_has_set_is(elsewhere: Elsewhere) -> None:
    http = Http(inside=["LOCALHOST"])

    async with http.request("GET", elsewhere.at("localhost")) as answer:
        assert answer.status == 307
    await http.close()


async def test_of_several_addresses_the_public_ones_are_called() -> None:
    names = PublicOnly(
        [], Told("10.0.0.1", "8.8.8.8", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:10.0.0.1")
    )

    found = await names.resolve("smba.trafficmanager.net", 443)

    assert [each["host"] for each in found] == ["8.8.8.8"]


async def test_nobody_is_followed_and_no_cookie_kept(elsewhere: Elsewhere) -> None:
    http = Http()

    for _ in range(2):
        async with http.request("GET", elsewhere.at("127.0.0.1")) as answer:
            assert answer.status == 307
            assert "Cookie" not in answer.request_info.headers
    await http.close()

    assert len(elsewhere.came) == 2


async def test_no_more_of_an_answer_is_read_than_is_wanted(elsewhere: Elsewhere) -> None:
    http = Http()

    async with http.request("GET", f"{elsewhere.at('127.0.0.1')}long") as answer:
        with pytest.raises(TooLarge):
            await content(answer, 1_000)
    await http.close()
