"""Starting, dropping, taking up again, and how the team's work stands, through the dispatcher."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handlers.messages import Form, Message, Text
from storage import Store
from storage.directory import Role
from storage.initiatives import Status
from storage.releases import Stage
from tests.handlers.initiatives.plan import define, inputs, kept, lines, started, titles
from tests.world import PEOPLE, World, words_of


async def out(world: World, title: str = "Checkout retry", *, stage: Stage = Stage.PLANNED) -> None:
    """The initiative of that title is released now, with its review in 30 days, which has come so far."""
    initiative, _, _ = await kept(world, title)
    now = world.clock.now()
    async with world.writing() as connection:
        store = Store(connection, 1)
        await store.initiatives.move(initiative.id, Status.RELEASED, *Status)
        release = await store.releases.add(initiative.id, 1, now)
        retro = await store.retros.plan(1, initiative.id, release, now.date() + timedelta(days=30))
        if stage is not Stage.PLANNED:
            closed_at = now if stage is Stage.CLOSED else None
            await store.retros.move(retro, stage, Stage.PLANNED, closed_at=closed_at)
        if stage is Stage.CLOSED:
            await store.initiatives.move(initiative.id, Status.JUDGED, Status.RELEASED)


async def leave(world: World, person: str) -> None:
    """A person's account is closed."""
    name, does, zone, locale = PEOPLE[person]
    profile = {"name": name, "does": does, "zone": zone, "locale": locale, "role": Role.MEMBER}
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        await directory.keep_person(person, world.clock.now(), **profile, is_active=False)


async def dropped(world: World, title: str = "Checkout retry", *, revisit_on: str = "") -> Message:
    """The plan defined and dropped."""
    form = await world.press("ana", await define(world, title=title), "Drop")
    card = await world.submit("ana", form, reason="Nobody asked for it", revisit_on=revisit_on)
    assert isinstance(card, Message)
    return card


async def test_start_freezes_the_plan_and_offers_the_release(world: World) -> None:
    card = await started(world, "ben")

    assert card.title == "Checkout retry is being built"
    assert lines(card)[0].startswith("Started. What was planned is frozen now")
    assert "Started: Monday 23 November" in lines(card)
    assert [(button.label, button.action) for button in card.buttons] == [
        ("It is out: release", "release"),
        ("Change", "success.change"),
        ("Add a measure", "measure.add"),
    ]
    assert (await kept(world))[0].is_frozen


async def test_whoever_defines_owns_it_even_where_somebody_else_starts_it(world: World) -> None:
    await world.press("ben", await define(world, "ana"), "Start it")

    assert "Owner: Ana Ruiz" in lines(await world.say("eva", "status Checkout retry"))


async def test_where_the_owner_has_left_whoever_starts_it_owns_it(world: World) -> None:
    card = await define(world, "dev")
    await leave(world, "dev")

    assert "Owner: Ben Okafor" in lines(await world.press("ben", card, "Start it"))


async def test_a_second_start_says_so_and_changes_nothing(world: World) -> None:
    card = await define(world)
    await world.press("ana", card, "Start it")
    await world.pass_days(1)

    again = await world.press("ben", card, "Start it")

    assert lines(again)[0] == "It was started already, on Monday 23 November. Nothing was changed."
    assert again.buttons[0].label == "It is out: release"


async def test_of_two_starts_at_once_one_starts_and_the_other_is_told(world: World) -> None:
    card = await define(world)

    replies = await asyncio.gather(*(world.press(who, card, "Start it") for who in ("ana", "ben")))

    assert sorted(lines(reply)[0].split()[0] for reply in replies) == ["It", "Started."]


async def test_without_a_measure_it_does_not_start(world: World) -> None:
    form = await world.press("ana", await define(world), "Remove a measure")
    await world.submit("ana", form)

    card = await world.say("ana", "start Checkout retry")

    assert lines(card)[0].startswith("It cannot start without a measure")
    assert card.buttons[0].label == "Add a measure"
    assert (await kept(world))[0].status is Status.IDEA


async def test_start_without_a_title_asks_which(world: World) -> None:
    await define(world)
    await define(world, title="Second")

    form = await world.form("ana", "start")
    card = await world.submit("ana", form, initiative=form.inputs[0].choices[1].value)

    assert [choice.label for choice in form.inputs[0].choices] == ["Second", "Checkout retry"]
    assert card.title == "Checkout retry is being built"


