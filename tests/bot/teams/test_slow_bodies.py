"""Teams' door and bodies that come slowly, never end, or are more than is taken: refused, and nothing runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.teams.auth import Unsigned
from bot.teams.connectors import Connectors
from bot.teams.door import MOST_BYTES, Adapter, Door
from bot.teams.hosts import LoopbackOnly
from bot.teams.http import Http
from bot.teams.listeners import Listeners
from bot.teams.tokens import NoTokens

TOKEN = "Authorization: Bearer a.b.c"


class Counting:
    """Counts how often it is run."""

    def __init__(self) -> None:
        self.ran = 0

    async def on_turn(self, turn_context: object) -> None:
        """Count."""
        self.ran += 1


@asynccontextmanager
async def door(handler: Counting, *, signed: bool = True, read_s: float = 60) -> AsyncIterator[int]:
    """A server with the door alone, and its port."""
    hosts = LoopbackOnly()
    adapter = Adapter(Unsigned(hosts, Connectors(Http(), NoTokens(), hosts)))
    guarded = Door(adapter, cast(Listeners, handler), signed=signed, read_s=read_s)
    served = web.Application()
    served.router.add_post("/", guarded.answer)
    async with TestServer(served) as server:
        assert server.port
        yield server.port


async def answered(port: int, head: list[str], body: bytes) -> int:
    """The status that a request gets whose sender sends so much and no more."""
    lines = ["POST / HTTP/1.1", "Host: worthwhile.example", "Content-Type: application/json", *head]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (["Content-Length: 100"], b'{"type": "message"'),
        (["Content-Length: 100"], b""),
        (["Transfer-Encoding: chunked"], b"1\r\n{\r\n"),
    ],
    ids=["a part", "nothing", "a chunk"],
)
async def test_a_body_that_does_not_come_is_waited_for_only_so_long(head: list[str], body: bytes) -> None:
    handler = Counting()

    async with door(handler, read_s=0.02) as port:
        status = await answered(port, [TOKEN, *head], body)

    assert status == 408
    assert handler.ran == 0


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ([f"Content-Length: {MOST_BYTES + 1}"], b""),
        (["Transfer-Encoding: chunked"], b"%x\r\n%b\r\n" % (MOST_BYTES + 1, b" " * (MOST_BYTES + 1))),
    ],
    ids=["said", "not said"],
)
async def test_no_more_is_read_than_is_taken(head: list[str], body: bytes) -> None:
    handler = Counting()

    async with door(handler) as port:
        status = await answered(port, [TOKEN, *head], body)

    assert status == 413
    assert handler.ran == 0


@pytest.mark.parametrize(
    "head", ["X-None: x", "Authorization: Bearer none", f"Authorization: Bearer {'a' * 9_000}"]
)
async def test_without_a_token_no_body_is_waited_for(head: str) -> None:
    handler = Counting()

    async with door(handler) as port:
        status = await answered(port, [head, "Content-Length: 100"], b"")

    assert status in (400, 401)
    assert handler.ran == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity"])
async def test_nothing_is_unpacked(encoding: str) -> None:
    handler = Counting()

    async with door(handler) as port:
        status = await answered(port, [TOKEN, f"Content-Encoding: {encoding}", "Content-Length: 2"], b"{}")

    assert status == 400
    assert handler.ran == 0
