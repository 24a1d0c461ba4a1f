"""Who sees check-ins: by name only when all agree, and never more openly than was promised at the time."""

from __future__ import annotations

import pytest

from handlers.messages import Facts, Message
from tests.handlers.setup import facts, join_channel, picked, setup
from tests.world import CHANNEL, PEOPLE, World, words_of

TITLE = "Checkout would like to show check-ins by name"
NOT_EVERYONE = (
    "Scores are shown by name here once everyone has agreed, and not everyone has. So no score is shown."
)


async def started(world: World, **changes: str) -> None:
    """The team set up by Ana and started."""
    await world.press("ana", await setup(world, **changes), "Start", channel=CHANNEL)


async def agree(world: World, *who: str, answer: str = "Yes") -> None:
    """People answer the card that asks whether their name may be shown."""
    for each in who:
        card = next(message for message in reversed(world.chat.to(each)) if "your name" in words_of(message))
        await world.press(each, card, answer)


async def check_in(world: World, scores: str, *who: str) -> None:
    """People give these scores."""
    for each, score in zip(who or PEOPLE, scores, strict=True):
        await world.say(each, f"checkin {score}")


async def names_shown(world: World, person: str = "dev") -> list[str]:
    """The names that somebody reads in the week's summary."""
    summary = await world.say(person, "summary week")
    known = ("Ana Ruiz", "Ben Okafor", "Chi Nguyen", "Dev Patel", "Eva Lindqvist")
    rows = [label for block in summary.blocks if isinstance(block, Facts) for label, _ in block.rows]
    return [name for name in known if name in rows]


