"""The doctor's look at Teams: settings, the way in, Microsoft's keys and the bot's token. It changes nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.clock import Clock
from bot.findings import Finding, missing, ok, skewed, unreached, wrong
from bot.settings import Settings
from bot.teams.auth import CHANNEL
from bot.teams.connect import MESSAGES_PATH, grant
from bot.teams.http import Http
from bot.teams.tokens import Grant

GUIDE = "docs/teams.md"
BEGIN = f"To connect it, follow {GUIDE}; it begins with making a bot in the Azure portal."
PASSES = "Let the firewall or proxy pass calls from here to {host}."

# What Microsoft Entra says where it gives no token, by the code that its sentence begins with, and how to mend it.
REFUSALS = {
    "AADSTS7000215": (
        "TEAMS_APP_PASSWORD is not a secret of this app",
        "Make a new client secret, and copy its Value, not its ID.",
    ),
    "AADSTS7000222": ("TEAMS_APP_PASSWORD has expired", "Make a new client secret under Manage Password."),
    "AADSTS700016": (
        "There is no app of this ID in this tenant",
        "Check TEAMS_APP_ID and TEAMS_TENANT_ID (the registration's own first), and TEAMS_APP_TYPE.",
    ),
    "AADSTS90002": ("There is no tenant of this ID", "Check TEAMS_TENANT_ID: the directory (tenant) ID in Entra."),
    "AADSTS53003": (
        "A conditional access policy forbids it",
        "Exempt the app from it, or sign in from elsewhere.",
    ),
}

Json = dict[str, Any]
ERRORS = (aiohttp.ClientError, TimeoutError, OSError)


async def examine(settings: Settings, clock: Clock, is_public: bool) -> list[Finding]:
    """Every finding about Teams; `is_public` says that PUBLIC_URL was found to lead to the bot."""
    if not settings.has_teams:
        return [] if settings.has_slack else [ok("teams", "Teams is not set up, which Slack does not need", BEGIN)]
    http = Http()
    try:
        found = [_set(settings), *_address(settings)]
        if is_public:
            found.append(await _way_in(http, settings.public_url))
        found += [each async for each in _keys(http, settings, clock)]
        return [*found, await _token(http, grant(settings))]
    finally:
        await http.close()


def _set(settings: Settings) -> Finding:
    count = len(settings.teams_tenants)
    whose = "the people of one tenant" if count == 1 else f"the people of {count} tenants"
    return ok("teams", f"Teams is set up as {settings.teams_app_type or 'an app'}, for {whose}")


def _address(settings: Settings) -> list[Finding]:
    """Whether Teams has an address to call."""
    end = "and its messaging endpoint in the Azure portal to that and /api/messages."
    if not settings.public_url:
        says = "PUBLIC_URL is not set, and Teams calls the bot there"
        return [missing("teams address", says, f"Set it to the https:// address of the bot, {end}")]
    if urlsplit(settings.public_url).scheme != "https":
        return [wrong("teams address", "PUBLIC_URL is not https, and Teams calls nothing else", f"Set it, {end}")]
    return []


async def _way_in(http: Http, url: str) -> Finding:
    """Knock without a token: the bot has to refuse it."""
    check, door = "teams door", f"{url}{MESSAGES_PATH}"
    try:
        async with http.request("POST", door, json={"type": "message"}) as answer:
            status = answer.status
    except ERRORS as error:
        return unreached(check, door, error)
    if status in (401, 403):
        return ok(check, f"{MESSAGES_PATH} is reached, and lets in nobody without Microsoft's signature")
    if status == 404:
        return wrong(
            check, f"{door} is not there", "Start the bot anew, so that it takes up the settings of Teams."
        )
    return wrong(check, f"{door} answers {status} where it should refuse", "Check that nothing stands before it.")


async def _keys(http: Http, settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """The keys that Microsoft signs with, and by the way whether this machine's clock is Microsoft's."""
    check, url = "teams keys", settings.teams_openid_metadata_url
    host = urlsplit(url).hostname or url
    try:
        document, told = await _read(http, url)
        listed, _ = await _read(http, str(document.get("jwks_uri")))
    except (*ERRORS, ValueError) as error:
        if isinstance(error, _Odd):
            yield wrong(check, f"{host} gives something else than Microsoft's keys", PASSES.format(host=host))
        else:
            found = unreached(check, f"{host}, where Microsoft's keys are,", error)
            yield wrong(check, found.says, f"{found.mend} {PASSES.format(host=host)}")
        return
    if count := _endorsed(listed.get("keys")):
        yield ok(check, f"Microsoft's keys can be read: {count} of them sign for Teams")
    else:
        yield wrong(check, f"None of the keys of {host} signs for Teams", "Leave out TEAMS_OPENID_METADATA_URL.")
    if date := told.get("Date"):
        yield skewed("teams clock", "Microsoft's", clock.now(), parsedate_to_datetime(date).astimezone(UTC))


def _endorsed(keys: object) -> int:
    """How many of the keys sign for Teams."""
    known = [each for each in keys if isinstance(each, dict)] if isinstance(keys, list) else []
    return sum(CHANNEL in (each.get("endorsements") or ()) for each in known)


async def _token(http: Http, asked: Grant) -> Finding:
    """Ask for a token as the bot does, and forget it."""
    check, host = "teams token", urlsplit(asked.url).hostname or asked.url
    how: dict[str, Any] = {"data" if asked.method == "POST" else "params": dict(asked.fields)}
    try:
        async with http.request(asked.method, asked.url, headers=dict(asked.headers), **how) as answer:
            status, body = answer.status, await answer.read()
    except ERRORS as error:
        if asked.method == "GET":
            mend = "It is there on Azure machines alone; elsewhere set TEAMS_APP_TYPE and TEAMS_APP_PASSWORD."
            return wrong(check, f"The managed identity of this machine is not at {host}", mend)
        found = unreached(check, f"{host}, which gives the bot its token,", error)
        return wrong(check, found.says, f"{found.mend} {PASSES.format(host=host)}")
    told = _object(body)
    if status == 200 and told.get("access_token"):
        return ok(check, "Microsoft gives the bot a token, so it can write")
    return _refused(check, host, status, str(told.get("error_description") or ""))


def _refused(check: str, host: str, status: int, said: str) -> Finding:
    """Why there is no token. What Entra says is not repeated whole: it names ids."""
    code = said.partition(":")[0]
    if code in REFUSALS:
        return wrong(check, *REFUSALS[code])
    known = f" ({code})" if code.startswith("AADSTS") else ""
    mend = "Check TEAMS_APP_ID, TEAMS_APP_PASSWORD, TEAMS_TENANT_ID and TEAMS_APP_TYPE."
    return wrong(check, f"{host} gives no token: it answers {status}{known}", mend)


class _Odd(ValueError):
    """An answer that is not what was asked for."""


async def _read(http: Http, url: str) -> tuple[Json, dict[str, str]]:
    """An object from an address, and the answer's headers. Raises _Odd for anything else."""
    async with http.request("GET", url) as answer:
        body, headers = await answer.read(), dict(answer.headers)
        if answer.status != 200 or not (found := _object(body)):
            raise _Odd
    return found, headers


def _object(body: bytes) -> Json:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
