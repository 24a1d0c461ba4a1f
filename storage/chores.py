"""The bot's own chores, such as looking up who is in a workspace: rows, so that each is done once."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema import NOBODYS, instant, table

chores = table(
    "chores",
    sa.Column("name", sa.String(32), nullable=False),
    instant("due_at", nullable=False, index=True),
    instant("leased_until"),
    sa.Column("token", sa.String(32)),
    sa.PrimaryKeyConstraint("workspace_id", "name"),
    privacy=NOBODYS,
)
