"""Slack in trouble: whatever it does with a call, answers are saved, shown where they can be, never twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import create_async_engine

from bot.slack import posts
from bot.slack.clients import Clients
from bot.slack.places import Place
from bot.slack.render import Page as Drawn
from handlers.messages import Message, Text
from tests.bot.slack.office import Office, office
from tests.bot.slack.promising import promised
from tests.fakes.slack import Card, Page
from tests.fakes.slack.delivery import Sent
from tests.world import CHANNEL, MONDAY

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FAULTS: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "503": {"status": 503},
    "fatal": {"error": "fatal_error"},
    "limited": {"error": "ratelimited"},
    "refused": {"error": "restricted_action"},
    "dropped before": {"drop": "before"},
    "dropped after": {"drop": "after"},
}
EVERY_FAULT = pytest.mark.parametrize("how", FAULTS.values(), ids=FAULTS)
RETRY_AFTER_S = 120


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url) as opened:
        await opened.start_team()
        yield opened


async def saved(url: str, query: str) -> list[Any]:
    """One column of what is saved."""
    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))
    async with engine.connect() as connection:
        found = list((await connection.execute(sa.text(query))).scalars())
    await engine.dispose()
    return found


async def scores(url: str) -> list[int]:
    """The scores that are saved."""
    return await saved(url, "select score from reflections")


async def asked(opened: Office) -> Card:
    """Ana's question of tomorrow, as it stands in her direct messages."""
    await opened.go_to(MONDAY + timedelta(days=1, hours=2))
    return opened.person("ana").dms[-1]


def questions(opened: Office) -> set[int]:
    """How often each of those who are asked at this hour was asked."""
    people = [opened.person(name) for name in ("ana", "ben", "dev", "eva")]
    return {sum(card.title.startswith("Would ") for card in person.dms) for person in people}


@EVERY_FAULT
@pytest.mark.parametrize("method", ["chat.update", "*"])
async def test_a_tap_is_saved_whatever_becomes_of_its_card(
    at_work: Office, database_url: str, method: str, how: dict[str, Any]
) -> None:
    card = await asked(at_work)
    cards = len(at_work.person("ana").dms)
    at_work.slack.fail(method, **how, times=3)

    await at_work.person("ana").press(card, "4")
    await at_work.quiet()

    is_shown_anew = how == FAULTS["refused"] and method == "chat.update"
    assert at_work.person("ana").errors == []
    assert await scores(database_url) == [4]
    assert len(at_work.person("ana").dms) == cards + is_shown_anew


FINAL = ["message_not_found", "edit_window_closed", "cant_update_message", "restricted_action"]


@pytest.mark.parametrize("error", FINAL)
@pytest.mark.parametrize("where", ["the question of the morning", "a question asked for"])
async def test_a_receipt_is_a_new_message_where_the_card_cannot_be_changed(
    at_work: Office, where: str, error: str
) -> None:
    ana = at_work.person("ana")
    if where == "a question asked for":
        await ana.dm("checkin")
        await at_work.quiet()
        card = ana.dms[-1]
    else:
        card = await asked(at_work)
    cards = len(ana.dms)
    at_work.slack.fail("chat.update", error=error, times=9)

    await ana.press(card, "4")
    await at_work.quiet()
    await at_work.tick()

    assert [each.title for each in ana.dms[cards:]] == ["Saved: 4 of 5"]


async def test_nobody_is_written_to_where_a_card_cannot_be_changed_that_they_did_not_tap(at_work: Office) -> None:
    await promised(at_work, Message("Closed"), "ben")
    cards = {name: len(at_work.person(name).dms) for name in ("ana", "ben")}
    at_work.slack.fail("chat.update", error="message_not_found", times=9)

    await promised(at_work, Message("Closed", (Text("It is over."),)), "ben")
    await at_work.tick()

    assert {name: len(at_work.person(name).dms) for name in cards} == cards


async def test_whoever_starts_a_team_where_the_bot_cannot_come_in_is_told_how_to_let_it(
    database_url: str,
) -> None:
    async with office(database_url) as opened:
        opened.slack.fail("conversations.join", error="method_not_supported_for_channel_type")
        await opened.start_team()

        told = [card.words for card in opened.person("ana").ephemerals(CHANNEL)]

    assert any("/invite @Worthwhile" in words for words in told)


async def test_a_tapped_card_is_drawn_anew_once(at_work: Office) -> None:
    card = await asked(at_work)
    before = len(at_work.slack.called("chat.update"))

    await at_work.presses("ana", card, "4")

    assert len(at_work.slack.called("chat.update")) == before + 1
    assert at_work.person("ana").dms[-1].title.startswith("Saved: 4 of 5")


