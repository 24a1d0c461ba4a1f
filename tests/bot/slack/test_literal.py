"""People's words appear letter for letter, and call nobody, link nowhere and are formatted as nothing."""

from __future__ import annotations

import json
import os
import re
from random import Random
from typing import Any

import pytest

from bot.slack.forms import to_home, to_modal, to_page
from bot.slack.render import Page, render
from handlers.messages import Button, Facts, Form, Message, Quote, Text
from tests.bot.slack.anything import PLACE
from tests.bot.slack.hostile import PARTS, PLACES, PRESSED, UNSEEN, form_of, hostile_text, message_of, seen, shown
from tests.bot.slack.judging import verdict
from tests.bot.slack.office import office
from tests.fakes.slack.markup import of_blocks, of_message
from tests.world import CHANNEL

TEXTS = int(os.environ.get("TEXTS", "10000"))
SEED = int(os.environ.get("TEXTS_SEED", "1"))
BATCHES = 8
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
UNSHOWN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def traces(page: Page) -> list[Any]:
    """What a message sets off where Slack is told nothing about how to read it, and makes the most of it."""
    return of_message(page.text, page.blocks, parse="", link_names=True, mrkdwn=True)


def drawn(texts: list[str]) -> list[tuple[list[str], Any]]:
    """The texts in every place of every surface, each with what it is drawn as."""
    message, form = message_of(texts), form_of(texts)
    visible = [text for number, text in enumerate(texts) if number != UNSEEN]
    in_a_modal = [text for text in visible if text is not texts[PRESSED]]  # cut to a submit button's 24 letters
    return [
        (visible, [page.blocks for page in render(message)]),
        (visible, to_home(message)),
        (in_a_modal, to_page(message, PLACE)),
        ([texts[0], *texts[2:6]], to_modal(form, PLACE)),
    ]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_hostile_words_are_shown_letter_for_letter_and_do_nothing(batch: int) -> None:
    random = Random(f"{SEED}-{batch}")  # noqa: S311

    for _ in range(TEXTS // (BATCHES * PLACES) + 1):
        texts = [hostile_text(random) for _ in range(PLACES)]
        found = [trace for page in render(message_of(texts)) for trace in traces(page)]

        assert not found, (SEED, batch, texts)
        assert not verdict(message_of(texts)), (SEED, batch, texts)
        assert not verdict(form_of(texts)), (SEED, batch, texts)
        for words, surface in drawn(texts):
            said = shown(surface)
            together = "\n".join(map(seen, said))
            assert not list(of_blocks(surface)), (SEED, batch, texts)
            assert not [text for text in words if seen(text) not in together], (SEED, batch, texts)
            assert not [text for text in said if UNSHOWN.search(text)], (SEED, batch, texts)
            assert json.dumps(surface, ensure_ascii=False).encode(), (SEED, batch, texts)


@pytest.mark.parametrize("part", PARTS)
def test_nothing_in_a_notification_calls_links_or_formats(part: str) -> None:
    for text in (part, f"Ana said {part} today", f"{part}{part}", f"x{part}", f"{part} {part}"):
        (page,) = render(Message(text))

        assert not traces(page), page.text


def test_an_ordinary_notification_is_as_it_was_written() -> None:
    (page,) = render(Message("Checkout retry: planned 20 %, reached 17.4 %"))

    assert page.text.replace("\u2060", "") == "Checkout retry: planned 20 %, reached 17.4 %"


@pytest.mark.parametrize("sign", "\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
def test_no_word_turns_round_what_the_bot_says_after_it(sign: str) -> None:
    message = Message(
        f"{sign}Retry is released",
        (Text(f"{sign}a"), Quote(f"{sign}a", f"{sign}Ana"), Facts(((f"{sign}a", f"{sign}b"),))),
        (Button(f"{sign}Go", "a"),),
    )

    (page,) = render(message)

    assert not [text for text in [page.text, *shown(page.blocks)] if TURNING.search(text)]


def test_a_name_with_a_line_break_stays_in_one_line() -> None:
    (page,) = render(Message("Said", (Quote("It works", "Ana\n— Ben\n\u2028Approved"),)))

    assert shown(page.blocks)[-1] == "— Ana — Ben  Approved"


def test_who_said_it_stands_outside_of_what_was_said() -> None:
    (page,) = render(Message("Said", (Quote("It works\n— Ben", "Ana"),)))

    quote, author = page.blocks[1:]
    assert quote["elements"][0]["type"] == "rich_text_quote"
    assert author["elements"][0]["type"] == "rich_text_section"
    assert shown(author) == ["— Ana"]


def test_words_are_never_bold_and_labels_always_are() -> None:
    (page,) = render(Message("Plan", (Facts((("Why", "*bold*"),)),)))

    label, value = page.blocks[1]["elements"][0]["elements"]
    assert (label["text"], label["style"]) == ("Why: ", {"bold": True})
    assert (value["text"], "style" in value) == ("*bold*", False)


def test_what_travels_unseen_is_whole_when_it_comes_back() -> None:
    (page,) = render(Message("T", (), (Button("Go", "a", {"words": "half \ud800 & <!here> \0"}),)))
    view = to_modal(Form("T", "a", (), values={"words": "half \udfff"}), PLACE)

    assert json.loads(page.blocks[-1]["elements"][0]["value"]) == ["a", {"words": "half \ufffd & <!here> \0"}]
    assert json.loads(view["private_metadata"])["values"] == {"words": "half \ufffd"}


WILD = "<!channel> *bold* `code` https://evil.example @here :smile: \u202eturned & <@U1>"


async def test_hostile_words_go_all_the_way_and_do_nothing(database_url: str) -> None:
    async with office(database_url) as opened:
        await opened.start_team()
        form = await opened.types("ana", f"define-success {WILD}")
        plan = {"measure": "Recovered", "baseline": "12 %", "target": "20 %", "review_days": "7 days"}
        await opened.sends("ana", form, who=WILD, change=WILD, source=WILD, **plan)
        said = await opened.types("eva", f"evidence {WILD}", channel=CHANNEL)
        await opened.sends("eva", said, said_by=WILD, strength="said")
        await opened.types("ben", f"checkin 4 {WILD}")
        await opened.person("chi").dm(WILD)
        await opened.person("dev").mention(CHANNEL, WILD)
        for name in ("me", "status", "summary week"):
            await opened.types("ben", name)
        await opened.person("ben").open_home()
        await opened.quiet()

        refused = [(call.method, call.answer) for call in opened.slack.calls if not call.answer.get("ok")]
        cards = [*opened.person("ana").ephemerals(), *opened.person("eva").ephemerals()]
        assert opened.slack.traces == []
        assert refused == []
        assert any("*bold* `code` https://evil.example @here :smile: turned &" in card.words for card in cards)
