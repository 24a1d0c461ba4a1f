"""A database that is slow: a modal opens at once, then comes the form in it, or that nothing was saved."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.dispatch import DEADLINE_S
from tests.bot.slack.office import office
from tests.world import CHANNEL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Nobody else can write."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("begin immediate")
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


async def test_a_form_that_waits_for_the_database_comes_into_a_modal_that_is_open_already(
    database_url: str,
) -> None:
    async with office(database_url, deadline_s=5 * DEADLINE_S) as opened:
        await opened.start_team()
        eva = opened.person("eva")

        with locked(database_url):
            typing = asyncio.create_task(eva.command("/value evidence It helped", channel=CHANNEL))
            meanwhile = (await opened.slack.until(lambda: eva.modal)).title
        await typing
        await opened.quiet()

        assert meanwhile == "One moment"
        assert eva.modal
        assert eva.modal.title != "One moment"
        assert "It helped" in eva.modal.words


async def test_a_database_that_is_too_slow_is_owned_up_to_in_the_modal(database_url: str) -> None:
    async with office(database_url, deadline_s=DEADLINE_S) as ready:
        await ready.start_team()
        eva = ready.person("eva")

        with locked(database_url):
            await eva.command("/value evidence It helped", channel=CHANNEL)
        await ready.quiet()

        assert eva.errors == []
        assert eva.modal
        assert eva.modal.title != "One moment"
        assert "It helped" in eva.modal.words
