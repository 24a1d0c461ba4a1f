"""Nothing that is said is more than Teams takes."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.teams.fitting import CARD, CUT
from bot.teams.forms import dialog, input_card
from bot.teams.inputs import shares
from bot.teams.kit import size
from bot.teams.render import card, cards, summary
from handlers.messages import Ask, Button, Choice, Divider, Facts, Form, Input, Items, Message, Quote, Scale, Text
from tests.bot.slack.anything import forms, messages
from tests.bot.teams.hostile import shown
from tests.bot.teams.judging import verdict
from tests.fakes.teams import is_too_large

EXAMPLES = int(os.environ.get("MESSAGES", "6"))
ANY = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
Json = dict[str, Any]


@ANY
@given(messages)
def test_any_message_is_taken_wherever_it_is_shown(message: Message) -> None:
    assert not verdict(message)


@ANY
@given(forms)
def test_any_form_is_taken(form: Form) -> None:
    assert not verdict(form)


def filled(characters: int) -> Message:
    """A message of paragraphs with this many characters in all."""
    pages = [1_000] * (characters // 1_000) + [characters % 1_000]
    return Message("Title", tuple(Text("x" * count) for count in pages))


FULL = next(count for count in range(9_000, 13_000) if size(cards(filled(count + 1))[0]) > CARD or
            len(cards(filled(count + 1))) > 1)  # fmt: skip


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_card_is_split_only_where_it_is_more_than_teams_takes(beside: int) -> None:
    message = filled(FULL + beside)

    drawn = cards(message)

    assert len(drawn) == (2 if beside > 0 else 1)
    assert all(size(each) <= CARD for each in drawn)
    assert "".join(shown(drawn)).count("x") == FULL + beside


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_where_there_is_one_card_only_a_word_tells_what_is_left_out(beside: int) -> None:
    drawn = card(filled(FULL + beside))

    assert not is_too_large(drawn)
    assert (CUT in shown(drawn)) == (beside > 0)


def test_nothing_stands_after_the_word_that_tells_what_is_left_out() -> None:
    drawn = card(Message("T", (*filled(40_000).blocks, Text("The end."))))

    assert shown(drawn)[-1] == CUT


def test_what_people_act_with_stays_where_the_words_are_too_many() -> None:
    scale = Scale(tuple(Button(str(score), "checkin.save") for score in range(1, 6)))
    ask = Ask(Input("sentence", "In one sentence"))
    message = Message("T", (*filled(40_000).blocks, scale, ask), (Button("Undo", "u"),))

    drawn = card(message)

    kinds = [element["type"] for element in drawn["body"]]
    assert kinds[-3:] == ["ColumnSet", "Input.Text", "ActionSet"]
    assert shown(drawn)[0] == "T"


def test_of_several_cards_the_last_one_has_all_that_people_act_with() -> None:
    ask = Ask(Input("sentence", "In one sentence"))
    message = Message("T", (ask, *filled(40_000).blocks), (Button("Undo", "u"),))

    *before, last = cards(message)

    assert not [each for each in before if {"Input.Text", "ActionSet"} & {part["type"] for part in each["body"]}]
    assert [part["type"] for part in last["body"]][-2:] == ["Input.Text", "ActionSet"]
    assert "".join(shown([*before, last])).count("x") == 40_000


LENGTHS = {"a title": 150, "a summary": 250, "a button": 60, "a label": 300, "a hint": 400, "an option": 75}


@pytest.mark.parametrize("beside", [-1, 0, 1])
@pytest.mark.parametrize("place", LENGTHS)
def test_what_is_too_long_for_its_place_is_cut_visibly(place: str, beside: int) -> None:
    text = "x" * (LENGTHS[place] + beside)

    said = {
        "a title": lambda: shown(card(Message(text)))[0],
        "a summary": lambda: summary(Message(text)),
        "a button": lambda: shown(card(Message("T", (), (Button(text, "a"),))))[-1],
        "a label": lambda: shown(dialog(Form("T", "a", (Input("a", text),))))[0],
        "a hint": lambda: shown(dialog(Form("T", "a", (Input("a", "A", hint=text),))))[1],
        "an option": lambda: shown(dialog(Form("T", "a", (Input("a", "A", choices=(Choice("1", text),)),))))[1],
    }[place]()

    assert said == (text if beside <= 0 else "x" * (LENGTHS[place] - 1) + "…")


def test_a_title_too_long_for_its_place_goes_on_below_it() -> None:
    said = shown(card(Message("word " * 100)))

    assert said[1].rstrip() == ("word " * 100).rstrip()


def fields(form: Form) -> list[Json]:
    """The fields of a form's dialog that are typed into."""
    return [each for each in dialog(form)["body"] if each["type"] == "Input.Text"]


