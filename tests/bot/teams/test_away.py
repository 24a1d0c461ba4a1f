"""The database is away or slow: nothing fails towards Teams, and nothing is said to be saved that is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.nudges.port import Paced
from tests.bot.teams.office import CHANNEL, Office


@contextmanager
def without_tables(url: str) -> Iterator[None]:
    """A database in which nothing can be read or written, because it is not the bot's."""
    path = Path(url.removeprefix("sqlite:///"))
    connection = sqlite3.connect(path, isolation_level=None)
    names = ("workspaces", "conversations", "deliveries")
    for name in names:
        connection.execute(f"alter table {name} rename to {name}_away")
    yield
    for name in names:
        connection.execute(f"alter table {name}_away rename to {name}")
    connection.close()


async def test_whatever_comes_while_the_database_is_away_gets_an_answer(here: Office, url: str) -> None:
    await here.start_team()
    await here.ana.dm("checkin")
    await here.settle()
    card = await here.ana.sees("Would")
    here.ben.state.timezone = "Asia/Tokyo"

    with without_tables(url):
        await here.ana.press(card, "4")
        await here.ben.dm("help")
        await here.ben.mention(CHANNEL, "help")
        await here.ana.extend("evidence", card)  # type: ignore[arg-type]
        await here.ana.renames_channel(here.channel.id, "Payments")
        await here.ana.uninstalls()
        await here.settle()

    assert here.teams.delivery.failed == []
    assert await here.count("reflections") == 0


async def test_the_drain_keeps_to_what_teams_lets_through(here: Office) -> None:
    assert isinstance(here.bot.sender, Paced)
    assert [(rate.count, rate.seconds) for rate in here.bot.sender.pace.recipient] == [
        (7, 1),
        (8, 2),
        (60, 30),
        (1_800, 3_600),
    ]
    assert [(rate.count, rate.seconds) for rate in here.bot.sender.pace.workspace] == [(30, 1)]
