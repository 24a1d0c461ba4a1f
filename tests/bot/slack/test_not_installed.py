"""Requests from where the bot is not installed, or not any more: a sentence where one can be shown, no effect."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.bot.slack.office import Office, office
from tests.fakes.slack import Page
from tests.fakes.slack.delivery import Reply, Sent
from tests.world import CHANNEL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SENTENCE = "Worthwhile is not installed here any more, so nothing was saved. An admin can install it again."
ELSEWHERE = {"id": "T0OTHER", "domain": "other"}


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url) as opened:
        await opened.start_team()
        yield opened


def answers(database_url: str) -> int:
    """How many answers are saved."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        return int(connection.execute("select count(*) from reflections").fetchone()[0])


async def from_elsewhere(at: Office, **changes: Any) -> Reply:
    """The last request once more, as if somebody of a workspace without the bot had made it."""
    sent = at.slack.delivery.sent[-1]
    if sent.headers["Content-Type"] == "application/json":
        event = {**json.loads(sent.body), "team_id": "T0OTHER", "event_id": "Ev9", **changes}
        del event["authorizations"], event["context_team_id"]
        body = json.dumps(event).encode()
    else:
        fields = {name: values[0] for name, values in parse_qs(sent.body.decode()).items()}
        if "payload" in fields:
            payload = {**json.loads(fields["payload"]), "team": ELSEWHERE, **changes}
            payload.get("view", {}).pop("app_installed_team_id", None)
            fields["payload"] = json.dumps(payload)
        else:
            fields |= {"team_id": "T0OTHER", **changes}
        body = urlencode(fields).encode()
    reply = await at.slack.replay(
        Sent(body, {"Content-Type": sent.headers["Content-Type"], **at.slack.sign(body)})
    )
    await at.quiet()
    return reply


async def test_a_command_is_answered_with_what_is_the_matter(at_work: Office, database_url: str) -> None:
    await at_work.types("ben", "help")

    reply = await from_elsewhere(at_work, text="checkin 4", trigger_id="7.7.new")

    assert reply.body == {"response_type": "ephemeral", "text": SENTENCE}
    assert answers(database_url) == 0


async def test_a_tap_is_answered_where_it_said(at_work: Office, database_url: str) -> None:
    card = await at_work.types("ben", "checkin", channel=CHANNEL)
    await at_work.presses("ben", card, "Why me?")

    reply = await from_elsewhere(at_work)

    assert reply.status == 200
    assert at_work.person("ben").ephemerals(CHANNEL)[-1].title == SENTENCE
    assert answers(database_url) == 0


async def test_a_form_says_what_is_the_matter_and_keeps_its_words(at_work: Office) -> None:
    form = await at_work.types("eva", "evidence It saved my Saturday")
    assert isinstance(form, Page)
    await at_work.sends("eva", form, said_by="Meera", strength="said")

    reply = await from_elsewhere(at_work)

    assert reply.body == {"response_action": "errors", "errors": {"words": SENTENCE}}


async def test_words_are_not_answered(at_work: Office, database_url: str) -> None:
    await at_work.person("ben").dm("help")
    await at_work.quiet()
    stood = len(at_work.person("ben").dms)

    reply = await from_elsewhere(at_work)

    assert (reply.status, reply.text) == (200, "")
    assert len(at_work.person("ben").dms) == stood


async def test_no_address_but_slacks_own_is_called(at_work: Office) -> None:
    card = await at_work.types("ben", "checkin", channel=CHANNEL)
    await at_work.presses("ben", card, "Why me?")
    called: list[str] = []

    async def note(request: web.Request) -> web.Response:
        called.append(request.path)
        return web.Response()

    served = web.Application()
    served.router.add_route("*", "/{rest:.*}", note)
    async with TestServer(served) as server:
        reply = await from_elsewhere(at_work, response_url=str(server.make_url("/actions/T1/1/x")))

    assert reply.status == 200
    assert called == []
