"""One card a day: what comes within it, what waits for the next, and what comes alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handlers.messages import Message, Scale
from tests.handlers.initiatives.plan import PLAN, started
from tests.handlers.nudged import TUESDAY, came, only, reason, why
from tests.handlers.retros.review import opened
from tests.handlers.test_learning import planned
from tests.handlers.test_mine import OTHER, second_team
from tests.world import World, words_of

WEDNESDAY = TUESDAY + timedelta(days=1)
RIDING = "came with that day's question."


def buttons(message: Message) -> dict[str, str]:
    """The team each button of a message's rows is about, by its action."""
    rows = [block.buttons for block in message.blocks if isinstance(block, Scale)]
    return {button.action: button.values.get("team", "") for row in rows for button in row}


async def test_what_falls_due_after_the_days_card_waits_for_the_next_mornings(world: World) -> None:
    await opened(world)
    await world.say("ben", "checkin 4")
    monday = len([card for card in world.chat.to("ben") if "Would " in card.title])

    await world.go_to(datetime(2026, 12, 1, 9, 44, tzinfo=UTC))

    assert await came(world, nudge="retro-ask") == ["Tue 1 Dec"]
    assert len([card for card in world.chat.to("ben") if "Would " in card.title]) == monday + 1
    assert world.chat.to("ben")[-1].title.startswith("Would ")
    assert "retro.show" in buttons(world.chat.to("ben")[-1])


async def test_the_most_important_guest_comes_and_the_other_waits(world: World) -> None:
    await only(world, "ben")
    await started(world)
    await planned(world)

    await world.go_to(WEDNESDAY + timedelta(days=1))

    told = await why(world)
    assert f"Wed 25 Nov: The weekly pulse {RIDING}" in told
    assert f"Tue 24 Nov: A short idea {RIDING}" in told
    assert await came(world, nudge="learning") == ["Tue 24 Nov", "Thu 26 Nov"]
    assert await reason(world, "Wed 25 Nov", nudge="learning") == "another card came that day"


async def test_a_guest_comes_alone_where_the_question_was_answered_before(world: World) -> None:
    await only(world, "ben")
    await started(world)
    await world.go_to(WEDNESDAY - timedelta(hours=2))
    await world.say("ben", "checkin 4")
    before = len(world.chat.to("ben"))

    await world.go_to(WEDNESDAY)

    assert len(world.chat.to("ben")) == before + 1
    assert "pulse.save" in buttons(world.chat.to("ben")[-1])
    assert await reason(world, "Wed 25 Nov") == "answered"
    assert not any(RIDING in line for line in await why(world) if line.startswith("Wed"))


async def test_a_guest_of_another_team_is_about_its_own_team(world: World) -> None:
    await second_team(world, "ben")
    form = await world.form("ana", "define-success", channel=OTHER)
    card = await world.submit("ana", form, channel=OTHER, **{**PLAN, "title": "Invoices"})
    await world.press("ana", card, "Start it", channel=OTHER)
    await only(world, "ben")

    await world.go_to(WEDNESDAY + timedelta(hours=3))

    card = next(each for each in reversed(world.chat.to("ben")) if "Invoices" in words_of(each))
    assert card.title.startswith("Would Shop owners")
    assert buttons(card)["pulse.save"] == "2"
    assert await came(world) == ["Tue 24 Nov", "Wed 25 Nov"]


async def test_of_two_teams_the_earlier_asks_and_the_other_says_so(world: World) -> None:
    await second_team(world, "ben", hour="11:00")

    await world.go_to(TUESDAY + timedelta(hours=3))

    assert [line for line in await why(world) if line.startswith("Tue 24 Nov: The question")] == [
        "Tue 24 Nov: The question did not come: another team of yours had asked that day.",
        "Tue 24 Nov: The question came at 09:40.",
    ]


async def test_the_reminder_comes_once_in_the_afternoon_and_only_to_who_did_not_answer(world: World) -> None:
    await only(world, "ben", "eva")
    await world.go_to(TUESDAY)
    await world.say("eva", "checkin 4")

    await world.go_to(TUESDAY.replace(hour=20))

    assert await came(world, nudge="checkin-remind") == ["Tue 24 Nov"]
    assert await came(world, "eva", "checkin-remind") == []
    assert [card.title.startswith("Still open") for card in world.chat.to("ben")].count(True) <= 1
    assert "The day's question was still open" in words_of(await world.say("ben", "why"))


async def test_not_today_is_reminded_of_nothing_and_asked_tomorrow(world: World) -> None:
    await only(world, "ben")
    await world.go_to(TUESDAY)

    put_off = await world.press("ben", world.chat.to("ben")[-1], "Not today")
    await world.go_to(WEDNESDAY)

    assert "Wednesday" in words_of(put_off)
    assert await came(world, nudge="checkin-remind") == []
    assert await came(world) == ["Tue 24 Nov", "Wed 25 Nov"]


async def test_who_asked_to_get_it_later_gets_no_reminder_before(world: World) -> None:
    await only(world, "ben")
    await world.go_to(TUESDAY.replace(hour=14, minute=30))
    await world.press("ben", world.chat.to("ben")[-1], "In an hour")

    await world.go_to(TUESDAY.replace(hour=20))

    assert await reason(world, "Tue 24 Nov", nudge="checkin-remind") == "asked for later"
    assert "A reminder of the question did not come: you had asked to get it later." in " ".join(await why(world))


async def test_while_nobody_reacts_a_review_still_comes_and_the_pulse_of_that_day_does_not(world: World) -> None:
    await started(world, title="One-page invoice")
    await started(world, review_days="9 days")
    await world.say("ana", "release Checkout retry")

    await world.go_to(datetime(2026, 12, 2, 9, 45, tzinfo=UTC))  # the day of the pulse too, a week without a word

    assert world.chat.to("ana")[-1].title == "Checkout retry: what did it reach?"
    assert await reason(world, "Wed 2 Dec", who="ana", nudge="pulse") == "another card came that day"
