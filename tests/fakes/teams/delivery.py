"""What Teams sends to the bot: activities with a signed token, over HTTP, once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.fakes.teams.keys import sign
from tests.fakes.teams.structure import Json

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams


@dataclass(frozen=True)
class Sent:
    """One request as it left: to be looked at, changed, and sent again."""

    body: bytes
    headers: dict[str, str]

    @property
    def activity(self) -> Json:
        """What it carries."""
        read: Json = json.loads(self.body)
        return read


@dataclass(frozen=True)
class Reply:
    """What the bot answered. `failure` is `timeout`, `refused` or `status`, empty where all is well."""

    status: int = 200
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    failure: str = ""

    @property
    def body(self) -> Any:
        """The answer as JSON; None where it is empty or something else."""
        try:
            return json.loads(self.text) if self.text.strip() else None
        except ValueError:
            return None


class Delivery:
    """Carries activities to the bot. `sent` is all of them, `failed` those that were not answered well."""

    def __init__(self, teams: FakeTeams) -> None:
        self._teams = teams
        self._http: aiohttp.ClientSession | None = None
        self.url = ""
        self.sent: list[Sent] = []
        self.failed: list[tuple[Json, Reply]] = []

    async def send(self, activity: Json) -> Reply:
        """Sign an activity and post it."""
        token = sign(self._teams, activity["serviceUrl"])
        headers = {"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {token}"}
        conversation = self._teams.world.conversations.get(activity["conversation"]["id"].partition(";")[0])
        if conversation:
            conversation.known |= {activity["id"], conversation.id}
        reply = await self.post(Sent(json.dumps(activity).encode(), headers))
        if reply.failure:
            self.failed.append((activity, reply))
        return reply

    async def post(self, sent: Sent) -> Reply:
        """Post the very bytes of a request."""
        assert self.url, "no bot is connected"
        self.sent.append(sent)
        if self._http is None:
            self._http = aiohttp.ClientSession()
        try:
            async with (
                asyncio.timeout(self._teams.patience_s),
                self._http.post(
                    f"{self.url}/api/messages", data=sent.body, headers=sent.headers, allow_redirects=False
                ) as answer,
            ):
                text = await answer.text()
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(answer.status, text, headers, "" if 200 <= answer.status < 300 else "status")
        except TimeoutError:
            return Reply(0, failure="timeout")
        except aiohttp.ClientError:
            return Reply(0, failure="refused")

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._http:
            await self._http.close()