@pytest.mark.parametrize("typed", ["checkout RETRY", "check", "Retry "])
async def test_enough_of_a_title_is_enough(world: World, typed: str) -> None:
    await define(world)

    assert (await world.say("ana", f"start {typed}")).title == "Checkout retry is being built"


@pytest.mark.parametrize("verb", ["start", "status"])
async def test_a_typo_names_the_nearest_titles_beside_the_field(world: World, verb: str) -> None:
    await define(world)
    await define(world, title="Onboarding")

    form = await world.form("ana", f"{verb} Chekout retyr")

    assert form.errors["initiative"] == (
        "There is no initiative called “Chekout retyr” here. Did you mean Checkout retry?"
    )
    assert [choice.label for choice in form.inputs[0].choices] == ["Onboarding", "Checkout retry"]


async def test_a_typo_of_what_to_drop_is_told_before_a_reason_is_asked_for(world: World) -> None:
    await define(world)
    await define(world, title="Onboarding")

    form = await world.form("ana", "drop Chekout retyr")
    card = await world.submit("ana", form, initiative=form.inputs[0].choices[1].value, reason="Because")

    assert form.intro == (
        Text("There is no initiative called “Chekout retyr” here. Did you mean Checkout retry?"),
    )
    assert inputs(form) == {"initiative": "", "reason": "", "revisit_on": ""}
    assert card.title == "Checkout retry was dropped"


@pytest.mark.parametrize(
    ("verb", "told", "way_on"),
    [
        ("start", "Nothing is waiting to be started.", "Define success"),
        ("drop", "Nothing here can be dropped", "What there is"),
        ("revisit", "Nothing has been dropped", "What there is"),
        ("status", "Checkout has no initiative yet", "Define success"),
        ("start checkout", "Nothing is waiting to be started.", "Define success"),
    ],
)
async def test_where_there_is_nothing_to_pick_a_sentence_tells_the_way_on(
    world: World, verb: str, told: str, way_on: str
) -> None:
    reply = await world.say("ana", verb)

    assert reply.title.startswith(told)
    assert reply.buttons[0].label == way_on


async def test_drop_keeps_the_reason_and_the_day_to_look_again(world: World) -> None:
    form = await world.press("ben", await started(world), "Drop")
    card = await world.submit("ben", form, reason="Only 3 shops\nwant it", revisit_on="15 January")

    assert form.title == "Drop Checkout retry?"
    assert inputs(form).keys() == {"reason", "revisit_on"}
    assert card.title == "Checkout retry was dropped"
    assert "Because: Only 3 shops\nwant it" in lines(card)
    assert "Look at it again: Friday 15 January 2027" in lines(card)
    assert [button.label for button in card.buttons] == ["Take it up again"]


async def test_drop_needs_a_reason(world: World) -> None:
    form = await world.press("ben", await define(world), "Drop")

    again = await world.submit("ben", form)

    assert again.errors.keys() == {"reason"}
    assert (await kept(world))[0].status is Status.IDEA


@pytest.mark.parametrize("day", ["yesterday", "today", "1 January 2020"])
async def test_the_day_to_look_again_lies_ahead(world: World, day: str) -> None:
    form = await world.press("ben", await define(world), "Drop")

    again = await world.submit("ben", form, reason="Because", revisit_on=day)

    assert again.errors.keys() == {"revisit_on"}
    assert inputs(again) == {"reason": "Because", "revisit_on": day}


async def test_a_typed_drop_asks_for_the_reason_alone(world: World) -> None:
    await define(world)

    form = await world.form("ana", "drop checkout")
    card = await world.submit("ana", form, reason="Because")

    assert inputs(form).keys() == {"reason", "revisit_on"}
    assert card.title == "Checkout retry was dropped"


async def test_what_is_out_is_not_dropped_but_reviewed(world: World) -> None:
    card = await started(world)
    form = await world.press("ana", card, "Drop")
    await out(world)

    told = [
        await world.press("ana", card, "Drop"),
        await world.submit("ana", form, reason="Because"),
        await world.say("ana", "drop Checkout retry"),
        await world.say("ana", "drop checkout"),
    ]

    for reply in told:
        assert reply.title.startswith("Checkout retry is out already. Dropping it now would leave it unjudged")
        assert [button.action for button in reply.buttons] == ["retro", "status"]
    assert (await kept(world))[0].status is Status.RELEASED


