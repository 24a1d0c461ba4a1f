"""Processes killed under load: nothing that was acknowledged is lost, nothing is done or sent twice."""

from __future__ import annotations

import os

from tests.kill_loop.loop import begun

KILLS = int(os.environ.get("KILLS", "2"))
SEED = int(os.environ.get("KILLS_SEED", "1339"))  # kills after a commit, and after sending


async def test_whatever_is_killed_while_people_use_it_loses_nothing_and_doubles_nothing(database_url: str) -> None:
    async with begun(database_url, KILLS, SEED) as round_:
        verdict = await round_()

    again = f"KILLS={KILLS} KILLS_SEED={SEED}"
    assert not verdict.problems, "\n".join([*verdict.problems, f"Again: {again} python -m pytest {__file__}"])
    assert verdict.counts["kills"] == KILLS
    assert verdict.counts["posts"]
