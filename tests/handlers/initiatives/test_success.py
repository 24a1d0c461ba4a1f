"""Saying what success will be, through the dispatcher."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from handlers.messages import Form, Message
from tests.handlers.initiatives.plan import PLAN, define, inputs, kept, lines, refused, started, titles
from tests.world import World, words_of


async def test_the_form_starts_from_what_is_known(world: World) -> None:
    form = await world.form("ana", "define-success Checkout retry")

    filled = inputs(form)
    assert form.title == "What will success be?"
    assert (filled["title"], filled["who"], filled["review_days"]) == ("Checkout retry", "Shop owners", "30 days")
    assert next(shown for shown in form.inputs if shown.name == "who").hint.startswith(
        "One you know (Shop owners)"
    )


async def test_the_card_echoes_the_plan_and_offers_the_way_on(world: World) -> None:
    card = await define(world)

    assert card.title == "Checkout retry: success is defined"
    assert lines(card)[:2] == [
        "For Shop owners: Customers whose card fails at first still complete their order",
        "Failed payments recovered: 12\u00a0% → 20\u00a0%, read from payments dashboard",
    ]
    assert "We would stop if: support tickets about double charges double" in lines(card)
    assert "We look back: 30 days after release" in lines(card)
    assert "Owner: Ana Ruiz" in lines(card)
    assert "Must not get worse: nothing named yet." in words_of(card)
    assert [button.label for button in card.buttons] == [
        "Start it",
        "Add a measure",
        "Add what must not get worse",
    ]
    assert [button.label for button in card.more] == [
        "Change",
        "Change a measure",
        "Remove a measure",
        "Drop",
        "Why these questions?",
        "Add what a customer said",
    ]


async def test_nothing_is_posted_to_the_channel(world: World) -> None:
    before = len(world.chat.posted())

    await started(world)

    assert len(world.chat.posted()) == before


async def test_a_new_name_becomes_a_customer_and_a_known_one_stays_as_it_is_spelled(world: World) -> None:
    await define(world, who="Couriers")
    await define(world, title="Second", who="  shop OWNERS ")

    form = await world.form("ana", "define-success")
    initiative, _, _ = await kept(world, "Second")
    assert initiative.customer == "Shop owners"
    assert "(Couriers; Shop owners)" in next(shown for shown in form.inputs if shown.name == "who").hint


@pytest.mark.parametrize(
    ("baseline", "target", "line"),
    [
        ("12", "20 %", "12\u00a0% → 20\u00a0%"),
        ("12 %", "20", "12\u00a0% → 20\u00a0%"),
        ("", "20 %", "not known yet → 20\u00a0%"),
        ("not known yet", "€1.2m", "not known yet → €1,200,000"),
        ("1 ticket", "0 tickets", "1 tickets → 0 tickets"),
        ("-10", "5", "-10 → 5"),
        ("-3 points", "-1 point", "-3 points → -1 points"),
        ("€-400", "€10", "-€400 → €10"),
        ("-2 % change", "1 % change", "-2\u00a0% change → 1\u00a0% change"),
    ],
)
async def test_one_unit_counts_for_both_numbers(world: World, baseline: str, target: str, line: str) -> None:
    card = await define(world, baseline=baseline, target=target)

    assert f"Failed payments recovered: {line}, read from payments dashboard" in lines(card)


async def test_each_reader_reads_numbers_as_they_write_them(world: World) -> None:
    await define(world, baseline="1,200.5 orders", target="2,000 orders")

    card = await world.say("chi", "status Checkout retry")

    assert "Failed payments recovered: 1.200,5 orders → 2.000 orders, read from payments dashboard" in lines(card)


@pytest.mark.parametrize(
    ("field", "answer", "sentence"),
    [
        ("target", "12 %", "The target equals where you are now (12\u00a0%). What should it become?"),
        ("target", "12.0", "The target equals where you are now (12\u00a0%). What should it become?"),
        ("target", "20 tickets", "Type both in the same unit."),
        ("target", "more", "I found no number in “more”."),
        ("target", "-5 %", "There is no less than 0 %. For a change or a score, type -5 points"),
        ("baseline", "-5 tickets", "There is no less than 0 tickets."),
        ("target", "9" * 40, "too large to keep"),
        ("target", "", "This one is needed."),
        ("title", "   ", "This one is needed."),
        ("title", "\u200b\u200e\u3164", "There is no letter or sign in that."),
        ("title", "x" * 151, "That is 151 characters; 150 fit here."),
        ("change", "word " * 8000, "That is 40,000 characters; 1,000 fit here."),
        ("review_days", "0", "outside 1 to 730 days"),
        ("review_days", "731 days", "outside 1 to 730 days"),
        ("review_days", "soon", "I cannot read “soon” as a length of time."),
    ],
)
async def test_what_cannot_be_taken_is_refused_beside_its_field_and_nothing_typed_is_lost(
    world: World, field: str, answer: str, sentence: str
) -> None:
    form = await refused(world, **{field: answer})

    assert form.errors.keys() == {field}
    assert sentence in form.errors[field]
    assert inputs(form) == {**PLAN, field: answer}
    assert await titles(world) == []


async def test_all_that_is_wrong_by_itself_is_said_at_once(world: World) -> None:
    form = await refused(world, title="", target="lots", review_days="900")

    assert form.errors.keys() == {"title", "target", "review_days"}


async def test_a_refused_form_is_taken_once_it_is_corrected(world: World) -> None:
    form = await refused(world, target="12 %")

    card = await world.submit("ana", form, target="20 %")

    assert card.title == "Checkout retry: success is defined"


@pytest.mark.parametrize(
    "title",
    [
        "<b>Bold</b> *stars* _lines_ `code` ~no~",
        "<!channel> <@U123> @everyone #general & <http://evil.example|click>",
        "{{ 7 * 7 }} {% raw %} {title} %s",
        "إعادة محاولة الدفع",
        "भुगतान पुनः प्रयास",
        "支払いの再試行 👩‍👩‍👧‍👦🇺🇳",
        "'; drop table initiatives; --",
        "status",
    ],
)
async def test_a_title_is_kept_letter_for_letter(world: World, title: str) -> None:
    card = await define(world, title=title, measure=title, who=title, change=title, source=title, stop_line=title)

    found = await world.say("ben", f"status {title}")
    assert card.title == f"{title}: success is defined"
    assert f"For {title}: {title}" in lines(card)
    assert found.title == card.title
    assert await titles(world) == [title]


async def test_control_characters_are_left_out_of_a_title(world: World) -> None:
    card = await define(world, title="Check\x00out\x07 \x1b[31mretry\x7f\ud800")

    assert card.title == "Checkout [31mretry: success is defined"


async def test_a_title_is_taken_whatever_its_case_and_spaces(world: World) -> None:
    await define(world, title="Café  retry")

    form = await refused(world, title=" CAFE\u0301 Retry ")

    assert "There is one called “Café retry” already, defined Monday 23 November." in form.errors["title"]
    assert "status Café retry" in form.errors["title"]


async def test_of_two_people_who_define_the_same_title_at_once_one_is_told_beside_the_title(world: World) -> None:
    forms = [(who, await world.form(who, "define-success")) for who in ("ana", "ben", "chi", "dev")]

    replies = await asyncio.gather(*(world.submit(who, form, **PLAN) for who, form in forms))

    refusals = [reply for reply in replies if isinstance(reply, Form)]
    assert len(refusals) == 3
    assert all("There is one called “Checkout retry” already" in reply.errors["title"] for reply in refusals)
    assert all(inputs(reply) == PLAN for reply in refusals)
    assert await titles(world) == ["Checkout retry"]


async def test_a_typed_title_that_exists_is_told_before_the_form_is_filled_in(world: World) -> None:
    await define(world)

    told = await world.say("ben", "define-success checkout RETRY")

    assert told.title.startswith("Checkout retry has been defined already, on Monday 23 November.")
    opened = await world.press("ben", told, "Open it")
    assert opened.title == "Checkout retry: success is defined"


async def test_a_measure_is_added_after_the_first(world: World) -> None:
    form = await world.press("ben", await define(world), "Add a measure")
    card = await world.submit(
        "ben", form, measure="Orders completed", baseline="900 a day", target="1,000 a day", source="orders table"
    )

    assert lines(card)[1:3] == [
        "Failed payments recovered: 12\u00a0% → 20\u00a0%, read from payments dashboard",
        "Orders completed: 900 a day → 1,000 a day, read from orders table",
    ]


async def test_what_must_not_get_worse_stands_under_its_own_head(world: World) -> None:
    form = await world.press("ben", await define(world), "Add what must not get worse")
    card = await world.submit(
        "ben", form, measure="Double charges", baseline="", bound="at_most", target="5 tickets", source="help desk"
    )

    said = lines(card)
    assert said[said.index("Must not get worse:") + 1] == "Double charges: at most 5 tickets, read from help desk"
    assert "nothing named yet" not in words_of(card)


@pytest.mark.parametrize(
    ("bound", "now", "limit", "sentence"),
    [
        ("at_most", "8 tickets", "5 tickets", "You are above that limit already (8 tickets)."),
        ("at_least", "90 %", "95 %", "You are below that limit already (90\u00a0%)."),
        ("at_least", "90 %", "95 ms", "Type both in the same unit."),
    ],
)
async def test_a_limit_that_is_passed_already_is_refused(
    world: World, bound: str, now: str, limit: str, sentence: str
) -> None:
    form = await world.press("ben", await define(world), "Add what must not get worse")
    again = await world.submit("ben", form, measure="Load", baseline=now, bound=bound, target=limit, source="x")

    assert sentence in again.errors["target"]


async def test_a_limit_may_be_where_it_is_now(world: World) -> None:
    form = await world.press("ben", await define(world), "Add what must not get worse")
    card = await world.submit("ben", form, measure="Load", baseline="2 s", target="2 s", source="traces")

    assert "Load: at most 2 s, now 2 s, read from traces" in lines(card)


async def test_the_same_measure_is_not_added_twice(world: World) -> None:
    card = await define(world)
    form = await world.press("ben", card, "Add a measure")
    extra = {"measure": "Orders", "baseline": "1", "target": "2", "source": "x"}

    replies = await asyncio.gather(*(world.submit("ben", form, **extra) for _ in range(2)))

    again = next(reply for reply in replies if isinstance(reply, Form))
    assert again.errors["measure"].startswith("“Orders” is measured already.")
    _, criteria, _ = await kept(world)
    assert [each.measure for each in criteria] == ["Failed payments recovered", "Orders"]


async def test_before_the_start_everything_is_changed_freely(world: World) -> None:
    form = await world.press("ben", await define(world), "Change")
    card = await world.submit(
        "ben", form, title="Wallet retry", target="25 %", who="Couriers", review_days="2 weeks"
    )

    assert inputs(form) == {**PLAN, "baseline": "12\u00a0%", "target": "20\u00a0%"}
    assert card.title == "Wallet retry: success is defined"
    assert "For Couriers: Customers whose card fails at first still complete their order" in lines(card)
    assert "Failed payments recovered: 12\u00a0% → 25\u00a0%, read from payments dashboard" in lines(card)
    assert "We look back: 14 days after release" in lines(card)
    assert (await kept(world, "Wallet retry"))[2] == []


async def test_a_form_sent_back_unchanged_means_the_same_numbers(world: World) -> None:
    form = await world.press("ana", await define(world, baseline="1.2340", target="-€1,234.50"), "Change")
    assert isinstance(form, Form)

    again = await world.submit("ana", form, title="Renamed")

    assert isinstance(again, Message), again.errors
    _, criteria, _ = await kept(world, "Renamed")
    assert (criteria[0].baseline, criteria[0].target, criteria[0].unit) == (
        Decimal("1.234"),
        Decimal("-1234.5"),
        "EUR",
    )


async def test_a_change_to_a_title_that_is_taken_is_refused_beside_the_title(world: World) -> None:
    await define(world)
    form = await world.press("ana", await define(world, title="Second"), "Change")

    again = await world.submit("ana", form, title="checkout retry", target="30 %")

    assert again.errors["title"].startswith("There is one called “Checkout retry” already")
    assert inputs(again)["target"] == "30 %"
    assert (await kept(world, "Second"))[1][0].target == Decimal(20)


async def test_of_two_renamed_alike_at_once_one_is_refused(world: World) -> None:
    first, second = await define(world, title="First"), await define(world, title="Second")
    forms = [await world.press("ana", card, "Change") for card in (first, second)]

    replies = await asyncio.gather(*(world.submit("ana", form, title="Both") for form in forms))

    assert sum(isinstance(reply, Form) and "title" in reply.errors for reply in replies) == 1
    assert sorted(await titles(world)) in (["Both", "First"], ["Both", "Second"])


async def test_a_measure_is_picked_to_be_changed(world: World) -> None:
    form = await world.press("ben", await define(world), "Add what must not get worse")
    card = await world.submit("ben", form, measure="Load", baseline="2 s", target="3 s", source="traces")

    picking = await world.press("ben", card, "Change a measure")
    chosen = next(choice for choice in picking.inputs[0].choices if choice.label == "Load")
    form = await world.submit("ben", picking, criterion=chosen.value)
    changed = await world.submit("ben", form, target="2.5 s", bound="at_least", baseline="")

    assert inputs(form) == {
        "measure": "Load",
        "baseline": "2 s",
        "bound": "at_most",
        "target": "3 s",
        "source": "traces",
    }
    assert "Load: at least 2.5 s, read from traces" in lines(changed)


async def test_a_single_measure_needs_no_picking(world: World) -> None:
    form = await world.press("ben", await define(world), "Change a measure")

    assert inputs(form)["measure"] == "Failed payments recovered"


async def test_a_measure_is_removed_before_the_start_and_then_missed(world: World) -> None:
    form = await world.press("ben", await define(world), "Remove a measure")
    card = await world.submit("ben", form)

    assert card.title == "Checkout retry: no measure yet"
    assert "“Failed payments recovered” is no measure of it any more." in lines(card)
    assert [button.label for button in card.buttons] == ["Add a measure", "Add what must not get worse"]


async def test_after_the_start_a_change_needs_a_reason_and_stays_visible(world: World) -> None:
    form = await world.press("ben", await started(world), "Change")

    unreasoned = await world.submit("ben", form, target="18 %")
    card = await world.submit("ben", form, target="18 %", stop_line="", reason="The provider caps retries")

    assert unreasoned.errors["reason"] == "This one is needed. A few words are enough."
    assert "It started on Monday 23 November" in repr(form.intro)
    said = lines(card)
    head = said.index("Changed since it started:")
    assert said[head + 1 : head + 3] == [
        "Mon 23 Nov, Ben Okafor: target of “Failed payments recovered”, 20\u00a0% → 18\u00a0%. "
        "Why: The provider caps retries",
        "Mon 23 Nov, Ben Okafor: stop line, support tickets about double charges double → nothing. "
        "Why: The provider caps retries",
    ]
    assert "Changed since it started:" in lines(await world.say("eva", "status Checkout retry"))


async def test_after_the_start_an_added_measure_is_an_amendment(world: World) -> None:
    form = await world.press("ben", await started(world), "Add what must not get worse")
    card = await world.submit(
        "ben", form, measure="Load", baseline="", target="3 s", source="traces", reason="We saw it slow down"
    )

    assert lines(card)[-1] == (
        "Mon 23 Nov, Ben Okafor: something that must not get worse was added: "
        "Load: at most 3 s, read from traces. Why: We saw it slow down"
    )


async def test_a_form_sent_back_unchanged_after_the_start_is_no_amendment(world: World) -> None:
    form = await world.press("ben", await started(world), "Change")

    await world.submit("ben", form, reason="Just looking")

    assert (await kept(world))[2] == []


async def test_a_form_opened_before_the_start_asks_for_the_reason_when_it_is_sent_after(world: World) -> None:
    card = await define(world)
    form = await world.press("ben", card, "Change")
    await world.press("ana", card, "Start it")

    again = await world.submit("ben", form, target="30 %")

    assert again.errors == {"reason": "This one is needed. A few words are enough."}
    assert inputs(again)["target"] == "30 %"
    assert (await kept(world))[1][0].target == Decimal(20)


async def test_after_the_start_a_measure_is_not_removed(world: World) -> None:
    card = await define(world)
    form = await world.press("ben", card, "Remove a measure")
    await world.press("ana", card, "Start it")

    again = await world.submit("ben", form)

    assert "It has been started, so “Failed payments recovered” stays in the plan." in lines(again)[0]
    assert len((await kept(world))[1]) == 1


async def test_the_plan_of_something_dropped_is_not_changed(world: World) -> None:
    card = await define(world)
    form = await world.press("ben", card, "Add a measure")
    await world.submit("ben", await world.press("ben", card, "Drop"), reason="No longer needed")

    told = await world.submit("ben", form, measure="M", baseline="1", target="2", source="x")

    assert told.title.startswith("Checkout retry was dropped, so its plan stays as it was.")
    assert told.buttons[0].label == "Open it"


async def test_buttons_of_what_is_gone_say_so(world: World) -> None:
    await define(world)

    for action in ("success.change", "measure.add", "guardrail.add", "criterion.pick", "initiative.start"):
        told = await world.tap("ana", action, initiative="#999")
        assert told.title.startswith("I cannot find that any more."), action
    for number in ("999", "x", "9" * 30):
        told = await world.tap("ana", "measure.change", initiative="#1", criterion=number)
        assert told.title.startswith("I cannot find that any more."), number


async def test_a_button_reaches_no_measure_of_another_initiative(world: World) -> None:
    await define(world)
    await define(world, title="Second")
    other = (await kept(world, "Second"))[1][0].id

    told = await world.tap("ana", "criterion.remove", initiative="#1", criterion=str(other))

    assert told.title.startswith("I cannot find that any more.")
    assert len((await kept(world, "Second"))[1]) == 1


async def test_a_dozen_measures_are_enough(world: World) -> None:
    card = await define(world)
    for number in range(12):
        form = await world.press("ana", card, "Add a measure")
        reply = await world.submit("ana", form, measure=f"M{number}", baseline="1", target="2", source="x")

    assert reply.errors["measure"].startswith("That would be more than 12 measures")
    assert len((await kept(world))[1]) == 12


async def test_why_these_questions_are_asked_is_a_card_of_its_own(world: World) -> None:
    told = await world.press("ben", await define(world), "Why these questions?")

    assert told.title == "Why these questions come before the work"
    assert len(lines(told)) == 9
