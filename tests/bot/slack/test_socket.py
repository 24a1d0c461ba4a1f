"""Socket Mode: sockets that die without a word, that Slack ends, and what is on its way meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.clock import SystemClock
from bot.slack.socket import Socket
from tests.bot.slack.office import Office, office
from tests.fakes.slack import Card, Page
from tests.world import CHANNEL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SILENT_S = 0.3


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office over a socket, whose team has started."""
    async with office(database_url, "socket") as opened:
        await opened.start_team()
        yield opened


@asynccontextmanager
async def watched(opened: Office, ended: Callable[[], None], silent_s: float = SILENT_S) -> AsyncIterator[Socket]:
    """A second socket of the bot's, in the real time, with little patience; the first one is hung up."""
    slack = opened.app.slack
    assert slack
    socket = Socket(
        slack.bolt,
        slack.clients,
        opened.slack.app.app_token,
        opened.app.background,
        SystemClock(),
        ended,
        silent_s,
    )
    await socket.open()
    await opened.slack.until(lambda: opened.slack.sockets.opened > 1)
    try:
        yield socket
    finally:
        await socket.close()


async def test_a_command_over_a_socket_is_answered(at_work: Office) -> None:
    seen = await at_work.types("ana", "checkin 4")

    assert isinstance(seen, Card)
    assert at_work.slack.sockets.strays == []


async def test_a_socket_that_slack_ends_is_opened_again_and_works(at_work: Office) -> None:
    opened = at_work.slack.sockets.opened

    await at_work.slack.sockets.disconnect("refresh_requested")
    await at_work.slack.until(lambda: at_work.slack.sockets.opened > opened and at_work.slack.sockets.is_open)
    seen = await at_work.types("ana", "checkin 4")

    assert isinstance(seen, Card)


async def test_a_warning_before_the_end_loses_nothing(at_work: Office) -> None:
    await at_work.slack.sockets.disconnect("warning")

    seen = await at_work.types("ana", "checkin 4")

    assert isinstance(seen, Card)


async def test_a_socket_that_breaks_is_opened_again_and_works(at_work: Office) -> None:
    opened = at_work.slack.sockets.opened

    await at_work.slack.sockets.close()
    await at_work.slack.until(lambda: at_work.slack.sockets.opened > opened and at_work.slack.sockets.is_open)
    seen = await at_work.types("ana", "checkin 4")

    assert isinstance(seen, Card)


async def test_an_answer_too_slow_for_a_socket_that_breaks_has_one_effect(
    at_work: Office, database_url: str
) -> None:
    ana, at_work.slack.patience_s = at_work.person("ana"), 0.2
    opened, before = at_work.slack.sockets.opened, len(ana.dms)
    elsewhere = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    elsewhere.execute("begin immediate")

    await ana.dm("checkin 4")  # Slack hears nothing in its time
    await at_work.slack.sockets.close()
    elsewhere.execute("rollback")
    await at_work.slack.until(lambda: at_work.slack.sockets.opened > opened and at_work.slack.sockets.is_open)
    at_work.slack.patience_s = 10
    await at_work.slack.retry_now()
    await at_work.quiet()

    scores = elsewhere.execute("select score from reflections").fetchall()
    elsewhere.close()
    assert scores == [(4,)]
    assert [card.title for card in ana.dms[before + 1 :]] == ["Saved: 4 of 5"]


async def test_what_comes_at_once_is_handled_at_once(at_work: Office) -> None:
    at_work.slack.fail("views.open", hang="after")
    first = asyncio.create_task(at_work.person("eva").command("/value evidence"))
    await at_work.slack.until(lambda: at_work.slack.faults.held)

    seen = await at_work.person("ana").command("/value checkin 4")

    at_work.slack.release()
    await first
    await at_work.quiet()
    assert isinstance(seen, Card)
    assert at_work.person("eva").modal


async def test_a_frame_that_is_too_deep_to_read_is_passed_over(at_work: Office) -> None:
    deep = '{"type": "events_api", "envelope_id": "e1", "payload": ' + "[" * 100_000 + "]" * 100_000 + "}"

    for text in (deep, '{"type": ', '{"a": 1e999}', "Ping from applink"):
        await at_work.slack.sockets.say(text)
    seen = await at_work.types("ana", "checkin 4")

    assert isinstance(seen, Card)
    assert at_work.slack.sockets.opened == 1


async def test_events_over_a_socket_are_acknowledged(at_work: Office) -> None:
    reply = await at_work.person("ana").dm("hello")
    await at_work.quiet()

    assert reply
    assert reply.status == 200
    assert at_work.person("ana").dms[-1].message.by_app


async def test_a_form_over_a_socket_keeps_what_is_wrong_beside_its_fields(at_work: Office) -> None:
    form = await at_work.types("eva", "evidence", channel=CHANNEL)

    page = await at_work.sends("eva", form, words="It helped", said_by="Meera", strength="said", date="2030-01-01")

    assert isinstance(page, Page)
    assert page.errors


async def test_a_socket_that_falls_silent_is_replaced_and_works(at_work: Office) -> None:
    ended = asyncio.Event()
    async with watched(at_work, ended.set, silent_s=1.0):
        opened = at_work.slack.sockets.opened
        at_work.slack.socket_silent()

        await at_work.slack.until(lambda: at_work.slack.sockets.opened > opened)
        at_work.slack.sockets.is_silent = False
        seen = await at_work.types("ana", "checkin 4")

    assert isinstance(seen, Card)
    assert not ended.is_set()


async def test_a_socket_that_stays_silent_ends_the_process(at_work: Office) -> None:
    ended = asyncio.Event()
    async with watched(at_work, ended.set) as socket:
        at_work.slack.socket_silent()
        at_work.slack.fail("apps.connections.open", status=500, times=10_000)

        async with asyncio.timeout(20):
            await ended.wait()

        assert socket.has_ended


async def test_what_is_on_its_way_when_the_bot_stops_is_finished(database_url: str) -> None:
    async with office(database_url, "socket") as opened:
        await opened.start_team()
        opened.slack.fail("views.open", hang="before")
        await opened.person("eva").command("/value evidence")
        await opened.slack.until(lambda: opened.slack.faults.held)
        opened.slack.release()

    assert opened.person("eva").errors == []
    assert not opened.slack.faults.held
