"""Requests that are signed and still none of Slack's: they are refused, and nothing of them runs."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from typing import Any

import pytest

from tests.bot.slack.office import Office, office
from tests.fakes.slack.delivery import Reply
from tests.fakes.slack.structure import Json

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(params=["http", "socket"])
async def at_work(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url, request.param) as opened:
        await opened.start_team()
        yield opened


def with_value(payload: Json, path: str, value: Any) -> Json:
    """A copy of a request with another value somewhere, and not taken for a repeat."""
    changed = copy.deepcopy(payload)
    *parents, last = path.split("/")
    place: Any = changed
    for name in parents:
        place = place[int(name) if name.isdigit() else name]
    place[int(last) if last.isdigit() else last] = value
    own = {name: "another" for name in ("trigger_id", "event_id") if name in changed}
    return changed | own


def everything(database_url: str) -> list[str]:
    """All that is kept."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        return list(connection.iterdump())


async def sent_again(at: Office, path: str, value: Any) -> Reply:
    """The answer to the last request with another value in it."""
    kind, payload = at.slack.delivery.payloads[-1]
    reply = await at.slack.delivery.send(kind, with_value(payload, path, value))
    await at.quiet()
    return reply


async def command(at: Office) -> None:
    await at.types("ana", "checkin 4")


async def tap(at: Office) -> None:
    await at.presses("ana", await at.types("ana", "checkin 4"), "Undo")


async def form(at: Office) -> None:
    page = await at.types("ana", "evidence It helped")
    await at.sends("ana", page, initiative="none", strength="said", said_by="Meera")


async def shortcut(at: Office) -> None:
    await at.person("ana").shortcut("checkin")


async def words(at: Office) -> None:
    await at.person("ana").dm("checkin 4")


@pytest.mark.parametrize(
    ("does", "path", "value"),
    [
        (command, "team_id", "T" * 500),
        (tap, "team", True),
        (tap, "user", "U1"),
        (tap, "enterprise", 0),
        (tap, "channel", [[]]),
        (tap, "actions", []),
        (tap, "actions/0/value", 7),
        (tap, "container", "x"),
        (form, "response_urls", "x"),
        (form, "view", []),
        (form, "view/state/values", [None]),
        (form, "view/id", None),
        (shortcut, "team", -1),
        (shortcut, "callback_id", {"a": 1}),
        (words, "authorizations", "x"),
        (words, "authorizations/0", None),
        (words, "event", "x"),
        (words, "event/user", True),
        (words, "event/channel", 10**30),
        (words, "event/channel", {"id": "C1"}),
        (words, "event/text", ["x"]),
        (words, "event_time", 10**18),
        (words, "event_time", -1),
    ],
)
async def test_what_is_not_as_slack_makes_it_is_refused_and_nothing_runs(
    at_work: Office, database_url: str, does: Callable[[Office], Awaitable[None]], path: str, value: Any
) -> None:
    await does(at_work)
    await at_work.quiet()
    before = everything(database_url)

    reply = await sent_again(at_work, path, value)

    # A socket knows no refusal: what is acknowledged does not come again.
    assert (reply.status, reply.text == "") == ((200, True) if at_work.slack.sockets.is_open else (400, False))
    assert everything(database_url) == before
