"""Where the bot is installed: the tokens of each workspace, sealed, and the installs that are under way."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema import NOBODYS, PRIVACY, flag, instant, metadata, table, words

installations = table(
    "installations",
    sa.Column("bot", sa.String(128), nullable=False),  # the bot's own id as a member of the workspace
    flag("is_organisation"),  # installed for every workspace of an organisation at once
    words("scopes"),
    words("sealed"),  # the tokens, which only the keys of this installation of the bot open
    instant("expires_at"),
    instant("refreshing_until"),
    instant("installed_at", nullable=False),
    instant("removed_at"),
    sa.PrimaryKeyConstraint("workspace_id"),
    privacy=NOBODYS,
)

install_states = sa.Table(
    "install_states",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),  # hashes: the table opens no install
    sa.Column("browser", sa.String(64), nullable=False),
    instant("expires_at", nullable=False),
)
PRIVACY["install_states"] = NOBODYS
