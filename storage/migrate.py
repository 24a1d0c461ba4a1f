"""Bringing a database's schema up to the present, and telling whether it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import storage  # noqa: F401 - importing it declares every table
from storage.schema import metadata

METADATA = metadata


def _plain_type(kind: str, item: Any, _context: object) -> str | bool:
    """Migrations name the database's own types: our types may change, what was migrated may not."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def _plain_type(kind: str, item: Any, _context: object) -> str | bool:
    """Migrations name the database's own types: our types may change, what was migrated may not."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


# SQLite cannot alter most of a table in place; batch mode copies it instead.
CONFIGURED: dict[str, Any] = {
    "render_as_batch": True,
    "compare_type": True,
    "transaction_per_migration": True,
    "render_item": _plain_type,
}


def upgrade(url: str) -> None:
    """Run every migration that the database has not seen. Safe to run again, and by two processes at once."""
    engine = sa.create_engine(_synchronous(url))
    with engine.connect() as connection:
        _hold_off_others(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


def revise(url: str, number: str, message: str) -> None:
    """Write migration `number`, such as 0002: the difference between the database at `url` and the tables declared."""
    engine = sa.create_engine(_synchronous(url))
    with engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=number)
    engine.dispose()


def differences(url: str) -> list[Any]:
    """What the database's schema and the declared tables do not have in common."""
    engine = sa.create_engine(_synchronous(url))
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts=CONFIGURED), METADATA)
    engine.dispose()
    return list(found)


def is_present(url: str) -> bool:
    """Whether every migration has been run, and none that this version does not know."""
    engine = sa.create_engine(_synchronous(url))
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return current == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _synchronous(url: str) -> sa.URL:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return parsed.set(drivername="sqlite")
    return parsed.set(drivername="postgresql+psycopg")


def _hold_off_others(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("select pg_advisory_lock(7733021)"))
        connection.commit()
