"""The gate before a real server: whatever strangers send, nothing runs or fails, and memory stays flat."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from multidict import CIMultiDict

from bot.gate import LARGE_AT_ONCE, Gate, Refusal
from tests.bot.signed import COMMAND, EVENT, FORM, JSON, gate, headers

PATH = "/slack/events"
PART = b"a" * 50_000
REFUSED = {400, 401, 408, 413}
FLIPS = 300
CONNECTION_HOLDS = 1_000_000  # buffers of both ends, and what is read before a large body waits for its turn


class Guarded:
    """A server with a gate before a handler that keeps what it was run with."""

    def __init__(self, guard: Gate) -> None:
        self.ran: list[bytes] = []
        self.refused: asyncio.Queue[Refusal] = asyncio.Queue()
        self._gate = guard

    async def handle(self, request: web.Request) -> web.Response:
        """Run with what the gate lets in."""
        passed = await self._gate.admit(request)
        if isinstance(passed, Refusal):
            self.refused.put_nowait(passed)
            return passed.response()
        self.ran.append(passed.body)
        return web.Response()


@asynccontextmanager
async def serving(guard: Gate) -> AsyncIterator[tuple[Guarded, int]]:
    """A server as the bot's own, and its port, until the end of the block."""
    guarded = Guarded(guard)
    app = web.Application()
    app.router.add_route("*", PATH, guarded.handle)
    runner = web.AppRunner(app, access_log=None, lingering_time=1, shutdown_timeout=0.05)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield guarded, runner.addresses[0][1]
    finally:
        await runner.cleanup()


