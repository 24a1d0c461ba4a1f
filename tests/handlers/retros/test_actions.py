"""Actions: listed, asked about on their day, done or not needed, and whether what was to be seen showed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.messages import Form, Message, Scale
from storage import Store
from storage.releases import Action
from tests.handlers.initiatives.plan import lines
from tests.handlers.retros.review import answer, numbers, released, retro_of, summary_of
from tests.world import World, words_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FRIDAY = datetime(2026, 12, 4, 9, 45, tzinfo=UTC)
DEED = "tries provider B"


async def promised(world: World, who: str = "ben", due: str = "4 December", deed: str = DEED) -> Message:
    """Something that follows from the review, put down by Ana; what she is told."""
    retro = await retro_of(world)
    form = await world.tap("ana", "retro.action", retro=str(retro.id))
    assert isinstance(form, Form), form
    async with world.reading() as connection:
        person = await Store(connection, 1).directory.person_called(who)
    assert person
    values = {"trigger": "failures are wallets", "deed": deed, "due": due, "sign": "wallet recoveries"}
    reply = await world.submit("ana", form, assignee=str(person.id), **values)
    assert isinstance(reply, Message), reply.errors
    await world.say(who, "checkin 4")  # whoever does not react is asked less often
    return reply


async def action(world: World, number: int = 1) -> Action:
    """An action as it is kept."""
    async with world.reading() as connection:
        found = await Store(connection, 1).retros.action(number)
    assert found
    return found


def asked(world: World, person: str) -> list[Message]:
    """The cards to a person that ask about an action."""
    return [card for card in world.chat.to(person) if f"Due today: {DEED}" in words_of(card)]


async def wake(world: World, at: datetime) -> None:
    """The bot is back after a while, just before a morning, and lives through it."""
    world.clock.set(at - timedelta(minutes=30))
    await world.app.tick()
    await world.go_to(at)


async def pressed(world: World, card: Message, label: str, **inputs: str) -> Any:
    """Ben presses a button in one of the rows inside a card."""
    rows = tuple(block for block in card.blocks if isinstance(block, Scale))
    return await world.press("ben", Message("", rows), label, **inputs)


async def opened(world: World) -> Message:
    """A review that is open, looked back on before its day."""
    await released(world)
    retro = await retro_of(world)
    return await numbers(world, await world.tap("ana", "retro.early", retro=str(retro.id)))


async def reminders(world: World) -> list[Any]:
    """When the assignee is to be asked."""
    async with world.reading() as connection:
        found = [
            await Store(connection, 1).schedules.called(key) for key in ("action-due:1", "action-due:1:again")
        ]
    return [each.next_due_at for each in found if each and each.next_due_at]


async def test_mine_come_first_and_what_is_overdue_says_so(world: World) -> None:
    await opened(world)
    await promised(world, "chi", "3 December", "asks five shops")
    await promised(world, "ben", "1 December")
    world.clock.set(FRIDAY - timedelta(days=2))

    message = await world.say("ben", "actions")

    assert message.title == "Checkout: 2 actions to do, 1 overdue"
    assert lines(message) == [
        "Yours:",
        "Overdue: You: tries provider B, was due Tuesday 1 December. We will know by: wallet recoveries.",
        "The team's:",
        "Chi Nguyen: asks five shops, by Thursday 3 December. We will know by: wallet recoveries.",
    ]


async def test_where_there_is_nothing_to_do_the_way_there_is_told(world: World) -> None:
    message = await world.say("ben", "actions")

    assert message.title == "Checkout: no action to do"
    assert "follow from reviews" in words_of(message)


async def test_the_assignee_is_asked_on_the_day_inside_its_card(world: World) -> None:
    await opened(world)
    await promised(world)

    await wake(world, FRIDAY)

    assert [card.title for card in asked(world, "ben")] == ["Would Shop owners be happy to pay for today?"]
    assert asked(world, "ana") == []


async def test_done_in_the_days_card_asks_there_whether_the_sign_showed(world: World) -> None:
    await opened(world)
    await promised(world)
    await wake(world, FRIDAY)

    done = await pressed(world, asked(world, "ben")[0], "Done")
    told = await pressed(world, done, "No", outcome="three a week, as before")

    assert done.title == told.title == "Would Shop owners be happy to pay for today?"
    assert "We said we would know by: wallet recoveries. Did it show?" in lines(done)
    assert "It did not show: wallet recoveries." in lines(told)
    kept = await action(world)
    assert (kept.shown, kept.outcome, kept.is_open) == ("no", "three a week, as before", False)


async def test_once_more_a_week_later_and_then_never(world: World) -> None:
    await opened(world)
    await promised(world)

    for days in (0, 7, 14):
        await wake(world, FRIDAY + timedelta(days=days))

    again = [card for card in world.chat.to("ben") if f"Was due Friday 4 December: {DEED}" in words_of(card)]
    assert (len(asked(world, "ben")), len(again)) == (1, 1)


@pytest.mark.parametrize("label", ["Done", "Not needed any more"])
async def test_what_is_closed_is_not_asked_about(world: World, label: str) -> None:
    await opened(world)
    await promised(world)
    card = await world.press("ben", await world.say("ben", "actions"), DEED)

    reply = await world.press("ben", card, label)
    await wake(world, FRIDAY)

    assert reply.title.startswith(label)
    assert await reminders(world) == []
    assert asked(world, "ben") == []


async def test_a_new_date_moves_both_reminders(world: World) -> None:
    await opened(world)
    await promised(world)
    card = await world.press("ben", await world.say("ben", "actions"), DEED)

    form = await world.press("ben", card, "New date")
    reply = await world.submit("ben", form, due="18 December")

    assert form.inputs[0].label == "By when: tries provider B?"
    assert "by Friday 18 December" in words_of(reply)
    assert [each.date().isoformat() for each in await reminders(world)] == [
        "2026-12-18",
        "2026-12-29",
    ]  # after Christmas


async def test_a_day_in_the_past_is_refused_beside_its_field(world: World) -> None:
    await opened(world)
    await promised(world)

    form = await world.tap("ben", "action.date", action="1", due="yesterday")

    assert isinstance(form, Form)
    assert list(form.errors) == ["due"]


async def test_what_was_said_too_soon_is_taken_back(world: World) -> None:
    await opened(world)
    await promised(world)
    done = await world.tap("ben", "action.done", action="1")

    open_again = await world.press("ben", done, "Not done after all")

    assert open_again.title == f"To do: {DEED}"
    assert len(await reminders(world)) == 2


async def test_too_early_leaves_the_question_open(world: World) -> None:
    await opened(world)
    await promised(world)

    early = await world.press("ben", await world.tap("ben", "action.done", action="1"), "Too early")
    later = await world.press("ben", early, "Yes")

    assert "Too early to tell" in words_of(early)
    assert "It showed: wallet recoveries." in lines(later)


async def test_somebody_else_may_close_it_and_is_named_to_the_assignee(world: World) -> None:
    await opened(world)
    await promised(world)
    told = [card for card in world.chat.to("ben") if "put you down" in card.title]

    await world.tap("chi", "action.done", action="1")
    card = await world.tap("ben", "action.show", action="1")

    assert told
    assert "Done on Monday 23 November, said by Chi Nguyen." in lines(card)
    assert any(card.title == f"Done: {DEED}" for card in world.chat.to("ben"))


async def test_the_summary_in_the_channel_says_what_became_of_it(world: World) -> None:
    await opened(world)
    for person in ("ana", "ben", "chi", "dev", "eva"):
        await answer(world, person)
    await promised(world)

    await world.press("ben", await world.tap("ben", "action.done", action="1"), "Yes")

    assert "wallet recoveries. Done, and it showed." in words_of(summary_of(world))


async def test_help_and_the_home_show_what_is_due(world: World) -> None:
    await opened(world)
    await promised(world)
    world.clock.set(FRIDAY)

    told = await world.say("ben", "help")
    home = await world.say("ben", "me")
    card = await world.press("ben", home, DEED)

    assert "tries provider B is due Friday 4 December." in lines(told)
    assert card.title == f"Due today: {DEED}"
    assert "tries provider B" not in words_of(await world.say("chi", "help"))


async def test_the_week_says_how_many_were_kept(world: World) -> None:
    await opened(world)
    for due in ("1 December", "2 December", "3 December"):
        await promised(world, due=due)
    world.clock.set(FRIDAY)
    await world.tap("ben", "action.done", action="1")
    await world.tap("ben", "action.done", action="2")

    week = await world.say("ana", "summary week")
    await wake(world, FRIDAY + timedelta(days=7))
    later = await world.say("ana", "summary week")

    assert "Actions: 2 of 3 actions kept" in lines(week)
    assert "Actions: none was due; 1 from before still to do" in lines(later)


async def test_what_is_not_needed_any_more_is_not_held_against_anybody(world: World) -> None:
    await opened(world)
    await promised(world, due="1 December")
    await promised(world, due="2 December")
    world.clock.set(FRIDAY)
    await world.tap("ben", "action.drop", action="1")
    await world.tap("ben", "action.done", action="2")

    assert "Actions: 1 of 1 action kept" in lines(await world.say("ana", "summary week"))
    assert "1 of 1 action due in the last 90 days is done." in words_of(await world.say("ana", "actions"))


async def test_an_action_that_is_gone_says_so_with_a_way_on(world: World) -> None:
    reply = await world.tap("ben", "action.done", action="99")

    assert reply.title.startswith("That action is not there any more")
    assert [button.action for button in reply.buttons] == ["actions"]


async def test_a_second_tap_on_an_old_card_changes_nothing(world: World) -> None:
    await opened(world)
    await promised(world)
    await world.tap("ben", "action.drop", action="1")

    reply = await world.tap("chi", "action.done", action="1")

    assert reply.title == f"Not needed any more: {DEED}"
    assert (await action(world)).done_at is None


async def test_whoever_erases_what_is_theirs_is_named_nowhere(world: World) -> None:
    await opened(world)
    await promised(world, "ben")
    await world.tap("chi", "action.done", action="1")

    await world.tap("chi", "my-data.erase-now")
    await world.tap("ben", "my-data.erase-now")

    kept = await action(world)
    assert (kept.assignee_id, kept.closed_by, kept.is_open) == (None, None, False)
