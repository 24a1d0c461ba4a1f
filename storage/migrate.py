"""Bringing a database's schema up to the present, and telling whether it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import storage  # noqa: F401 - importing it declares every table
from storage.database import sqlite_engine
from storage.schema import metadata

METADATA = metadata


def _plain_type(kind: str, item: Any, _context: object) -> str | bool:
    """Migrations name the database's own types: our types may change, what was migrated may not."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


# SQLite cannot alter most of a table in place; batch mode copies it instead.
CONFIGURED: dict[str, Any] = {
    "render_as_batch": True,
    "compare_type": True,
    "render_item": _plain_type,
}


def upgrade(url: str) -> None:
    """Run every migration that the database has not seen, in one transaction: all of them or none.

    Safe to run again, and by two processes at once: the second waits for the first and finds nothing to do.
    """
    engine = _engine(url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("select pg_advisory_xact_lock(7733021)"))
        command.upgrade(_config(connection), "head")
    engine.dispose()


def revise(url: str, number: str, message: str) -> None:
    """Write migration `number`, such as 0002: what is declared and the database at `url` does not have."""
    engine = _engine(url)
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)
    engine.dispose()


def differences(url: str) -> list[Any]:
    """What the database's schema and the declared tables do not have in common."""
    engine = _engine(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts=CONFIGURED), METADATA)
    engine.dispose()
    return list(found)


def is_present(url: str) -> bool:
    """Whether every migration has been run, and none that this version does not know."""
    engine = _engine(url)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return current == head()


@cache
def head() -> str:
    """The newest migration that this version knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def is_known(number: str) -> bool:
    """Whether this version knows a migration."""
    return any(script.revision == number for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"))
    return sqlite_engine(parsed)
