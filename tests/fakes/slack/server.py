"""A strict local Slack: a real HTTP server that checks what it is sent, and delivers what people do.

It knows nothing of the bot: only what Slack publishes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from tests.fakes.clock import Clock, StillClock
from tests.fakes.slack import responding
from tests.fakes.slack.api.calls import Call
from tests.fakes.slack.building import Building
from tests.fakes.slack.delivery import Delivery, Reply, Sent, sign
from tests.fakes.slack.events import verify_url
from tests.fakes.slack.faults import Fault, Faults, Throttle
from tests.fakes.slack.markup import Trace
from tests.fakes.slack.modals import Trigger
from tests.fakes.slack.oauth import Browsing
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.structure import Json
from tests.fakes.slack.tokens import Code
from tests.fakes.slack.webapi import answer_call, answer_response_url, answer_upload
from tests.fakes.slack.world import AppConfig, View, World

T = TypeVar("T")


class FakeSlack(Building):
    """One Slack with one app. `patience_s` is how long it waits for the bot: 3 s, as Slack does.

    `calls` is all that was asked of the Web API, `traces` what any text shown would have set off.
    """

    def __init__(self, clock: Clock, patience_s: float) -> None:
        self.clock = clock
        self.patience_s = patience_s
        self.world = World(clock)
        self.faults = Faults()
        self.delivery = Delivery(self)
        self.sockets = Sockets(self)
        self.browsing = Browsing()
        self.calls: list[Call] = []
        self.traces: list[Trace] = []
        self.triggers: dict[str, Trigger] = {}
        self.views: dict[str, View] = {}
        self.codes: dict[str, Code] = {}
        self.uploads: dict[str, Json] = {}
        self.response_urls: dict[str, responding.ResponseUrl] = {}
        self.response_refusals: list[str] = []
        self.url = ""
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._later: set[asyncio.Task[Any]] = set()

    @classmethod
    async def start(cls, clock: Clock | None = None, *, patience_s: float = 3.0, port: int = 0) -> FakeSlack:
        """Serve on this machine, at a port of its own. Without a clock, time stands still."""
        slack = cls(clock or StillClock(), patience_s)
        app = web.Application(client_max_size=4 * 1024**2)
        app.router.add_route("*", "/api/{method}", partial(answer_call, slack))
        app.router.add_post("/{kind:commands|actions}/{rest:.+}", partial(answer_response_url, slack))
        app.router.add_post("/upload/v1/{file}", partial(answer_upload, slack))
        app.router.add_get("/oauth/v2/authorize", partial(slack.browsing.authorize, slack))
        app.router.add_get("/link/", slack.sockets.serve)
        slack._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await slack._runner.setup()
        site = web.TCPSite(slack._runner, "127.0.0.1", port)
        await site.start()
        slack.url = f"http://127.0.0.1:{slack._runner.addresses[0][1]}"
        return slack

    @property
    def app(self) -> AppConfig:
        """The app's settings page."""
        return self.world.app

    @property
    def api_url(self) -> str:
        """What a client of the Web API begins with."""
        return f"{self.url}/api/"

    @property
    def authorize_url(self) -> str:
        """Where a browser asks for the app to be installed."""
        return f"{self.url}/oauth/v2/authorize"

    @property
    def pings(self) -> list[Trace]:
        """Whatever would have notified somebody by a mention."""
        return [each for each in self.traces if each.kind == "ping"]

    @property
    def links(self) -> list[Trace]:
        """Whatever would have become a link."""
        return [each for each in self.traces if each.kind == "link"]

    @property
    def formats(self) -> list[Trace]:
        """Whatever would have been formatted, or become an emoji."""
        return [each for each in self.traces if each.kind == "format"]

    def connect(self, url: str) -> None:
        """The bot's base address: requests go to `{url}/slack/events` unless it opens a socket."""
        self.delivery.url = url.rstrip("/")

    @property
    def is_connected(self) -> bool:
        """Whether there is a bot to deliver to."""
        return bool(self.delivery.url) or self.sockets.is_open

    def called(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [each for each in self.calls if each.method == method]

    def throttle(self, method: str, *, retry_after: int, workspace: str = "") -> None:
        """From the next call on, answer 429 for some seconds of the clock."""
        self.faults.throttles.append(Throttle(method, retry_after, workspace))

    def fail(self, method: str, **how: Any) -> Fault:
        """Let the next calls go wrong: see Fault."""
        fault = Fault(method, **how)
        self.faults.planned.append(fault)
        return fault

    def release(self) -> None:
        """Answer the calls that hang."""
        self.faults.release()

    def happened(self) -> None:
        """Something is to be seen: look again, whoever waits."""
        self._changed.set()

    def later(self, what: Coroutine[Any, Any, Any]) -> None:
        """Do something while the caller goes on, as an event that a call brings about."""
        task = asyncio.create_task(what)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def settle(self) -> None:
        """Wait for the events that calls have brought about."""
        await asyncio.gather(*self._later)

    async def until(self, look: Callable[[], T | None], within_s: float = 30.0) -> T:
        """Wait until there is something to see, and give it. Raises TimeoutError where it does not come."""
        async with asyncio.timeout(within_s):
            while not (seen := look()):
                self._changed.clear()
                await self._changed.wait()
        return seen

    def sign(self, body: bytes, timestamp: str = "") -> dict[str, str]:
        """The headers of a request that is Slack's, at this instant or another."""
        return sign(self.app.signing_secret, body, timestamp or str(int(self.clock.now().timestamp())))

    async def replay(self, sent: Sent) -> Reply:
        """Post the very bytes of an earlier request again."""
        return await self.delivery.post(sent)

    async def retry_now(self) -> list[Reply]:
        """Deliver again the events that were not answered."""
        return await self.delivery.retry_now()

    async def verify_url(self) -> Reply:
        """Send the challenge of an address that was just entered."""
        return await verify_url(self)

    def socket_silent(self) -> None:
        """The sockets stay open and say nothing any more, not even a pong."""
        self.sockets.is_silent = True

    async def close(self) -> None:
        """Stop serving; whoever still waits is let go."""
        self.release()
        for task in self._later:
            task.cancel()
        await self.sockets.close()
        await self.delivery.close()
        if self._runner:
            await self._runner.cleanup()
