"""The doctor: what is set, reachable, missing or wrong, and how to mend it. It changes nothing."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

from bot import address
from bot.clock import Clock
from bot.findings import Finding, is_well, missing, ok, skewed, wrong
from bot.settings import Settings
from bot.slack import checkup as slack
from bot.teams import checkup as teams
from storage import condition
from storage.database import Database, open_database
from storage.keys import check_keys
from storage.secrets import NEW_KEY, NoKeys, SecretsError, Vault

OLDEST, NEWEST = (3, 11), (3, 13)
ZONES = ("Europe/London", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia")


async def examine(settings: Settings, clock: Clock) -> list[Finding]:
    """Every check's finding. Nothing is changed, and each thing on the network is asked a few times at most."""
    found = [ok("settings", "The settings can be read"), python(sys.version_info[:2]), zones(ZoneInfo)]
    public = await _public(settings.public_url)
    is_public = bool(public) and is_well(public)
    async with _opened(settings.database_url) as (database, about_it):
        if database:
            about_it = [*about_it, *await _clock(database, clock), await _keys(database, settings)]
        chat = await _chat(settings, clock, database, is_public=is_public)
    return [*found, *about_it, *public, *chat]


async def _chat(settings: Settings, clock: Clock, database: Database | None, *, is_public: bool) -> list[Finding]:
    """What there is to say about the chat services; one that is not set up is missing only where none is."""
    found = []
    if settings.has_slack or not settings.has_teams:
        found += await slack.examine(settings, clock, database, is_public)
    return found + await teams.examine(settings, clock, is_public)


def python(version: Sequence[int]) -> Finding:
    """Whether this Python is one that the bot is tested with; `version` is major and minor."""
    shown = f"Python {version[0]}.{version[1]}"
    if tuple(version) < OLDEST:
        return wrong("python", f"{shown} is too old", "Install Python 3.11, 3.12 or 3.13, and start anew.")
    if tuple(version) > NEWEST:
        return ok("python", f"{shown} is newer than those the bot is tested with", "3.11 to 3.13 are.")
    return ok("python", shown)


def zones(find: Callable[[str], Any]) -> Finding:
    """Whether local times can be told; `find` looks a zone up by its IANA name, as ZoneInfo does."""
    try:
        for name in ZONES:
            find(name)
    except (KeyError, OSError):
        return missing("time zones", "Time zone data is missing", "Install the package tzdata into this Python.")
    return ok("time zones", "Time zone data is there")


async def _public(url: str) -> list[Finding]:
    if not url:
        return []
    async with address.session() as session:
        return [await address.examine(session, url)]


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[tuple[Database | None, list[Finding]]]:
    """The database where it can be worked with, and what there is to say about it."""
    try:
        where = condition.shown(url)
        if not condition.is_made(url):
            yield None, [_no_database(where)]
            return
        database = open_database(url)
    except condition.Unfit as unfit:
        yield None, [_unfit("DATABASE_URL", unfit)]
        return
    try:
        found = await _database(database, url, where)
        yield database if is_well(found) else None, found
    finally:
        await database.close()


async def _database(database: Database, url: str, where: str) -> list[Finding]:
    try:
        if not await condition.is_migrated(database, url):
            return [ok("database", f"The database answers: {where}"), _old_schema()]
        await condition.try_writing(database)
    except condition.Unfit as unfit:
        return [_unfit(f"The database {where}", unfit)]
    return [
        ok("database", f"The database answers and can be written: {where}"),
        ok("migrations", "The database is at the schema of this version"),
    ]


async def _clock(database: Database, clock: Clock) -> list[Finding]:
    told = await database.read(condition.clock_of)
    return [skewed("database clock", "the database's", clock.now(), told)] if told else []


def _unfit(what: str, unfit: condition.Unfit) -> Finding:
    mend = "Check DATABASE_URL, that its server runs, and what its user may do."
    return wrong("database", f"{what} cannot be used: {unfit}", mend)


def _no_database(where: str) -> Finding:
    mend = "`serve` makes it when it starts; to make it now: python -m bot migrate"
    return missing("database", f"There is no database yet: {where}", mend)


def _old_schema() -> Finding:
    mend = "Run python -m bot migrate. Where that knows no such revision, the database is newer: update the bot."
    return wrong("migrations", "The database is not at the schema of this version", mend)


async def _keys(database: Database, settings: Settings) -> Finding:
    try:
        vault = Vault(settings.secret_key_list)
        opened = await check_keys(database, vault)
    except NoKeys:
        return await _without_keys(database, settings)
    except SecretsError as lost:
        return wrong("secret keys", *_halves(str(lost)))
    return ok("secret keys", f"SECRET_KEYS opens the tokens of every installed workspace: {opened}")


async def _without_keys(database: Database, settings: Settings) -> Finding:
    installed = await database.read(lambda connection: condition.installed(connection, "slack", 1))
    if installed or settings.installs_by_oauth:
        mend = f"Put back the keys that were used; for the first time, make one: {NEW_KEY}"
        return missing("secret keys", "SECRET_KEYS is empty, and the tokens of workspaces need a key", mend)
    return ok("secret keys", "SECRET_KEYS is not set, and nothing needs it: no tokens are kept in the database")


def _halves(text: str) -> tuple[str, str]:
    says, _, mend = text.partition(". ")
    return says.removesuffix("."), mend
