"""HTTP connections, with an end to those on which the head of a request never ends.

aiohttp has no such limit of its own: whoever opens connections and sends a byte now and then would hold them all.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

HEAD_S = 10.0
REQUESTS_S = 3.0  # for what is being answered when the process is told to end


async def listen(routes: web.Application, host: str, port: int, head_s: float = HEAD_S) -> web.AppRunner:
    """Answer requests, each of whose heads has `head_s` seconds to come. Raises OSError where a port is taken."""
    runner = _Runner(routes, head_s)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


class _Runner(web.AppRunner):
    def __init__(self, routes: web.Application, head_s: float) -> None:
        super().__init__(routes, access_log=None, shutdown_timeout=REQUESTS_S, lingering_time=1)
        self._head_s = head_s

    async def _make_server(self) -> web.Server:
        return _Server(await super()._make_server(), self._head_s)


class _Server(web.Server):
    """As another server, but for its connections."""

    def __init__(self, other: web.Server, head_s: float) -> None:
        super().__init__(other.request_handler, request_factory=other.request_factory, **other._kwargs)
        self._head_s = head_s

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, self._loop, self._head_s, **self._kwargs)


class _Connection(web.RequestHandler):
    """One that waits `head_s` seconds for the end of a head: from its opening on, later from the first byte on."""

    __slots__ = ("_hanging_up", "_head_s")

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop, head_s: float, **options: Any) -> None:
        super().__init__(server, loop=loop, **options)
        self._head_s = head_s
        self._hanging_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._hang_up_later()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._waiter is None or self._waiter.done():  # somebody works on a request, or is about to
            self._stay()
        elif self._hanging_up is None:
            self._hang_up_later()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stay()
        super().connection_lost(exc)

    def _hang_up_later(self) -> None:
        self._hanging_up = self._loop.call_later(self._head_s, self.force_close)

    def _stay(self) -> None:
        if self._hanging_up:
            self._hanging_up.cancel()
            self._hanging_up = None