@pytest.mark.parametrize("letters", ["x", "漢", "😀", 'He said "yes" to both of us.\n'])
def test_what_was_typed_into_a_form_fits_back_into_it_whole(letters: str) -> None:
    asked = [Input(f"field{number}", f"Field {number}", "text", hint="In a sentence.") for number in range(4)]
    most = [each["maxLength"] for each in fields(Form("T", "a", tuple(asked)))]

    typed = [(letters * count).encode("utf-16-le")[: count * 2].decode("utf-16-le", "ignore") for count in most]
    again = tuple(replace(each, value=text) for each, text in zip(asked, typed, strict=True))
    form = Form("T", "a", again, errors={each.name: "Please say it in fewer words. " * 3 for each in asked})

    assert min(most) > 1_500
    assert [each["value"] for each in fields(form)] == typed
    assert size(dialog(form)) <= CARD


def test_a_short_field_leaves_its_room_to_a_long_one() -> None:
    asked = (*(Input(f"line{number}", "Line", limit=100) for number in range(6)), Input("all", "All", "text"))

    assert [each["maxLength"] for each in fields(Form("T", "a", asked))] == [100] * 6 + [3_000]


@given(st.integers(0, 10_000), st.lists(st.integers(0, 10_000), max_size=9))
def test_shares_are_never_more_than_there_is_or_than_is_wanted(total: int, wanted: list[int]) -> None:
    found = shares(total, wanted)

    assert sum(found) <= total
    assert all(share <= want for share, want in zip(found, wanted, strict=True))
    assert found == wanted or sum(found) + len(found) > total


def test_a_field_says_where_it_holds_less_than_was_there() -> None:
    long = tuple(Input(f"field{number}", "Field", "text", "x" * 12_000) for number in range(3))

    drawn = dialog(Form("T", "a", long))

    assert size(drawn) <= CARD
    assert sum("More was here" in text for text in shown(drawn)) == 3


def test_a_long_list_keeps_what_is_picked_and_counts_what_it_leaves_out() -> None:
    people = tuple(Choice(str(number), f"Person number {number}") for number in range(1_000))
    form = Form("T", "a", (Input("who", "Who", "many", "0,999", choices=people),))

    (menu,) = [each for each in dialog(form)["body"] if each["type"] == "Input.ChoiceSet"]

    offered = [choice["value"] for choice in menu["choices"]]
    assert menu["value"] == "0,999"
    assert {"0", "999"} <= set(offered)
    assert f"{len(offered):,} of 1,000 are listed here" in " ".join(shown(dialog(form)))


def test_a_short_list_leaves_its_room_to_a_long_one() -> None:
    long = tuple(Choice(str(number), f"Person number {number}") for number in range(60))
    short = tuple(Input(f"pick{number}", "Pick", "choice", choices=long[:2]) for number in range(4))

    menus = dialog(Form("T", "a", (*short, Input("who", "Who", "choice", choices=long))))["body"]

    assert [len(each["choices"]) for each in menus if each["type"] == "Input.ChoiceSet"] == [2, 2, 2, 2, 60]


def test_values_too_long_to_travel_are_left_out_the_longest_first() -> None:
    button = Button("Log it", "checkin.undo", {"date": "2026-11-23", "words": "x" * 9_000})

    (row,) = card(Message("T", (), (button,)))["body"][1:]

    assert row["actions"][0]["data"]["worthwhile"]["values"] == {"date": "2026-11-23"}


def test_a_card_of_a_little_of_everything_is_one_card() -> None:
    blocks = (Text("a"), Quote("b", "c"), Facts((("d", "e"),)), Divider(), Items(("f",) * 20))

    assert len(cards(Message("T", blocks))) == 1


def test_the_size_of_a_card_is_counted_as_teams_does() -> None:
    assert size({"a": "é😀"}) == len('{"a":"é😀"}'.encode("utf-16-le"))
    assert size(input_card(Form("T", "a", ()))) == 2 * len(
        json.dumps(input_card(Form("T", "a", ())), separators=(",", ":"))
    )
