"""Forms in dialogs and on cards, and what comes back from them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.teams.forms import dialog, input_card, read, title
from handlers.messages import Ask, Choice, Form, Input, Message, Text
from tests.bot.teams.hostile import shown
from tests.bot.teams.judging import verdict

Json = dict[str, Any]
WHO = Input("who", "Who benefits?", "choice", "1", choices=(Choice("1", "Shop owners"), Choice("2", "Shoppers")))
DAYS = Input("days", "Days", "many", "0,2", choices=tuple(Choice(str(day), f"Day {day}") for day in range(5)))
TARGET = Input("target", "Target", value="12 %", hint="With its unit.")
WHY = Input("why", "Why", "text", optional=True)


def sent(card: Json, **filled: str) -> Json:
    """What Teams sends when a form is sent with this filled in; what is empty it leaves out."""
    data: Json = card["body"][-1]["actions"][0]["data"]
    return {**data, **filled}


def test_a_dialog_has_its_fields_and_one_button_that_sends_them() -> None:
    who, target, hint, why, buttons = dialog(Form("Define it", "define", (WHO, TARGET, WHY), "Define"))["body"]

    assert (who["type"], who["id"], who["label"], who["value"]) == ("Input.ChoiceSet", "who", "Who benefits?", "1")
    assert (target["type"], target["value"], shown(hint)) == ("Input.Text", "12 %", ["With its unit."])
    assert (why["isMultiline"], "value" in why) == (True, False)
    (action,) = buttons["actions"]
    assert (action["type"], action["title"]) == ("Action.Submit", "Define")


def test_the_client_asks_for_what_is_needed_and_for_nothing_else() -> None:
    who, target, _, why, _ = dialog(Form("Define it", "define", (WHO, TARGET, WHY)))["body"]

    assert all(each["isRequired"] and each["errorMessage"] for each in (who, target))
    assert "isRequired" not in why


def test_a_title_too_long_for_a_dialogs_head_stands_whole_inside() -> None:
    long = "Checkout retry: what will success look like, for whom, and by when?"

    form = Form(long, "define", (TARGET,))

    assert title(form).endswith("…")
    assert shown(dialog(form))[0] == long
    assert shown(dialog(Form("Short", "define", (TARGET,))))[0] == "Target"


def test_where_no_dialog_opens_the_form_is_a_card_that_says_what_it_is() -> None:
    drawn = input_card(Form("Define it", "define", (TARGET,), "Define", {"team": "3"}))

    (action,) = drawn["body"][-1]["actions"]
    assert shown(drawn)[0] == "Define it"
    assert (action["type"], action["verb"], action["fallback"]["type"]) == (
        "Action.Execute",
        "define",
        "Action.Submit",
    )
    assert read(sent(drawn, target="20 %")) == ("define", {"team": "3", "target": "20 %"}, True)


def test_what_was_filled_in_comes_back_by_name_with_what_was_hidden() -> None:
    card = dialog(Form("T", "define", (WHO, DAYS, TARGET, WHY), values={"initiative": "7"}))

    came = read(sent(card, who="2", days="0,3", target="20 %"))

    assert came == ("define", {"initiative": "7", "who": "2", "days": "0,3", "target": "20 %", "why": ""}, True)


def test_nobody_types_over_what_a_button_carries_but_over_what_a_form_does() -> None:
    tapped = {"worthwhile": {"action": "a", "values": {"score": "4"}, "asks": ["score"]}, "score": "1"}

    assert read(tapped)[1] == {"score": "4"}
    assert read({**tapped, "worthwhile": {**tapped["worthwhile"], "form": True}})[1] == {"score": "1"}  # type: ignore[dict-item]


def test_what_is_wrong_stands_below_its_field_and_what_was_typed_in_it() -> None:
    card = dialog(Form("T", "define", (TARGET, WHY), errors={"target": "What should it become?"}))

    target, error, hint, _, _ = card["body"]
    assert target["value"] == "12 %"
    assert (shown(error), error["inlines"][0]["color"]) == (["What should it become?"], "attention")
    assert shown(hint) == ["With its unit."]


def test_what_is_wrong_with_nothing_on_the_form_stands_at_its_head() -> None:
    assert shown(dialog(Form("T", "define", (WHY,), errors={"team": "Not there."})))[0] == "Not there."


def test_an_intro_stands_above_the_fields_and_its_inputs_travel_too() -> None:
    card = dialog(Form("T", "define", (TARGET,), intro=(Text("Similar: Wallet."), Ask(WHY))))

    assert [each["type"] for each in card["body"]][:3] == ["RichTextBlock", "Input.Text", "Input.Text"]
    assert read(sent(card, why="So", target="1"))[1] == {"why": "So", "target": "1"}


def test_an_optional_choice_can_be_taken_back() -> None:
    card = dialog(Form("T", "a", (Input("about", "About", "choice", "1", True, choices=WHO.choices),)))

    nothing = card["body"][0]["choices"][-1]["value"]
    assert read(sent(card, about=nothing))[1] == {"about": ""}


def test_a_choice_of_no_value_is_told_from_none_and_comes_back_as_one() -> None:
    card = dialog(
        Form("T", "a", (Input("about", "About", "choice", choices=(Choice("", "Anything"), *WHO.choices)),))
    )

    first = card["body"][0]["choices"][0]
    assert (first["title"], card["body"][0]["value"]) == ("Anything", first["value"])
    assert read(sent(card, about=first["value"]))[1] == {"about": ""}


def test_what_somebody_types_is_never_taken_for_nothing() -> None:
    card = dialog(Form("T", "a", (WHY,)))

    assert read(sent(card, why="∅,∅"))[1] == {"why": "∅,∅"}


def test_a_long_list_is_searched_by_typing() -> None:
    def menu(count: int) -> Any:
        choices = tuple(Choice(str(number), f"Person {number}") for number in range(count))
        return dialog(Form("T", "a", (Input("who", "Who", "choice", choices=choices),)))["body"][0]["style"]

    assert (menu(12), menu(13)) == ("compact", "filtered")


def test_two_inputs_of_one_name_have_ids_of_their_own_and_come_back_as_one() -> None:
    card = dialog(Form("T", "a", (Input("why", "Why"), Input("why", "And why"))))

    assert [each["id"] for each in card["body"][:2]] == ["why", "why#2"]
    assert read({**sent(card), "why": "a"})[1] == {"why": "a"}
    assert read({**sent(card), "why": "a", "why#2": "b"})[1] == {"why": "b"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"worthwhile": None},
        {"worthwhile": {"action": 3}},
        {"worthwhile": "checkin.save", "action": "checkin.save"},
        {"msteams": {"type": "task/fetch"}},
    ],
)
def test_what_is_none_of_ours_has_no_name(data: Json) -> None:
    assert read(data) == ("", {}, False)


def test_what_does_not_belong_into_data_is_left_out() -> None:
    ours = {
        "action": "a",
        "values": {"n": 3, "t": "x", "d": {}},
        "asks": ["b", 4, None],
        "picks": "c",
        "form": "yes",
    }

    assert read({"worthwhile": ours, "b": 12, "z": "not asked for"}) == ("a", {"t": "x", "b": "12"}, False)


@pytest.mark.parametrize(
    "form", [Form("T", "a", ()), Form("", "a", (Input("a", ""),), ""), Form("T", "a", (WHO,))]
)
def test_what_is_short_is_taken_too(form: Form) -> None:
    assert not verdict(form)
    assert not verdict(Message(form.title))
