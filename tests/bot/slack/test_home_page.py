"""Home pages: drawn when somebody looks, and again after every change of theirs; and the buttons on them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestServer

from bot.app import App, build
from bot.web import routes
from tests.bot.slack.office import Office, office, settings
from tests.fakes.slack.cards import Page
from tests.world import CHANNEL, MONDAY, PATIENCE_S

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started, on its first morning."""
    async with office(database_url) as opened:
        await opened.start_team()
        await opened.go_to(MONDAY + timedelta(days=1, hours=2))
        yield opened


async def look(at: Office, name: str) -> Page:
    """The home page of somebody who looks at it."""
    await at.person(name).open_home()
    await at.quiet()
    return home(at, name)


def home(at: Office, name: str) -> Page:
    """The home page as it stands."""
    page = at.person(name).home
    assert page, "no home page was published"
    return page


def modal(at: Office, name: str) -> Page:
    """The modal that stands open."""
    page = at.person(name).modal
    assert page, "no modal is open"
    return page


def published(at: Office, name: str) -> int:
    """How often somebody's home page was drawn."""
    who = at.person(name).id
    return sum(call.args.get("user_id") == who for call in at.slack.called("views.publish"))


async def test_a_home_page_shows_todays_question_and_what_is_asked_and_when(at_work: Office) -> None:
    page = await look(at_work, "ben")

    assert "happy to pay" in page.words
    assert "One question a day for Checkout" in page.words
    assert any(label.startswith("4 ") for label in page.buttons)


async def test_looking_at_the_messages_tab_draws_no_home_page(at_work: Office) -> None:
    await at_work.person("ben").open_home("messages")
    await at_work.quiet()

    assert at_work.person("ben").home is None


async def test_one_tap_on_the_home_page_saves_and_shows_the_receipt_there(at_work: Office) -> None:
    stood = len(at_work.person("ben").dms)

    await at_work.presses("ben", await look(at_work, "ben"), "4")

    assert "Saved: 4 of 5" in home(at_work, "ben").words
    assert at_work.person("ben").modal is None
    assert len(at_work.person("ben").dms) == stood


async def test_a_tap_on_the_home_page_changes_the_mornings_card_too(at_work: Office) -> None:
    await at_work.presses("ben", await look(at_work, "ben"), "4")
    await at_work.tick()

    assert "Saved: 4 of 5" in at_work.person("ben").dms[-1].words


async def test_undo_on_the_home_page_asks_again_there(at_work: Office) -> None:
    await at_work.presses("ben", await look(at_work, "ben"), "4")

    await at_work.presses("ben", home(at_work, "ben"), "Undo")

    assert "happy to pay" in home(at_work, "ben").words


async def test_a_form_from_the_home_page_closes_and_the_page_shows_what_it_did(at_work: Office) -> None:
    await at_work.presses("ben", await look(at_work, "ben"), "4")
    stood = len(at_work.person("ben").dms)

    await at_work.presses("ben", home(at_work, "ben"), "Edit")
    await at_work.sends("ben", modal(at_work, "ben"), score="2 Hardly")

    assert at_work.person("ben").modal is None
    assert "Saved: 2 of 5" in home(at_work, "ben").words
    assert len(at_work.person("ben").dms) == stood


async def test_a_pause_is_asked_for_in_a_modal_and_the_home_page_changes(at_work: Office) -> None:
    await at_work.presses("ben", await look(at_work, "ben"), "Pause")
    await at_work.sends("ben", modal(at_work, "ben"), until="30 November")

    receipt = modal(at_work, "ben")
    assert "30 November" in f"{receipt.title}{receipt.words}"
    assert "Paused" in home(at_work, "ben").words
    assert "Ask me again" in home(at_work, "ben").buttons


async def test_a_day_that_is_not_ahead_is_refused_beside_its_field_and_the_home_page_stays(
    at_work: Office,
) -> None:
    await at_work.presses("ben", await look(at_work, "ben"), "Pause")

    await at_work.sends("ben", modal(at_work, "ben"), until="yesterday")

    assert modal(at_work, "ben").errors
    assert "Paused" not in home(at_work, "ben").words


async def test_why_opens_a_modal_and_leaves_the_home_page(at_work: Office) -> None:
    page = await look(at_work, "ben")

    await at_work.presses("ben", page, "Why me?")

    assert modal(at_work, "ben").title.startswith("Why you got")
    assert "happy to pay" in home(at_work, "ben").words


async def test_a_pause_from_the_modal_of_why_changes_the_home_page(at_work: Office) -> None:
    await at_work.presses("ben", await look(at_work, "ben"), "Why me?")

    await at_work.presses("ben", modal(at_work, "ben"), "Pause")
    await at_work.sends("ben", modal(at_work, "ben"), until="30 November")

    assert "Paused" in home(at_work, "ben").words


async def test_a_command_draws_the_home_page_anew(at_work: Office) -> None:
    await look(at_work, "ben")

    await at_work.types("ben", "checkin 3")

    assert "Saved: 3 of 5" in home(at_work, "ben").words


async def test_a_tap_on_a_card_draws_the_home_page_anew(at_work: Office) -> None:
    await look(at_work, "ben")

    await at_work.presses("ben", at_work.person("ben").dms[-1], "3")

    assert "Saved: 3 of 5" in home(at_work, "ben").words


async def test_a_form_draws_the_home_page_anew(at_work: Office) -> None:
    await look(at_work, "ana")
    form = await at_work.types("ana", "define-success Checkout retry")
    plan = {"change": "More of them complete their order", "measure": "Recovered", "baseline": "12 %"}

    await at_work.sends("ana", form, who="Shops", **plan, target="20 %", source="sheet", review_days="7 days")

    assert "Checkout retry" in home(at_work, "ana").words


