"""A strict local Teams: a real HTTP server that checks what it is sent, and delivers what people do.

It plays the key host, the token endpoint and the connector. It knows nothing of the bot: only what Microsoft
publishes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from tests.fakes.clock import Clock, StillClock
from tests.fakes.teams import connector, files, keys, tokens
from tests.fakes.teams.building import Building
from tests.fakes.teams.calls import Call
from tests.fakes.teams.delivery import Delivery, Reply, Sent
from tests.fakes.teams.faults import Fault, Faults
from tests.fakes.teams.markup import Trace
from tests.fakes.teams.pacing import Pace
from tests.fakes.teams.structure import Json
from tests.fakes.teams.world import AppConfig, World

T = TypeVar("T")


class FakeTeams(Building):
    """One Teams with one app. `patience_s` is how long it waits for the bot: 15 s at most, as Teams does.

    `calls` is all that was asked of the connector, `traces` what any text shown would have set off. `allowed`
    is what addresses in cards may begin with. `regions` are the ends of a serviceUrl that answer, the newest last.
    `files` are those that were uploaded, by name.
    """

    def __init__(self, clock: Clock, patience_s: float) -> None:
        self.clock = clock
        self.token_clock = clock
        self.patience_s = patience_s
        self.world = World(clock)
        self.keys = keys.Keys()
        self.tokens = tokens.Tokens()
        self.faults = Faults()
        self.pace = Pace()
        self.delivery = Delivery(self)
        self.calls: list[Call] = []
        self.traces: list[Trace] = []
        self.allowed: tuple[str, ...] = ()
        self.regions: list[str] = ["emea"]
        self.files: dict[str, str] = {}
        self.takes_files = True
        self.upload_status = 201
        self.url = ""
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @classmethod
    async def start(cls, clock: Clock | None = None, *, patience_s: float = 15.0, port: int = 0) -> FakeTeams:
        """Serve on this machine, at a port of its own. Without a clock, time stands still."""
        teams = cls(clock or StillClock(), patience_s)
        app = web.Application(client_max_size=4 * 1024**2)
        app.router.add_get("/v1/.well-known/openidconfiguration", partial(keys.serve_document, teams))
        app.router.add_get("/v1/.well-known/keys", partial(keys.serve_keys, teams))
        app.router.add_post("/{tenant}/oauth2/v2.0/token", partial(tokens.give_token, teams))
        app.router.add_get("/metadata/identity/oauth2/token", partial(tokens.give_identity, teams))
        app.router.add_put("/upload/{unique}/{name}", partial(files.take, teams))
        app.router.add_routes(connector.routes(teams))
        teams._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await teams._runner.setup()
        await web.TCPSite(teams._runner, "127.0.0.1", port).start()
        teams.url = f"http://{teams.host_at(teams._runner)}"
        return teams

    @staticmethod
    def host_at(runner: web.AppRunner) -> str:
        """The host and port of a running server."""
        return f"127.0.0.1:{runner.addresses[0][1]}"

    @property
    def app(self) -> AppConfig:
        """The app's registration."""
        return self.world.app

    @property
    def host(self) -> str:
        """The host and port that its addresses begin with."""
        return self.url.removeprefix("http://")

    @property
    def service_url(self) -> str:
        """Where the bot is to send to, as activities say it now."""
        return f"{self.url}/{self.regions[-1]}/"

    @property
    def openid_url(self) -> str:
        """The address of the OpenID document."""
        return f"{self.url}/v1/.well-known/openidconfiguration"

    @property
    def token_url(self) -> str:
        """Where the app gets its tokens."""
        return f"{self.url}/{self.app.tenant or tokens.MANY_TENANTS}/oauth2/v2.0/token"

    @property
    def identity_url(self) -> str:
        """Where a machine with an identity of its own gets its tokens."""
        return f"{self.url}/metadata/identity/oauth2/token"

    @property
    def pings(self) -> list[Trace]:
        """Whatever would have mentioned somebody."""
        return [each for each in self.traces if each.kind == "ping"]

    @property
    def links(self) -> list[Trace]:
        """Whatever would have become a link."""
        return [each for each in self.traces if each.kind == "link"]

    @property
    def formats(self) -> list[Trace]:
        """Whatever would have been formatted, or become a date."""
        return [each for each in self.traces if each.kind in {"format", "date"}]

    def connect(self, url: str) -> None:
        """The bot's base address: activities go to `{url}/api/messages`."""
        self.delivery.url = url.rstrip("/")

    def called(self, operation: str) -> list[Call]:
        """The calls of one operation: `create`, `send`, `reply`, `update`, `delete`, `pagedmembers`, …"""
        return [each for each in self.calls if each.operation == operation]

    def move_service(self, region: str = "amer", *, keeps: bool = False) -> None:
        """Name another serviceUrl from now on; the earlier one answers 404, or as before."""
        self.regions = [*(self.regions if keeps else []), region]

    def fail(self, operation: str, **how: Any) -> Fault:
        """Let the next calls go wrong: see Fault."""
        fault = Fault(operation, **how)
        self.faults.planned.append(fault)
        return fault

    def throttle(self, operation: str, *, retry_after: int, times: int = 1, tenant: str = "") -> Fault:
        """Answer the next calls with 429 and these seconds to wait."""
        return self.fail(operation, status=429, retry_after=retry_after, times=times, tenant=tenant)

    def release(self) -> None:
        """Answer the calls that hang."""
        self.faults.release()

    def happened(self) -> None:
        """Something is to be seen: look again, whoever waits."""
        self._changed.set()

    async def until(self, look: Callable[[], T | None], within_s: float = 30.0) -> T:
        """Wait until there is something to see, and give it. Raises TimeoutError where it does not come."""
        async with asyncio.timeout(within_s):
            while not (seen := look()):
                self._changed.clear()
                await self._changed.wait()
        return seen

    def sign(self, **claims: Any) -> str:
        """A token that is Teams' own at this instant, or one with other claims; a claim of None is left out."""
        return keys.sign(self, self.service_url, **claims)

    async def replay(self, sent: Sent) -> Reply:
        """Post the very bytes of an earlier request again."""
        return await self.delivery.post(sent)

    async def post(self, activity: Json, authorization: str | None = None, **headers: str) -> Reply:
        """Post an activity with another token, or with none."""
        given = {"Content-Type": "application/json", **headers}
        if authorization is not None:
            given["Authorization"] = authorization
        return await self.delivery.post(Sent(json.dumps(activity).encode(), given))

    async def close(self) -> None:
        """Stop serving; whoever still waits is let go."""
        self.release()
        await self.delivery.close()
        if self._runner:
            await self._runner.cleanup()