async def test_an_answer_that_slack_is_too_busy_for_comes_when_it_said(at_work: Office) -> None:
    at_work.slack.throttle("chat.postMessage", retry_after=RETRY_AFTER_S)
    ana = at_work.person("ana")
    before = len(ana.dms)

    await ana.dm("checkin 4")
    await at_work.quiet()
    during = len(ana.dms)
    await at_work.go_to(at_work.clock.now() + timedelta(seconds=RETRY_AFTER_S))
    await at_work.tick()

    assert during == before + 1  # her own words
    assert at_work.slack.faults.too_early == []
    assert [card.title for card in ana.dms[before + 1 :]] == ["Saved: 4 of 5"]


@EVERY_FAULT
async def test_a_question_is_never_asked_twice(at_work: Office, how: dict[str, Any]) -> None:
    at_work.slack.fail("chat.postMessage", **how, times=2)

    await at_work.go_to(MONDAY + timedelta(days=1, hours=4))

    assert questions(at_work) <= {0, 1}
    assert 1 in questions(at_work)


@pytest.mark.parametrize("how", [FAULTS["503"], FAULTS["limited"]], ids=["503", "limited"])
async def test_a_question_that_slack_did_not_take_is_asked_later(at_work: Office, how: dict[str, Any]) -> None:
    at_work.slack.fail("chat.postMessage", **how, times=2)

    await at_work.go_to(MONDAY + timedelta(days=1, hours=4))

    assert questions(at_work) == {1}


@pytest.mark.parametrize("hang", ["before", "after"])
async def test_a_question_whose_answer_never_came_is_not_asked_again(at_work: Office, hang: str) -> None:
    at_work.slack.fail("chat.postMessage", hang=hang)
    going = asyncio.create_task(at_work.go_to(MONDAY + timedelta(days=1, hours=4)))
    await at_work.slack.until(lambda: at_work.slack.faults.held)
    at_work.slack.release()

    await going

    assert questions(at_work) <= {0, 1}
    assert 1 in questions(at_work)


async def test_the_outbox_keeps_away_for_as_long_as_slack_says(at_work: Office) -> None:
    at_work.slack.throttle("chat.postMessage", retry_after=RETRY_AFTER_S)

    await at_work.go_to(MONDAY + timedelta(days=1, hours=4))

    assert at_work.slack.faults.throttles[0].until is not None
    assert at_work.slack.faults.too_early == []
    assert questions(at_work) == {1}


@EVERY_FAULT
async def test_what_is_posted_in_the_channel_gets_there_in_the_end(at_work: Office, how: dict[str, Any]) -> None:
    if how == FAULTS["refused"]:
        pytest.skip("what Slack refuses for good is not tried again")
    await at_work.types("ben", "checkin 4 talked to a shop owner")
    standing = len(at_work.slack.channel(CHANNEL).messages)
    preview = await at_work.types("ana", "summary")
    at_work.slack.fail("chat.postMessage", **how, times=1)

    await at_work.presses("ana", preview, "Post to")
    await at_work.go_to(MONDAY + timedelta(minutes=10))

    assert len(at_work.slack.channel(CHANNEL).messages) > standing


@EVERY_FAULT
async def test_a_form_that_cannot_be_opened_comes_as_a_message_with_a_button(
    at_work: Office, how: dict[str, Any]
) -> None:
    if how == FAULTS["dropped after"]:
        pytest.skip("the modal stands open, whatever the bot was told")
    at_work.slack.fail("views.open", **how)

    seen = await at_work.types("eva", "evidence It saved my Saturday", channel=CHANNEL)
    form = await at_work.presses("eva", seen, "Open")

    assert isinstance(seen, Card)
    assert isinstance(form, Page)
    assert "It saved my Saturday" in form.words


async def test_a_form_whose_trigger_is_too_old_comes_as_a_message_with_a_button(at_work: Office) -> None:
    at_work.slack.fail("views.open", error="expired_trigger_id")

    seen = await at_work.types("eva", "evidence")

    assert isinstance(seen, Card)
    assert [label for label in seen.buttons if label.startswith("Open")]


async def test_a_form_that_slack_is_slow_to_open_keeps_nobody_waiting(at_work: Office) -> None:
    before = len(at_work.person("eva").dms)
    at_work.slack.fail("views.open", hang="after")

    await at_work.person("eva").command("/value evidence")
    await at_work.slack.until(lambda: at_work.slack.faults.held)
    errors, modal = list(at_work.person("eva").errors), at_work.person("eva").modal
    at_work.slack.release()
    await at_work.quiet()

    assert errors == []
    assert modal
    assert len(at_work.person("eva").dms) == before


