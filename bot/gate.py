"""The gate before Slack's requests: size, pace, signature, clock and JSON of raw bytes, before any library."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestPayloadError
from multidict import MultiMapping

from bot.clock import Clock
from bot.payload import MOST_BYTES, Unreadable, Values, read_form, read_json

READ_S = 3.0  # Slack itself waits no longer for the whole answer
CLOCK_S = 300
LARGE_BYTES = 100_000
LARGE_AT_ONCE = 4

TIMESTAMP = "X-Slack-Request-Timestamp"
SIGNATURE = "X-Slack-Signature"
DIGITS = re.compile(r"[0-9]{1,11}")
SIGNED = re.compile(r"v0=[0-9a-f]{64}")
KIND = re.compile(r'application/(json|x-www-form-urlencoded)(?:[ \t]*;[ \t]*charset="?utf-8"?)?;?', re.IGNORECASE)
READERS: Mapping[str, Callable[[bytes], Values]] = {"json": read_json, "x-www-form-urlencoded": read_form}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a request gets that may not in. `reason` is for the log, never for whoever sent it."""

    status: int
    sentence: str
    reason: str

    def response(self) -> web.Response:
        """The answer over HTTP; the connection ends with it."""
        answer = web.Response(status=self.status, text=self.sentence)
        answer.force_close()
        return answer


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that Slack has signed, read.

    `values` is the object of its JSON, of its form's `payload`, or else the form's fields. `mark` is the same for
    the same signed bytes, and for no others.
    """

    body: bytes
    values: Values
    mark: str


class _Seal(NamedTuple):
    """What the headers say about a body: when it was signed, with what, and how it is read."""

    timestamp: bytes
    digest: bytes
    read: Callable[[bytes], Values]


def _unread(reason: str) -> Refusal:
    return Refusal(400, "This request cannot be read.", reason)


def _unsigned(reason: str) -> Refusal:
    return Refusal(401, "This request is not signed as it must be.", reason)


LARGE = Refusal(413, "This request is too large.", "size")
SLOW = Refusal(408, "This request took too long to arrive.", "pace")


class Gate:
    """Lets in what Slack has signed just now. One for all requests of a process.

    `secrets` are the app's signing secrets, newest first: two while one takes the other's place. Raises ValueError
    for none, or an empty one: by that, anybody could sign. The same signed bytes pass again: Slack repeats itself,
    and whoever answers knows a repeat.
    """

    def __init__(
        self, secrets: Sequence[str], clock: Clock, most_bytes: int = MOST_BYTES, read_s: float = READ_S
    ) -> None:
        if not secrets or not all(secret.strip() for secret in secrets):
            raise ValueError("a gate needs a signing secret that is not empty")
        self._keys = [hmac.new(secret.encode(), b"v0:", hashlib.sha256) for secret in secrets]
        self._clock = clock
        self._most_bytes = most_bytes
        self._read_s = read_s
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def admit(self, request: web.Request) -> Admitted | Refusal:
        """Read and check a request. Where its headers alone are wrong, none of its body is read."""
        passed = await self._admit(request)
        if isinstance(passed, Refusal):
            log.info("request refused", status=passed.status, reason=passed.reason)
        return passed

    async def _admit(self, request: web.Request) -> Admitted | Refusal:
        if request.method != "POST":
            return _unread("method")
        seal = _seal(request.headers, self._clock.now())
        if isinstance(seal, Refusal):
            return seal
        body = await self.read(request)
        return body if isinstance(body, Refusal) else self._open(seal, body)

    def check(self, headers: MultiMapping[str], body: bytes) -> Admitted | Refusal:
        """Whether a body with these headers may in, and what it says. Raises nothing, whatever the bytes."""
        seal = _seal(headers, self._clock.now())
        return seal if isinstance(seal, Refusal) else self._open(seal, body)

    def _open(self, seal: _Seal, body: bytes) -> Admitted | Refusal:
        if len(body) > self._most_bytes:
            return LARGE
        if not any(hmac.compare_digest(seal.digest, _digest(key, seal, body)) for key in self._keys):
            return _unsigned("signature")
        try:
            return Admitted(body, seal.read(body), seal.digest.decode())
        except Unreadable:
            return _unread("body")

    async def read(self, request: web.Request) -> bytes | Refusal:
        """The whole body. Neither keeps more of it nor waits longer than is allowed, and holds few large ones."""
        if (request.content_length or 0) > self._most_bytes:
            return LARGE
        try:
            async with asyncio.timeout(self._read_s):
                return await self._read(request.content)
        except TimeoutError:
            return SLOW
        except (RequestPayloadError, HttpProcessingError, ConnectionError):
            return _unread("cut")

    async def _read(self, stream: StreamReader) -> bytes | Refusal:
        """As `read`. A large body waits for its turn, so that many of them cannot fill the memory."""
        body = bytearray()
        if await _fill(body, stream, min(LARGE_BYTES, self._most_bytes)):
            return bytes(body)
        async with self._large:
            return bytes(body) if await _fill(body, stream, self._most_bytes) else LARGE


async def _fill(body: bytearray, stream: StreamReader, most: int) -> bool:
    """Read on until the end; False where there is more than `most` bytes."""
    while len(body) <= most:
        chunk = await stream.readany()
        if not chunk:
            return True
        body += chunk
    return False


def _digest(key: hmac.HMAC, seal: _Seal, body: bytes) -> bytes:
    """Slack's signature, version 0: HMAC-SHA256 of `v0:{timestamp}:{body}`, in lower-case hexadecimal."""
    mac = key.copy()
    mac.update(seal.timestamp + b":")
    mac.update(body)
    return mac.hexdigest().encode()


def _seal(headers: MultiMapping[str], now: datetime) -> _Seal | Refusal:
    kind = KIND.fullmatch(_only(headers, "Content-Type").strip())
    if not kind or "Content-Encoding" in headers:
        return _unread("content type")
    timestamp, signature = _only(headers, TIMESTAMP), _only(headers, SIGNATURE)
    if not DIGITS.fullmatch(timestamp) or not SIGNED.fullmatch(signature):
        return _unsigned("headers")
    if abs(now.timestamp() - int(timestamp)) > CLOCK_S:
        return _unsigned("clock")
    return _Seal(timestamp.encode(), signature.removeprefix("v0=").encode(), READERS[kind[1].lower()])


def _only(headers: MultiMapping[str], name: str) -> str:
    """The one value of a header; "" where there is none, or more than one."""
    values = headers.getall(name, ())
    return values[0] if len(values) == 1 else ""
