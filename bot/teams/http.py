"""Calls over HTTP to Microsoft: one session, which follows nobody to another address."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from socket import AF_INET, AddressFamily
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

CALL_DEADLINE_S = 8.0
CONNECTIONS = 100


class PublicOnly(AbstractResolver):
    """Finds names as this machine does, but none that leads into its own network.

    `inside` are names that may: those that the operator has set. `names` finds addresses.
    """

    def __init__(self, inside: Collection[str], names: AbstractResolver | None = None) -> None:
        self._inside = frozenset(name.lower() for name in inside)
        self._names = names or aiohttp.DefaultResolver()

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_INET) -> list[ResolveResult]:
        """The addresses of a name. Raises OSError where none of them may be called."""
        found = await self._names.resolve(host, port, family)
        if host.lower() in self._inside:
            return found
        public = [each for each in found if _is_public(each["host"])]
        if not public:
            raise OSError("the name leads to a private address")
        return public

    async def close(self) -> None:
        """Let go of the resolver."""
        await self._names.close()


class Http:
    """The HTTP session for calls to Microsoft, opened by its first use inside a running loop.

    It keeps no cookies, follows nobody to another address, and reads no proxy from the environment. Where `inside`
    is given, no other name is called than those in it and those with a public address.
    """

    def __init__(self, inside: Collection[str] | None = None) -> None:
        self._inside = inside
        self._session: aiohttp.ClientSession | None = None

    def request(
        self, method: str, url: str | URL, **carried: Any
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Ask an address."""
        if self._session is None:
            resolver = None if self._inside is None else PublicOnly(self._inside)
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=CALL_DEADLINE_S),
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, resolver=resolver),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session.request(method, url, allow_redirects=False, **carried)

    async def close(self) -> None:
        """Close the connections that are open."""
        if self._session:
            await self._session.close()


class TooLarge(ValueError):
    """An answer of more bytes than are read."""


async def content(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The whole of an answer. Raises TooLarge for one of more than `most` bytes, and reads no more of it."""
    read = bytearray()
    async for chunk in answer.content.iter_any():
        read += chunk
        if len(read) > most:
            raise TooLarge
    return bytes(read)


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_global
