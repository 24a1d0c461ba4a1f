"""What became of loads is recorded for all who ask at the same moment, whoever of them is still there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bot.clock import SteppedClock
from bot.crashes import nowhere
from bot.nudges.settler import Settler
from storage.database import Database
from storage.settling import SENT, Outcome, Result
from tests.bot.delivery.depot import promise, rows
from tests.bot.workers import claimed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_whoever_is_stopped_while_waiting_keeps_nobody_else_waiting(database: Database) -> None:
    await promise(database, NOW, {"W1": 1, "W2": 1, "W3": 1})
    claim = await database.write(lambda connection: claimed(connection, NOW, token="mine", most=20))
    settler = Settler(database, SteppedClock(NOW), True, 60, nowhere)
    results = [Result(load, [Outcome(each, SENT, {"at": "x"}) for each in load.parcels]) for load in claim.loads]

    settling = [asyncio.create_task(settler(result)) for result in results]
    await asyncio.sleep(0)
    settling[0].cancel()

    assert [len(each) for each in await asyncio.gather(*settling[1:])] == [1, 1]
    assert await rows(database, "outbox", "state") == ["sent"] * 3
