"""Alembic's entry: runs migrations over the connection that storage.migrate opened."""

from __future__ import annotations

from alembic import context

from storage.migrate import CONFIGURED, METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, **CONFIGURED)
with context.begin_transaction():
    context.run_migrations()
