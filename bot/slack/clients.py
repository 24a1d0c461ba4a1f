"""Clients of Slack's Web API: they share one HTTP session and retry nothing by themselves."""

from __future__ import annotations

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

CALL_DEADLINE_S = 8
CONNECTIONS = 100


class Clients:
    """Makes clients for tokens. Opened by its first use inside a running loop."""

    def __init__(self, api_url: str) -> None:
        self.api_url = api_url
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session that all of them share."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=CALL_DEADLINE_S)
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self._session

    def __call__(self, token: str | None = None) -> AsyncWebClient:
        """A client that calls with this token. Nothing is retried: a second post could be a second message."""
        return AsyncWebClient(token, base_url=self.api_url, session=self.session, retry_handlers=[])

    async def close(self) -> None:
        """Close the connections that are open."""
        if self._session:
            await self._session.close()
