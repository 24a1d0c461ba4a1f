"""Being asked nothing for a while: as people write it, refused where it cannot be, and over when they say so."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from handlers.messages import Form, Message
from storage import Store
from tests.handlers.initiatives.plan import inputs
from tests.handlers.retros.review import released
from tests.handlers.setup import questions, setup
from tests.world import CHANNEL, PEOPLE, World, words_of


async def paused_until(world: World, who: str = "ben") -> date | None:
    """The day before which a person is asked nothing."""
    async with world.reading() as connection:
        person = await Store(connection, 1).directory.person_called(who)
    assert person
    return person.paused_until


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("until Monday", date(2026, 11, 30)),
        ("monday", date(2026, 11, 30)),
        ("til wed", date(2026, 11, 25)),
        ("tomorrow", date(2026, 11, 24)),
        ("2 weeks", date(2026, 12, 7)),
        ("for 3 days", date(2026, 11, 26)),
        ("for two weeks.", date(2026, 12, 7)),
        ("a week", date(2026, 11, 30)),
        ("in 10 days", date(2026, 12, 3)),
        ("until 7 January", date(2027, 1, 7)),
        ("2026-12-24", date(2026, 12, 24)),
        ("through Friday", date(2026, 11, 28)),
        ("until next Monday", date(2026, 11, 30)),
        ("until the end of the month", date(2026, 12, 1)),
        ("UNTIL MONDAY!", date(2026, 11, 30)),
        ("for 366 days", date(2027, 11, 24)),
    ],
)
async def test_a_pause_is_read_as_people_write_it(world: World, words: str, until: date) -> None:
    message = await world.say("ben", f"pause {words}")

    assert message.title.startswith("You are not asked before ")
    assert await paused_until(world) == until


@pytest.mark.parametrize(("words", "until"), [("bis Montag", date(2026, 11, 30)), ("2 Wochen", date(2026, 12, 7))])
async def test_a_pause_can_be_written_in_the_persons_own_language(world: World, words: str, until: date) -> None:
    await world.say("chi", f"pause {words}")

    assert await paused_until(world, "chi") == until


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("yesterday", "is past"),
        ("until 23 November 2026", "over already"),
        ("2020-01-01", ""),
        ("today", "over already"),
        ("-3 days", ""),
        ("0 days", ""),
        ("2 years", "a year at most"),
        ("367 days", "a year at most"),
        ("until 2 January 2099", "a year at most"),
        ("until the cows come home", ""),
        ("9999999999999 weeks", ""),
        ("<!channel> {{ 7*7 }}", ""),
        ("مرحبا", ""),
        ("💥", ""),
    ],
)
async def test_what_is_no_pause_is_told_beside_the_field_and_the_text_stays(
    world: World, words: str, said: str
) -> None:
    form = await world.form("ben", f"pause {words}")

    assert list(form.errors) == ["until"]
    assert said in form.errors["until"]
    assert inputs(form) == {"until": words}
    assert await paused_until(world) is None


async def test_forty_thousand_characters_are_no_pause(world: World) -> None:
    form = await world.form("ben", f"pause {'x' * 40_000}")

    assert "40,000 characters" in form.errors["until"]
    assert inputs(form) == {"until": "x" * 40_000}


async def test_pause_without_words_opens_the_form(world: World) -> None:
    form = await world.form("ben", "pause")

    empty = await world.submit("ben", form)
    wrong = await world.submit("ben", form, until="whenever")
    right = await world.submit("ben", wrong, until="in 2 weeks")

    assert (form.title, form.errors) == ("Be asked nothing for a while", {})
    assert isinstance(empty, Form)
    assert list(empty.errors) == ["until"]
    assert inputs(wrong) == {"until": "whenever"}
    assert right.title == "You are not asked before Monday 7 December"


async def test_the_button_on_the_question_opens_the_same_form(world: World) -> None:
    await world.pass_days(1.2)

    form = await world.press("ben", world.chat.to("ben")[-1], "Away until")

    assert form.title == "Be asked nothing for a while"


async def test_nothing_is_asked_during_a_pause_and_again_on_the_day_named(world: World) -> None:
    message = await world.say("ben", "pause until Friday")

    await world.go_to(datetime(2026, 11, 26, 23, tzinfo=UTC))
    during = {who: questions(world, who) for who in PEOPLE}
    await world.go_to(datetime(2026, 11, 27, 9, 42, tzinfo=UTC))

    assert "That is up to and including Thursday 26 November." in words_of(message)
    assert during == {"ana": 3, "ben": 0, "chi": 3, "dev": 3, "eva": 3}
    assert questions(world, "ben") == 1


async def test_a_second_pause_takes_the_place_of_the_first(world: World) -> None:
    message = await world.say("ben", "pause 3 weeks")

    shorter = await world.submit("ben", await world.press("ben", message, "Another day"), until="Thursday")

    assert shorter.title == "You are not asked before Thursday 26 November"
    assert await paused_until(world) == date(2026, 11, 26)


async def test_resume_asks_again_from_the_next_working_day(world: World) -> None:
    await world.go_to(datetime(2026, 11, 24, 12, tzinfo=UTC))
    paused = await world.say("ben", "pause 3 weeks")

    resumed = await world.press("ben", paused, "Ask me again now")
    await world.go_to(datetime(2026, 11, 25, 9, 42, tzinfo=UTC))

    assert resumed.title == "You are asked again"
    assert "The next question comes Wednesday 25 November at 09:40." in words_of(resumed)
    assert questions(world, "ben") == 2


async def test_resume_without_a_pause_says_so(world: World) -> None:
    message = await world.say("ben", "resume")

    assert message.title == "You were not paused"
    assert "The next question comes Tuesday 24 November at 09:40." in words_of(message)


async def test_resume_speaks_of_the_next_question_and_not_of_a_review(world: World) -> None:
    await released(world)
    await world.go_to(datetime(2026, 11, 27, 12, tzinfo=UTC))
    await setup(world, hour="17:30")  # later in the day than the review comes

    message = await world.say("ana", "resume")

    assert "The next question comes Monday 30 November at 17:30." in words_of(message)


async def test_in_no_team_one_can_pause_and_resume_too(empty_world: World) -> None:
    paused = await empty_world.say("ben", "pause 2 weeks")
    resumed = await empty_world.say("ben", "resume")

    assert paused.title == "You are not asked before Monday 7 December"
    assert resumed.title == "You are asked again"
    assert "Nothing is due for you yet." in words_of(resumed)


async def test_a_pause_is_nobody_elses_business(world: World) -> None:
    before = len(world.chat.sent)

    message = await world.say("ben", "pause 2 weeks", channel=CHANNEL)

    assert isinstance(message, Message)
    assert "Nobody is told." in words_of(message)
    assert len(world.chat.sent) == before
    assert [await paused_until(world, who) for who in PEOPLE if who != "ben"] == [None] * 4
