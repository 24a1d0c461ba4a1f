"""How messages look in Slack, and that all the product can say is taken there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.forms import LOADING, to_modal, to_page
from bot.slack.inputs import filled_in
from bot.slack.render import render
from handlers.messages import (
    Ask,
    Bar,
    Button,
    Choice,
    Facts,
    Form,
    Input,
    Items,
    Message,
    Note,
    Picture,
    Quote,
    Scale,
    Table,
    Text,
)
from tests.bot.matrix import Probe, Stage
from tests.bot.planted import Team
from tests.bot.slack.anything import PLACE
from tests.bot.slack.judging import verdict
from tests.bot.test_permissions import each_way_in
from tests.world import World

Json = dict[str, Any]


def drawn(message: Message) -> list[Json]:
    """The blocks of a message that fits into one."""
    (page,) = render(message)
    return page.blocks


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def text_in(block: Json) -> str:
    """What stands in a rich text block, in one piece."""
    return "".join(part["text"] for element in block["elements"] for part in element["elements"])


def test_a_message_is_a_heading_then_text_then_small_print_then_buttons() -> None:
    message = Message(
        "Saved: 4 of 5", (Text("Counted at 16:00."), Note("Only you see this.")), (Button("Undo", "u"),)
    )

    heading, text, note, buttons = drawn(message)

    assert heading == {"type": "header", "text": plain("Saved: 4 of 5")}
    assert text == {"type": "section", "text": plain("Counted at 16:00."), "expand": True}
    assert note == {"type": "context", "elements": [plain("Only you see this.")]}
    assert buttons["elements"][0]["text"] == plain("Undo")


def test_the_main_button_stands_out_and_a_dangerous_one_asks_first() -> None:
    main, danger = Button("Start", "a", style="main"), Button("Erase", "b", {}, "danger", "Really?")

    (row,) = drawn(Message("T", (), (main, danger)))[1:]

    assert [button.get("style") for button in row["elements"]] == ["primary", "danger"]
    assert row["elements"][1]["confirm"] == {
        "title": plain("Erase"),
        "text": plain("Really?"),
        "confirm": plain("Erase"),
        "deny": plain("Cancel"),
        "style": "danger",
    }


def labels(row: Json) -> list[Any]:
    """The labels in a row, a menu's as a list."""
    return [
        each["text"]["text"] if each["type"] == "button" else [entry["text"]["text"] for entry in each["options"]]
        for each in row["elements"]
    ]


def some(count: int, **more: Any) -> tuple[Button, ...]:
    return tuple(Button(f"More {number}", "a", **more) for number in range(1, count + 1))


def test_more_is_behind_one_menu() -> None:
    (row,) = drawn(Message("T", (), (Button("Go", "a"),), some(5)))[1:]

    assert labels(row) == ["Go", ["More 1", "More 2", "More 3", "More 4", "More 5"]]


def test_the_first_of_more_than_a_menu_takes_are_in_sight() -> None:
    (row,) = drawn(Message("T", (), (Button("Go", "a"),), some(6)))[1:]

    assert labels(row) == ["Go", "More 1", ["More 2", "More 3", "More 4", "More 5", "More 6"]]


def test_a_menu_never_hides_a_single_entry() -> None:
    (row,) = drawn(Message("T", (), (Button("Go", "a"),), some(1)))[1:]

    assert labels(row) == ["Go", "More 1"]


def test_what_asks_before_it_acts_is_in_sight_and_the_others_stay_behind_the_menu() -> None:
    close = Button("Close it", "b", confirm="Nobody can answer then.")

    (row,) = drawn(Message("T", (), (Button("Go", "a"),), (*some(2), close)))[1:]

    assert labels(row) == ["Go", "Close it", ["More 1", "More 2"]]


def test_a_scale_is_one_row_and_every_button_of_a_message_has_its_own_name() -> None:
    scale = Scale(tuple(Button(str(score), "checkin.save", {"score": str(score)}) for score in range(1, 6)))

    row, others = drawn(Message("T", (scale,), some(2)))[1:]

    assert labels(row) == ["1", "2", "3", "4", "5"]
    names = [each["action_id"] for each in [*row["elements"], *others["elements"]]]
    assert len(set(names)) == 7


def test_facts_are_one_block_a_line_each() -> None:
    (block,) = drawn(Message("T", (Facts((("Planned", "20 %"), ("Reached", "17.4 %"))),)))[1:]

    assert [element["type"] for element in block["elements"]] == ["rich_text_section"] * 2
    assert text_in(block) == "Planned: 20 %Reached: 17.4 %"


def test_items_are_a_list_with_bullets() -> None:
    (block,) = drawn(Message("T", (Items(("Retries help cards", "Not wallets")),)))[1:]

    (listed,) = block["elements"]
    assert (listed["type"], listed["style"], len(listed["elements"])) == ("rich_text_list", "bullet", 2)


def test_a_quote_has_its_author_below() -> None:
    quote, author = drawn(Message("T", (Quote("It saved my Saturday", "Meera"),)))[1:]

    assert quote["elements"][0]["type"] == "rich_text_quote"
    assert text_in(author) == "— Meera"


def test_a_narrow_table_stands_in_columns() -> None:
    table = Table(("Week", "Mean"), (("1", "4.2"), ("漢字", "4")))

    (block,) = drawn(Message("T", (table,)))[1:]

    assert block["elements"][0]["type"] == "rich_text_preformatted"
    assert text_in(block) == "Week  Mean\n1     4.2\n漢字  4"


