"""The weekly pulse: asked once a week about the work in hand, answered in one tap, counted without names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from handlers.messages import Form, Message, Scale, Text
from handlers.pulses.command import Reading, readings
from handlers.pulses.turns import asked_about, middle
from storage import Store
from storage.reflections import Reflection, pulse
from tests.handlers.initiatives.plan import define, kept, lines, started
from tests.world import World, words_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WEDNESDAY = datetime(2026, 11, 25, 9, 45, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 16, 5, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
TITLE = "Checkout retry"
QUESTION = "Checkout retry: are we still focusing on value?"


async def answers(world: World, person: str, week: date = MONDAY) -> list[Reflection]:
    """A person's pulses of a week, about the first three initiatives."""
    async with world.reading() as connection:
        store = Store(connection, 1)
        who = await store.directory.person_called(person)
        assert who
        found = await store.reflections.to_all(who.id, [pulse(number) for number in (1, 2, 3)], week)
        return [found[question] for question in sorted(found)]


async def tap(world: World, person: str, answer: str, week: date = MONDAY, **more: str) -> Any:
    """One tap on a pulse of the first initiative."""
    return await world.tap(person, "pulse.save", initiative="#1", week=week.isoformat(), answer=answer, **more)


async def all_say(world: World, *said: str) -> None:
    """An answer each, from the first of the five on."""
    for person, answer in zip(("ana", "ben", "chi", "dev", "eva"), said, strict=False):
        await world.say(person, f"pulse {TITLE} {answer}")


async def test_it_comes_in_the_middle_of_the_week_inside_the_days_card(world: World) -> None:
    await started(world)

    await world.go_to(WEDNESDAY)

    card = world.chat.to("ben")[-1]
    assert card.title == "Would Shop owners be happy to pay for today?"
    assert QUESTION in lines(card)
    assert "Become a user" not in words_of(card)
    assert "without names in #checkout's summary" in words_of(card)


async def test_a_tap_in_the_days_card_answers_in_its_place(world: World) -> None:
    await started(world)
    await world.go_to(WEDNESDAY)

    reply = await world.press("ben", world.chat.to("ben")[-1], "Unsure")

    assert reply.title == "Would Shop owners be happy to pay for today?"
    assert "Checkout retry: you said unsure." in lines(reply)
    assert world.chat.to("ben")[-1] == reply
    assert [each.score for each in await answers(world, "ben")] == [2]


async def test_nothing_is_asked_while_nothing_is_built_or_all_is_answered(world: World) -> None:
    await define(world)
    await world.go_to(WEDNESDAY)
    idea = words_of(world.chat.to("ben")[-1])
    await world.press("ana", await world.say("ana", f"status {TITLE}"), "Start it")
    await world.say("ben", f"pulse {TITLE} yes")

    await world.go_to(WEDNESDAY + timedelta(hours=1))

    assert "focusing on value" not in idea
    assert "you said yes" in words_of(await world.say("ben", "pulse"))


async def test_an_answer_is_changed_explained_and_taken_back_on_its_card(world: World) -> None:
    await started(world)
    card = await world.say("ben", "pulse")

    saved = await world.press("ben", card, "Yes")
    why = await world.submit("ben", await world.press("ben", saved, "Why?"), why="they pay for it")
    form = await world.press("ben", why, "Edit")
    edited = await world.submit("ben", form, answer="no")
    found = await answers(world, "ben")
    undone = await world.press("ben", edited, "Undo")

    assert saved.title == "Checkout retry: your pulse is saved"
    assert "they pay for it" in words_of(why)
    assert {shown.name: shown.value for shown in form.inputs} == {"answer": "yes", "why": "they pay for it"}
    assert "you said no. Edited today at" in words_of(edited)
    assert [(each.score, each.sentence, each.is_late) for each in found] == [(1, "they pay for it", False)]
    assert undone.title == QUESTION
    assert await answers(world, "ben") == []


async def test_two_taps_leave_one_answer_and_the_last_one_stands(world: World) -> None:
    await started(world)

    await tap(world, "ben", "yes")
    await tap(world, "ben", "no")

    assert [each.score for each in await answers(world, "ben")] == [1]


async def test_several_pieces_of_work_share_one_card(world: World) -> None:
    for title in (TITLE, "Wallet"):
        await started(world, title=title)

    card = await world.say("ben", "pulse")
    reply = await world.press("ben", card, "No")

    assert card.title == "Are we still focusing on value?"
    assert [block.text for block in card.blocks[1:] if isinstance(block, Text)] == [TITLE, "Wallet"]
    assert sum(isinstance(block, Scale) for block in card.blocks) == 2
    assert "Checkout retry: you said no." in lines(reply)
    assert "Wallet" in lines(reply)


