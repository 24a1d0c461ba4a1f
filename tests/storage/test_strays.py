"""Strays: what was promised and never made ready is found, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.clock import SteppedClock
from bot.nudges.drain import Drain
from bot.nudges.repair import EVERY, Repair
from storage.database import Connection, Database
from storage.strays import _STRAYS, LONG, strays
from tests.bot.delivery.depot import Taker, promise, rows
from tests.bot.workers import LEASE, claimed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def execute(database: Database, statement: str, **bound: object) -> None:
    """Change something behind the code's back."""

    async def work(connection: Connection) -> None:
        await connection.execute(sa.text(statement), bound)

    await database.write(work)


FORGOTTEN = {
    "its lane was never made": "delete from lanes",
    "its lane waits for nothing": "update lanes set ready_at = null",
    "its lane is ready much later": "update lanes set ready_at = '2026-11-23 11:00:00.000000'",
}


@pytest.mark.parametrize("forget", FORGOTTEN.values(), ids=FORGOTTEN)
async def test_what_was_promised_and_forgotten_is_sent_within_a_minute(database: Database, forget: str) -> None:
    chat, clock = Taker(), SteppedClock(NOW)
    repair, drain = Repair(database, clock), Drain(database, clock, {"test": chat})
    await repair()
    await promise(database, NOW, {"W1": 1})
    await execute(database, forget)
    await drain()
    before = list(chat.taken)

    clock.set(NOW + EVERY)
    found = [await repair(), await repair()]
    await drain()

    assert before == []
    assert found == [1, 0]
    assert chat.taken == ["W1:U0"]


async def test_what_was_left_on_its_way_in_a_lane_that_was_let_go_follows_the_policy(database: Database) -> None:
    chat, clock = Taker(), SteppedClock(NOW)
    await promise(database, NOW, {"W1": 1}, channels=1)
    await database.write(lambda connection: claimed(connection, NOW))
    await execute(database, "update lanes set token = null, leased_until = null, ready_at = null")
    clock.set(NOW + LEASE)

    await Repair(database, clock)()
    await Drain(database, clock, {"test": chat})()

    assert await rows(database, "outbox", "state") == ["unknown", "sent"]
    assert chat.taken == ["W1:C0"]


REASONS = {
    "the platform said to wait": "update lanes set not_before = :hour, ready_at = :hour",
    "its pace holds it up": "update lanes set ready_at = :soon",
    "it is tried again later": "update lanes set ready_at = :hour; update outbox set tries = 1, due_at = :hour",
    "it was sent": "update lanes set ready_at = null; update outbox set state = 'sent'",
}


@ON_SQLITE
@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
async def test_nothing_is_a_stray_that_waits_with_reason(database: Database, reason: str) -> None:
    await promise(database, NOW, {"W1": 1})
    hour, soon = (f"{NOW + wait:%F %T}.000000" for wait in (timedelta(hours=1), LONG / 2))

    for statement in reason.split("; "):
        bound = {"hour": hour, "soon": soon}
        await execute(database, statement, **{name: at for name, at in bound.items() if f":{name}" in statement})

    assert await database.read(lambda connection: strays(connection, NOW)) == []


@ON_SQLITE
async def test_a_lane_that_somebody_is_at_is_no_stray(database: Database) -> None:
    await promise(database, NOW, {"W1": 1})
    await database.write(lambda connection: claimed(connection, NOW))
    await execute(database, "update lanes set ready_at = null")

    assert await database.read(lambda connection: strays(connection, NOW + LEASE / 2)) == []


@ON_SQLITE
async def test_looking_for_strays_reads_no_message_of_a_lane_that_is_ready(database: Database) -> None:
    async def explained(connection: Connection) -> str:
        query = _STRAYS.compile(dialect=connection.dialect)
        values = (None,) * len(query.positiontup or ())
        plan = connection._connection.exec_driver_sql(f"explain query plan {query}", values)  # type: ignore[attr-defined]
        return " ".join(str(row) for row in plan)

    plan = await database.read(explained)

    assert plan.count("ix_outbox_lane (workspace_id=?)") == 2
    assert "SCAN outbox" not in plan
