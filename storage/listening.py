"""Listening to the database: whoever has time hears at once that something waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import sqlalchemy as sa

from storage.lanes import CHANNEL

AGAIN_S = 1.0
KEEPALIVES: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


async def listen(url: str, heard: Callable[[], None], again_s: float = AGAIN_S) -> None:
    """Call `heard` whenever somebody says that messages wait, until cancelled; on SQLite nobody else could.

    It has a connection of its own and makes a new one where that is lost; what was said meanwhile is not known,
    so each new one counts as heard. Looking every so often stays the safety net.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return
    address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            await _listen(address, heard)
        except psycopg.Error:  # the server is gone, or going
            await asyncio.sleep(again_s)


async def _listen(address: str, heard: Callable[[], None]) -> None:
    async with await psycopg.AsyncConnection.connect(address, autocommit=True, **KEEPALIVES) as connection:
        await connection.execute(f"listen {CHANNEL}")
        heard()
        async for _ in connection.notifies():
            heard()