async def test_more_than_five_take_turns(world: World) -> None:
    for number in range(7):
        await started(world, title=f"Work {number}")

    seen = []
    for week in range(3):
        async with world.reading() as connection:
            context = await _context(world, Store(connection, 1))
            found = await asked_about(context, MONDAY + timedelta(days=7 * week))
            seen.append([each.title for each in found])

    assert [len(set(each)) for each in seen] == [5, 5, 5]
    assert set(seen[0]) | set(seen[1]) == {f"Work {number}" for number in range(7)}
    assert not set(seen[1][:2]) & set(seen[0])


def lines_of(form: Form) -> list[str]:
    """What stands above a form's fields."""
    return [block.text for block in form.intro if isinstance(block, Text)]


async def _context(world: World, store: Store) -> Any:
    from handlers.catalog import CATALOG
    from handlers.context import Context

    team = await store.teams.get(1)
    person = await store.directory.person_called("ben")
    return Context(person, team, None, None, world.clock.now(), store, CATALOG)


@pytest.mark.parametrize(
    ("typed", "score", "why"),
    [
        ("checkout retry no because shops leave", 1, "shops leave"),
        ("Checkout Retry yes", 3, ""),
        ("retry unsure, nobody asked them", 2, "nobody asked them"),
        ("retry not sure", 2, ""),
        ("#1 no", 1, ""),
        ("no because shops leave", 1, "shops leave"),
        ("yes", 3, ""),
    ],
)
async def test_an_answer_is_typed_in_one_line(world: World, typed: str, score: int, why: str) -> None:
    await started(world)

    reply = await world.say("ben", f"pulse {typed}")

    assert reply.title == "Checkout retry: your pulse is saved"
    assert [(each.score, each.sentence) for each in await answers(world, "ben")] == [(score, why)]


@pytest.mark.parametrize(
    ("typed", "title", "said"),
    [
        ("No-show reminders yes", "No-show reminders", "yes"),
        ("say no to spam unsure because of no", "Say no to spam", "unsure"),
    ],
)
async def test_a_title_with_an_answer_in_it_is_read_as_the_title(
    world: World, typed: str, title: str, said: str
) -> None:
    await started(world)
    await started(world, title=title)

    assert f"{title}: you said {said}." in lines(await world.say("ben", f"pulse {typed}"))


async def test_a_title_alone_asks_and_answers_nothing(world: World) -> None:
    await started(world)
    await started(world, title="Say no to spam")

    asked = await world.say("ben", "pulse say no")

    assert asked.title == "Say no to spam: are we still focusing on value?"
    assert await answers(world, "ben") == []


def test_a_typed_line_is_read_from_left_to_right(database_url: str) -> None:
    assert list(readings("retry no, yes or no-go")) == [
        Reading("retry", "no", "yes or no-go"),
        Reading("retry no", "yes", "or no-go"),
    ]


async def test_an_answer_to_nobody_knows_what_opens_the_form_with_all_that_was_typed(world: World) -> None:
    for title in (TITLE, "Wallet"):
        await started(world, title=title)

    form = await world.form("ben", "pulse no because shops leave")
    reply = await world.submit("ben", form, initiative="#2")

    assert lines_of(form) == ["Several things are being built. Which one is it about?"]
    assert {shown.name: shown.value for shown in form.inputs} == {
        "initiative": "",
        "answer": "no",
        "why": "shops leave",
    }
    assert "Wallet: you said no." in lines(reply)


async def test_what_is_not_being_built_has_no_pulse(world: World) -> None:
    nothing = await world.say("ben", "pulse")
    await define(world)
    await started(world, title="Wallet")
    idea = await world.say("ben", "pulse Checkout retry")

    assert nothing.title.startswith("Nothing is being built")
    assert [button.action for button in nothing.buttons] == ["start", "status"]
    assert idea.title.startswith("Checkout retry is not being built")
    assert [button.action for button in idea.buttons] == ["initiative.show"]


async def test_a_late_answer_counts_for_its_week_and_says_so(world: World) -> None:
    await started(world)
    await world.go_to(FRIDAY + timedelta(days=4))

    reply = await tap(world, "ben", "yes")
    await world.go_to(FRIDAY + timedelta(days=21))
    late = await tap(world, "eva", "yes")

    assert "Answered late." in words_of(reply)
    assert [each.is_late for each in await answers(world, "ben")] == [True]
    assert late.title == "That pulse was for the week of Monday 23 November"
    assert await answers(world, "eva") == []