def test_a_table_too_wide_for_a_phone_is_a_line_for_each_row() -> None:
    table = Table(("Initiative", "Value", "Effort"), (("Checkout retry for failed wallets", "5 of 5", "3 weeks"),))

    (block,) = drawn(Message("T", (table,)))[1:]

    assert text_in(block) == "Initiative Checkout retry for failed wallets: Value 5 of 5 · Effort 3 weeks"


def test_a_picture_is_bars_and_the_same_in_words() -> None:
    bars = (Bar("From", 0.5, "12 %"), Bar("Planned", 1.0, "20 %"))

    bar, alt = drawn(Message("T", (Picture("From 12 % to 20 %.", bars),)))[1:]

    assert text_in(bar) == "From     ██████░░░░░░  12 %\nPlanned  ████████████  20 %"
    assert alt == {"type": "context", "elements": [plain("From 12 % to 20 %.")]}


def test_a_bar_with_a_long_label_stands_below_it() -> None:
    bars = (Bar("Customers whose card fails at first", 1.0, "20 %"),)

    bar, _ = drawn(Message("T", (Picture("Alt.", bars),)))[1:]

    assert text_in(bar) == "Customers whose card fails at first\n████████████  20 %"


def test_a_text_with_nothing_to_see_takes_no_room() -> None:
    assert len(drawn(Message("T", (Text(""), Note(" "), Facts(()), Items(()))))) == 1


QUESTION = Message(
    "Would Meera be happy?",
    (
        Ask(Input("about", "About", "choice", "#1", choices=(Choice("work", "My work"), Choice("#1", "Retry")))),
        Scale(tuple(Button(str(score), "checkin.save", {"score": str(score)}) for score in range(1, 6))),
        Ask(Input("sentence", "In one sentence", optional=True)),
    ),
    (),
    (Button("Skip today", "checkin.skip"),),
)


def test_a_card_with_inputs_is_a_form_in_a_modal_and_what_is_pressed_becomes_a_choice() -> None:
    view = to_page(QUESTION, PLACE)

    _, score, _, more = view["blocks"]
    assert [block["type"] for block in view["blocks"]] == ["input", "input", "input", "actions"]
    assert labels(more) == ["Skip today"]
    assert [option["text"]["text"] for option in score["element"]["options"]] == [
        "1",
        "2",
        "3",
        "4",
        "5",
    ]
    assert view["submit"] == plain("Save")


def test_a_card_with_inputs_and_one_button_is_sent_by_it() -> None:
    asked = Ask(Input("words", "Words", "text"))

    view = to_page(Message("Add a sentence", (asked,), (Button("Add it", "checkin.add"),)), PLACE)

    assert view["submit"] == plain("Add it")
    assert [block["type"] for block in view["blocks"]] == ["input"]


def test_what_is_wrong_stands_above_its_field_and_what_was_typed_in_it() -> None:
    asked = (Input("target", "Target", value="12 %"), Input("when", "When"))

    view = to_modal(Form("Success", "define", asked, errors={"target": "What should it become?"}), PLACE)

    error, target, _ = view["blocks"]
    assert text_in(error) == "What should it become?"
    assert target["element"]["initial_value"] == "12 %"


def test_what_is_wrong_with_nothing_on_the_form_stands_at_its_head() -> None:
    view = to_modal(Form("Success", "define", (Input("when", "When"),), errors={"team": "Not there."}), PLACE)

    assert text_in(view["blocks"][0]) == "Not there."


UNSENT = Form("T", "a", (), "", intro=(Ask(Input("name", "Name")),))


@pytest.mark.parametrize("reply", [LOADING, Message("T"), Form("T", "a", ()), UNSENT, QUESTION])
def test_what_is_short_is_taken_too(reply: Message | Form) -> None:
    assert not verdict(reply)


def test_inputs_come_back_by_their_names() -> None:
    state = {
        "about": {"x.about": {"type": "static_select", "selected_option": {"value": "#1"}}},
        "sentence": {"x.sentence": {"type": "plain_text_input", "value": None}},
        "days": {"x.days": {"type": "multi_static_select", "selected_options": [{"value": "1"}, {"value": "2"}]}},
    }

    assert filled_in({"values": state}) == {"about": "#1", "sentence": "", "days": "1,2"}


@pytest.mark.parametrize("who", ["lead", "member", "guest"])
async def test_every_answer_to_every_way_in_is_taken(
    stage: Stage, teams: list[Team], every: list[Probe], who: str
) -> None:
    team = teams[0]

    for probe in each_way_in(every):
        reply = await stage.ask(probe.request(team.envelope(who, team.channel)))

        assert not verdict(reply), probe


async def test_everything_said_in_a_month_is_taken(world: World) -> None:
    form = await world.form("ana", "define-success Checkout retry")
    plan = {
        "who": "Shop owners",
        "change": "Cards work",
        "measure": "Recovered",
        "baseline": "12 %",
        "target": "20 %",
    }
    await world.submit("ana", form, **plan, source="dashboard", review_days="7 days")
    for name in ("ana", "ben", "chi", "dev", "eva"):
        await world.say(name, "checkin 4 <!channel> *now*")
    await world.say("ana", "release Checkout retry")
    await world.pass_days(28)

    sent = [each.message for each in world.chat.sent]

    assert len(sent) > 20
    assert not [problem for message in sent for problem in verdict(message)]
    assert {"header"} == {render(message)[0].blocks[0]["type"] for message in sent}
