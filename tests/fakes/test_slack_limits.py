"""The local Slack holds blocks and views against every limit: the limit itself passes, one more does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.conftest import actions, asking, button, modal, refusal, section
from tests.fakes.slack import FakeSlack, check_blocks, check_view

Made = Callable[[int], dict[str, Any]]


def plain(size: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * size}


def option(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": f"Choice {number}"}, "value": f"v{number}", **more}


def menu(count: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "pick", "options": [option(n) for n in range(count)], **more}


def overflow(count: int, **more: Any) -> dict[str, Any]:
    return {"type": "overflow", "action_id": "more", "options": [option(n, **more) for n in range(count)]}


def radio(**changes: Any) -> dict[str, Any]:
    return {"type": "radio_buttons", "action_id": "r", "options": [option(**changes)]}


def in_group(count: int) -> dict[str, Any]:
    listed = [{"label": plain(1), "options": [option(n) for n in range(count)]}]
    return {"type": "static_select", "action_id": "pick", "option_groups": listed}


def picture(**changes: Any) -> dict[str, Any]:
    return {"type": "image", "image_url": "https://x.example/a", "alt_text": "x", **changes}


def beside(**changes: Any) -> dict[str, Any]:
    return {**section("x"), "accessory": picture(**changes)}


def confirmed(**changes: Any) -> dict[str, Any]:
    confirm = {"title": plain(1), "text": plain(1), "confirm": plain(1), "deny": plain(1), **changes}
    return actions(button(confirm=confirm))


def grouped(groups: int, label: int = 5) -> dict[str, Any]:
    listed = [{"label": plain(label), "options": [option()]} for _ in range(groups)]
    return actions({"type": "static_select", "action_id": "pick", "option_groups": listed})


def typed(**element: Any) -> dict[str, Any]:
    return asking(**element)


MESSAGE_LIMITS: list[tuple[str, int, Made]] = [
    ("header", 150, lambda n: {"type": "header", "text": plain(n)}),
    ("section text", 3000, lambda n: section("x" * n)),
    ("section field", 2000, lambda n: {"type": "section", "fields": [plain(n)]}),
    ("section fields", 10, lambda n: {"type": "section", "fields": [plain(1)] * n}),
    ("context elements", 10, lambda n: {"type": "context", "elements": [plain(1)] * n}),
    ("actions elements", 25, lambda n: actions(*(button(action_id=f"a{i}") for i in range(n)))),
    ("block id", 255, lambda n: {"type": "divider", "block_id": "x" * n}),
    ("action id", 255, lambda n: actions(button(action_id="x" * n))),
    ("button text", 75, lambda n: actions(button("x" * n))),
    ("button value", 2000, lambda n: actions(button(value="x" * n))),
    ("button address", 3000, lambda n: actions(button(url="https://x.example/".ljust(n, "x")))),
    ("button label", 75, lambda n: actions(button(accessibility_label="x" * n))),
    ("confirm title", 100, lambda n: confirmed(title=plain(n))),
    ("confirm text", 300, lambda n: confirmed(text=plain(n))),
    ("confirm button", 30, lambda n: confirmed(confirm=plain(n))),
    ("confirm deny", 30, lambda n: confirmed(deny=plain(n))),
    ("overflow options", 5, lambda n: actions(overflow(n))),
    ("option text", 75, lambda n: actions(overflow(1, text=plain(n)))),
    ("option value", 150, lambda n: actions(overflow(1, value="x" * n))),
    ("option description", 75, lambda n: actions(overflow(1, description=plain(n)))),
    ("overflow address", 3000, lambda n: actions(overflow(1, url="https://x.example/".ljust(n, "x")))),
    ("select option text", 75, lambda n: actions(menu(options=[option(text=plain(n))]))),
    ("select option value", 150, lambda n: actions(menu(options=[option(value="x" * n)]))),
    ("select option description", 75, lambda n: actions(menu(options=[option(description=plain(n))]))),
    ("radio option text", 75, lambda n: actions(radio(text=plain(n)))),
    ("radio option value", 150, lambda n: actions(radio(value="x" * n))),
    ("radio option description", 75, lambda n: actions(radio(description=plain(n)))),
    ("check boxes", 10, lambda n: actions({"type": "checkboxes", "action_id": "c", "options": [option()] * n})),
    ("several options", 100, lambda n: actions(menu(n, type="multi_static_select"))),
    ("most that may be chosen", 1000, lambda n: actions(menu(type="multi_static_select", max_selected_items=n))),
    ("options of a group", 100, lambda n: actions(in_group(n))),
    ("placeholder of an input", 150, lambda n: typed(placeholder=plain(n))),
    ("minimum length", 3000, lambda n: typed(min_length=n)),
    (
        "address of a picture",
        3000,
        lambda n: {"type": "image", "image_url": "https://x".ljust(n, "x"), "alt_text": "x"},
    ),
    ("title of a picture", 2000, lambda n: {**picture(), "title": plain(n)}),
    ("address of a small picture", 3000, lambda n: beside(image_url="https://x".ljust(n, "x"))),
    ("alt text of a small picture", 2000, lambda n: beside(alt_text="x" * n)),
    ("context text", 3000, lambda n: {"type": "context", "elements": [plain(n)]}),
    ("id of a header", 255, lambda n: {"type": "header", "text": plain(1), "block_id": "x" * n}),
    ("id of rich text", 255, lambda n: {**rich({"type": "text", "text": "x"}), "block_id": "x" * n}),
    ("rich link", 3000, lambda n: rich({"type": "link", "url": "https://x.example/".ljust(n, "x")})),
    ("skin tone", 6, lambda n: rich({"type": "emoji", "name": "wave", "skin_tone": n})),
    ("rows of a table", 100, lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * n}),
    ("columns of a table", 20, lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * n]}),
    ("select options", 100, lambda n: actions(menu(n))),
    ("select groups", 100, lambda n: grouped(n)),
    ("group label", 75, lambda n: grouped(1, n)),
    ("placeholder", 150, lambda n: actions(menu(placeholder=plain(n)))),
    (
        "radio options",
        10,
        lambda n: actions({"type": "radio_buttons", "action_id": "r", "options": [option()] * n}),
    ),
    ("alt text", 2000, lambda n: {"type": "image", "image_url": "https://x.example/a", "alt_text": "x" * n}),
    ("picture's id", 255, lambda n: {"type": "image", "slack_file": {"id": "F" * n}, "alt_text": "x"}),
    ("picture's address", 3000, lambda n: {"type": "image", "slack_file": {"url": "h" * n}, "alt_text": "x"}),
    ("input label", 2000, lambda n: asking("x" * n)),
    ("input hint", 2000, lambda n: {**asking(), "hint": plain(n)}),
    ("initial value", 3000, lambda n: typed(initial_value="x" * n)),
    ("initial value in its input", 20, lambda n: typed(initial_value="x" * n, max_length=20)),
    ("max length", 3000, lambda n: typed(max_length=n)),
    ("markdown", 12_000, lambda n: {"type": "markdown", "text": "x" * n}),
    ("list indent", 8, lambda n: rich_list(n)),
]
VIEW_LIMITS: list[tuple[str, int, Made]] = [
    ("title", 24, lambda n: modal(title="x" * n)),
    ("submit", 24, lambda n: modal(submit=plain(n))),
    ("close", 24, lambda n: modal(close=plain(n))),
    ("private metadata", 3000, lambda n: modal(private_metadata="x" * n)),
    ("callback id", 255, lambda n: modal(callback_id="x" * n)),
    ("external id", 255, lambda n: modal(external_id="x" * n)),
    ("blocks of a modal", 100, lambda n: modal(*[{"type": "divider"}] * n)),
    ("blocks of a home", 100, lambda n: {"type": "home", "blocks": [{"type": "divider"}] * n}),
]


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def rich_list(indent: int) -> dict[str, Any]:
    inner = {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}
    listed = {"type": "rich_text_list", "style": "bullet", "indent": indent, "elements": [inner]}
    return {"type": "rich_text", "elements": [listed]}


@pytest.mark.parametrize(
    ("limit", "make"), [row[1:] for row in MESSAGE_LIMITS], ids=[row[0] for row in MESSAGE_LIMITS]
)
def test_a_block_may_reach_its_limit_and_not_pass_it(limit: int, make: Made) -> None:
    assert not check_blocks([make(limit - 1)]).problems
    assert not check_blocks([make(limit)]).problems

    assert check_blocks([make(limit + 1)]).problems


@pytest.mark.parametrize(("limit", "make"), [row[1:] for row in VIEW_LIMITS], ids=[row[0] for row in VIEW_LIMITS])
def test_a_view_may_reach_its_limit_and_not_pass_it(limit: int, make: Made) -> None:
    assert not check_view(make(limit - 1)).problems
    assert not check_view(make(limit)).problems

    assert check_view(make(limit + 1)).problems


@pytest.mark.parametrize(("count", "accepted"), [(49, True), (50, True), (51, False)])
def test_a_message_has_at_most_fifty_blocks(count: int, accepted: bool) -> None:
    assert bool(check_blocks([{"type": "divider"}] * count).problems) is not accepted


EMPTY: dict[str, dict[str, Any]] = {
    "header": {"type": "header", "text": plain(0)},
    "only spaces": section("   "),
    "section without words": {"type": "section"},
    "button text": actions(button("")),
    "option value": actions(overflow(1, value="")),
    "no options": actions(menu(0)),
    "no elements": actions(),
    "rich text": rich({"type": "text", "text": ""}),
    "no rich text": {"type": "rich_text", "elements": []},
    "alt text": {"type": "image", "image_url": "https://x.example/a", "alt_text": ""},
}


@pytest.mark.parametrize("block", EMPTY.values(), ids=EMPTY.keys())
def test_what_must_say_something_may_not_be_empty(block: dict[str, Any]) -> None:
    assert check_blocks([block]).problems


WRONG: dict[str, dict[str, Any]] = {
    "unknown block": {"type": "chart"},
    "unknown key": {"type": "divider", "colour": "red"},
    "unknown key of a text": {"type": "header", "text": {**plain(1), "verbatim": True}},
    "markup in a header": {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
    "markup on a button": actions({**button(), "text": {"type": "mrkdwn", "text": "x"}}),
    "style": actions(button(style="default")),
    "text that is a number": {"type": "header", "text": {"type": "plain_text", "text": 5}},
    "the same action twice": actions(button("One", action_id="a"), button("Two", action_id="a")),
    "an input outside of an input block": actions({"type": "plain_text_input", "action_id": "a"}),
    "a button in an input block": asking(type="button", text=plain(1)),
    "an e-mail input in a message": asking(type="email_text_input"),
    "an initial option of other words": actions(menu(2, initial_option=option(0, value="v1"))),
    "options and groups": actions(menu(1, option_groups=[{"label": plain(1), "options": [option()]}])),
    "a minimum over the maximum": typed(min_length=5, max_length=4),
    "a picture from two places": {
        "type": "image", "alt_text": "x", "image_url": "https://x.example", "slack_file": {"id": "F1"},
    },
    "a picture from nowhere": {"type": "image", "alt_text": "x"},
    "an address without a scheme": actions(button(url="x.example")),
    "rich text of an unknown kind": rich({"type": "shout", "text": "x"}),
    "rich text with an unknown key": rich({"type": "text", "text": "x", "size": 3}),
    "rich text with an unknown style": rich({"type": "text", "text": "x", "style": {"loud": True}}),
    "a text right inside of rich text": {"type": "rich_text", "elements": [{"type": "text", "text": "x"}]},
    "a mention in preformatted text": {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}],
    },
}  # fmt: skip


@pytest.mark.parametrize("block", WRONG.values(), ids=WRONG.keys())
def test_what_slack_does_not_know_is_refused(block: dict[str, Any]) -> None:
    assert check_blocks([block]).problems


FINE: dict[str, dict[str, Any]] = {
    "an initial option": actions(menu(2, initial_option=option(1))),
    "several": {**asking(type="multi_static_select", options=[option(1), option(2)], initial_options=[option(2)])},
    "check boxes with markup": asking(
        type="checkboxes", options=[{"text": {"type": "mrkdwn", "text": "*x*"}, "value": "v"}]
    ),
    "a date": actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-11-23"}),
    "a time": actions({"type": "timepicker", "action_id": "t", "initial_time": "09:40"}),
    "an input in a message": {**asking(), "dispatch_action": True},
    "styled rich text": rich({"type": "text", "text": "x", "style": {"bold": True, "italic": True}}),
    "an accessory": {**section("x"), "accessory": button()},
}


@pytest.mark.parametrize("block", FINE.values(), ids=FINE.keys())
def test_what_slack_knows_passes(block: dict[str, Any]) -> None:
    assert not check_blocks([block]).problems


def test_two_blocks_may_not_have_one_id() -> None:
    same = {"type": "divider", "block_id": "line"}

    assert check_blocks([same, same]).problems


def test_one_action_id_may_stand_in_two_blocks() -> None:
    first, second = actions(button()), {**actions(button()), "block_id": "other"}

    assert not check_blocks([first, second]).problems


def test_a_modal_that_asks_needs_a_button_to_send_it() -> None:
    unsent = modal()
    unsent.pop("submit")

    assert check_view(unsent).problems


def test_a_home_page_has_no_title() -> None:
    assert check_view({**modal(), "type": "home"}).problems


def test_only_one_input_takes_the_focus() -> None:
    first, second = asking(focus_on_load=True), asking(block_id="other", focus_on_load=True)

    assert not check_view(modal(first)).problems
    assert check_view(modal(first, second)).problems


def test_a_problem_is_told_with_its_place() -> None:
    found = check_blocks([{"type": "divider"}, section("x" * 3001)])

    assert found.problems == ["must be less than 3001 characters [json-pointer:/blocks/1/text/text]"]


@pytest.mark.parametrize(("size", "accepted"), [(39_999, True), (40_000, True), (40_001, False)])
async def test_a_text_has_at_most_forty_thousand_characters(
    slack: FakeSlack, client: AsyncWebClient, size: int, accepted: bool
) -> None:
    call = client.chat_postMessage(channel=slack.channel("checkout").id, text="x" * size)

    if accepted:
        assert (await call)["ok"]
    else:
        assert await refusal(call) == "msg_too_long"


@pytest.mark.parametrize(("size", "accepted"), [(13_199, True), (13_200, True), (13_201, False)])
async def test_all_blocks_of_a_message_together_have_a_limit(
    slack: FakeSlack, client: AsyncWebClient, size: int, accepted: bool
) -> None:
    blocks = [section("x" * 3000)] * (size // 3000) + [section("x" * (size % 3000))]
    call = client.chat_postMessage(channel=slack.channel("checkout").id, text="x", blocks=blocks)

    if accepted:
        assert (await call)["ok"]
    else:
        assert await refusal(call) == "msg_blocks_too_long"