async def test_the_summary_of_the_week_counts_without_names_and_stands(world: World) -> None:
    await started(world)
    await all_say(world, "yes", "yes", "no", "unsure", "yes")

    await world.go_to(FRIDAY)
    await world.say("ana", "pulse checkout retry no")
    later = await world.say("ana", "summary week")

    posted = world.chat.posted()[-1]
    assert "Still value: Checkout retry: 3 of 5 say yes, 1 unsure, 1 no" in lines(posted)
    assert "Still value: Checkout retry: 3 of 5 say yes, 1 unsure, 1 no" in lines(later)
    assert "Ana" not in words_of(posted)


async def test_below_the_floor_nothing_is_said(world: World) -> None:
    await started(world)
    await all_say(world, "no", "no", "no")

    await world.go_to(FRIDAY)

    assert world.chat.posted()
    assert "Still value" not in words_of(world.chat.posted()[-1])
    assert "Still value" not in words_of(await world.say("ana", f"status {TITLE}"))


async def test_one_more_answer_does_not_give_itself_away(world: World) -> None:
    await started(world)
    await all_say(world, "yes", "yes", "yes", "yes")
    before = await world.say("ana", "summary week")

    await world.say("eva", f"pulse {TITLE} no")
    after = await world.say("ana", "summary week")

    assert "Still value: Checkout retry: 4 of 4 say yes" in lines(before)
    assert "Still value: Checkout retry: 4 of 4 say yes" in lines(after)


async def test_a_pulse_is_no_check_in(world: World) -> None:
    await started(world)
    await all_say(world, "yes", "yes", "yes", "yes")

    message = await world.say("ana", "summary week")

    assert "of 5" not in message.title
    assert "Four" not in words_of(message)


async def test_status_shows_the_last_figures_and_an_alarm_after_two_weeks(world: World) -> None:
    await started(world)
    first = ""
    for week in range(2):
        await world.go_to(FRIDAY + timedelta(days=7 * week - 2))
        await all_say(world, "no", "unsure", "no", "yes")
        await world.go_to(FRIDAY + timedelta(days=7 * week))
        card = await world.say("eva", f"status {TITLE}")
        first = words_of(card) if week == 0 else first
    overview = await world.say("eva", "status")

    assert "Still value? 1 of 4 says yes, 1 unsure, 2 no, in the week of Mon 23 Nov." in first
    assert "For two weeks" not in first
    assert "in the week of Mon 30 Nov" in words_of(card)
    assert "For two weeks fewer than half have said" in words_of(card)
    assert "For two weeks fewer than half have said" in words_of(overview)


async def test_this_weeks_figures_are_seen_after_ones_own_answer(world: World) -> None:
    await started(world)
    await all_say(world, "no", "unsure", "no", "yes")
    await world.say("ana", "summary week")

    before = words_of(await world.say("eva", f"status {TITLE}"))
    await world.say("eva", f"pulse {TITLE} no")
    after = words_of(await world.say("eva", f"status {TITLE}"))

    assert "Still value?" not in before
    assert "Still value? 1 of 4 says yes" in after


async def test_pulses_are_exported_and_erased_with_what_else_is_mine(world: World) -> None:
    await started(world)
    await world.say("ben", "pulse retry no because shops leave")
    data = await world.press("ben", await world.say("ben", "my-data"), "Export as JSON")

    await world.tap("ben", "my-data.erase-now")

    assert "shops leave" in words_of(data)
    assert await answers(world, "ben") == []


async def test_nobody_answers_for_a_team_they_are_not_in(world: World) -> None:
    await started(world)

    refused = await world.tap("ben", "pulse.save", initiative="#99", week=MONDAY.isoformat(), answer="yes")
    form = await world.tap("ben", "pulse.edit", initiative="#1", week=MONDAY.isoformat())

    assert isinstance(refused, Message)
    assert refused.title.startswith("I cannot find that")
    assert isinstance(form, Form)
    assert (await kept(world))[0].id == 1


@pytest.mark.parametrize(
    ("days", "day"),
    [
        ((1, 2, 3, 4, 5), 3),
        ((1, 2, 3, 4), 3),
        ((7, 1, 2, 3, 4), 2),
        ((1, 5), 1),
        ((4,), 4),
        ((1, 2, 3, 4, 5, 6, 7), 4),
    ],
)
def test_the_middle_day_is_counted_from_the_first_after_the_rest(
    database_url: str, days: tuple[int, ...], day: int
) -> None:
    assert middle(days) == day