async def test_words_in_direct_messages_draw_the_home_page_anew(at_work: Office) -> None:
    await look(at_work, "ben")

    await at_work.person("ben").dm("checkin 3")
    await at_work.quiet()

    assert "Saved: 3 of 5" in home(at_work, "ben").words


async def test_no_page_is_drawn_for_somebody_who_never_looked(at_work: Office) -> None:
    await at_work.types("ben", "checkin 3")

    assert published(at_work, "ben") == 0


async def test_reading_draws_nothing_anew(at_work: Office) -> None:
    await look(at_work, "ben")
    stood = published(at_work, "ben")

    await at_work.types("ben", "why")

    assert published(at_work, "ben") == stood


async def test_a_home_page_of_somebody_in_no_team_says_how_to_be_in_one(at_work: Office) -> None:
    at_work.slack.add_person("fay")

    page = await look(at_work, "fay")

    assert "You take part in no team" in page.words


async def test_a_guest_is_told_whom_it_is_for(at_work: Office) -> None:
    at_work.slack.add_person("gil", "guest")

    page = await look(at_work, "gil")

    assert "guests" in page.words
    assert page.buttons == []


async def test_a_button_of_a_page_of_yesterday_answers_and_draws_the_page_of_today(at_work: Office) -> None:
    page = await look(at_work, "ben")
    await at_work.go_to(MONDAY + timedelta(days=2, hours=2))

    await at_work.presses("ben", page, "4")

    assert "happy to pay" in home(at_work, "ben").words
    assert "4.0 of 5" in home(at_work, "ben").words


async def test_the_page_says_again_what_it_said_where_the_database_fails(
    at_work: Office, database_url: str
) -> None:
    page = await look(at_work, "ben")
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("alter table reflections rename to elsewhere")
        connection.commit()

    told = await at_work.presses("ben", page, "4")

    assert isinstance(told, Page)
    assert "did not work" in f"{told.title}{told.words}"
    assert "happy to pay" in home(at_work, "ben").words


async def test_where_slack_does_not_take_a_page_the_answer_is_saved_all_the_same(at_work: Office) -> None:
    page = await look(at_work, "ben")
    at_work.slack.fail("views.publish", error="internal_error")

    await at_work.person("ben").press(page, "4")
    await at_work.quiet()

    assert at_work.person("ben").errors == []
    assert "Saved: 4 of 5" in (await look(at_work, "ben")).words


async def test_a_page_is_sent_when_slack_has_taken_the_one_before_so_that_the_last_one_stands(
    at_work: Office,
) -> None:
    await look(at_work, "ben")
    await look(at_work, "chi")
    stood = published(at_work, "ben")
    at_work.slack.fail("views.publish", hang="after")
    ben = at_work.person("ben")

    await ben.command("/value checkin 3")
    await at_work.slack.until(lambda: at_work.slack.faults.held)
    await ben.command("/value checkin 5")
    await at_work.person("chi").command("/value checkin 2")
    await at_work.slack.until(lambda: "Saved: 2 of 5" in home(at_work, "chi").words)
    sent_meanwhile = published(at_work, "ben") - stood
    at_work.slack.release()
    await at_work.quiet()

    assert sent_meanwhile == 1
    assert "Saved: 5 of 5" in home(at_work, "ben").words


async def test_the_channel_is_told_nothing_of_a_home_page(at_work: Office) -> None:
    stood = len(at_work.slack.channel(CHANNEL).messages)

    await at_work.presses("ben", await look(at_work, "ben"), "4")

    assert len(at_work.slack.channel(CHANNEL).messages) == stood


@asynccontextmanager
async def another_process(at: Office, database_url: str) -> AsyncIterator[tuple[App, str]]:
    """Another process that serves the same workspace, and its address."""
    app = build(settings(database_url, at.slack, "http"), at.clock, deadline_s=PATIENCE_S)
    server = TestServer(routes(app))
    await server.start_server()
    await app.prepare()
    try:
        yield app, str(server.make_url("/"))
    finally:
        await server.close()
        await app.close()


@pytest.mark.parametrize("first", ["the one that published before", "the other"])
async def test_an_older_page_never_covers_a_newer_one_of_another_process(
    at_work: Office, database_url: str, first: str
) -> None:
    await look(at_work, "ben")
    async with another_process(at_work, database_url) as (other, url):
        urls = [at_work.url, url] if first == "the one that published before" else [url, at_work.url]
        at_work.slack.fail("views.publish", hang="on the way")
        at_work.slack.connect(urls[0])
        await at_work.person("ben").command("/value checkin 3")
        await at_work.slack.until(lambda: at_work.slack.faults.held)
        at_work.slack.connect(urls[1])
        await at_work.person("ben").command("/value checkin 5")
        await at_work.slack.until(lambda: "Saved: 5 of 5" in home(at_work, "ben").words)
        at_work.slack.release()
        await other.settle()
        await at_work.quiet()

    assert "Saved: 5 of 5" in home(at_work, "ben").words


async def test_a_page_that_takes_the_place_of_the_one_before_is_drawn_once(at_work: Office) -> None:
    await look(at_work, "ben")
    stood = published(at_work, "ben")

    await at_work.types("ben", "checkin 3")

    hashes = [call.args.get("hash") for call in at_work.slack.called("views.publish")]
    assert published(at_work, "ben") == stood + 1
    assert hashes[-1]
