"""A local Slack and a local Teams, clients that call them, and a bot of a few lines for them to talk to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack, StillClock
from tests.fakes.teams import FakeTeams
from tests.fakes.teams_client import Client

Answer = Callable[[dict[str, Any]], Awaitable[web.StreamResponse]]


def answered(body: Any = None, status: int = 200, **headers: str) -> web.Response:
    """A bot's answer: nothing, or JSON."""
    text = "" if body is None else json.dumps(body)
    return web.Response(
        status=status, text=text, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


async def _nothing(payload: dict[str, Any]) -> web.StreamResponse:
    return answered()


@dataclass
class Bot:
    """Keeps what it is sent, and answers as it is told."""

    payloads: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answer: Answer = _nothing
    runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self.runner
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    async def heard(self, request: web.Request) -> web.StreamResponse:
        """One delivery."""
        body = await request.read()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        if request.content_type == "application/json":
            payload = json.loads(body)
        else:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            payload = json.loads(form["payload"]) if "payload" in form else form
        self.payloads.append(payload)
        return await self.answer(payload)

    def answers(self, body: Any = None, status: int = 200, **headers: str) -> None:
        """Answer the same from now on."""

        async def same(payload: dict[str, Any]) -> web.StreamResponse:
            return answered(body, status, **headers)

        self.answer = same


@pytest.fixture
def clock() -> StillClock:
    """The time in Slack."""
    return StillClock()


@pytest.fixture
async def slack(clock: StillClock) -> AsyncIterator[FakeSlack]:
    """A Slack with one workspace, two people and a channel that they share with the bot."""
    started = await FakeSlack.start(clock)
    started.add_workspace()
    started.add_person("ana", "admin")
    started.add_person("ben")
    started.add_channel("checkout", members=["ana", "ben"])
    yield started
    await started.close()


@pytest.fixture
async def bot(slack: FakeSlack) -> AsyncIterator[Bot]:
    """A bot that Slack delivers to."""
    listening = Bot()
    app = web.Application()
    app.router.add_post("/slack/events", listening.heard)
    listening.runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await listening.runner.setup()
    await web.TCPSite(listening.runner, "127.0.0.1", 0).start()
    slack.connect(listening.url)
    yield listening
    await listening.runner.cleanup()


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    """The bot's client."""
    return client_of(slack)


def client_of(slack: FakeSlack, token: str | None = None) -> AsyncWebClient:
    """A client with this token, or with the first workspace's."""
    return AsyncWebClient(token or slack.workspace().token, base_url=slack.api_url, retry_handlers=[])


async def refusal(call: Awaitable[Any]) -> str:
    """The error that a call is answered with."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def button(label: str = "Start", **more: Any) -> dict[str, Any]:
    """A button with a label."""
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "action_id": label.lower()[:255] or "none", "text": text, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    """A row of elements."""
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


def asking(label: str = "Name", block_id: str = "name", **element: Any) -> dict[str, Any]:
    """An input block; of text, unless told otherwise."""
    inner = {"type": "plain_text_input", "action_id": "value", **element}
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": label},
        "element": inner,
    }


def modal(*blocks: dict[str, Any], title: str = "A form", **more: Any) -> dict[str, Any]:
    """A modal that can be sent."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": title},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": list(blocks) or [asking()],
        **more,
    }


def section(text: str) -> dict[str, Any]:
    """A section in Slack's markup."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.fixture
async def teams(clock: StillClock) -> AsyncIterator[FakeTeams]:
    """A Teams with one tenant, two people, and a team with a channel that they share with the bot."""
    started = await FakeTeams.start(clock)
    started.add_tenant()
    started.add_person("ana", installed=True)
    started.add_person("ben")
    started.add_team("Shop", members=["ana", "ben"], channels=["checkout"])
    yield started
    await started.close()


@pytest.fixture
async def teams_bot(teams: FakeTeams) -> AsyncIterator[Bot]:
    """A bot that Teams delivers to."""
    listening = Bot()
    app = web.Application()
    app.router.add_post("/api/messages", listening.heard)
    listening.runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await listening.runner.setup()
    await web.TCPSite(listening.runner, "127.0.0.1", 0).start()
    teams.connect(listening.url)
    yield listening
    await listening.runner.cleanup()


@pytest.fixture
async def connector(teams: FakeTeams) -> AsyncIterator[Client]:
    """A client of the connector."""
    async with aiohttp.ClientSession() as http:
        yield Client(teams, http)
