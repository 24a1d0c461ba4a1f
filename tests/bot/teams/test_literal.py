"""People's words appear letter for letter, and call nobody, link nowhere and are formatted as nothing."""

from __future__ import annotations

import json
import os
import re
from random import Random
from typing import Any

import pytest

from bot.letters import JOINER
from bot.teams.forms import dialog, input_card, page, read
from bot.teams.render import card, cards, summary
from handlers.messages import Ask, Button, Choice, Facts, Form, Input, Message, Note, Quote, Text
from tests.bot.teams.hostile import PARTS, PLACES, UNSEEN, form_of, hostile_text, message_of, seen, shown
from tests.bot.teams.judging import in_chat, in_dialog, verdict

TEXTS = int(os.environ.get("TEXTS", "3000"))
SEED = int(os.environ.get("TEXTS_SEED", "1"))
BATCHES = 8
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
ALIKE = str.maketrans("∗ˍ∼ˋ", "*_~`")
UNSHOWN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def read_as(text: str) -> str:
    """What of a text a reader can see, where a sign may stand for one that looks like it."""
    return seen(text).translate(ALIKE)


def drawn(texts: list[str]) -> list[tuple[list[str], Any]]:
    """The texts in every place of every surface, each with what it is drawn as."""
    message, form = message_of(texts), form_of(texts)
    visible = [text for number, text in enumerate(texts) if number != UNSEEN]
    in_a_form = [texts[0], *texts[1:6]]
    return [
        (visible, cards(message)),
        (visible, page(message)),
        (in_a_form[1:], dialog(form)),
        (in_a_form, input_card(form)),
    ]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_hostile_words_are_shown_letter_for_letter_and_do_nothing(batch: int) -> None:
    random = Random(f"{SEED}-{batch}")  # noqa: S311

    for _ in range(TEXTS // (BATCHES * PLACES) + 1):
        texts = [hostile_text(random) for _ in range(PLACES)]

        assert not verdict(message_of(texts)), (SEED, batch, texts)
        assert not verdict(form_of(texts)), (SEED, batch, texts)
        for words, surface in drawn(texts):
            said = shown(surface)
            together = "\n".join(map(read_as, said))
            assert not [text for text in words if read_as(text) not in together], (SEED, batch, texts)
            assert not [text for text in said if UNSHOWN.search(text)], (SEED, batch, texts)
            assert json.dumps(surface, ensure_ascii=False).encode(), (SEED, batch, texts)


@pytest.mark.parametrize("part", PARTS)
def test_nothing_in_a_list_with_boxes_to_tick_links_or_formats(part: str) -> None:
    for text in (part, f"Ana said {part} today", f"{part}{part}", f"x{part}", f"{part} {part}"):
        asked = Input("people", "Who", "many", choices=(Choice("1", text), Choice("2", "Ben")))

        assert not verdict(Form("T", "a", (asked,)))


def test_an_ordinary_name_in_a_list_is_as_it_was_written() -> None:
    asked = Input("people", "Who", "many", choices=(Choice("1", "Ana María Ruiz-Soler (Lead, 12 %)"),))

    (menu,) = [each for each in dialog(Form("T", "a", (asked,)))["body"] if each["type"] == "Input.ChoiceSet"]

    assert menu["choices"][0]["title"] == "Ana María Ruiz-Soler (Lead, 12 %)"


@pytest.mark.parametrize("text", ["{{DATE(2026-11-23T09:00:00Z, LONG)}}", "<at>Ana</at>", "< AT >", "{{{x}}}"])
def test_what_is_read_even_in_plain_runs_is_kept_apart_by_what_nobody_sees(text: str) -> None:
    said = shown(card(Message("T", (Text(text),))))

    assert text in [each.replace(JOINER, "") for each in said]
    assert not verdict(Message(text, (Text(text), Quote(text, text))))


@pytest.mark.parametrize("sign", "\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
def test_no_word_turns_round_what_the_bot_says_after_it(sign: str) -> None:
    message = Message(
        f"{sign}Retry is released",
        (Text(f"{sign}a"), Quote(f"{sign}a", f"{sign}Ana"), Facts(((f"{sign}a", f"{sign}b"),))),
        (Button(f"{sign}Go", "a"),),
    )

    said = [summary(message), *shown(card(message))]

    assert not [text for text in said if TURNING.search(text)]


def test_a_name_with_a_line_break_stays_in_one_line() -> None:
    said = shown(card(Message("Said", (Quote("It works", "Ana\n— Ben\n\u2028Approved"),))))

    assert said[-1] == "— Ana — Ben  Approved"


def test_who_said_it_stands_outside_of_what_was_said() -> None:
    _, quote, author = card(Message("Said", (Quote("It works\n— Ben", "Ana"),)))["body"]

    assert (quote["type"], shown(quote)) == ("Container", ["It works\n— Ben"])
    assert (author["type"], shown(author)) == ("RichTextBlock", ["— Ana"])


def test_words_are_never_bold_and_labels_always_are() -> None:
    _, fact = card(Message("Plan", (Facts((("Why", "**bold**"),)),)))["body"]

    label, value = fact["inlines"]
    assert (label["text"], label["weight"]) == ("Why: ", "bolder")
    assert (value["text"], "weight" in value) == ("**bold**", False)


@pytest.mark.parametrize("part", PARTS)
def test_markdown_is_read_in_titles_alone_and_finds_nothing_there(part: str) -> None:
    for title in (part, f"Ana said {part} today", f"Ana{part}", f"{part}Ana", f"1{part}", f"Ana\n{part}"):
        for reply in (Message(title, (Text(part), Note(part))), Form(title, "a", (Input("a", part),))):
            drawn = json.dumps([*in_chat(reply), in_dialog(reply)])

            assert not verdict(reply)
            assert drawn.count('"TextBlock"') == drawn.count('"heading"')
            assert '"FactSet"' not in drawn


def test_what_travels_unseen_is_whole_when_it_comes_back() -> None:
    (action,) = card(Message("T", (), (Button("Go", "a", {"words": "half \ud800 & <at> {{x}} \0"}),)))["body"][1][
        "actions"
    ]
    (form,) = dialog(Form("T", "a", (), values={"words": "half \udfff"}))["body"][-1]["actions"]

    assert read(action["data"]) == ("a", {"words": "half \ufffd & <at> {{x}} \ufffd"}, False)
    assert read(form["data"]) == ("a", {"words": "half \ufffd"}, True)


def test_what_was_typed_stands_in_its_field_as_it_was_typed() -> None:
    typed = "**bold** <at>Ana</at> {{DATE(2026-11-23T09:00:00Z)}}\n- item"
    message = Message("T", (Ask(Input("words", "Words", "text", typed)),), (Button("Go", "a"),))

    (field,) = [each for each in card(message)["body"] if each["type"] == "Input.Text"]

    assert field["value"] == typed
