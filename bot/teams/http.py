"""Calls over HTTP to Microsoft: one session, which follows nobody to another address."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
from yarl import URL

CALL_DEADLINE_S = 8.0
CONNECTIONS = 100


class Http:
    """The HTTP session for calls to Microsoft, opened by its first use inside a running loop.

    It keeps no cookies, follows nobody to another address, and reads no proxy from the environment.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def request(
        self, method: str, url: str | URL, **carried: Any
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Ask an address."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=CALL_DEADLINE_S),
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session.request(method, url, allow_redirects=False, **carried)

    async def close(self) -> None:
        """Close the connections that are open."""
        if self._session:
            await self._session.close()
