"""What becomes of a summary: without names, with additions, with actions, and after somebody erased themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.messages import Form, Message, Quote
from storage import Store
from storage.releases import Outcome
from tests.handlers.initiatives.plan import inputs, lines
from tests.handlers.retros.review import (
    DEADLINE,
    answer,
    card_of,
    closed,
    opened,
    outcome_of,
    retro_of,
    summary_of,
    thread,
)
from tests.handlers.retros.review import summaries as posted
from tests.handlers.setup import erase
from tests.world import CHANNEL, PEOPLE, World, words_of

NAMES = [name for name, *_ in PEOPLE.values()]
ACTION = {
    "trigger": "most failures are wallets",
    "deed": "tries provider B",
    "due": "15 January",
    "sign": "wallet recoveries",
}


async def set_up(world: World, **changes: str) -> None:
    """Ana changes how the team is set up."""
    form = await world.form("ana", "setup", channel=CHANNEL)
    reply = await world.submit("ana", form, channel=CHANNEL, **changes)
    assert isinstance(reply, Message), reply.errors


async def act(world: World, person: str, card: Message, **said: str) -> Message | Form:
    """An action added from a card."""
    form = await world.press(person, card, "Add an action", channel=CHANNEL)
    assert isinstance(form, Form), form
    reply: Message | Form = await world.submit(person, form, channel=CHANNEL, **{**ACTION, **said})
    return reply


async def number(world: World, person: str) -> str:
    """A person's number, as a choice carries it."""
    async with world.reading() as connection:
        found = await Store(connection, 1).directory.person_called(person)
    assert found
    return str(found.id)


async def anonymous(world: World, people: tuple[str, ...]) -> Message:
    """The summary of a review without names that these people answered."""
    await set_up(world, retro_visibility="anonymous")
    await opened(world)
    for person in people:
        await answer(world, person, why=f"because {person}", learned=f"lesson {person}")
    await world.go_to(DEADLINE)
    return summary_of(world)


async def test_without_names_four_answers_are_counted_and_nobody_is_named(world: World) -> None:
    summary = await anonymous(world, ("ana", "ben", "chi", "dev"))

    everything = words_of(summary) + thread(world)
    assert "By the plan, the team says: partly (4)" in lines(summary)
    assert "because dev" in everything
    assert not any(name in everything for name in NAMES)
    assert [button.label for button in summary.buttons] == ["Read all answers", "Add an action"]


async def test_without_names_fewer_than_four_answers_stay_with_their_authors(world: World) -> None:
    summary = await anonymous(world, ("ana", "ben", "chi"))

    read = await world.press("eva", summary, "Read all answers", channel=CHANNEL)
    everything = words_of(summary) + thread(world) + words_of(read)
    assert any(line.startswith("Fewer than 4 people answered.") for line in lines(summary))
    assert "because" not in everything
    assert "the team says" not in everything
    assert not any(line.startswith("Answered") for line in lines(summary))


async def test_without_names_words_are_in_no_order_that_tells_which_belong_together(world: World) -> None:
    await set_up(world, retro_visibility="anonymous")
    await opened(world)
    for person, why, learned in (
        ("ana", "d", "1"),
        ("ben", "c", "2"),
        ("chi", "b", "3"),
        ("dev", "a", "4"),
        ("eva", "e", "0"),
    ):
        await answer(world, person, why=why, learned=learned)

    outcome = await outcome_of(world)
    assert [voice.text for voice in outcome.why] == ["a", "b", "c", "d", "e"]
    assert [voice.text for voice in outcome.learned] == ["0", "1", "2", "3", "4"]
    assert outcome.votes == ()


async def test_what_was_promised_when_it_opened_holds_whatever_the_team_chooses_later(world: World) -> None:
    await set_up(world, retro_visibility="anonymous")
    await opened(world)
    await set_up(world, retro_visibility="by_name")
    for person in ("ana", "ben", "chi", "dev"):
        await answer(world, person, why=f"because {person}")
    await world.go_to(DEADLINE)

    assert not any(name in words_of(summary_of(world)) + thread(world) for name in NAMES)


@pytest.mark.parametrize("floor", [4, 5, 6])
async def test_the_floor_is_held_by_storage(world: World, floor: int) -> None:
    await anonymous(world, ("ana", "ben", "chi", "dev"))

    outcome = await outcome_of(world, floor)

    withheld = Outcome(asked=5, answered=4, withheld="floor")
    assert (outcome == withheld) == (floor > 4)


async def test_without_names_nothing_can_be_added_later(world: World) -> None:
    await anonymous(world, ("ana", "ben", "chi", "dev"))

    reply = await world.tap("eva", "retro.add", retro=str((await retro_of(world)).id))

    assert "one that comes alone now would stand out" in reply.title


