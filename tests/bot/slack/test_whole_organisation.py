"""One install for a whole organisation, and tokens that run out, with people at work."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from aiohttp.test_utils import TestServer

from bot.app import build
from bot.clock import SteppedClock
from bot.slack.scopes import NAMES
from bot.web import routes
from tests.bot.slack.office import Office
from tests.bot.slack.test_install_story import settings
from tests.bot.test_serve import free_port
from tests.fakes.slack import Actor, Card, FakeSlack, Page
from tests.fakes.slack.delivery import Reply, Sent
from tests.fakes.slack.events import deliver
from tests.fakes.slack.oauth import Browser
from tests.world import CHANNEL, MONDAY, PATIENCE_S, PEOPLE

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OTHER = "payments"


@asynccontextmanager
async def installed(database_url: str, *, whole: bool) -> AsyncIterator[Office]:
    """An office with the bot by OAuth, whose tokens run out: one workspace, or an organisation of two."""
    clock, port = SteppedClock(MONDAY), free_port()
    slack, url = await FakeSlack.start(clock, patience_s=PATIENCE_S), f"http://127.0.0.1:{port}"
    slack.app.scopes, slack.app.rotates_tokens = NAMES, True
    slack.app.redirect_urls.append(f"{url}/slack/oauth_redirect")
    people_of(slack, "E1" if whole else None)
    app = build(settings(database_url, slack, url), clock, deadline_s=PATIENCE_S)
    await app.prepare()
    server = TestServer(routes(app), port=port)
    await server.start_server()
    slack.connect(url)
    opened = Office(slack, app, clock, url)
    try:
        await install(opened, whole=whole)
        yield opened
    finally:
        await server.close()
        await app.close()
        await slack.close()


def people_of(slack: FakeSlack, enterprise: str | None) -> None:
    """The five in the first workspace; Ana and Ben in the second one too, where there is an organisation."""
    first = slack.add_workspace("First", enterprise=enterprise, installed=False)
    second = [slack.add_workspace("Second", enterprise=enterprise, installed=False)] if enterprise else []
    for name, (real_name, _, zone, _) in PEOPLE.items():
        also = second if name in ("ana", "ben") else []
        slack.add_person(name, real_name=real_name, tz=zone, workspace=first, also_in=also)
    slack.add_channel(CHANNEL, members=list(PEOPLE), workspace=first)
    for each in second:
        slack.add_channel(OTHER, members=["ana", "ben"], workspace=each)


async def install(opened: Office, *, whole: bool) -> None:
    """An admin installs the bot, and it is invited to the channels."""
    opened.slack.browsing.is_organisation = whole
    browser = Browser(opened.slack)
    page = await browser.get(f"{opened.url}/slack/install")
    await browser.close()
    assert page.status == 200, page.text
    for workspace in opened.slack.workspaces:
        for channel in workspace.channels.values():
            channel.members.append(workspace.bot)
    await opened.tick()


@pytest.fixture
async def whole(database_url: str) -> AsyncIterator[Office]:
    """An organisation of two workspaces; the first has a team that has started."""
    async with installed(database_url, whole=True) as opened:
        await opened.start_team()
        yield opened


@pytest.fixture
async def rotating(database_url: str) -> AsyncIterator[Office]:
    """One workspace whose tokens run out after twelve hours, with a team that has started."""
    async with installed(database_url, whole=False) as opened:
        await opened.start_team()
        yield opened


def asked(person: Actor) -> list[Card]:
    """The questions that somebody was asked."""
    return [card for card in person.dms if card.title.startswith("Would ")]


def token_is_over(opened: Office) -> bool:
    """Whether the token of the first install has run out."""
    here = opened.slack.workspace().installation
    assert here
    first = here.tokens[0].expires_at
    return first is not None and first < opened.clock.now()


async def test_a_question_comes_after_a_quiet_night_and_a_tap_is_answered(rotating: Office) -> None:
    await rotating.go_to(MONDAY + timedelta(days=1, hours=2))
    card = asked(rotating.person("ana"))[-1]
    rotating.clock.set(rotating.clock.now() + timedelta(hours=13))

    seen = await rotating.presses("ana", card, "4")

    assert token_is_over(rotating)
    assert isinstance(seen, Card)
    assert seen.message is card.message
    assert "4" in seen.words


@ON_SQLITE
async def test_a_form_opens_though_the_token_ran_out_meanwhile(rotating: Office) -> None:
    rotating.clock.set(rotating.clock.now() + timedelta(hours=13))

    form = await rotating.types("eva", "evidence", channel=CHANNEL)

    assert isinstance(form, Page)


@ON_SQLITE
async def test_people_of_an_organisation_are_asked_and_answered(whole: Office) -> None:
    await whole.go_to(MONDAY + timedelta(days=1, hours=2))
    card = asked(whole.person("eva"))[-1]

    seen = await whole.presses("eva", card, "4")

    assert isinstance(seen, Card)
    assert seen.message is card.message


@ON_SQLITE
async def test_somebody_of_two_workspaces_is_one_person_with_a_team_in_each(whole: Office) -> None:
    second = whole.slack.workspace("Second")
    ana = whole.slack.person("ana", second)

    await ana.command("/value setup", channel=OTHER)
    await whole.quiet()
    await ana.submit(fill={"payer": "Banks", "pays": "Banks pay us €9 a month."})
    await whole.quiet()
    seen = await ana.command("/value me")
    await whole.quiet()

    assert ana.errors == []
    assert seen
    assert "Checkout" in seen.words


@ON_SQLITE
async def test_somebody_of_two_workspaces_is_asked_once_a_day(whole: Office) -> None:
    await whole.go_to(MONDAY + timedelta(days=1, hours=5))

    second = whole.slack.workspace("Second")
    assert len(asked(whole.person("ben"))) + len(asked(whole.slack.person("ben", second))) == 1


async def without_team(opened: Office) -> Reply:
    """The last interaction once more as Slack sends it where it names no team: from outside of any workspace."""
    sent = opened.slack.delivery.sent[-1]
    payload = json.loads(parse_qs(sent.body.decode())["payload"][0])
    payload |= {"team": None, "trigger_id": "5.6.none"}
    body = urlencode({"payload": json.dumps(payload)}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return await opened.slack.replay(Sent(body, {**kind, **opened.slack.sign(body)}))


@ON_SQLITE
async def test_a_tap_that_names_no_team_is_the_organisations(whole: Office) -> None:
    await whole.go_to(MONDAY + timedelta(days=1, hours=2))
    card = asked(whole.person("ana"))[-1]
    await whole.presses("ana", card, "4")
    edits = card.message.edits

    reply = await without_team(whole)
    await whole.quiet()

    assert reply.status == 200
    assert card.message.edits > edits


@ON_SQLITE
async def test_a_tap_that_names_no_team_is_that_of_its_persons_team(rotating: Office) -> None:
    await rotating.go_to(MONDAY + timedelta(days=1, hours=2))
    card = asked(rotating.person("ana"))[-1]
    await rotating.presses("ana", card, "4")
    edits = card.message.edits

    reply = await without_team(rotating)
    await rotating.quiet()

    assert reply.status == 200
    assert card.message.edits > edits


@ON_SQLITE
@pytest.mark.parametrize("kind", ["team_access_revoked", "team_access_granted"])
async def test_a_change_of_the_workspaces_that_let_the_bot_in_is_looked_at_at_once(
    database_url: str, kind: str
) -> None:
    async with installed(database_url, whole=True) as opened:
        asked = len(opened.slack.called("auth.teams.list"))
        first = opened.slack.workspace("First")

        await deliver(opened.slack, first, {"type": kind, "team_ids": [first.id], "event_ts": "1.2"})
        await opened.quiet()

        assert len(opened.slack.called("auth.teams.list")) == asked + 1
