"""From a message to Slack's blocks.

People's words stand only in plain text objects and in the text elements of rich text. Slack reads no
markup in either, so that nothing typed can mention, link, format or pass for the bot's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, zip_longest
from typing import TypeVar, assert_never

from slack_sdk.models import blocks as kit

from bot.letters import EMPTY, is_seen, line, literal, pieces, trim
from bot.slack.buttons import draw_buttons, draw_scale
from bot.slack.columns import columns, picture
from bot.slack.fitting import pages, unique
from bot.slack.inputs import ROOM_OF_A_MESSAGE, draw_input, menus
from bot.slack.kit import (
    Context,
    Header,
    Json,
    RichCode,
    RichQuote,
    RichSection,
    Section,
    bold,
    bullets,
    plain,
    rich,
    section,
    words,
)
from bot.slack.text import notification
from handlers.messages import (
    Ask,
    Block,
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

T = TypeVar("T")

# Slack's limits, in characters unless said otherwise.
HEADER = 150
SECTION = 3_000
NOTIFICATION = 3_000

LABEL = 200  # of a fact
AROUND_A_PART = 80  # characters of the braces of a part of rich text


@dataclass(frozen=True, slots=True)
class Page:
    """One Slack message: its blocks, and the text of its notification."""

    text: str
    blocks: list[Json]


def render(message: Message) -> list[Page]:
    """A message as one Slack message, or as several where it is more than Slack takes at once."""
    text = notification(trim(message.title, NOTIFICATION)) if is_seen(message.title) else EMPTY
    return [Page(text, blocks) for blocks in pages(draw(message))]


def draw(message: Message, room: int = ROOM_OF_A_MESSAGE) -> list[Json]:
    """All of a message's blocks, however many. `room` is what its menus may take, in bytes."""
    numbers = count()
    drawn = [*title(message.title)]
    share = room // max(1, menus([block.input for block in message.blocks if isinstance(block, Ask)]))
    for block in message.blocks:
        drawn += draw_block(block, numbers, share)
    return unique([*drawn, *draw_buttons(message, numbers)])


def title(text: str) -> Iterator[Json]:
    """A heading; one that is too long for Slack goes on below it."""
    yield Header(text=plain(trim(line(text), HEADER))).to_dict()
    if len(text) > HEADER:
        yield from _sections(text)


def draw_block(block: Block, numbers: Iterator[int], room: int = ROOM_OF_A_MESSAGE) -> list[Json]:
    """One block as Slack's blocks. `numbers` keep the buttons of a message apart."""
    match block:
        case Text(text):
            return list(_sections(text))
        case Note(text):
            return [Context(elements=[plain(piece)]).to_dict() for piece in _seen(text)]
        case Quote(text, who):
            return [*_quote(text), *([rich(section(words(f"— {line(who)}")))] if is_seen(who) else [])]
        case Facts(rows):
            facts = (part for label, value in rows for part in _fact(label, value))
            return [rich(*some) for some in _batches(facts)]
        case Items(items):
            parts = (piece for item in items for piece in pieces(literal(item), SECTION - AROUND_A_PART))
            return [bullets(some) for some in _batches((part, len(part)) for part in parts)]
        case Table(head, rows):
            return list(_table(head, rows))
        case Picture(alt, bars):
            return [*(_preformatted(picture(bars)) if bars else ()), *draw_block(Note(alt), numbers)]
        case Divider():
            return [kit.DividerBlock().to_dict()]
        case Scale(buttons):
            return draw_scale(buttons, numbers)
        case Ask(asked):
            return draw_input(asked, room=room)
        case File(name):
            return draw_block(Note(f"{line(name)} comes in your direct messages with me."), numbers)
        case _:
            assert_never(block)


def _seen(text: str) -> list[str]:
    """A text in pieces that go into one block each, but for those in which there is nothing to see."""
    return [piece for piece in pieces(literal(text), SECTION) if is_seen(piece)]


def _sections(text: str) -> Iterator[Json]:
    for piece in _seen(text):
        yield Section(text=plain(piece), expand=True).to_dict()


def _quote(text: str) -> Iterator[Json]:
    for piece in _seen(text) or [EMPTY]:
        yield rich(RichQuote(elements=[words(piece)]))


def _preformatted(text: str) -> Iterator[Json]:
    for piece in _seen(text):
        yield rich(RichCode(elements=[words(piece)]))


def _fact(label: str, value: str) -> Iterator[tuple[RichSection, int]]:
    """A label and its value; a value that is too long goes on without it."""
    name = f"{trim(line(label), LABEL)}: "
    first, *others = pieces(literal(value), SECTION - LABEL - 2 * AROUND_A_PART)
    yield section(bold(name), words(first)), len(name) + len(first) + AROUND_A_PART
    for other in others:
        yield section(words(other)), len(other)


def _table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[Json]:
    """Columns where they are narrow enough for a phone; else each row as a fact, each cell by its head."""
    if narrow := columns([head, *rows]):
        yield from _preformatted(narrow)
        return
    facts = []
    for row in rows or [head]:
        named = zip_longest(head if rows else (), row, fillvalue="")
        first, *others = [f"{line(name)} {line(cell)}".strip() for name, cell in named] or [""]
        facts += list(_fact(first, " · ".join(others)))
    yield from (rich(*some) for some in _batches(facts))


def _batches(sized: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """Elements with their lengths, as many in one block as keep it small enough to go on any page."""
    batch: list[T] = []
    room = SECTION
    for element, length in sized:
        size = length + AROUND_A_PART
        if batch and size > room:
            yield batch
            batch, room = [], SECTION
        batch.append(element)
        room -= size
    if batch:
        yield batch
