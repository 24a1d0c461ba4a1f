"""The daily question, through the dispatcher and the clockwork."""

from __future__ import annotations

from datetime import date, timedelta

from handlers.checkins import QUESTION
from handlers.messages import Ask, Form, Message
from storage import Store
from storage.reflections import Reflection
from tests.world import CHANNEL, World, words_of

TUESDAY = date(2026, 11, 24)


async def kept(world: World, person: str, day: date) -> Reflection | None:
    """What is saved for a person and a day."""
    async with world.reading() as connection:
        store = Store(connection, 1)
        who = await store.directory.person_called(person)
        assert who
        return await store.reflections.get(who.id, QUESTION, day)


async def morning(world: World, person: str = "ben") -> Message:
    """The card that the first morning brings a person."""
    await world.pass_days(1.2)
    return next(m for m in world.chat.to(person) if m.title.startswith("Would "))


async def test_the_question_comes_on_the_morning_after_the_start_to_everybody(world: World) -> None:
    await world.pass_days(1.2)

    asked = [who for who in ("ana", "ben", "chi", "dev", "eva") if "Would Shop owners" in words_of_all(world, who)]
    assert asked == ["ana", "ben", "chi", "dev", "eva"]


def words_of_all(world: World, person: str) -> str:
    return " ".join(words_of(message) for message in world.chat.to(person))


async def test_one_tap_saves_and_turns_the_card_into_a_receipt(world: World) -> None:
    card = await morning(world)

    receipt = await world.press("ben", card, "4")

    saved = await kept(world, "ben", TUESDAY)
    assert saved
    assert (saved.score, saved.is_late) == (4, False)
    assert receipt.title == "Saved: 4 of 5"
    assert [button.label for button in receipt.buttons] == ["Add a sentence", "Edit", "Undo"]


async def test_the_sentence_on_the_card_travels_with_the_tap(world: World) -> None:
    card = await morning(world)

    await world.press("ben", card, "5", sentence="Asked three shops <b>today</b> @channel")

    saved = await kept(world, "ben", TUESDAY)
    assert saved
    assert saved.sentence == "Asked three shops <b>today</b> @channel"


async def test_a_typed_score_turns_the_card_in_the_chat_into_the_receipt_too(world: World) -> None:
    await morning(world)

    await world.say("ben", "checkin 2 waiting for the provider")

    assert world.chat.to("ben")[-1].title == "Saved: 2 of 5"
    assert not any(message.title.startswith("Would") for message in world.chat.to("ben"))


async def test_undo_takes_the_answer_back_and_asks_again(world: World) -> None:
    receipt = await world.press("ben", await morning(world), "4")

    card = await world.press("ben", receipt, "Undo")

    assert await kept(world, "ben", TUESDAY) is None
    assert card.title.startswith("Would Shop owners")


async def test_an_edit_starts_from_what_was_said_and_is_marked(world: World) -> None:
    receipt = await world.press("ben", await morning(world), "4", sentence="first")

    form = await world.press("ben", receipt, "Edit")
    again = await world.submit("ben", form, score="2")

    assert {shown.name: shown.value for shown in form.inputs}["sentence"] == "first"
    assert again.title == "Saved: 2 of 5"
    assert "Edited" in words_of(again)
    saved = await kept(world, "ben", TUESDAY)
    assert saved
    assert (saved.score, saved.sentence) == (2, "first")


async def test_an_answer_on_a_later_day_counts_for_its_own_day_and_is_marked_late(world: World) -> None:
    card = await morning(world)
    await world.pass_days(1)

    receipt = await world.press("ben", card, "3")

    saved = await kept(world, "ben", TUESDAY)
    assert saved
    assert saved.is_late
    assert "answered late" in words_of(receipt)


async def test_a_question_of_weeks_ago_says_so_and_offers_todays(world: World) -> None:
    card = await morning(world)
    await world.pass_days(20)

    reply = await world.press("ben", card, "3")

    assert await kept(world, "ben", TUESDAY) is None
    assert reply.title == "That question was for Tuesday 24 November"
    assert reply.buttons[0].label == "Today's question"


async def test_skip_leaves_the_day_out_and_can_be_answered_after_all(world: World) -> None:
    skipped = await world.press("ben", await morning(world), "Skip today")
    question = await world.press("ben", skipped, "Answer after all")

    await world.press("ben", question, "5")

    saved = await kept(world, "ben", TUESDAY)
    assert saved
    assert (saved.score, saved.edited_at) == (5, None)


