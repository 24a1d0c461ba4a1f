"""From a message to Adaptive Cards.

People's words stand only in the text runs of rich text, in which Teams reads no Markdown, and in labels, so that
nothing typed can mention, link, format or pass for the bot's own words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, zip_longest
from typing import Any, assert_never

from bot.letters import EMPTY, is_seen, line, literal, pieces, trim
from bot.teams import kit
from bot.teams.buttons import Place, draw_buttons, draw_scale
from bot.teams.fitting import Frugality, Part, one_card, several_cards
from bot.teams.inputs import Asked, allotted, draw_input, names
from bot.teams.kit import Json, column, container, paragraph, rich, run, side_by_side
from handlers.messages import (
    Ask,
    Bar,
    Block,
    Divider,
    Facts,
    File,
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

# Sizes of ours, in characters unless said otherwise: a part of a card is never larger than what one card takes.
TITLE = 150
SUMMARY = 250
PARAGRAPH = 2_000
LABEL = 200
TABLE_WIDTH = 34  # of all columns together: as many as a phone shows
TABLE_ROWS = 12  # in one table
TABLE_COLUMNS = 4


def card(message: Message) -> Json:
    """A message as one card. What is more than one card takes is left out, and a word says so."""
    return one_card(lambda frugality: parts(message, frugality), trim(line(message.title), TITLE))


def cards(message: Message) -> list[Json]:
    """A message as one card, or as several where it is more than Teams takes at once: nothing is left out."""
    return several_cards(lambda frugality: parts(message, frugality), trim(line(message.title), TITLE))


def summary(message: Message) -> str:
    """What a notification says of the message: an activity's `summary`."""
    return trim(line(message.title), SUMMARY)


@dataclass(frozen=True, slots=True)
class Pen:
    """What the blocks of one card are drawn with: where their buttons stand, numbers for names, and the inputs."""

    place: Place
    numbers: Iterator[int]
    asks: Iterator[Asked]


def parts(message: Message, frugality: Frugality, *, is_dialog: bool = False) -> Iterator[Part]:
    """All of a message, title first, in parts that stand or go together."""
    pen = pen_for(message.blocks, frugality, is_dialog=is_dialog)
    yield from heading(message.title)
    yield from draw(message.blocks, pen)
    buttons = draw_buttons(message, pen.place, pen.numbers)
    if buttons:
        yield Part(tuple(buttons), acts=True)


def pen_for(blocks: Sequence[Block], frugality: Frugality, *, is_dialog: bool) -> Pen:
    """What these blocks are drawn with."""
    asks = [block.input for block in blocks if isinstance(block, Ask)]
    place = where(asks, frugality, is_dialog=is_dialog)
    return Pen(place, count(), iter(allotted(asks, frugality.room)))


def where(asked: Sequence[Input], frugality: Frugality, *, is_dialog: bool) -> Place:
    """Where buttons stand that these inputs travel with."""
    asks = tuple(name for name, each in zip(names(asked), asked, strict=True) if not each.choices)
    picks = tuple(name for name, each in zip(names(asked), asked, strict=True) if each.choices)
    return Place(asks, picks, is_dialog, frugality.measure)


def heading(text: str) -> Iterator[Part]:
    """What a card is, large; what is too long for that goes on below it."""
    yield Part((kit.heading(trim(line(text), TITLE)),))
    if len(text) > TITLE:
        yield from _paragraphs(text)


def draw(blocks: Iterable[Block], pen: Pen) -> Iterator[Part]:
    """Blocks in their order; a line between two parts stands on the second one."""
    is_divided = False
    for block in blocks:
        for part in draw_block(block, pen):
            yield _divided(part) if is_divided else part
            is_divided = False
        is_divided = isinstance(block, Divider)


