"""Reviews from the day to the summary, through the dispatcher and the clockwork."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from handlers.messages import Form, Message, Picture, Quote
from storage import Store
from storage.initiatives import Status
from storage.releases import Stage
from tests.handlers.initiatives.plan import inputs, kept, lines
from tests.handlers.retros.review import (
    DEADLINE,
    REVIEW_DAY,
    TITLE,
    answer,
    asked,
    card_of,
    closed,
    numbers,
    opened,
    outcome_of,
    question_of,
    released,
    retro_of,
    summaries,
    summary_of,
    thread,
    value_of,
)
from tests.world import CHANNEL, World, words_of

PEOPLE = ("ana", "ben", "chi", "dev", "eva")
HOSTILE = "<!channel> & *stars* {{ 7 * 7 }} <@U1|x> \\n `code`"


def asks(world: World, person: str) -> list[Message]:
    """The cards of the review that were sent to a person as a participant, old ones included."""
    words = (f"{TITLE}: how did it go?", f"{TITLE}: your answer is saved", f"{TITLE}: partly a success")
    sent = (message for message in world.chat.to(person) if not message.title.startswith("Still open"))
    return [message for message in sent if any(each in words_of(message) for each in words)]


def numbers_asked(world: World) -> int:
    """How often Ana was asked what it reached, by a card or within the card of a day."""
    sent = (message for message in world.chat.to("ana") if not message.title.startswith("Still open"))
    return sum("what did it reach?" in words_of(message) for message in sent)


async def test_the_whole_story_from_the_day_to_one_message_in_the_channel_with_a_thread(world: World) -> None:
    card = await asked(world)
    form = await world.press("ana", card, "Give the numbers")
    own = await world.submit("ana", form, **{value_of(form): "17.4 %", "events": "A long weekend"})
    await world.go_to(world.clock.now())
    for person in ("ben", "chi", "dev", "eva"):
        shown = lines(await question_of(world, person))[1].replace("17,4", "17.4")
        assert shown.startswith(
            "Failed payments recovered: planned 20\xa0%, reached 17.4\xa0%, from 12\xa0%: 68 %"
        )
    await answer(world, "ana", success="yes", why="Retries help cards", differently="Split by payment kind")
    await answer(world, "ben", success="partly", worth="partly", learned="Most failures are wallets")
    await world.go_to(DEADLINE)

    summary = summary_of(world)
    assert own.title == "Checkout retry: how did it go?"
    assert summary.title == "Checkout retry: partly a success"
    assert lines(summary) == [
        "Failed payments recovered: planned 20\xa0%, reached 17.4\xa0%, from 12\xa0%: 68 % of the way. "
        "Read from payments dashboard (Mon 30 Nov).",
        "By the measures: partly",
        "By the plan, the team says: yes (1), partly (1)",
        "Worth it to Shop owners: yes (1), partly (1)",
        "Furthest apart: On whether it was worth it. Ana Ruiz: yes; Ben Okafor: partly",
        "Answered: 2 of 5",
        "Also in these days: A long weekend",
        "Why, or why not:",
        "We learned:",
        "Next time:",
    ]
    assert [button.label for button in summary.buttons] == [
        "Read all answers",
        "Add an action",
        "Something to add?",
    ]
    assert "Ana Ruiz: by the plan yes, worth it yes" in thread(world)
    assert "Split by payment kind" in thread(world)
    assert (await kept(world))[0].status is Status.JUDGED


async def test_the_picture_says_the_same_in_words(world: World) -> None:
    summary = await closed(world)

    picture = next(block for block in summary.blocks if isinstance(block, Picture))
    assert picture.alt == "Failed payments recovered: from 12\xa0%, planned 20\xa0%, reached 17.4\xa0%."
    assert [(bar.value, round(bar.share, 2)) for bar in picture.bars] == [
        ("12\xa0%", 0.6),
        ("20\xa0%", 1.0),
        ("17.4\xa0%", 0.87),
    ]


async def test_the_owners_card_tells_the_plan_and_what_else_was_released(world: World) -> None:
    card = await asked(world)

    assert lines(card)[:2] == [
        "Planned:",
        "Failed payments recovered: 12\xa0% → 20\xa0%, read from payments dashboard",
    ]
    assert [button.label for button in card.buttons] == ["Give the numbers", "We cannot tell", "Look back later"]


async def test_the_form_for_the_numbers_starts_with_the_planned_source_and_today(world: World) -> None:
    form = await world.press("ana", await asked(world), "Give the numbers")

    assert list(inputs(form).values()) == ["", "payments dashboard", "2026-11-30", ""]
    assert [shown.label for shown in form.inputs][:2] == ["Failed payments recovered", "Where was that read?"]


async def test_what_cannot_be_told_is_told_so(world: World) -> None:
    form = await world.press("ana", await asked(world), "Give the numbers")

    card = await world.submit("ana", form, **{value_of(form): "cannot tell"})

    assert "nobody could tell what it reached" in words_of(card)
    assert (await retro_of(world)).stage is Stage.OPEN


async def test_numbers_that_cannot_be_taken_are_refused_beside_their_field_and_nothing_typed_is_lost(
    world: World,
) -> None:
    form = await world.press("ana", await asked(world), "Give the numbers")
    value = value_of(form)
    source = value.replace("value", "source")
    wrong = {
        value: ({value: "17.4 ms"}, "This counts in %"),
        source: ({value: "17.4", source: ""}, "Where did you read it"),
        "read_on": ({value: "17.4", "read_on": "tomorrow"}, "still to come"),
    }

    for field, (typed, sentence) in wrong.items():
        again = await world.submit("ana", form, events="A campaign", **typed)
        assert isinstance(again, Form)
        assert sentence in again.errors[field]
        assert inputs(again) == {**inputs(form), "events": "A campaign", **typed}
    assert (await retro_of(world)).stage is Stage.NUMBERS


async def test_numbers_can_be_corrected_until_the_review_closes(world: World) -> None:
    card = await opened(world)
    form = await world.press("ana", card, "Change the numbers")
    await world.submit("ana", form, **{value_of(form): "20"})

    for person in PEOPLE:
        await answer(world, person)
    late = await world.submit("ana", form, **{value_of(form): "12"})

    assert inputs(form)[value_of(form)] == "17.4\xa0%"
    assert "reached 20" in words_of(summary_of(world))
    assert late.title.startswith("Checkout retry: the review closed on")


async def test_an_owner_who_gives_no_numbers_is_reminded_once_and_then_not_waited_for(world: World) -> None:
    await asked(world)
    await world.pass_days(1)
    sent = numbers_asked(world)
    await world.pass_days(1)

    assert sent == 2
    assert (await retro_of(world)).stage is Stage.OPEN
    assert "nobody could tell" in words_of(await question_of(world, "ben"))
    assert numbers_asked(world) == 2


async def test_the_team_is_asked_even_where_the_owner_is_away(world: World) -> None:
    await released(world)
    await world.say("ana", "pause 3 weeks")
    await world.go_to(REVIEW_DAY + timedelta(days=2))

    assert (await retro_of(world)).stage is Stage.OPEN
    assert asks(world, "ben")
    assert not asks(world, "ana")


async def test_looking_back_later_moves_the_day_and_asks_again_then(world: World) -> None:
    card = await asked(world)
    form = await world.press("ana", card, "Look back later")
    moved = await world.submit("ana", form, review_on="in 2 weeks")
    await world.pass_days(7)
    before = (await retro_of(world)).stage
    await world.pass_days(7)

    assert moved.title == "Checkout retry: we look back on Monday 14 December"
    assert before is Stage.PLANNED
    assert (await retro_of(world)).stage is Stage.NUMBERS
    assert numbers_asked(world) == 2  # on the first day, and on the day it was moved to


async def test_looking_back_early_is_asked_twice_and_starts_with_the_numbers(world: World) -> None:
    form = await world.press("ana", await asked(world), "Look back later")
    await world.submit("ana", form, review_on="in 2 weeks")

    planned = await world.say("ben", f"retro {TITLE}")
    card = await world.press("ben", planned, "Look back now")

    assert planned.title == "Checkout retry: we look back on Monday 14 December"
    assert "The less time it had" in planned.buttons[0].confirm
    assert "Ana Ruiz is asked for the numbers" in words_of(card)
    assert (await numbers(world, card, "ben")).title == "Checkout retry: how did it go?"


async def test_everybody_is_asked_in_their_own_working_hours(world: World) -> None:
    card = await asked(world)
    await world.go_to(world.clock.now() + timedelta(hours=9))
    await numbers(world, card)

    evening = [len(asks(world, person)) for person in PEOPLE]
    await world.go_to(DEADLINE.replace(day=1, hour=8, minute=42))
    berlin = [len(asks(world, person)) for person in PEOPLE]
    await world.go_to(DEADLINE.replace(day=1, minute=42))
    london = [len(asks(world, person)) for person in PEOPLE]

    assert (evening, berlin, london) == ([0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [1, 1, 1, 1, 1])


async def test_guests_paused_people_and_leavers_are_not_asked_and_not_counted(world: World) -> None:
    card = await asked(world)
    await world.say("ben", "pause 2 weeks")
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        for person, profile in (("dev", {"is_active": False}), ("eva", {"is_bot": True})):
            name = {"dev": "Dev Patel", "eva": "Eva Lindqvist"}[person]
            found = await directory.person_called(person)
            assert found
            kept_as = {"name": name, "does": "", "zone": found.zone, "locale": found.locale, "role": found.role}
            await directory.keep_person(person, world.clock.now(), **kept_as, **profile)
    await numbers(world, card)

    receipt = await answer(world, "ana")
    await world.pass_days(1)

    assert [len(asks(world, person)) for person in ("ben", "chi", "dev", "eva")] == [0, 1, 0, 0]
    assert "1 of 2 has answered" in words_of(receipt)


async def test_somebody_who_was_not_asked_may_answer_and_is_counted_then(world: World) -> None:
    card = await asked(world)
    await world.say("ben", "pause 2 weeks")
    await numbers(world, card)

    receipt = await answer(world, "ben")

    assert "1 of 5 has answered" in words_of(receipt)


async def test_an_answer_is_confirmed_on_the_same_card_and_can_be_edited_until_it_closes(world: World) -> None:
    await opened(world)
    card = await question_of(world, "ben")
    form = await world.press("ben", card, "Answer")
    receipt = await world.submit("ben", form, success="no", worth="unknown", why="first")
    again = await world.press("ben", receipt, "Edit")
    changed = await world.submit("ben", again, worth="yes")

    assert lines(receipt)[:2] == [
        "1 of 5 has answered; it closes on Thursday 3 December at the latest.",
        "You said: by the plan No; worth it to Shop owners: Cannot tell.",
    ]
    assert inputs(again) == {"success": "no", "worth": "unknown", "why": "first", "learned": "", "differently": ""}
    assert "worth it to Shop owners: Yes" in words_of(changed)
    assert (await question_of(world, "ben")).title == "Checkout retry: your answer is saved"


async def test_nobody_learns_anything_of_others_answers_before_it_closes(world: World) -> None:
    await opened(world)
    await answer(world, "ben", success="no", worth="no", why="secret reason", learned="secret lesson")

    seen = [
        await world.say("dev", f"retro {TITLE}"),
        await world.tap("dev", "retro.read", retro=str((await retro_of(world)).id)),
        await answer(world, "dev"),
    ]

    assert not any("secret" in words_of(message) or "Ben" in words_of(message) for message in seen)
    assert seen[1].title.startswith("Checkout retry: its review is open until Thursday 3 December")
    assert (await outcome_of(world)).withheld == "open"
    assert (await outcome_of(world)).success == ()


async def test_who_has_not_answered_is_reminded_once(world: World) -> None:
    await opened(world)
    await answer(world, "ben")
    await world.go_to(DEADLINE - timedelta(minutes=1))

    assert [len(asks(world, person)) for person in PEOPLE] == [1, 0, 2, 2, 2]


async def test_it_closes_when_the_last_one_answers_and_not_again_at_the_deadline(world: World) -> None:
    summary = await closed(world)
    await world.go_to(DEADLINE + timedelta(days=1))

    assert "Answered: 5 of 5" in lines(summary)
    assert len(summaries(world)) == 1
    assert (await retro_of(world)).stage is Stage.CLOSED
    assert all([(await question_of(world, person)).title == summary.title for person in ("ben", "dev")])


async def test_the_last_answers_at_the_same_moment_close_it_once(world: World) -> None:
    await opened(world)
    await answer(world, "ana")
    forms = {
        person: await world.press(person, await question_of(world, person), "Answer")
        for person in ("ben", "chi", "dev", "eva")
    }

    await asyncio.gather(
        *(world.submit(person, form, success="yes", worth="no") for person, form in forms.items())
    )
    await world.app.settle()

    assert "Answered: 5 of 5" in lines(summary_of(world))
    assert (await outcome_of(world)).answered == 5
    assert [sent.edits for sent in world.chat.sent if sent.message == summary_of(world)] == [0]


async def test_the_last_answer_at_the_very_deadline_closes_it_once(world: World) -> None:
    await opened(world)
    for person in ("ana", "ben", "chi", "dev"):
        await answer(world, person)
    form = await world.press("eva", await question_of(world, "eva"), "Answer")
    world.clock.set(DEADLINE)

    await asyncio.gather(world.submit("eva", form, success="yes", worth="no"), world.app.tick())
    await world.app.tick()

    assert summary_of(world).title == "Checkout retry: partly a success"
    assert (await outcome_of(world)).answered in (4, 5)


async def test_a_review_that_nobody_answers_closes_with_what_the_measures_say(world: World) -> None:
    await opened(world)
    await world.go_to(DEADLINE)

    summary = summary_of(world)
    assert summary.title == "Checkout retry: partly a success"
    assert "Nobody answered, so only the measures speak." in lines(summary)
    assert world.chat.posted(in_threads=True) == []


async def test_the_owner_or_a_lead_may_close_early_and_nobody_else(world: World) -> None:
    await opened(world)
    receipt = await answer(world, "ben")
    owners = await world.say("ana", f"retro {TITLE}")

    refused = await world.tap("ben", "retro.close", retro=str((await retro_of(world)).id))
    done = await world.press("ana", owners, "Close it now")
    twice = await world.press("ana", owners, "Close it now")

    assert not any(button.label == "Close it now" for button in receipt.more)
    assert refused.title.startswith("Only the owner or a lead")
    assert done.title == "Checkout retry: partly a success"
    assert twice.title.startswith(
        "Checkout retry: the review closed on Monday 30 November, so nothing was changed"
    )
    assert twice.buttons[0].label == "See the summary"
    assert "Answered: 1 of 5" in lines(summary_of(world))


async def test_an_answer_on_its_way_when_it_closes_is_not_lost(world: World) -> None:
    card = await opened(world)
    form = await world.press("ben", await question_of(world, "ben"), "Answer")
    await world.press("ana", card, "Close it now")

    reply = await world.submit("ben", form, success="yes", worth="yes", why="my long words")

    assert reply.title.startswith("Checkout retry: the review closed on")
    assert Quote("my long words") in reply.blocks


async def test_hostile_words_are_kept_and_shown_letter_for_letter(world: World) -> None:
    await opened(world)
    for person in PEOPLE:
        await answer(world, person, why=HOSTILE)

    quotes = [block for block in summary_of(world).blocks if isinstance(block, Quote)]
    assert {quote.text for quote in quotes} == {HOSTILE}


async def test_words_that_are_too_long_come_back_with_all_that_was_typed(world: World) -> None:
    await opened(world)
    form = await world.press("ben", await question_of(world, "ben"), "Answer")
    long = "word " * 8000

    again = await world.submit("ben", form, success="yes", worth="no", why=long, learned="kept")

    assert isinstance(again, Form)
    assert "40,000 characters; 3,000 fit here" in again.errors["why"]
    assert inputs(again) == {"success": "yes", "worth": "no", "why": long, "learned": "kept", "differently": ""}


async def test_long_answers_are_shortened_in_the_channel_and_whole_in_the_thread(world: World) -> None:
    await opened(world)
    for person in PEOPLE:
        await answer(world, person, why=person * 900)

    summary = summary_of(world)
    quotes = [block for block in summary.blocks if isinstance(block, Quote)]
    replies = world.chat.posted(in_threads=True)
    assert [len(quote.text) for quote in quotes] == [280, 280, 280]
    assert "in the thread" in words_of(summary)
    assert all(person * 900 in thread(world) for person in PEOPLE)
    assert len(replies) == 3
    assert all(len(words_of(reply)) < 9000 for reply in replies)


async def test_all_answers_can_be_read_in_private(world: World) -> None:
    summary = await closed(world)

    reply = await world.press("eva", summary, "Read all answers", channel=CHANNEL)

    assert reply.title == "Checkout retry: all answers"
    assert Quote("dev knows why", "Dev Patel") in reply.blocks


async def test_the_command_shows_the_summary_of_a_closed_review(world: World) -> None:
    summary = await closed(world)

    assert (await world.say("ana", f"retro {TITLE}")).title == summary.title


async def test_a_review_of_what_is_not_out_says_so(world: World) -> None:
    nothing = await world.say("ana", "retro")
    await asked(world)
    form = await world.form("ana", "retro")

    assert nothing.title.startswith("Nothing has been released yet")
    assert [choice.label for choice in form.inputs[0].choices] == [TITLE]


async def test_a_second_release_keeps_the_work_unjudged_until_its_own_review(world: World) -> None:
    await opened(world)
    card = await world.say("ana", f"release {TITLE}")
    await world.press("ana", card, "Release it again")
    await world.go_to(DEADLINE)

    async with world.reading() as connection:
        retros = await Store(connection, 1).retros.of_initiative((await kept(world))[0].id)
    assert [retro.stage for retro in retros] == [Stage.PLANNED, Stage.CLOSED]
    assert (await kept(world))[0].status is Status.RELEASED


async def test_nothing_is_posted_to_a_channel_that_another_organisation_shares(world: World) -> None:
    await opened(world)
    async with world.writing() as connection:
        await Store(connection, 1).directory.keep_channel(CHANNEL, is_shared=True)
    before = len(world.chat.posted()) + len(world.chat.posted(in_threads=True))
    await answer(world, "ben", why="not for others")
    await world.go_to(DEADLINE)

    assert len(world.chat.posted()) + len(world.chat.posted(in_threads=True)) == before
    assert "shared with another organisation" in words_of(card_of(world, "ana", "partly a success"))
    assert not any("shared with another" in words_of(message) for message in world.chat.to("dev"))


async def test_somebody_taken_out_of_the_team_is_not_waited_for(world: World) -> None:
    await opened(world)
    form = await world.form("ana", "setup", channel=CHANNEL)
    people = {shown.name: shown.value for shown in form.inputs}["people"].split(",")
    await world.submit("ana", form, channel=CHANNEL, people=",".join(people[:4]))

    for person in ("ana", "ben", "chi", "dev"):
        await answer(world, person)

    assert summaries(world)


async def test_status_says_until_when_a_review_that_is_going_on_may_be_answered(world: World) -> None:
    await opened(world)

    board = await world.say("ben", "status")

    assert "being reviewed until" in words_of(board)