async def test_snooze_asks_again_in_an_hour_and_not_before(world: World) -> None:
    snoozed = await world.press("ben", await morning(world), "In an hour")
    before = len(world.chat.to("ben"))

    await world.go_to(world.clock.now() + timedelta(minutes=59))
    early = len(world.chat.to("ben"))
    await world.go_to(world.clock.now() + timedelta(minutes=1))

    assert snoozed.title.startswith("I ask again today at")
    assert early == before
    assert len(world.chat.to("ben")) == before + 1


async def test_a_snoozed_question_answered_meanwhile_does_not_come_again(world: World) -> None:
    snoozed = await world.press("ben", await morning(world), "In an hour")
    await world.press("ben", await world.press("ben", snoozed, "Answer now"), "4")
    before = len(world.chat.to("ben"))

    await world.go_to(world.clock.now() + timedelta(hours=2))

    assert len(world.chat.to("ben")) == before


async def test_a_score_that_is_none_keeps_what_was_typed_and_says_what_a_score_is(world: World) -> None:
    for typed in ("9", "-1", "four", "4.5", "99999999999999999999"):
        form = await world.ask("ben", f"checkin {typed} a good day")

        assert isinstance(form, Form)
        assert "from 1" in form.errors["score"]
        assert {shown.name: shown.value for shown in form.inputs}["sentence"] == "a good day"
    assert await kept(world, "ben", date(2026, 11, 23)) is None


async def test_the_same_delivery_twice_is_answered_alike_and_saved_once(world: World) -> None:
    await morning(world)

    first = await world.ask("ben", "checkin 4 once", key="same")
    second = await world.ask("ben", "checkin 4 once", key="same")

    assert first == second
    saved = await kept(world, "ben", TUESDAY)
    assert saved
    assert saved.edited_at is None


async def test_somebody_in_no_team_is_told_how_to_get_one(empty_world: World) -> None:
    private = await empty_world.say("ben", "checkin 4")
    public = await empty_world.say("ben", "checkin 4", channel=CHANNEL)

    assert private.title.startswith("You are in no team")
    assert public.title.startswith("This channel is not a team yet")


async def test_the_question_names_a_rotating_tenet_that_changes_by_the_day(world: World) -> None:
    await world.pass_days(4.2)

    asked = {
        block.input.label
        for message in world.chat.to("ben")
        for block in message.blocks
        if isinstance(block, Ask) and block.input.name == "sentence"
    }
    assert len(asked) == 4


async def test_a_sentence_too_long_for_the_card_is_refused_in_words_and_given_back(world: World) -> None:
    card = await morning(world)

    reply = await world.press("ben", card, "4", sentence="x" * 1001)

    assert reply.title.startswith("That is 1,001 characters")
    assert "x" * 1001 in words_of(reply)
    assert await kept(world, "ben", TUESDAY) is None


async def test_a_day_skipped_and_answered_days_later_is_marked_late(world: World) -> None:
    skipped = await world.press("ben", await morning(world), "Skip today")
    await world.pass_days(2)

    receipt = await world.press("ben", await world.press("ben", skipped, "Answer after all"), "3")

    saved = await kept(world, "ben", TUESDAY)
    assert saved
    assert saved.is_late
    assert "answered late" in words_of(receipt)


async def test_an_answer_stays_with_the_team_it_was_given_for_and_its_promise(world: World) -> None:
    async with world.writing() as connection:
        store = Store(connection, 1)
        channel = await store.directory.keep_channel("other", name="#other")
        ben = await store.directory.person_called("ben")
        assert ben
        await store.directory.set_members(channel, [ben.id])
    await world.start_team("ben", "other", visibility="private")
    await world.say("ben", "checkin 4", channel=CHANNEL)

    seen_elsewhere = await world.say("ben", "checkin", channel="other")
    form = await world.press("ben", seen_elsewhere, "Edit", channel="other")
    edited = await world.submit("ben", form, channel="other", score="2")

    saved = await kept(world, "ben", date(2026, 11, 23))
    assert saved
    assert (saved.team_id, saved.score) == (1, 2)
    for card in (seen_elsewhere, edited):
        assert "Counted without your name in #checkout" in words_of(card)
