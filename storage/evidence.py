"""Evidence: what a real customer said or did, and who in the team wrote it down."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema import Erasing, Privacy, instant, key, link, table, words

evidence = table(
    "evidence",
    key(),
    link("team_id", "teams.id", index=True),
    link("initiative_id", "initiatives.id", nullable=True, index=True),
    link("person_id", "people.id", nullable=True, index=True),
    words("words"),
    words("said_by"),
    words("link"),
    sa.Column("strength", sa.String(16), nullable=False),
    sa.Column("said_on", sa.Date, nullable=False),
    instant("created_at", nullable=False),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.FORGET,
        says="the customers' words you wrote down: they stay with the team, without your name",
    ),
)
