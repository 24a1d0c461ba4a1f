"""When a team's week is summed up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from storage.schema import metadata
from tests.world import World


@pytest.mark.parametrize(
    ("days", "due"),
    [
        ("Mon-Fri", datetime(2026, 11, 27, 16, 0, tzinfo=UTC)),
        ("Sun-Thu", datetime(2026, 11, 26, 16, 0, tzinfo=UTC)),
        ("Tue-Sat, no Monday", datetime(2026, 11, 28, 16, 0, tzinfo=UTC)),
        ("Mon, Wed", datetime(2026, 11, 25, 16, 0, tzinfo=UTC)),
        ("Saturday, no Monday", datetime(2026, 11, 28, 16, 0, tzinfo=UTC)),
        ("every day", datetime(2026, 11, 29, 16, 0, tzinfo=UTC)),
    ],
)
async def test_the_week_is_summed_up_on_the_day_before_the_longest_rest(
    empty_world: World, days: str, due: datetime
) -> None:
    await empty_world.start_team(days=days)

    schedules = metadata.tables["schedules"]
    async with empty_world.reading() as connection:
        query = sa.select(schedules.c.next_due_at).where(schedules.c.nudge == "digest")
        assert (await connection.execute(query)).scalar_one() == due
