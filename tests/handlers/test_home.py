"""The home: today's question first, then what waits, what is mine, and the team's week after my own answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.messages import Ask, Divider, Message, Scale, Text
from storage import Store
from tests.handlers.initiatives.plan import define, lines, started
from tests.handlers.retros.review import asked, closed, opened
from tests.handlers.setup import count, facts, number, setup
from tests.handlers.test_mine import OTHER, owned, second_team
from tests.world import CHANNEL, World, words_of

FRIDAY_EVENING = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
QUESTION = "Would Shop owners be happy to pay for today?"


async def home(world: World, person: str = "ben") -> Message:
    """The person's home."""
    return await world.say(person, "me")


def rows(message: Message) -> list[list[str]]:
    """The labels of each row of buttons."""
    return [[button.label for button in block.buttons] for block in message.blocks if isinstance(block, Scale)]


async def promise(world: World, person: str, deed: str, due: datetime) -> None:
    """Something that a person is to do, kept as a review keeps it."""
    assignee = await number(world, person)
    async with world.writing() as connection:
        retros = Store(connection, 1).retros
        planned = await retros.of_initiative(1)
        values: dict[str, Any] = {"trigger": "it rains", "deed": deed, "sign": "dry feet"}
        await retros.add_action(
            planned[0].id, 1, world.clock.now(), assignee_id=assignee, due_on=due.date(), **values
        )


async def test_todays_question_comes_first_and_takes_one_tap(world: World) -> None:
    before = await home(world)

    after = await world.press("ben", before, "4 Happy")

    assert before.blocks[0] == Text(QUESTION)
    assert rows(before)[0] == ["1 Not at all", "2 Hardly", "3 So-so", "4 Happy", "5 Delighted"]
    assert not [block for block in before.blocks if isinstance(block, Ask)]
    assert after.title == before.title
    assert after.blocks[0] == Text("Saved: 4 of 5")
    assert rows(after)[0] == ["Add a sentence", "Edit", "Undo"]
    assert "without your name in #checkout's summary" in words_of(after)
    assert await count(world, "reflections") == 1


async def test_the_receipt_at_home_is_edited_added_to_and_undone_there(world: World) -> None:
    answered = await world.press("ben", await home(world), "4 Happy")

    with_words = await world.submit("ben", await world.press("ben", answered, "Add a sentence"), sentence="a shop")
    edited = await world.submit("ben", await world.press("ben", with_words, "Edit"), score="2")
    undone = await world.press("ben", edited, "Undo")

    assert all(message.title == answered.title for message in (with_words, edited, undone))
    assert "a shop" in words_of(with_words)
    assert edited.blocks[0] == Text("Saved: 2 of 5")
    assert undone.blocks[0] == Text(QUESTION)
    assert await count(world, "reflections") == 0


