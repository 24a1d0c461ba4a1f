"""Whether PUBLIC_URL is an address that others can call, and leads to a running bot."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import aiohttp

from bot.findings import Finding, ok, unreached, wrong

CHECK = "public address"
PATIENCE_S = 5
PROXY = "Let the proxy or tunnel pass every path on to HOST and PORT, and check that the bot runs."


def session() -> aiohttp.ClientSession:
    """A session for the doctor's own requests; each may take PATIENCE_S seconds in all."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S))


def is_callable(url: str) -> bool:
    """Whether a chat service would call this address: https, a host, and nothing after it."""
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not (parts.path or parts.query or parts.fragment)


async def examine(session: aiohttp.ClientSession, url: str) -> Finding:
    """Ask the bot behind a public address how it is."""
    try:
        async with session.get(f"{url}/healthz", allow_redirects=False) as answer:
            return _judged(url, answer.status, await answer.text(errors="replace"))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return unreached(CHECK, f"PUBLIC_URL ({url})", error)


def _judged(url: str, status: int, body: str) -> Finding:
    if 300 <= status < 400:
        return wrong(CHECK, f"PUBLIC_URL ({url}) sends on to another address, which Slack does not follow", PROXY)
    if status != 200:
        return wrong(CHECK, f"PUBLIC_URL ({url}) answers {status} where the bot's health should be", PROXY)
    if not _is_health(body):
        return wrong(CHECK, f"PUBLIC_URL ({url}) is answered by something else than the bot", PROXY)
    return ok(CHECK, f"PUBLIC_URL is reached over the network and answered by the bot: {url}")


def _is_health(body: str) -> bool:
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and told.get("status") == "ok"
