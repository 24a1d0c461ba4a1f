"""Another worker over the same database, which claims messages and does with them whatever a test wants."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from bot.nudges.drain import LEASE_S
from bot.nudges.pace import choose
from storage.database import Connection
from storage.delivery import ROWS, Claim, claim

LEASE = timedelta(seconds=LEASE_S)


async def claimed(
    connection: Connection,
    now: datetime | None,
    *,
    token: str = "another worker",  # noqa: S107 - a token of a claim
    platform: str = "test",
    most: int = 20,
    rows: int = ROWS,
    lease: timedelta = LEASE,
) -> Claim:
    """What another worker takes, at an instant or by the database's own clock."""
    return await claim(connection, platform, token, now, lease, most, partial(choose, None, rows))