async def test_each_is_asked_at_the_start_and_nothing_is_shown_before_all_agreed(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    await check_in(empty_world, "12345")

    shown = [await names_shown(empty_world)]
    for who in PEOPLE:
        await agree(empty_world, who)
        shown.append(await names_shown(empty_world))

    assert shown == [[], [], [], [], [], ["Ana Ruiz", "Ben Okafor", "Chi Nguyen", "Dev Patel", "Eva Lindqvist"]]


async def test_while_not_all_have_agreed_no_figure_is_shown_and_nobody_is_pointed_at(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    await check_in(empty_world, "12345")
    await agree(empty_world, "ana", "ben", "chi", "dev")
    await agree(empty_world, "eva", answer="No")

    summary = words_of(await empty_world.say("ana", "summary week"))

    assert NOT_EVERYONE in summary
    assert "Eva" not in summary
    assert "3.0" not in summary


async def test_the_note_that_asks_offers_yes_and_no_and_the_answer_can_be_changed(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    note = empty_world.chat.to("ben")[0]

    yes = await empty_world.press("ben", note, "Yes, with my name")
    no = await empty_world.press("ben", yes, "Rather not")
    again = await empty_world.press("ben", no, "Yes after all")

    assert "Shall #checkout see your check-in scores with your name?" in words_of(note)
    assert [button.label for button in note.buttons] == ["Yes, with my name", "No", "Pause"]
    assert [yes.title, no.title, again.title] == [
        "Your name may be shown",
        "Your name will not be shown",
        "Your name may be shown",
    ]


async def test_one_who_takes_their_yes_back_hides_the_names_again(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    await check_in(empty_world, "12345")
    await agree(empty_world, *PEOPLE)
    before = await names_shown(empty_world)

    await empty_world.tap("eva", "consent", answer="no")

    assert len(before) == 5
    assert await names_shown(empty_world) == []


async def test_somebody_taken_in_later_hides_the_names_until_they_agree(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    await check_in(empty_world, "12345")
    await agree(empty_world, *PEOPLE)

    await join_channel(empty_world, "fay", name="Fay Moreau")
    await setup(empty_world, people=await picked(empty_world, *PEOPLE, "fay"))
    before = await names_shown(empty_world)
    await agree(empty_world, "fay")

    assert before == []
    assert len(await names_shown(empty_world)) == 5


async def test_a_team_without_names_asks_nobody_for_consent(world: World) -> None:
    assert not any("your name" in words_of(message) for who in PEOPLE for message in world.chat.to(who))


async def test_a_team_that_turns_to_names_asks_everybody_once(world: World) -> None:
    await setup(world, visibility="by_name")
    await setup(world, name="Checkout", hour="11:00")

    for who in PEOPLE:
        assert [message.title for message in world.chat.to(who)].count(TITLE) == 1
    assert "Scores given before today stay without names." in words_of(world.chat.to("ben")[-1])


async def test_who_said_yes_before_is_not_asked_again(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    await agree(empty_world, "ana", "ben")

    await setup(empty_world, visibility="anonymous")
    await setup(empty_world, visibility="by_name")

    asked = [who for who in PEOPLE if empty_world.chat.to(who)[-1].title == TITLE]
    assert asked == ["chi", "dev", "eva"]


async def test_an_answer_to_a_team_that_shows_no_names_any_more_says_so(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    note = empty_world.chat.to("ben")[0]
    await setup(empty_world, visibility="private")

    reply = await empty_world.press("ben", note, "Yes")

    assert "does not show check-ins by name now" in words_of(reply)


@pytest.mark.parametrize("answer", ["", "maybe", "YES", "true", "x" * 40_000])
async def test_an_answer_of_its_own_invention_is_none(world: World, answer: str) -> None:
    reply = await world.tap("ben", "consent", answer=answer)

    assert "earlier version" in reply.title


async def test_scores_given_without_names_get_none_when_the_team_turns_to_names(world: World) -> None:
    await check_in(world, "12345")

    await setup(world, visibility="by_name")
    await agree(world, *PEOPLE)

    assert await names_shown(world) == []
    assert "3.0" not in words_of(await world.say("dev", "summary week"))


async def test_only_scores_given_since_the_turn_to_names_are_named(world: World) -> None:
    await check_in(world, "11111")
    await setup(world, visibility="by_name")
    await agree(world, *PEOPLE)
    await world.pass_days(1.2)

    await check_in(world, "54", "ana", "ben")

    summary = await world.say("ana", "summary week")
    assert {name: mean for name, mean in facts(summary).items() if " " in name and mean in ("5", "4", "1")} == {
        "Ana Ruiz": "5",
        "Ben Okafor": "4",
    }


@pytest.mark.parametrize("later", ["anonymous", "by_name"])
async def test_scores_given_in_private_stay_there(empty_world: World, later: str) -> None:
    await started(empty_world, visibility="private")
    await check_in(empty_world, "12345")

    await setup(empty_world, visibility=later)
    if later == "by_name":
        await agree(empty_world, *PEOPLE)

    summary = words_of(await empty_world.say("dev", "summary week"))
    assert "3.0" not in summary
    assert "on average" not in summary


async def test_a_private_team_shows_no_score_and_says_so(empty_world: World) -> None:
    await started(empty_world, visibility="private")
    await check_in(empty_world, "12345")

    summary = await empty_world.say("ana", "summary week")

    assert "This team keeps its check-ins private, so no score is shown." in words_of(summary)
    assert "Nobody but you sees your answers." in words_of(empty_world.chat.to("ben")[0])


async def test_scores_by_name_are_not_shown_without_names_to_fewer_than_four(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    await check_in(empty_world, "123", "ana", "ben", "chi")

    await setup(empty_world, visibility="anonymous")

    assert "Fewer than 4 people answered" in words_of(await empty_world.say("dev", "summary week"))


async def test_who_said_no_is_not_named_after_leaving_the_team(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    await check_in(empty_world, "12345")
    await agree(empty_world, "ana", "ben", "chi", "dev")
    await agree(empty_world, "eva", answer="No")

    await setup(empty_world, people=await picked(empty_world, "ana", "ben", "chi", "dev"))

    summary = await empty_world.say("dev", "summary week")
    assert isinstance(summary, Message)
    assert await names_shown(empty_world) == ["Ana Ruiz", "Ben Okafor", "Chi Nguyen", "Dev Patel"]
    assert "2.5 of 5 on average" in words_of(summary)


async def test_whoever_has_todays_question_before_them_sees_no_names_before_answering(empty_world: World) -> None:
    await started(empty_world, visibility="by_name")
    await agree(empty_world, "ana", "ben", "chi", "dev", "eva")
    await empty_world.pass_days(1.2)
    await empty_world.say("ben", "checkin 2")

    before = await empty_world.say("ana", "summary week")
    await empty_world.say("ana", "checkin 4")
    after = await empty_world.say("ana", "summary week")

    assert before.title == "Your own answer first"
    assert "Ben Okafor" not in words_of(before)
    assert "Ben Okafor" in words_of(after)
