"""The keys that Microsoft signs its requests with: fetched once, kept, and looked up anew when they change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from bot.background import Background
from bot.clock import Clock
from bot.teams.hosts import LOOPBACK
from bot.teams.http import Http, content

FETCH_S = 5.0
MOST_BYTES = 1_000_000
FRESH_FOR = timedelta(hours=24)
# A key that nobody knows is asked about no sooner than this after the last one, however many are made up.
UNKNOWN_AGAIN = timedelta(minutes=5)
MISSED_AGAIN = timedelta(seconds=5)
LATE_AGAIN = timedelta(minutes=5)
SMALLEST_BITS = 2_048
MOST_KEYS = 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, and the channels that it may sign for."""

    public: RSAPublicKey
    endorsements: frozenset[str]


class Keys:
    """The keys of one OpenID metadata document. While their host is away, those that are known go on."""

    def __init__(self, http: Http, metadata_url: str, clock: Clock, background: Background) -> None:
        self._background = background
        self._http = http
        self._metadata_url = metadata_url
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._unknown_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def fetched_at(self) -> datetime | None:
        """When the keys were last read (UTC); None while there are none."""
        return self._fetched_at

    def problem(self) -> str:
        """Why nobody can be let in now; "" where there are keys. Where there are none, they are asked for."""
        if self._fetched_at:
            return ""
        if _is_past(self._tried_at, MISSED_AGAIN, self._clock.now()):
            self._background.soon(self._refresh())
        return "Microsoft's keys could not be read yet"

    async def prefetch(self) -> None:
        """Read the keys before they are needed. A host that is away is asked again when they are."""
        await self._refresh()

    async def find(self, kid: str) -> Key | None:
        """The key of this name; None where there is none, as far as can be found out now."""
        if self._fetched_at is None and _is_past(self._tried_at, MISSED_AGAIN, self._clock.now()):
            await self._refresh()
        elif self._is_old():
            self._background.soon(self._refresh())  # the old ones are good meanwhile
        known = self._keys.get(kid)
        return known or await self._look_again(kid)

    def _is_old(self) -> bool:
        now = self._clock.now()
        return _is_past(self._fetched_at, FRESH_FOR, now) and _is_past(self._tried_at, LATE_AGAIN, now)

    async def _look_again(self, kid: str) -> Key | None:
        """Ask for the keys once more: they may have been changed since."""
        now = self._clock.now()
        if self._fetched_at is None or not _is_past(self._unknown_at, UNKNOWN_AGAIN, now):
            # Whoever is asking already may be told of this one too.
            async with self._one_at_a_time:
                return self._keys.get(kid)
        self._unknown_at = now
        await self._refresh()
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        asked_at = self._tried_at
        async with self._one_at_a_time:
            if self._tried_at != asked_at:
                return  # somebody has just asked
            self._tried_at = self._clock.now()
            try:
                async with asyncio.timeout(FETCH_S):
                    keys = await self._fetch()
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, TypeError, AttributeError) as problem:
                log.error("keys not read", kind=type(problem).__name__, known=len(self._keys))
                return
            self._keys, self._fetched_at = keys, self._tried_at

    async def _fetch(self) -> Mapping[str, Key]:
        metadata = await self._read(self._metadata_url)
        listed = await self._read(_beside(self._metadata_url, str(metadata.get("jwks_uri"))))
        keys = dict(filter(None, map(_key, listed.get("keys", ())[:MOST_KEYS])))
        if not keys:
            raise ValueError("a list without a key")
        return keys

    async def _read(self, url: str) -> Mapping[str, Any]:
        async with self._http.request("GET", url) as answer:
            if answer.status != 200:
                raise ValueError("no answer that can be used")
            told = json.loads(await content(answer, MOST_BYTES))
        if not isinstance(told, dict):
            raise ValueError("no object")
        return told


def _is_past(since: datetime | None, wait: timedelta, now: datetime) -> bool:
    """Whether so much time has passed; a clock that was set back counts as if it had."""
    return since is None or not since <= now < since + wait


def _beside(metadata_url: str, url: str) -> str:
    """The address of the keys. Raises ValueError unless it is as safe as that of the document naming it."""
    parts, told = urlsplit(metadata_url), urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if told.scheme == "https" or (is_local and told.scheme == "http" and told.hostname in LOOPBACK):
        return url
    raise ValueError("keys over an address that is not safe")


def _key(told: Any) -> tuple[str, Key] | None:
    """A key of the list with its name; None for one that is of no use here."""
    if not isinstance(told, dict) or told.get("kty") != "RSA" or told.get("use", "sig") != "sig":
        return None
    endorsed = told.get("endorsements")
    try:
        public = RSAAlgorithm.from_jwk({name: told[name] for name in ("kty", "n", "e")})
    except (jwt.InvalidKeyError, KeyError, ValueError, TypeError):
        return None
    if not isinstance(public, RSAPublicKey) or public.key_size < SMALLEST_BITS:
        return None
    names = endorsed if isinstance(endorsed, list) else []
    return str(told.get("kid")), Key(public, frozenset(each for each in names if isinstance(each, str)))