async def test_of_several_drops_at_once_one_reason_is_kept_and_the_others_are_told(world: World) -> None:
    card = await define(world)
    forms = [(who, await world.press(who, card, "Drop")) for who in ("ana", "ben")]

    replies = await asyncio.gather(*(world.submit(who, form, reason=who) for who, form in forms))

    late = ["was dropped already, on Monday 23 November." in words_of(reply) for reply in replies]
    assert sorted(late) == [False, True]
    assert (await kept(world))[0].drop_reason == forms[late.index(False)][0]


async def test_of_a_drop_and_a_start_at_once_the_card_is_true_to_what_is_kept(world: World) -> None:
    card = await define(world)
    form = await world.press("ben", card, "Drop")

    await asyncio.gather(world.press("ana", card, "Start it"), world.submit("ben", form, reason="Because"))

    initiative, _, _ = await kept(world)
    assert (initiative.status, initiative.drop_reason) == (Status.DROPPED, "Because")


async def test_a_dropped_title_is_free_and_the_dropped_one_comes_back_only_while_it_is(world: World) -> None:
    card = await dropped(world)
    await define(world)

    refused = await world.press("ana", card, "Take it up again")

    assert lines(refused)[0].startswith("Another one is called “Checkout retry” by now.")
    assert refused.title == "Checkout retry was dropped"
    assert await titles(world) == ["Checkout retry", "Checkout retry"]


async def test_of_several_dropped_alike_a_title_means_the_newest(world: World) -> None:
    await dropped(world)
    form = await world.press("ana", await define(world), "Drop")
    await world.submit("ana", form, reason="Again nobody asked")

    assert "Because: Again nobody asked" in lines(await world.say("ana", "status checkout RETRY"))


async def test_taken_up_again_it_is_an_idea_that_can_start(world: World) -> None:
    card = await world.press("ben", await dropped(world), "Take it up again")
    twice = await world.say("eva", "revisit Checkout retry")

    assert lines(card)[0].startswith("Taken up again, as an idea")
    assert card.title == "Checkout retry: success is defined"
    assert "Because: Nobody asked for it" in lines(card)
    assert lines(twice)[0] == "It is not dropped any more. Nothing was changed."
    assert (await world.press("ben", card, "Start it")).title == "Checkout retry is being built"


async def test_of_two_dropped_alike_only_one_is_taken_up_again(world: World) -> None:
    cards = [await dropped(world), await dropped(world)]

    replies = await asyncio.gather(*(world.press("ana", card, "Take it up again") for card in cards))

    assert sorted(reply.title for reply in replies) == [
        "Checkout retry was dropped",
        "Checkout retry: success is defined",
    ]


@pytest.mark.parametrize(
    ("stage", "told", "title"),
    [
        (Stage.PLANNED, "It is out already. Nothing was changed.", "Checkout retry is released"),
        (Stage.CLOSED, "It is judged already. Nothing was changed.", "Checkout retry is judged"),
    ],
)
async def test_an_old_start_button_tells_what_became_of_it(
    world: World, stage: Stage, told: str, title: str
) -> None:
    card = await define(world)
    await out(world, stage=stage)

    reply = await world.press("ana", card, "Start it")

    assert (lines(reply)[0], reply.title) == (told, title)
    assert any(line.startswith("We look back") for line in lines(reply)) is (stage is Stage.PLANNED)
    assert reply.buttons[0].action == "retro"


async def test_an_old_start_button_of_something_dropped_offers_to_take_it_up_again(world: World) -> None:
    card = await define(world)
    await world.submit("ana", await world.press("ana", card, "Drop"), reason="Because")

    reply = await world.press("ana", card, "Start it")

    assert lines(reply)[0] == "It was dropped, so it cannot start. Take it up again first."
    assert [button.label for button in reply.buttons] == ["Take it up again"]


async def test_a_released_one_shows_the_day_of_its_review(world: World) -> None:
    await started(world)
    await out(world)

    card = await world.say("ben", "status checkout")

    assert "We look back: Wednesday 23 December" in lines(card)
    assert [button.action for button in card.buttons] == ["retro", "success.change"]


async def test_once_its_review_has_begun_the_plan_stays_as_it_was(world: World) -> None:
    card = await started(world)
    await out(world, stage=Stage.OPEN)

    told = await world.press("ana", card, "Change")

    assert told.title.startswith("The review of Checkout retry has begun, so its plan stays as it was")
    assert [button.action for button in (await world.say("ben", "status checkout")).buttons] == ["retro"]


