"""Whether a database is fit to work with, found out without changing anything in it."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from storage import migrate
from storage.database import Connection, Database
from storage.directory import channels, workspaces
from storage.installations import installations
from storage.schema import UtcDateTime
from storage.teams import teams

PATIENCE_S = 6.0  # a little more than a writer waits for its turn on SQLite
NOT_MIGRATED = "it is not at the schema of this version: run python -m bot migrate"
# What drivers say, and what it means. The first that fits is told.
REASONS = (
    ("no such table", NOT_MIGRATED),
    ('relation "alembic_version"', NOT_MIGRATED),
    ("authentication failed", "it refuses the user or the password"),
    ("no password supplied", "it wants a password"),
    ("does not exist", "there is no such database or user"),
    ("resolve host", "the name of its host is not known"),
    ("translate host", "the name of its host is not known"),
    ("refused", "nothing listens at its address"),
    ("not a database", "the file is no SQLite database"),
    ("unable to open", "its file cannot be opened"),
    ("read-only", "it is read-only"),
    ("readonly", "it is read-only"),
    ("permission denied", "its user may not write"),
    ("locked", "another process holds its lock"),
    ("full", "its disk is full"),
    ("no space left", "its disk is full"),
    ("disk i/o error", "its disk fails"),
)
FAILING = ("its disk is full", "its disk fails")
LEAST_FREE = 1024 * 1024  # bytes: less, and the next transaction may not fit
# What asking a database may raise.
FAILURES = (sa.exc.SQLAlchemyError, OSError, RuntimeError)


class Unfit(Exception):
    """The database cannot be worked with; the text says why, and holds no password."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The bot in one workspace: what stands in the database about it, the tokens still sealed."""

    workspace: str
    name: str
    is_organisation: bool
    sealed: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Home:
    """A channel in which a team lives, and its workspace, in the chat service's own ids."""

    workspace: str
    channel: str
    name: str


def shown(url: str) -> str:
    """A database's address without its password. Raises Unfit where it cannot be read."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except (sa.exc.ArgumentError, ValueError):
        raise Unfit("it is no address of a database") from None


def is_made(url: str) -> bool:
    """Whether there is a database at all: opening a SQLite file that is missing would make one."""
    parsed = sa.make_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").is_file()


async def is_migrated(database: Database, url: str) -> bool:
    """Whether its schema is this version's. Raises Unfit where the database does not answer."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await database.read(_nothing)
            return await asyncio.to_thread(migrate.is_present, url)
    except FAILURES as problem:
        raise Unfit(why(problem)) from None


async def try_writing(database: Database) -> None:
    """Go as far as a write goes without writing. Raises Unfit where it is not let."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await database.write(_write_nothing)
    except FAILURES as problem:
        raise Unfit(why(problem)) from None


async def clock_of(connection: Connection) -> datetime | None:
    """The instant by the database's own clock, in UTC; None where it has none but this machine's."""
    if connection.dialect.name == "sqlite":
        return None
    told = await connection.execute(sa.select(sa.func.clock_timestamp(type_=UtcDateTime)))
    instant: datetime = told.scalar_one()
    return instant


async def installed(connection: Connection, platform: str, limit: int) -> list[Installed]:
    """Workspaces whose tokens are kept, those installed last first."""
    query = (
        sa.select(
            workspaces.c.external_id,
            workspaces.c.name,
            installations.c.is_organisation,
            installations.c.sealed,
            installations.c.expires_at,
        )
        .join(workspaces, workspaces.c.id == installations.c.workspace_id)
        .where(workspaces.c.platform == platform, installations.c.removed_at.is_(None))
        .order_by(installations.c.installed_at.desc())
        .limit(limit)
    )
    return [Installed(*row) for row in (await connection.execute(query)).all()]


async def homes(connection: Connection, platform: str, limit: int) -> list[Home]:
    """The channels of teams that are asked anything, those started last first."""
    query = (
        sa.select(workspaces.c.external_id, channels.c.external_id, channels.c.name)
        .join(teams, teams.c.channel_id == channels.c.id)
        .join(workspaces, workspaces.c.id == channels.c.workspace_id)
        .where(workspaces.c.platform == platform, workspaces.c.removed_at.is_(None))
        .where(teams.c.started_at.is_not(None), channels.c.is_archived.is_(sa.false()))
        .order_by(teams.c.started_at.desc(), channels.c.id)
        .limit(limit)
    )
    return [Home(*row) for row in (await connection.execute(query)).all()]


async def _nothing(connection: Connection) -> None:
    await connection.execute(sa.text("select 1"))


async def _write_nothing(connection: Connection) -> None:
    await connection.execute(sa.update(workspaces).where(sa.false()).values(name=workspaces.c.name))


def why(problem: BaseException) -> str:
    """What a driver's error means, without its text, which may quote anything."""
    if isinstance(problem, TimeoutError):
        return "it does not answer in time"
    told = str(getattr(problem, "orig", None) or problem).casefold()
    return next((reason for words, reason in REASONS if words in told), type(problem).__name__)


def disk_failure(problem: BaseException) -> str:
    """What a write's error says of the disk, which shows in nothing but what is really written; "" if nothing."""
    reason = why(problem)
    return reason if reason in FAILING else ""


def disk_problem(url: str) -> str:
    """Whether a SQLite file has room to grow; "" where it has, or where the disk is a server's."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return ""
    free = shutil.disk_usage(Path(parsed.database).parent).free
    return "its disk is full" if free < LEAST_FREE else ""


async def schema_problem(connection: Connection) -> str:
    """How the schema differs from this version's; "" where it does not."""
    try:
        known = (await connection.execute(sa.text("select version_num from alembic_version"))).scalar()
    except sa.exc.DBAPIError as problem:
        if why(problem) == NOT_MIGRATED:
            return NOT_MIGRATED
        raise
    if known == migrate.head():
        return ""
    if known is None or migrate.is_known(known):
        return NOT_MIGRATED
    return "it is newer than this version of the bot: update the bot"