async def test_who_did_not_answer_in_time_can_add_it_later_without_changing_the_counts(world: World) -> None:
    await opened(world)
    await answer(world, "ana", success="yes")
    await world.go_to(DEADLINE)
    summary = summary_of(world)

    form = await world.press("eva", summary, "Something to add?", channel=CHANNEL)
    reply = await world.submit("eva", form, channel=CHANNEL, success="no", worth="no", why="two double charges")

    assert reply.title == "Checkout retry: added to its summary"
    assert "By the plan, the team says: yes (1)" in lines(summary_of(world))
    assert "Answered: 1 of 5" in lines(summary_of(world))
    assert "Eva Lindqvist, later: by the plan no, worth it no" in thread(world)
    assert "two double charges" in thread(world)


async def test_who_answered_can_add_words_and_their_verdict_stays_as_it_was(world: World) -> None:
    summary = await closed(world)

    form = await world.press("ben", summary, "Something to add?", channel=CHANNEL)
    await world.submit("ben", form, channel=CHANNEL, more="Provider B answered")

    assert list(inputs(form)) == ["more"]
    assert "Ben Okafor: by the plan partly, worth it yes" in thread(world)
    assert "ben learned\\n\\nAdded Monday 30 November: Provider B answered" in thread(world)


async def test_additions_end_after_two_weeks(world: World) -> None:
    summary = await closed(world)
    await world.pass_days(15)

    reply = await world.press("ben", summary, "Something to add?", channel=CHANNEL)

    assert "Answers are taken for 14 days" in reply.title


async def test_an_action_joins_the_summary_that_stands_and_its_person_is_told(world: World) -> None:
    summary = await closed(world)

    reply = await act(world, "ana", summary, assignee=await number(world, "dev"))

    line = (
        "If most failures are wallets, then Dev Patel: tries provider B, by Friday 15 January 2027. "
        "We will know by: wallet recoveries."
    )
    assert isinstance(reply, Message)
    assert line in lines(reply)
    assert line in lines(summary_of(world))
    assert line in lines(card_of(world, "dev", "Ana Ruiz put you down for an action of Checkout retry"))


async def test_an_action_typed_as_a_whole_sentence_still_reads_as_one(world: World) -> None:
    summary = await closed(world)

    reply = await act(world, "ana", summary, trigger="If wallets fail,", deed="asks B.", sign="fewer calls.")

    assert isinstance(reply, Message)
    assert lines(reply)[0].startswith("If wallets fail, then Ana Ruiz: asks B, by Friday")
    assert lines(reply)[0].endswith("We will know by: fewer calls.")


async def test_an_action_of_an_open_review_waits_for_the_summary(world: World) -> None:
    card = await opened(world)
    await act(world, "ana", card)
    before = posted(world)
    await world.go_to(DEADLINE)

    assert before == []
    assert any("tries provider B" in line for line in lines(summary_of(world)))


async def test_an_action_in_the_past_or_without_a_sign_is_refused_beside_its_field(world: World) -> None:
    summary = await closed(world)

    past = await act(world, "ana", summary, due="yesterday")
    without = await act(world, "ana", summary, sign="")

    assert isinstance(past, Form)
    assert isinstance(without, Form)
    assert set(past.errors) == {"due"}
    assert set(without.errors) == {"sign"}
    assert inputs(past)["deed"] == "tries provider B"
    assert not any("provider B" in line for line in lines(summary_of(world)))


async def test_after_erasing_the_words_and_names_are_gone_and_the_counts_stay(world: World) -> None:
    summary = await closed(world)
    await act(world, "ana", summary, assignee=await number(world, "ben"))

    await erase(world, "ben")

    everything = words_of(summary_of(world)) + thread(world)
    assert "ben knows why" not in everything
    assert "Ben Okafor" not in everything
    assert "somebody who has left the record: by the plan partly, worth it yes" in thread(world)
    assert "By the plan, the team says: partly (5)" in lines(summary_of(world))
    assert "Answered: 5 of 5" in lines(summary_of(world))
    assert any(
        line.startswith("If most failures are wallets, then somebody: ") for line in lines(summary_of(world))
    )


async def test_a_reply_that_is_not_needed_any_more_keeps_no_words(world: World) -> None:
    await opened(world)
    await answer(world, "ana", why="a" * 2900, learned="b" * 2900, differently="c" * 2900)
    await world.go_to(DEADLINE)
    before = len(world.chat.posted(in_threads=True))

    await erase(world, "ana")

    assert before == 2
    assert "bbb" not in thread(world)
    assert "ccc" not in thread(world)
    assert [message.title for message in world.chat.posted(in_threads=True)][1] == "Nothing more to read here"


async def test_a_review_that_closes_late_still_closes(world: World) -> None:
    await opened(world)
    world.clock.set(DEADLINE + timedelta(days=40))

    await world.app.tick()

    assert summary_of(world).title == "Checkout retry: partly a success"


async def test_all_words_of_one_person_are_quoted_with_their_name(world: World) -> None:
    summary = await closed(world)

    assert Quote("ana knows why", "Ana Ruiz") in summary.blocks
