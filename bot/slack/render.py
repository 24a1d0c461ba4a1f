"""From a message to Slack's blocks.

People's words stand only in plain text objects and in the text elements of rich text. Slack reads no
markup in either, so that nothing typed can mention, link, format or pass for the bot's own words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar, assert_never

from slack_sdk.models import blocks as kit
from slack_sdk.models.blocks import RichTextElementParts as Parts

from bot.slack.inputs import draw_input
from bot.slack.text import pieces, plain, trim
from handlers.messages import (
    Ask,
    Block,
    Button,
    Divider,
    Facts,
    File,
    Items,
    Message,
    Note,
    Picture,
    Quote,
    Scale,
    Table,
    Text,
)

Json = dict[str, Any]
T = TypeVar("T")

# Slack's limits, in characters unless said otherwise.
HEADER = 150
SECTION = 3_000
BUTTON = 75
BUTTON_VALUE = 2_000
IN_SIGHT = 25  # buttons in one row
CONFIRM, CONFIRM_LABEL = 300, 30
MENU = 5  # entries
MENU_VALUE = 150
BLOCKS_OF_A_MESSAGE = 50
CHARACTERS_OF_A_MESSAGE = 12_500  # Slack refuses about 13,200 in all, and says nowhere what it counts
NOTIFICATION = 3_000

BAR_WIDTH = 12
TABLE_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Page:
    """One Slack message: its blocks, and the text of its notification."""

    text: str
    blocks: list[Json]


def render(message: Message) -> list[Page]:
    """A message as one Slack message, or as several where it is more than Slack takes at once."""
    text = escape(trim(message.title, NOTIFICATION))
    return [Page(text, blocks) for blocks in _pages(draw(message))]


def draw(message: Message) -> list[Json]:
    """All of a message's blocks, however many."""
    numbers = count()
    drawn = [*title(message.title)]
    for block in message.blocks:
        drawn += draw_block(block, numbers)
    return [*drawn, *_buttons(message, numbers)]


def escape(text: str) -> str:
    """Text as Slack wants it where it does read markup: in the notification."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def title(text: str) -> Iterator[Json]:
    """A heading; one that is too long for Slack goes on below it."""
    yield kit.HeaderBlock(text=plain(trim(text, HEADER))).to_dict()
    if len(text) > HEADER:
        yield from _sections(text)


def draw_block(block: Block, numbers: Iterator[int]) -> list[Json]:
    """One block as Slack's blocks. `numbers` keep the buttons of a message apart."""
    match block:
        case Text(text):
            return list(_sections(text))
        case Note(text):
            return [kit.ContextBlock(elements=[plain(piece)]).to_dict() for piece in pieces(text, SECTION)]
        case Quote(text, who):
            return [*_quote(text), *([_rich(_section(_words(f"— {who}")))] if who else [])]
        case Facts(rows):
            return [_rich(*some) for some in _batches(_fact(label, value) for label, value in rows)]
        case Items(items):
            return [_bullets(some) for some in _batches((_words(item), len(item)) for item in items)]
        case Table(head, rows):
            return list(_preformatted(_table([head, *rows])))
        case Picture(alt, bars):
            drawn = [(bar.label, _bar(bar.share), bar.value) for bar in bars]
            return [*(_preformatted(_table(drawn)) if bars else ()), *draw_block(Note(alt), numbers)]
        case Divider():
            return [kit.DividerBlock().to_dict()]
        case Scale(buttons):
            return _rows([_button(button, next(numbers)) for button in buttons])
        case Ask(asked):
            return draw_input(asked)
        case File(name):
            return draw_block(Note(f"{name} comes in your direct messages with me."), numbers)
        case _:
            assert_never(block)


def packed(action: str, values: Mapping[str, str], limit: int) -> str:
    """An action and its values as text of at most `limit` characters.

    Values too long to travel are left out, the longest first: the form that opens asks for them again.
    """
    kept = dict(values)
    while len(text := json.dumps([action, kept], ensure_ascii=False, separators=(",", ":"))) > limit and kept:
        del kept[max(kept, key=lambda name: len(kept[name]))]
    return text


def _buttons(message: Message, numbers: Iterator[int]) -> list[Json]:
    """The buttons in one row, with the others behind a menu where they fit in one."""
    drawn = [_button(button, next(numbers)) for button in message.buttons]
    if message.more and _fit_a_menu(message.more):
        return _rows([*drawn, _menu(message.more, next(numbers))])
    return [*_rows(drawn), *_rows([_button(button, next(numbers)) for button in message.more])]


