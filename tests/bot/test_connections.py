"""Connections on which no request ever comes to the end of its head, over the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.connections import listen

HEAD_S = 0.05
REQUEST = b"GET / HTTP/1.1\r\nHost: worthwhile.example\r\n\r\n"
ENDLESS = b"GET / HTTP/1.1\r\nHost: worthwhile.example\r\nX-Endless: "


@dataclass
class Served:
    """A server with little patience, whose answers wait for `may_answer`."""

    port: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, _request: web.Request) -> web.Response:
        """The answer, in its time."""
        await self.may_answer.wait()
        return web.Response(text="here")


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    made.may_answer.set()
    routes = web.Application()
    routes.add_routes([web.get("/", made.answer)])
    runner = await listen(routes, "127.0.0.1", 0, HEAD_S)
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


async def opened(served: Served) -> Line:
    """A new connection."""
    return await asyncio.open_connection("127.0.0.1", served.port)


async def asked(line: Line) -> bytes:
    """The body of the answer to a whole request."""
    line[1].write(REQUEST)
    head = await line[0].readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    return await line[0].readexactly(len("here"))


async def is_hung_up(line: Line, drip: bytes = b"") -> bool:
    """Whether the server ends the connection, while a byte comes now and then."""
    end = asyncio.create_task(line[0].read())
    while not end.done():
        line[1].write(drip)
        await asyncio.wait({end}, timeout=HEAD_S / 5)
    try:
        return await end == b""
    except ConnectionError:
        return True
    finally:
        line[1].close()


async def test_fifty_heads_that_never_end_are_hung_up_on(served: Served) -> None:
    lines = [await opened(served) for _ in range(50)]
    for _, writer in lines:
        writer.write(ENDLESS)

    ended = await asyncio.gather(*(is_hung_up(line, b"a") for line in lines))

    assert all(ended)


async def test_whoever_says_nothing_at_all_is_hung_up_on(served: Served) -> None:
    assert await is_hung_up(await opened(served))


async def test_a_head_that_never_ends_is_hung_up_on_after_a_whole_one_too(served: Served) -> None:
    line = await opened(served)
    await asked(line)
    line[1].write(ENDLESS)

    assert await is_hung_up(line, b"a")


async def test_a_connection_kept_for_the_next_request_stays(served: Served) -> None:
    kept = await opened(served)
    await asked(kept)

    assert await is_hung_up(await opened(served))  # the limit has passed for both
    assert await asked(kept) == b"here"
    kept[1].close()


async def test_an_answer_may_take_longer_than_a_head(served: Served) -> None:
    served.may_answer.clear()
    line = await opened(served)
    answer = asyncio.create_task(asked(line))

    assert await is_hung_up(await opened(served))
    served.may_answer.set()

    assert await answer == b"here"
    line[1].close()
