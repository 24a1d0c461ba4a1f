"""The local Teams' cards: what it shows, what it refuses, and what a text in one would set off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.teams import check_card
from tests.fakes.teams.markup import of_markdown, of_plain, shown
from tests.fakes.teams_client import card, choosing, execute, submit, typing

Json = dict[str, Any]
TEXT = {"type": "TextBlock", "text": "Hello"}
DOT = "data:image/png;base64,AAAA"


def rich(text: str) -> Json:
    """A paragraph in which nothing is read as Markdown."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text}]}


def table(*cells: Json) -> Json:
    """A table of one row."""
    row = {"type": "TableRow", "cells": [{"type": "TableCell", "items": [each]} for each in cells]}
    return {"type": "Table", "columns": [{"width": 1} for _ in cells], "rows": [row]}


RIGHT = [
    card(),
    card(rich("Hello"), table(TEXT, rich("x")), {"type": "Image", "url": DOT, "altText": "a dot"}),
    card(typing(), choosing(value="a"), choosing("several", value="a,b", isMultiSelect=True), actions=[execute()]),
    card(actions=[execute(fallback=submit("Save"))]),
    card({"type": "ColumnSet", "columns": [{"type": "Column", "items": [TEXT], "selectAction": execute()}]}),
    card({"type": "Container", "id": "more", "isVisible": False, "items": [TEXT]},
         actions=[{"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["more"]}]),
    card(actions=[{"type": "Action.ShowCard", "title": "Ask", "card": card(typing(), actions=[execute()])}]),
    card(refresh={"action": {"type": "Action.Execute", "verb": "look"}, "userIds": ["29:1"]}),
    card(actions=[*(execute(str(n)) for n in range(6)), execute("7", mode="secondary")]),
]  # fmt: skip


@pytest.mark.parametrize("right", RIGHT)
def test_a_card_that_teams_shows_is_let_through(right: Json) -> None:
    assert check_card(right).problems == []


WRONG = [
    ({"type": "AdaptiveCard", "body": []}, "says no version"),
    (card(version="1.6"), "not of the form"),
    (card(version="1.3", actions=[execute()]), "needs version 1.4"),
    (card(colour="red"), "colour is not known"),
    (card({"type": "Marquee"}), "no element that Teams shows"),
    (card({"type": "TextBlock"}), "text is missing"),
    (card({**TEXT, "size": "huge"}), "none of"),
    (card({**TEXT, "wrap": "true"}), "is not true or false"),
    (card({**TEXT, "text": "\ud800"}), "half a character"),
    (card(typing("a"), typing("a")), "is there already"),
    (card({"type": "Input.Text", "label": "No id"}), "id is missing"),
    (card({"type": "Input.Text", "id": "a"}), "an input without a label"),
    (card(typing(isRequired=True)), "says nothing where it is empty"),
    (card(typing(value="too long", maxLength=3)), "longer than maxLength"),
    (card(choosing(value="c")), "none of the choices"),
    (card(choosing("pick", "a", "a")), "two choices have one value"),
    (card({"type": "Input.Date", "id": "d", "label": "Day", "value": "tomorrow"}), "not of the form"),
    (card(actions=[execute(str(n)) for n in range(7)]), "7 actions in sight"),
    (card(actions=[{"type": "Action.Execute", "title": "Save"}]), "without a verb"),
    (card(actions=[{"type": "Action.Submit"}]), "says nothing of what it does"),
    (card(actions=[execute(data="words")]), "data that is no object"),
    (card(actions=[execute(fallback={"type": "Action.Http", "title": "x"})]), "no action that Teams knows"),
    (card(actions=[{"type": "Action.OpenUrl", "title": "Go", "url": "https://evil.example"}]), "not allowed"),
    (card({"type": "Image", "url": "https://evil.example/x.png", "altText": "x"}), "not allowed"),
    (card({"type": "Image", "url": DOT}), "altText is missing"),
    (card(selectAction={"type": "Action.ShowCard", "title": "x", "card": card()}), "no selectAction"),
    (card(refresh={"action": {"type": "Action.Execute", "verb": "x"}, "userIds": ["29:1"] * 61}), "61 entries"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "problem"), WRONG)
def test_a_card_that_teams_does_not_show_is_refused(wrong: Json, problem: str) -> None:
    found = check_card(wrong)

    assert problem in "; ".join(found.problems)


def test_an_address_may_be_allowed() -> None:
    opening = card(actions=[{"type": "Action.OpenUrl", "title": "Go", "url": "https://bot.example/x"}])

    assert check_card(opening, allowed=("https://bot.example/",)).problems == []


def test_a_dialog_knows_no_execute() -> None:
    assert check_card(card(actions=[submit()]), "dialog").problems == []
    assert "does nothing in a dialog" in check_card(card(actions=[execute()]), "dialog").problems[0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<at>Ana</at>", "ping"),
        ("[click](https://evil.example)", "link"),
        ("<https://evil.example>", "link"),
        ("![x](https://evil.example/x.png)", "link"),
        ("*it*", "format"),
        ("**bold**", "format"),
        ("_it_", "format"),
        ("- item", "format"),
        ("1. item", "format"),
        ("# head", "format"),
        ("`code`", "format"),
        ("{{DATE(2026-11-23T08:00:00Z)}}", "date"),
    ],
)
def test_what_a_text_sets_off_is_noticed(text: str, kind: str) -> None:
    assert [each.kind for each in of_markdown(text)] == [kind]
    assert kind in [each.kind for each in check_card(card({"type": "TextBlock", "text": text})).traces]


@pytest.mark.parametrize("text", ["12 % → 20 %", "2*3*4 is \\*24\\*", "a < b & c", "a_b_c", "3 - 2 = 1"])
def test_ordinary_words_set_nothing_off(text: str) -> None:
    assert [each for each in of_markdown(text) if each.kind != "format" or "2*3" not in text] == []


def test_where_no_markdown_is_read_only_mentions_and_dates_are_noticed() -> None:
    assert list(of_plain("*it* [x](https://evil.example)")) == []
    assert [each.kind for each in of_plain("<at>Ana</at> {{TIME(1)}}")] == ["ping", "date"]
    assert check_card(card(rich("**bold**"))).traces == []


def test_a_text_is_read_without_what_formats_and_escapes_it() -> None:
    assert shown("**Saved**: 4 \\* 5 &amp; [more](https://x.example)") == "Saved: 4 * 5 & more"
