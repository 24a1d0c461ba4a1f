"""The whole story on every platform: over real requests, and with the same rows at its end."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.bot.slack.office import Over, office
from tests.scenarios.ledger import ledger
from tests.scenarios.playground_stage import playground_stage
from tests.scenarios.slack_stage import SlackStage
from tests.scenarios.story import told
from tests.scenarios.teams_stage import teams_stage

Ledger = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def in_the_playground(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """What the story leaves in the playground."""
    folder = tmp_path_factory.mktemp("story")

    async def tell() -> Ledger:
        async with playground_stage(folder) as stage:
            await told(stage)
        return await ledger(f"sqlite:///{folder / 'demo.db'}")

    with ThreadPoolExecutor(1) as thread:  # a loop of its own, beside the one of the tests
        return thread.submit(asyncio.run, tell()).result()


@pytest.mark.parametrize("over", ["http", "socket"])
async def test_the_story_ends_in_slack_with_the_rows_of_the_playground(
    over: Over, database_url: str, in_the_playground: Ledger
) -> None:
    async with office(database_url, over) as opened:
        await told(SlackStage(opened))

        assert opened.slack.pings == []
        assert opened.slack.links == []
    found = await ledger(database_url)

    assert in_the_playground["retro_answers"]
    for table, rows in in_the_playground.items():
        assert found[table] == rows, table


async def test_the_story_ends_in_teams_with_the_rows_of_the_playground(
    database_url: str, in_the_playground: Ledger
) -> None:
    async with teams_stage(database_url) as stage:
        await told(stage)

        assert not stage.teams.traces
        assert not stage.teams.delivery.failed
        assert not [call.answer for call in stage.teams.calls if call.status >= 300]
    found = await ledger(database_url)

    for table, rows in in_the_playground.items():
        assert found[table] == rows, table