def written(sent: CIMultiDict[str], body: bytes, length: int | None = None) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"POST {PATH} HTTP/1.1", "Host: worthwhile.example", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in sent.items()]
    lines += [f"Content-Length: {len(body) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


async def send(port: int, raw: bytes, drips: bool = False) -> int | None:
    """The status that these bytes get; None where the server only hangs up, or waits for more of a head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    answer = asyncio.create_task(reader.readline())
    while drips and not answer.done():
        writer.write(b"a")
        await asyncio.wait({answer}, timeout=0.005)
    try:
        line = await asyncio.wait_for(answer, 1.0)
    except (TimeoutError, ConnectionError):
        return None
    finally:
        writer.close()
    return int(line.split()[1]) if line else None


async def parts(part: bytes, times: int) -> AsyncIterator[bytes]:
    """A body in chunks, of a length that is not told."""
    for _ in range(times):
        yield part


async def test_what_slack_has_signed_runs() -> None:
    async with serving(gate()) as (guarded, port):
        statuses = [
            await send(port, written(headers(COMMAND), COMMAND)),
            await send(port, written(headers(EVENT, JSON), EVENT)),
        ]

    assert statuses == [200, 200]
    assert guarded.ran == [COMMAND, EVENT]


UNSIGNED = {
    "broken": b"{",
    "a list": b"[1]",
    "no UTF-8": b'{"a": "\xff"}',
    "deep": b"[" * 100_000,
    "empty": b"",
    "ssl check": b"ssl_check=1",
}


@pytest.mark.parametrize("kind", [JSON, FORM, "text/plain", "application/json; charset=utf-7"])
@pytest.mark.parametrize("body", UNSIGNED.values(), ids=UNSIGNED)
async def test_what_nobody_signed_is_refused_and_runs_nothing(body: bytes, kind: str) -> None:
    bare = CIMultiDict({"Content-Type": kind})
    forged = headers(body, kind, secret="of somebody else's app")

    async with serving(gate()) as (guarded, port):
        statuses = {await send(port, written(sent, body)) for sent in (bare, forged)}

    assert statuses <= {400, 401}
    assert guarded.ran == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("X-Slack-Request-Timestamp", "abc", 401),
        ("X-Slack-Request-Timestamp", "1" * 5_000, 401),
        ("X-Slack-Request-Timestamp", "٠٠٠", 401),
        ("X-Slack-Signature", "v0=" + "é" * 64, 401),
        ("X-Slack-Signature", "v0=\udcff\udcfe", 401),
        ("Content-Encoding", "gzip", 400),
        ("Content-Encoding", "br", 400),
    ],
)
async def test_odd_headers_are_refused(name: str, value: str, told: int) -> None:
    sent = headers(COMMAND)
    sent[name] = value

    async with serving(gate()) as (guarded, port):
        status = await send(port, written(sent, COMMAND))

    assert status == told
    assert guarded.ran == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_but_a_post_is_let_in(method: str) -> None:
    raw = written(headers(COMMAND), COMMAND).replace(b"POST", method.encode(), 1)

    async with serving(gate()) as (guarded, port):
        status = await send(port, raw)

    assert status == 400
    assert guarded.ran == []


async def test_a_large_body_that_says_so_is_refused_before_it_is_sent() -> None:
    raw = written(headers(b""), b"", length=10_000_000)

    async with serving(gate()) as (guarded, port):
        status = await send(port, raw)

    assert status == 413
    assert guarded.ran == []


async def test_a_large_body_in_chunks_is_refused_once_it_is_too_large() -> None:
    async with serving(gate(most_bytes=200_000)) as (guarded, port), ClientSession() as session:
        status = await post(session, port, parts(PART, 60))

    assert status == 413
    assert guarded.ran == []


async def post(session: ClientSession, port: int, body: AsyncIterator[bytes]) -> int:
    """The status of a request in chunks."""
    async with session.post(f"http://127.0.0.1:{port}{PATH}", data=body, headers=headers(b"")) as answer:
        return answer.status


async def test_many_large_bodies_at_once_do_not_fill_the_memory() -> None:
    most, clients = 3_000_000, 24

    async with serving(gate(most_bytes=most, read_s=60)) as (guarded, port), ClientSession() as session:
        tracemalloc.start()
        statuses = await asyncio.gather(*(post(session, port, parts(PART, 200)) for _ in range(clients)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert set(statuses) == {413}
    assert guarded.ran == []
    assert peak < 1.5 * LARGE_AT_ONCE * most + clients * CONNECTION_HOLDS, f"{peak:,} bytes"


@pytest.mark.parametrize("length", [len(COMMAND) + 1, len(COMMAND) * 100])
async def test_a_body_that_is_shorter_than_it_says_is_waited_for_only_so_long(length: int) -> None:
    raw = written(headers(COMMAND), COMMAND, length)

    async with serving(gate(read_s=0.05)) as (guarded, port):
        status = await send(port, raw)

    assert status == 408
    assert guarded.ran == []


async def test_a_body_that_comes_one_byte_at_a_time_is_waited_for_only_so_long() -> None:
    raw = written(headers(COMMAND), b"", length=3_000_000)

    async with serving(gate(read_s=0.05)) as (guarded, port):
        status = await send(port, raw, drips=True)

    assert status == 408
    assert guarded.ran == []


async def test_a_body_that_is_longer_than_it_says_is_cut_and_refused() -> None:
    raw = written(headers(COMMAND), COMMAND, len(COMMAND) - 1)

    async with serving(gate()) as (guarded, port):
        status = await send(port, raw)

    assert status in REFUSED
    assert guarded.ran == []


LIES = [b"zz\r\nabc\r\n", b"-5\r\n", b"ffffffffffffffff\r\nabc", b"3\r\nabcdef\r\n0\r\n\r\n"]


@pytest.mark.parametrize("chunk", LIES)
async def test_chunks_that_lie_are_refused(chunk: bytes) -> None:
    told = b"Content-Length: %d" % len(chunk)
    raw = written(headers(COMMAND), chunk).replace(told, b"Transfer-Encoding: chunked")

    async with serving(gate(read_s=0.05)) as (guarded, port):
        status = await send(port, raw)

    assert status in REFUSED
    assert guarded.ran == []


@pytest.mark.parametrize("chunk", [b"zz\r\nabc\r\n", b"-5\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"])
async def test_chunks_that_lie_once_they_are_waited_for_are_refused(chunk: bytes) -> None:
    sent = headers(COMMAND)
    sent["Expect"] = "100-continue"
    head = written(sent, b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")

    async with serving(gate(read_s=0.05)) as (guarded, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        goes_on = await reader.readuntil(b"\r\n\r\n")
        writer.write(chunk)
        answer = await reader.readline()
        writer.close()

    assert b" 100 " in goes_on
    assert int(answer.split()[1]) in REFUSED
    assert guarded.ran == []


async def test_who_hangs_up_half_way_is_refused_and_the_next_is_let_in() -> None:
    sent = headers(COMMAND)
    sent["Expect"] = "100-continue"

    async with serving(gate()) as (guarded, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(written(sent, COMMAND[:5], len(COMMAND)))
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
        refusal = await asyncio.wait_for(guarded.refused.get(), 4)
        status = await send(port, written(headers(COMMAND), COMMAND))

    assert refusal.reason == "cut"
    assert status == 200
    assert guarded.ran == [COMMAND]


def flipped(raw: bytes, seeds: Iterable[int]) -> Iterable[bytes]:
    """The request with one bit another, anywhere."""
    for seed in seeds:
        place, bit = divmod(random.Random(seed).randrange(len(raw) * 8), 8)  # noqa: S311 - a seed repeats it
        yield raw[:place] + bytes([raw[place] ^ (1 << bit)]) + raw[place + 1 :]


async def test_whatever_bit_flips_on_the_wire_only_what_was_signed_runs_and_nothing_fails() -> None:
    raw = written(headers(COMMAND), COMMAND)

    async with serving(gate(read_s=0.05)) as (guarded, port):
        statuses = await asyncio.gather(*(send(port, one) for one in flipped(raw, range(FLIPS))))

    assert set(guarded.ran) <= {COMMAND}
    assert statuses.count(200) == len(guarded.ran)
    assert all(status is None or status < 500 for status in statuses)
    assert sum(status in REFUSED for status in statuses) > FLIPS / 2
