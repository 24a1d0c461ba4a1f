"""Fixtures: the bot in a local Teams, over a SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.teams.office import Office, office


@pytest.fixture
def url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """The address of a fresh migrated database."""
    path = tmp_path / "teams.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
async def here(url: str) -> AsyncIterator[Office]:
    """The bot in a Teams where nobody has said anything yet."""
    async with office(url) as opened:
        yield opened