async def test_a_released_plan_is_amended_without_its_days_until_the_review(world: World) -> None:
    await started(world)
    await out(world)

    form = await world.press("ana", await world.say("ana", "status checkout"), "Change")
    card = await world.submit("ana", form, target="19 %", reason="Misread")

    assert "review_days" not in inputs(form)
    assert "target of “Failed payments recovered”" in lines(card)[-1]
    assert (await kept(world))[0].review_days == 30


async def test_status_puts_value_debt_first_and_counts_its_oldest_day(world: World) -> None:
    for title in ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"):
        await define(world, title=title)
    await out(world, "Alpha")
    await world.pass_days(6)
    await out(world, "Zeta", stage=Stage.CLOSED)
    await world.pass_days(6)
    await out(world, "Beta")
    await out(world, "Gamma", stage=Stage.CLOSED)
    await world.say("ana", "start Delta")

    board = await world.say("ben", "status")

    assert board.title == "Value debt: 2 released and never judged, the oldest for 12 days"
    assert lines(board) == [
        "Released and never judged:",
        "Alpha: out since Monday 23 November, review on Wednesday 23 December",
        "Beta: out since Saturday 5 December, review on Monday 4 January 2027",
        "Being built:",
        "Delta: started Saturday 5 December",
        "Ideas, not started:",
        "Epsilon: defined Monday 23 November",
        "Judged last:",
        "Gamma: judged Saturday 5 December",
        "Zeta: judged Sunday 29 November",
    ]
    assert [button.label for button in board.buttons] == ["Alpha", "Beta", "Delta"]
    assert [button.label for button in board.more] == ["Epsilon", "Gamma", "Zeta", "Define success"]


async def test_debt_is_as_old_as_the_first_release_that_was_never_judged(world: World) -> None:
    await define(world)
    await out(world, stage=Stage.CLOSED)
    await world.pass_days(5)
    await out(world)
    await world.pass_days(3)
    await out(world)

    board = await world.say("ben", "status")

    assert board.title == "Value debt: 1 released and never judged, for 3 days"


async def test_a_title_on_the_board_opens_its_card(world: World) -> None:
    await define(world)

    card = await world.press("ben", await world.say("ben", "status"), "Checkout retry")

    assert card.title == "Checkout retry: success is defined"


async def test_without_debt_the_board_says_so(world: World) -> None:
    await define(world)

    assert (await world.say("ben", "status")).title == "Checkout: nothing released is waiting to be judged"


async def test_something_dropped_comes_back_to_the_board_on_its_day(world: World) -> None:
    await dropped(world, revisit_on="1 December")
    before = await world.say("ana", "status")
    await world.pass_days(9)

    after = await world.say("ana", "status")

    assert lines(before) == []
    assert "1 dropped." in words_of(before)
    assert lines(after) == [
        "Dropped, to be looked at again:",
        "Checkout retry: since Tuesday 1 December. It was dropped because: Nobody asked for it",
    ]


async def test_a_long_board_says_what_it_leaves_out(world: World) -> None:
    for number in range(12):
        await define(world, title=f"Idea {number}")

    board = await world.say("ana", "status")

    assert len(lines(board)) == 11
    assert "And 2 more: type status and a title to open one." in words_of(board)


async def test_an_initiative_of_another_team_is_not_there(world: World) -> None:
    await define(world)
    async with world.writing() as connection:
        store = Store(connection, 1)
        await store.directory.set_members(await store.directory.keep_channel("other", name="#other"), [2, 3])
    form = await world.form("ben", "setup", channel="other")
    await world.submit("ben", form, channel="other", visibility="private")

    told = await world.ask("ben", "status #1", channel="other")
    overview = await world.ask("ben", "status", channel="other")

    assert isinstance(told, Message)
    assert told.title.startswith("I cannot find that any more.")
    assert overview.title == "Other has no initiative yet"


async def test_somebody_who_has_left_starts_nothing(world: World) -> None:
    card = await define(world)
    await leave(world, "eva")

    reply = await world.press("eva", card, "Start it")

    assert not isinstance(reply, Form)
    assert reply.title.startswith("Your account here is not active")
    assert (await kept(world))[0].status is Status.IDEA


async def test_dates_are_the_readers_own_in_english_sentences(world: World) -> None:
    world.clock.set(world.clock.now().replace(hour=23, minute=30))
    await started(world)

    german = await world.say("chi", "status Checkout retry")
    english = await world.say("ben", "status Checkout retry")

    assert "Started: Tuesday 24 November" in lines(german)
    assert "Started: Monday 23 November" in lines(english)