async def test_what_is_answered_already_is_not_announced(world: World) -> None:
    await world.go_to(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    before = await home(world)

    after = await world.press("ben", before, "4 Happy")

    assert facts(before)["You are asked"].endswith("next today at 09:40")
    assert facts(after)["You are asked"].endswith("at 09:40 your time")


async def test_what_is_answered_at_home_shows_on_the_mornings_card_too(world: World) -> None:
    await world.go_to(datetime(2026, 11, 24, 9, 42, tzinfo=UTC))

    await world.press("ben", await home(world), "4 Happy")

    assert world.chat.to("ben")[-1].title == "Saved: 4 of 5"


async def test_a_tap_at_home_is_about_what_is_picked_there(world: World) -> None:
    await define(world)

    page = await home(world)
    after = await world.press("ben", page, "5 Delighted", about="#1")

    assert [block.input.name for block in page.blocks if isinstance(block, Ask)] == ["about"]
    assert after.blocks[0] == Text("Saved: 5 of 5, about Checkout retry")


async def test_a_page_of_yesterday_answers_for_yesterday_and_says_so(world: World) -> None:
    page = await home(world)
    await world.pass_days(1)

    reply = await world.press("ben", page, "4 Happy")

    assert reply.title == "Saved: 4 of 5"
    assert "For Monday 23 November, answered late." in words_of(reply)
    assert (await home(world)).blocks[0] == Text(QUESTION)


async def test_a_page_too_old_to_answer_says_that_nothing_was_saved(world: World) -> None:
    page = await home(world)
    await world.pass_days(20)

    reply = await world.press("ben", page, "4 Happy")

    assert not reply.title.startswith("Saved")
    assert reply.title != page.title
    assert await count(world, "reflections") == 0


async def test_no_question_on_a_day_off_but_the_answer_that_was_given(world: World) -> None:
    await world.go_to(datetime(2026, 11, 28, 12, 0, tzinfo=UTC))
    before = await home(world)

    await world.say("ben", "checkin 3")

    assert QUESTION not in lines(before)
    assert (await home(world)).blocks[0] == Text("Saved: 3 of 5")


async def test_no_question_while_away(world: World) -> None:
    await world.say("ben", "pause until Friday")

    message = await home(world)

    assert QUESTION not in lines(message)
    assert facts(message)["Paused"] == "Until Friday 27 November; nothing is asked before"
    assert message.buttons[0].label == "Ask me again"


async def test_no_question_before_the_team_has_started(empty_world: World) -> None:
    await setup(empty_world)

    assert rows(await home(empty_world)) == []


async def test_a_day_that_was_skipped_can_be_answered_after_all(world: World) -> None:
    await world.tap("ben", "checkin.skip", date="2026-11-23")

    message = await home(world)
    question = await world.press("ben", message, "Answer after all")

    assert QUESTION not in lines(message)
    assert question.title == QUESTION


async def test_the_sections_stand_in_the_order_of_what_is_due_and_empty_ones_are_left_out(world: World) -> None:
    few = await home(world, "chi")
    await opened(world)
    await promise(world, "ana", "tries provider B", world.clock.now() + timedelta(days=7))

    many = await home(world, "ana")

    heads = [
        line for line in lines(many) if line in (QUESTION, "Waiting for you:", "You said you would:", "You own:")
    ]
    assert heads == [QUESTION, "Waiting for you:", "You said you would:", "You own:"]
    assert sum(isinstance(block, Divider) for block in few.blocks) == 1
    assert not any(line.endswith(":") for line in lines(few))
    assert not isinstance(many.blocks[0], Divider)


async def test_the_numbers_wait_for_the_owner_alone(world: World) -> None:
    await asked(world)

    page = await home(world, "ana")
    review = await world.press("ana", page, "Numbers: Checkout retry")

    assert "What did Checkout retry reach? Its review waits for your numbers" in lines(page)
    assert review.title == "Checkout retry: what did it reach?"
    assert "Waiting for you:" not in lines(await home(world, "ben"))


async def test_an_answered_review_waits_no_more(world: World) -> None:
    await closed(world)

    assert "Waiting for you:" not in lines(await home(world))


async def test_a_review_of_another_team_opens_from_the_home_of_this_one(world: World) -> None:
    await second_team(world, "ben", "chi", "dev")
    await opened(world)
    await world.press("ben", await home(world), "Switch to Billing")

    page = await home(world)
    review = await world.press("ben", page, "Answer: Checkout retry")

    assert facts(page)["You are asked"].startswith("One question a day for Billing")
    assert review.title == "Checkout retry: how did it go?"


async def test_what_i_promised_stands_there_with_its_day_until_it_is_closed(world: World) -> None:
    await opened(world)
    today = world.clock.now()
    await promise(world, "ben", "late", today - timedelta(days=14))
    await promise(world, "ben", "long ago", today - timedelta(days=15))
    await promise(world, "ben", "soon", today + timedelta(days=1))
    await promise(world, "chi", "not mine", today)

    message = await home(world)

    said = lines(message)[lines(message).index("You said you would:") + 1 :][:3]
    assert said == [
        "long ago, was due Sunday 15 November",
        "late, was due Monday 16 November",
        "soon, by Tuesday 1 December",
    ]
    assert "not mine" not in words_of(message)
    await world.press("ben", await world.press("ben", message, "late"), "Done")
    assert "late, was due" not in words_of(await home(world))


async def test_work_i_own_opens_from_its_button_and_the_home_stays(world: World) -> None:
    await started(world, "ben")

    page = await home(world)
    card = await world.press("ben", page, "Checkout retry")

    assert owned(page) == ["Checkout retry"]
    assert card.title == "Checkout retry is being built"


async def test_of_much_work_the_newest_five_have_a_button(world: World) -> None:
    for each in range(7):
        await define(world, "ben", title=f"Work {each}")

    assert owned(await home(world)) == [f"Work {each}" for each in (6, 5, 4, 3, 2)]


async def test_the_teams_figures_come_after_my_own_answer(world: World) -> None:
    for person in ("ana", "chi", "dev", "eva"):
        await world.say(person, "checkin 4")
    await world.say("ana", "summary week")

    before = await home(world)
    after = await world.press("ben", before, "2 Hardly")

    assert "The team this week" not in facts(before)
    assert facts(after)["The team this week"] == "4 of 5 on average, from 4 answers of 4 people"


async def test_below_the_floor_the_home_shows_no_figures(world: World) -> None:
    for person in ("ana", "ben", "chi"):
        await world.say(person, "checkin 4")
    await world.say("ana", "summary week")

    assert "The team this week" not in facts(await home(world))


async def test_looking_at_the_home_counts_nothing_and_so_makes_nothing_stand(world: World) -> None:
    for person in ("ana", "ben", "chi", "dev"):
        await world.say(person, "checkin 4")
    looked = await home(world)

    await world.say("eva", "checkin 4")
    summary = await world.say("ana", "summary week")

    assert "The team this week" not in facts(looked)
    assert "from 5 answers of 5 people" in words_of(summary)
    assert "from 5 answers of 5 people" in facts(await home(world))["The team this week"]


async def test_the_home_does_not_tell_one_answer_from_the_figures_before_it(world: World) -> None:
    for person in ("ana", "ben", "chi", "dev"):
        await world.say(person, "checkin 4")
    await world.say("ana", "summary week")
    before = facts(await home(world))["The team this week"]

    await world.say("eva", "checkin 1")

    assert facts(await home(world))["The team this week"] == before


async def test_after_the_weekend_the_home_has_last_weeks_figures(world: World) -> None:
    for person in ("ana", "ben", "chi", "dev"):
        await world.say(person, "checkin 5")
    await world.go_to(FRIDAY_EVENING)
    await world.pass_days(3)
    await world.say("ben", "checkin 4")

    assert facts(await home(world))["The team last week"] == "5 of 5 on average, from 4 answers of 4 people"


async def test_a_team_that_keeps_scores_private_has_none_at_home_either(world: World) -> None:
    for person in ("ana", "ben", "chi", "dev"):
        await world.say(person, "checkin 4")
    await world.say("ana", "summary week")

    await setup(world, visibility="private")

    assert "The team this week" not in facts(await home(world))


async def test_in_the_channel_of_another_team_the_home_answers_for_my_own(world: World) -> None:
    await second_team(world)
    page = await world.say("ben", "me", channel=OTHER)

    after = await world.press("ben", page, "4 Happy", channel=OTHER)

    assert after.blocks[0] == Text("Saved: 4 of 5")
    async with world.reading() as connection:
        found = await Store(connection, 1).reflections.latest(await number(world, "ben"), "paying_customer", 1)
    assert [given.team_id for given in found] == [1]


async def test_in_a_channel_without_a_team_somebody_in_none_can_set_one_up(empty_world: World) -> None:
    message = await empty_world.say("ben", "me", channel=CHANNEL)
    form = await empty_world.press("ben", message, "Set up this channel", channel=CHANNEL)

    assert "Make this channel a team with setup" in words_of(message)
    assert form.action == "setup"


async def test_somebody_taken_out_of_the_team_keeps_their_own_scores(world: World) -> None:
    await world.say("eva", "checkin 5")
    members = ",".join([str(await number(world, each)) for each in ("ana", "ben", "chi", "dev")])
    await setup(world, people=members)

    message = await home(world, "eva")

    assert "You take part in no team" in words_of(message)
    assert facts(message) == {"Your check-ins": "5.0 of 5 on average over your last 1 answer"}


async def test_the_home_offers_what_one_may_want_to_do(world: World) -> None:
    page = await home(world)

    replies = {
        button.label: await world.press("ben", page, button.label) for button in (*page.buttons, *page.more)
    }

    assert {label: reply.title for label, reply in replies.items()} == {
        "Pause": "Be asked nothing for a while",
        "Why me?": "Why nothing came",
        "My data": "What is kept about you",
        "Define success": "What will success be?",
        "Add what a customer said": "What a customer said or did",
        "The week in figures": "Checkout, week of Monday 23 November",
    }


async def test_looking_writes_nothing(world: World) -> None:
    before = await count(world, "deliveries")

    for _ in range(2):
        await home(world)

    assert await count(world, "deliveries") == before
    assert await count(world, "published") == 0
