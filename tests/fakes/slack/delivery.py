"""What Slack sends to the bot: signed over HTTP, or as envelopes over a socket; and again when nobody answers."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack.structure import Json

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

Kind = Literal["events_api", "interactive", "slash_commands"]
DELIVERIES = 4


@dataclass(frozen=True)
class Sent:
    """One request as it left: to be looked at, changed, and sent again."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What the bot answered. `failure` is Slack's word for what went wrong, empty where nothing did."""

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


def sign(secret: str, body: bytes, timestamp: str) -> dict[str, str]:
    """The headers of a request that is Slack's."""
    base = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Signature": f"v0={digest}", "X-Slack-Request-Timestamp": timestamp}


def encoded(kind: Kind, payload: Json) -> tuple[bytes, str]:
    """A payload as it travels over HTTP, and its content type."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


@dataclass
class Attempt:
    """An event that is to be delivered until it is answered, four times at most."""

    payload: Json
    tries: int = 0
    reason: str = ""
    is_over: bool = False


class Delivery:
    """Carries payloads to the bot and judges the answers."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._http: aiohttp.ClientSession | None = None
        self.url = ""
        self.sent: list[Sent] = []
        self.payloads: list[tuple[Kind, Json]] = []
        self.waiting: list[Attempt] = []
        self.given_up: list[Attempt] = []

    async def send(self, kind: Kind, payload: Json, retry: tuple[int, str] | None = None) -> Reply:
        """Deliver once, by socket where there is one."""
        self.payloads.append((kind, payload))
        if self._slack.sockets.is_open:
            return await self._slack.sockets.send(kind, payload, retry)
        assert self.url, "no bot is connected: neither an address nor a socket"
        body, content_type = encoded(kind, payload)
        timestamp = str(int(self._slack.clock.now().timestamp()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **sign(self._slack.app.signing_secret, body, timestamp),
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        return await self.post(Sent(body, headers))

    async def post(self, sent: Sent) -> Reply:
        """Post these very bytes."""
        self._http = self._http or aiohttp.ClientSession()
        self.sent.append(sent)
        limit = aiohttp.ClientTimeout(total=self._slack.patience_s)
        try:
            async with self._http.post(
                f"{self.url}/slack/events",
                data=sent.body,
                headers=sent.headers,
                timeout=limit,
                allow_redirects=False,
            ) as answer:
                text = await answer.text()
                failure = "" if 200 <= answer.status < 300 else "http_error"
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(answer.status, text, headers, failure)
        except TimeoutError:
            return Reply(0, failure="http_timeout")
        except aiohttp.ClientError:
            return Reply(0, failure="connection_failed")

    async def event(self, payload: Json) -> Reply:
        """Deliver an event; one that is not answered waits for `retry_now`."""
        attempt = Attempt(payload)
        reply = await self._try(attempt)
        if not attempt.is_over:
            self.waiting.append(attempt)
        return reply

    async def retry_now(self) -> list[Reply]:
        """Deliver again whatever waits, as if its time had come."""
        waiting, self.waiting = self.waiting, []
        replies = await asyncio.gather(*(self._try(each) for each in waiting))
        self.waiting += [each for each in waiting if not each.is_over]
        return list(replies)

    async def _try(self, attempt: Attempt) -> Reply:
        retry = (attempt.tries, attempt.reason) if attempt.tries else None
        reply = await self.send("events_api", attempt.payload, retry)
        attempt.tries += 1
        attempt.reason = reply.failure
        refused = reply.headers.get("x-slack-no-retry") == "1" and reply.failure == "http_error"
        attempt.is_over = not reply.failure or refused or attempt.tries == DELIVERIES
        if attempt.is_over and reply.failure:
            self.given_up.append(attempt)
        return reply

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._http:
            await self._http.close()