async def test_a_command_is_answered_where_no_call_gets_through(at_work: Office, database_url: str) -> None:
    at_work.slack.fail("*", status=500, times=50)

    seen = await at_work.types("ana", "checkin 4")

    assert isinstance(seen, Card)
    assert at_work.person("ana").errors == []
    assert await scores(database_url) == [4]


@EVERY_FAULT
async def test_words_are_saved_whatever_becomes_of_their_answer(
    at_work: Office, database_url: str, how: dict[str, Any]
) -> None:
    at_work.slack.fail("chat.postMessage", **how, times=2)

    reply = await at_work.person("ana").dm("checkin 4")
    await at_work.quiet()

    assert reply
    assert reply.status == 200
    assert await scores(database_url) == [4]


@EVERY_FAULT
async def test_a_form_is_saved_whatever_becomes_of_its_answer(
    at_work: Office, database_url: str, how: dict[str, Any]
) -> None:
    form = await at_work.types("eva", "evidence", channel=CHANNEL)
    at_work.slack.fail("response_url", status=500, times=5)
    at_work.slack.fail("*", **how, times=5)

    await at_work.sends("eva", form, words="It saved my Saturday", said_by="Meera", strength="said")

    assert at_work.person("eva").modal is None
    assert await saved(database_url, "select words from evidence") == ["It saved my Saturday"]


class Elsewhere:
    """A host that is not Slack's, and what it was sent."""

    def __init__(self) -> None:
        self.requests: list[web.BaseRequest] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Take whatever comes."""
        self.requests.append(request)
        return web.Response()


@pytest.fixture
async def elsewhere() -> AsyncIterator[tuple[Elsewhere, str]]:
    """A host that is not Slack's, and its address."""
    host, served = Elsewhere(), web.Application()
    served.router.add_route("*", "/{rest:.*}", host.answer)
    server = TestServer(served)
    await server.start_server()
    yield host, str(server.make_url("/"))
    await server.close()


def moved(opened: Office, address: str, slack: str) -> list[str]:
    """Addresses that lead elsewhere, some by looking like Slack's."""
    there = address.removeprefix("http://").rstrip("/")
    here = slack.removeprefix("http://")
    return [
        f"{address}commands/T1/2/x",
        f"http://{here}@{there}/commands",
        f"http://{there}#{here}/",
        f"http://{there}\\@{here}/commands",
        f"//{there}/x",
        f"ftp://{here}/x",
        f"http://user:word@{here}/commands/T1/2/x",
        "http://[::1/broken",
        "http://169.254.169.254/latest",
    ]


async def test_an_address_that_is_not_slacks_is_never_called(
    at_work: Office, elsewhere: tuple[Elsewhere, str]
) -> None:
    host, address = elsewhere
    card = await at_work.types("ana", "checkin", channel=CHANNEL)
    assert isinstance(card, Card)
    await at_work.presses("ana", card, "4")
    genuine = at_work.slack.delivery.sent[-1]

    for number, url in enumerate(moved(at_work, address, at_work.slack.url)):
        payload = json.loads(parse_qs(genuine.body.decode())["payload"][0])
        payload |= {"response_url": url, "trigger_id": f"1.{number}.evil"}
        body = urlencode({"payload": json.dumps(payload)}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = await at_work.slack.replay(Sent(body, {**kind, **at_work.slack.sign(body)}))
        await at_work.quiet()
        assert reply.status == 200, url

    assert host.requests == []


@pytest.mark.usefixtures("database_url")
async def test_an_answer_follows_nobody_to_another_address_and_takes_no_token_along(
    elsewhere: tuple[Elsewhere, str],
) -> None:
    host, address = elsewhere
    slack = await redirecting(address)
    url = str(slack.make_url("/"))
    clients = Clients(f"{url}api/")
    clients("xoxb-canary")

    taken = await posts.Answers(clients.api_url)(
        clients.session, Place("typed", url=f"{url}commands/1"), [Drawn("x", [])], replaces=False
    )
    await clients.close()
    await slack.close()

    assert not taken
    assert host.requests == []


async def redirecting(to: str) -> TestServer:
    """A Slack that sends everybody elsewhere, unless they bring a token."""

    async def answer(request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        raise web.HTTPTemporaryRedirect(to)

    served = web.Application()
    served.router.add_route("*", "/{rest:.*}", answer)
    server = TestServer(served)
    await server.start_server()
    return server