def draw_block(block: Block, pen: Pen) -> Iterator[Part]:
    """One block as parts of a card."""
    match block:
        case Text(text):
            yield from _paragraphs(text)
        case Note(text):
            yield from _paragraphs(text, size="small", isSubtle=True)
        case Quote(text, who):
            yield from _quote(text, who)
        case Facts(rows):
            yield from (part for label, value in rows for part in _fact(label, value))
        case Items(items):
            yield from (_item(piece) for item in items for piece in _pieces(item))
        case Table(head, rows):
            yield from _table(head, rows)
        case Picture(alt, bars):
            yield from map(_bar, bars)
            yield from draw_block(Note(alt), pen)
        case Divider():
            return
        case Scale(buttons):
            if buttons:
                yield Part(tuple(draw_scale(buttons, pen.place, pen.numbers)), acts=True)
        case Ask():
            yield Part(tuple(draw_input(next(pen.asks))), acts=True)
        case File(name):
            yield from draw_block(Note(f"{line(name)} follows in your chat with me."), pen)
        case _:
            assert_never(block)


def _pieces(text: str) -> list[str]:
    """A text in pieces that each fit on any card, but for those in which there is nothing to see."""
    return [piece for piece in pieces(literal(text), PARAGRAPH) if is_seen(piece)]


def _paragraphs(text: str, **how: Any) -> Iterator[Part]:
    for piece in _pieces(text):
        yield Part((paragraph(piece, **how),))


def _quote(text: str, who: str) -> Iterator[Part]:
    """Somebody's words on a ground of their own, and below it whose they are."""
    quoted = [container([paragraph(piece, italic=True)], style="emphasis") for piece in _pieces(text) or [EMPTY]]
    *before, last = quoted
    yield from (Part((each,)) for each in before)
    author = [paragraph(f"— {trim(line(who), LABEL)}", spacing="small", isSubtle=True)] if is_seen(who) else []
    yield Part((last, *author))


def _fact(label: str, value: str) -> Iterator[Part]:
    """A label and its value; a value that is too long goes on without it."""
    first, *others = list(pieces(literal(value), PARAGRAPH))
    name = run(f"{trim(line(label), LABEL)}: ", weight="bolder")
    yield Part((rich(name, run(first), spacing="small"),))
    yield from (Part((paragraph(other, spacing="none"),)) for other in others)


def _item(text: str) -> Part:
    return Part((paragraph(f"• {text}", spacing="small"),))


def _table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[Part]:
    """Columns where they are narrow enough for a phone; else each row in lines, each cell by its head."""
    widths = [max((len(line(row[at])) for row in (head, *rows)), default=0) for at in range(len(head))]
    if head and sum(widths) <= TABLE_WIDTH and len(head) <= TABLE_COLUMNS:
        for start in range(0, max(1, len(rows)), TABLE_ROWS):
            yield Part((_columns((head, *rows[start : start + TABLE_ROWS]), widths),))
        return
    for row in rows or [head]:
        named = zip_longest(head if rows else (), row, fillvalue="")
        first, *others = [f"{line(name)} {line(cell)}".strip() for name, cell in named] or [""]
        yield from _fact(first, " · ".join(others)) if others else _paragraphs(first)


def _columns(rows: Sequence[tuple[str, ...]], widths: Sequence[int]) -> Json:
    """A table; its first row is its head."""
    return {
        "type": "Table",
        "columns": [{"width": max(1, width)} for width in widths],
        "rows": [
            {"type": "TableRow", "cells": [_cell(cell, is_head=number == 0) for cell in row]}
            for number, row in enumerate(rows)
        ],
        "showGridLines": False,
    }


def _cell(text: str, *, is_head: bool) -> Json:
    words = run(line(text), weight="bolder") if is_head else run(line(text))
    return {"type": "TableCell", "items": [rich(words)]}


def _bar(bar: Bar) -> Part:
    """A bar below its label and its value, which say the same in words."""
    share = min(1.0, max(0.0, bar.share)) if math.isfinite(bar.share) else 0.0
    full = round(share * 100)
    words = rich(
        run(f"{trim(line(bar.label), LABEL)} "),
        run(trim(line(bar.value), LABEL), weight="bolder"),
        spacing="small",
    )
    filled = [_length(full, "accent")] if full else []
    rest = [_length(100 - full, "emphasis")] if full < 100 else []
    return Part((words, side_by_side([*filled, *rest], spacing="none")))


def _length(weight: int, style: str) -> Json:
    return column([], weight, style=style, minHeight="8px", spacing="none")


def _divided(part: Part) -> Part:
    first, *others = part.elements
    return replace(part, elements=({**first, "separator": True, "spacing": "medium"}, *others))