def _fit_a_menu(buttons: Sequence[Button]) -> bool:
    """A menu asks no question before it acts, and takes few and short entries."""
    values = [json.dumps([button.action, button.values], ensure_ascii=False) for button in buttons]
    return len(buttons) <= MENU and not any(
        button.confirm or len(value) > MENU_VALUE for button, value in zip(buttons, values, strict=True)
    )


def _button(button: Button, number: int) -> kit.ButtonElement:
    styles = {"plain": None, "main": "primary", "danger": "danger"}
    return kit.ButtonElement(
        text=plain(trim(button.label, BUTTON)),
        action_id=f"{button.action}.{number}",
        value=packed(button.action, button.values, BUTTON_VALUE),
        style=styles[button.style],
        confirm=_confirm(button) if button.confirm else None,
    )


def _confirm(button: Button) -> kit.ConfirmObject:
    return kit.ConfirmObject(
        title=plain(trim(button.label, 100)),
        text=plain(trim(button.confirm, CONFIRM)),
        confirm=plain(trim(button.label, CONFIRM_LABEL)),
        deny=plain("Cancel"),
        style="danger" if button.style == "danger" else None,
    )


def _menu(buttons: Sequence[Button], number: int) -> kit.OverflowMenuElement:
    options = [
        kit.Option(text=plain(trim(button.label, BUTTON)), value=packed(button.action, button.values, MENU_VALUE))
        for button in buttons
    ]
    return kit.OverflowMenuElement(action_id=f"more.{number}", options=options)


def _rows(elements: Sequence[Any]) -> list[Json]:
    starts = range(0, len(elements), IN_SIGHT)
    return [kit.ActionsBlock(elements=elements[start : start + IN_SIGHT]).to_dict() for start in starts]


def _sections(text: str) -> Iterator[Json]:
    for piece in pieces(text, SECTION):
        yield kit.SectionBlock(text=plain(piece), expand=True).to_dict()


def _quote(text: str) -> Iterator[Json]:
    for piece in pieces(text, SECTION):
        yield _rich(kit.RichTextQuoteElement(elements=[_words(piece)]))


def _rich(*elements: Any) -> Json:
    return kit.RichTextBlock(elements=list(elements)).to_dict()


def _section(*elements: Any) -> kit.RichTextSectionElement:
    return kit.RichTextSectionElement(elements=list(elements))


def _words(text: str) -> Parts.Text:
    return Parts.Text(text=text or "–")  # Slack refuses an empty text


def _bold(text: str) -> Parts.Text:
    return Parts.Text(text=text, style=Parts.TextStyle(bold=True))


def _fact(label: str, value: str) -> tuple[kit.RichTextSectionElement, int]:
    return _section(_bold(f"{label}: "), _words(value)), len(label) + len(value)


def _bullets(items: Iterable[Parts.Text]) -> Json:
    return _rich(kit.RichTextListElement(style="bullet", elements=[_section(item) for item in items]))


def _batches(sized: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """Elements with their lengths, as many in one block as keep it small enough to go on any page."""
    batch: list[T] = []
    room = SECTION
    for element, size in sized:
        if batch and size > room:
            yield batch
            batch, room = [], SECTION
        batch.append(element)
        room -= size
    if batch:
        yield batch


def _preformatted(text: str) -> Iterator[Json]:
    for piece in pieces(text, SECTION):
        yield _rich(kit.RichTextPreformattedElement(elements=[_words(piece)]))


def _bar(share: float) -> str:
    filled = round(max(0.0, min(1.0, share)) * BAR_WIDTH)
    return "█" * filled + "░" * (BAR_WIDTH - filled)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows in columns where they are narrow enough for a phone, else one after the other."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    if sum(widths) + 2 * len(widths) > TABLE_WIDTH:
        return "\n".join(" · ".join(row) for row in rows)
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _pages(blocks: list[Json]) -> list[list[Json]]:
    """The blocks in as few messages as take them, in their order."""
    pages: list[list[Json]] = [[]]
    room = CHARACTERS_OF_A_MESSAGE
    for block in blocks:
        size = len(json.dumps(block, ensure_ascii=False))
        if pages[-1] and (size > room or len(pages[-1]) == BLOCKS_OF_A_MESSAGE):
            pages.append([])
            room = CHARACTERS_OF_A_MESSAGE
        pages[-1].append(block)
        room -= size
    return pages
