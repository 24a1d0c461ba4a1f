"""Nothing that is said is more than Slack takes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.slack.forms import to_modal, to_page
from bot.slack.inputs import filled_in
from bot.slack.render import render
from handlers.messages import (
    Ask,
    Button,
    Choice,
    Divider,
    Facts,
    Form,
    Input,
    Items,
    Message,
    Note,
    Quote,
    Reply,
    Scale,
    Text,
)
from tests.bot.slack.anything import PLACE, forms, messages
from tests.bot.slack.judging import refused, refused_view, verdict

EXAMPLES = int(os.environ.get("MESSAGES", "30"))
ANY = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@ANY
@given(messages)
def test_any_message_is_taken_wherever_it_is_shown(message: Message) -> None:
    assert not verdict(message)


@ANY
@given(forms)
def test_any_form_is_taken(form: Form) -> None:
    assert not verdict(form)


def asking(**changes: Any) -> Form:
    return Form("Title", "checkin.save", (Input(**{"name": "about", "label": "About", **changes}),))


def pressing(**changes: Any) -> Message:
    return Message("Title", (), (Button(**{"label": "Press", "action": "checkin.save", **changes}),))


def menu(count: int, **changes: Any) -> Form:
    return asking(kind="choice", choices=tuple(Choice(str(n), f"Choice {n}") for n in range(count)), **changes)


AROUND = len('["checkin.save",{"words":""}]')
UNSEEN = len(to_modal(Form("T", "a", (), values={"words": ""}), PLACE)["private_metadata"])
AT_LIMITS: dict[str, tuple[int, Callable[[str], Reply]]] = {
    "a modal's title": (24, lambda text: Form(text, "checkin.save", ())),
    "a modal's submit": (24, lambda text: Form("Title", "checkin.save", (Input("a", "A"),), submit=text)),
    "a heading": (150, Message),
    "a button": (75, lambda text: pressing(label=text)),
    "a button that asks": (30, lambda text: pressing(label=text, confirm="Really?")),
    "the title of a question": (100, lambda text: pressing(label=text, confirm="Really?")),
    "a question": (300, lambda text: pressing(confirm=text)),
    "a button's value": (2000, lambda text: pressing(values={"words": text[AROUND:]})),
    "an option": (75, lambda text: asking(kind="choice", choices=(Choice("a", text),))),
    "an option's value": (150, lambda text: asking(kind="choice", choices=(Choice(text, "A"),))),
    "an entry behind the menu": (75, lambda text: Message("Title", more=(Button(text, "checkin.save"),))),
    "what an entry carries": (
        150, lambda text: Message("Title", more=(Button("More", "checkin.save", {"words": text[AROUND:]}),) * 2)
    ),
    "a paragraph": (3000, lambda text: Message("Title", (Text(text),))),
    "small print": (3000, lambda text: Message("Title", (Note(text),))),
    "a quote": (3000, lambda text: Message("Title", (Quote(text, "Ana"),))),
    "a fact": (3000, lambda text: Message("Title", (Facts((("Why", text),)),))),
    "an item": (3000, lambda text: Message("Title", (Items((text,)),))),
    "an input's label": (2000, lambda text: asking(label=text)),
    "an input's hint": (2000, lambda text: asking(hint=text)),
    "what was typed": (3000, lambda text: asking(kind="text", value=text)),
    "what travels unseen": (3000, lambda text: Form("Title", "a", (), values={"words": text[UNSEEN:]})),
    "a name": (255, lambda text: asking(name=text)),
    "an action": (255, lambda text: pressing(action=text)),
    "all of a message": (12_500, lambda text: Message("Title", (Text(text),))),
    "more than a message": (13_200, lambda text: Message("Title", (Facts(((text[:100], text[100:]),)),))),
}  # fmt: skip


@pytest.mark.parametrize("letter", ["x", "漢", "😀", '"'])
@pytest.mark.parametrize(("limit", "make"), AT_LIMITS.values(), ids=AT_LIMITS.keys())
def test_words_just_under_at_and_over_a_limit_are_taken(
    limit: int, make: Callable[[str], Reply], letter: str
) -> None:
    for length in (limit - 1, limit, limit + 1):
        assert not verdict(make(letter * length)), length


COUNTED: dict[str, tuple[int, Callable[[int], Reply]]] = {
    "blocks of a message": (50, lambda count: Message("Title", (Divider(),) * (count - 1))),
    "blocks of a view": (100, lambda count: Message("Title", (Divider(),) * (count - 1))),
    "inputs of a form": (100, lambda count: Form("T", "a", tuple(Input(f"n{i}", "L") for i in range(count)))),
    "buttons in a row": (25, lambda count: Message("Title", (Scale((Button("1", "a"),) * count),))),
    "entries behind the menu": (5, lambda count: Message("Title", more=(Button("Go", "a"),) * count)),
    "options": (100, menu),
    "options in all": (10_000, menu),
    "options picked": (100, lambda count: menu(120, value=",".join(map(str, range(count))))),
}


@pytest.mark.parametrize(("limit", "make"), COUNTED.values(), ids=COUNTED.keys())
def test_as_many_as_slack_takes_and_one_more_are_taken(limit: int, make: Callable[[int], Reply]) -> None:
    for count in (limit - 1, limit, limit + 1):
        assert not verdict(make(count)), count


def words_of(blocks: list[dict[str, Any]]) -> str:
    return repr(blocks)


@pytest.mark.parametrize(
    "block", [Text, Note, Quote, lambda text: Items((text,)), lambda text: Facts((("A", text),))]
)
def test_no_letter_of_a_long_text_is_lost(block: Callable[[str], Any]) -> None:
    text = "".join(chr(0x4E00 + number) for number in range(20_000))

    pages = render(Message("Title", (block(text),)))

    assert len(pages) > 1
    assert not [problem for page in pages for problem in refused(page)]
    shown = "".join(letter for page in pages for letter in words_of(page.blocks) if letter >= "\u4e00")
    assert shown == text


def test_the_notification_is_the_title_on_each_of_several_messages() -> None:
    pages = render(Message("Everything Ana said", (Text("word " * 10_000),)))

    assert {page.text for page in pages} == {"Everything Ana said"}


def test_buttons_that_carry_much_are_shared_out_over_several_messages() -> None:
    carrying = Button("Go", "checkin.save", {"words": "x" * 1_900})

    pages = render(Message("Title", (Scale((carrying,) * 20),)))

    assert sum(len(block["elements"]) for page in pages for block in page.blocks if "elements" in block) == 20
    assert all(len(json.dumps(page.blocks)) < 13_200 for page in pages)


def test_a_view_of_very_much_is_cut() -> None:
    assert not verdict(Message("Title", (Text("漢" * 3_000),) * 90))


@pytest.mark.parametrize("limit", [0, 1, 2_999, 3_000, 3_001, 100_000])
def test_what_is_longer_than_it_may_be_stays_as_it_was_typed(limit: int) -> None:
    form = asking(kind="text", value="x" * 1_000, limit=limit)

    (block,) = to_modal(form, PLACE)["blocks"]
    assert not verdict(form)
    assert len(block["element"]["initial_value"]) == 1_000


def test_two_inputs_of_one_name_stand_beside_each_other() -> None:
    asked = Input("about", "About", value="Ana")

    assert not verdict(Message("Title", (Ask(asked), Ask(asked)), (Button("Save", "checkin.save"),)))
    assert not verdict(Form("Title", "checkin.save", (asked, asked)))


def test_what_is_filled_in_stands_with_the_buttons_that_send_it() -> None:
    asked = Ask(Input("sentence", "In one sentence"))
    message = Message("Today", (asked, Text("word " * 5_000)), (Button("Save", "checkin.save"),))

    pages = render(message)

    kinds = [[block["type"] for block in page.blocks if block["type"] in ("input", "actions")] for page in pages]
    assert kinds == [*[[]] * (len(pages) - 1), ["input", "actions"]]


def test_a_modal_says_that_something_is_left_out_and_keeps_what_can_be_filled_in() -> None:
    form = Form("Title", "a", (Input("name", "Name"),), intro=tuple(Text(f"Line {n}") for n in range(150)))

    view = to_modal(form, PLACE)

    assert len(view["blocks"]) == 100
    assert view["blocks"][-1]["type"] == "input"
    assert "the rest is left out here" in words_of(view["blocks"])


def test_a_heading_that_is_cut_goes_on_below() -> None:
    view = to_modal(Form("What will success look like for shop owners?", "a", (Input("name", "Name"),)), PLACE)

    assert view["title"]["text"] == "What will success look…"
    assert view["blocks"][0]["text"]["text"] == "What will success look like for shop owners?"


def test_a_short_list_of_a_long_one_says_so_and_has_what_was_picked() -> None:
    view = to_modal(menu(10_000, value="9999"), PLACE)

    (block,) = view["blocks"]
    listed = [option for group in block["element"]["option_groups"] for option in group["options"]]
    assert f"{len(listed):,} of 10,000 are listed here" in block["hint"]["text"]
    assert len(listed) > 1_000
    assert block["element"]["initial_option"]["value"] == "9999"


def test_a_team_of_three_hundred_is_picked_in_several_lists_and_comes_back_as_one() -> None:
    people = tuple(Choice(str(n), f"Person {n}") for n in range(300))
    form = asking(name="people", kind="many", choices=people, value=",".join(str(n) for n in range(250)))

    view = to_modal(form, PLACE)

    assert not refused_view(view)
    assert [block["block_id"] for block in view["blocks"]] == ["people", "people#2", "people#3"]
    assert view["blocks"][0]["label"]["text"] == "About (Person 0 – Person 99)"
    sent = {
        block["block_id"]: {
            block["element"]["action_id"]: {"selected_options": block["element"].get("initial_options", [])}
        }
        for block in view["blocks"]
    }
    assert filled_in({"values": sent}) == {"people": ",".join(str(n) for n in range(250))}


def test_a_choice_of_nothing_comes_back_as_nothing() -> None:
    view = to_modal(asking(kind="choice", choices=(Choice("", "No one"), Choice("1", "Ana"))), PLACE)

    (block,) = view["blocks"]
    first = block["element"]["options"][0]
    assert not refused_view(view)
    assert filled_in({"values": {"about": {"a": {"selected_option": first}}}}) == {"about": ""}


def test_values_that_do_not_fit_a_button_stay_behind_and_the_short_ones_travel() -> None:
    (page,) = render(pressing(values={"team": "7", "words": "x" * 5_000}))

    assert page.blocks[-1]["elements"][0]["value"] == '["checkin.save",{"team":"7"}]'


def test_inputs_that_no_button_sends_are_shown_as_what_they_hold() -> None:
    view = to_page(Message("Title", (Ask(Input("name", "Name", value="Ana")),)), PLACE)

    assert not refused_view(view)
    assert "Ana" in words_of(view["blocks"])


def test_what_was_typed_and_does_not_fit_stands_below_the_field() -> None:
    view = to_modal(asking(kind="text", value="a" * 3_000 + "the end"), PLACE)

    field, below = view["blocks"]
    assert len(field["element"]["initial_value"]) == 3_000
    assert "the end" in words_of([below])
