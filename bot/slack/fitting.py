"""As much as Slack takes at once: blocks in messages and views, each block under a name of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from bot.slack.kit import Context, Json, plain

# Slack's limits.
BLOCKS_OF_A_MESSAGE = 50
CHARACTERS_OF_A_MESSAGE = 12_500  # Slack refuses about 13,200, and says nowhere what it counts: these are bytes
BLOCKS_OF_A_VIEW = 100
CHARACTERS_OF_A_VIEW = 240_000  # Slack says 250 KB

ACTING = ("input", "actions")
CUT = "There is more than Slack shows in one place; the rest is left out here."
AGAIN = "#"


def unique(blocks: list[Json]) -> list[Json]:
    """The same blocks, a second one of the same name under one of its own."""
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        if "block_id" in block:
            if block["block_id"] in seen:
                block["block_id"] = f"{named(block['block_id'])}{AGAIN}{number + 1}"
            seen.add(block["block_id"])
    return blocks


def named(block_id: str) -> str:
    """The name of the input in a block."""
    name, again, number = block_id.rpartition(AGAIN)
    return name if again and number.isdigit() else block_id


def pages(blocks: list[Json]) -> list[list[Json]]:
    """The blocks in as few messages as take them, in their order.

    Where there are several, what is filled in stands on the last one, with the buttons that send it.
    """
    if len(blocks) <= BLOCKS_OF_A_MESSAGE and _bytes(blocks) <= CHARACTERS_OF_A_MESSAGE:
        return [blocks]
    if not any(block["type"] == "input" for block in blocks):
        return list(_split(blocks))
    acting = [block for block in blocks if block["type"] in ACTING]
    *before, last = list(_split([block for block in blocks if block["type"] not in ACTING])) or [[]]
    together = list(_split([*last, *acting]))
    if len(together) > 1:
        together = [*filter(None, [last]), *_split(acting)]
    return [*before, *together]


def view(blocks: list[Json]) -> list[Json]:
    """As many blocks as one view takes, those that act first, and a word where others are left out."""
    if len(blocks) <= BLOCKS_OF_A_VIEW and sum(map(_length, blocks)) <= CHARACTERS_OF_A_VIEW:
        return blocks
    kept = _kept(blocks)
    first = next(number for number in range(len(blocks)) if number not in kept)
    word = Context(elements=[plain(CUT)]).to_dict()
    return [word if number == first else block for number, block in enumerate(blocks) if number in {*kept, first}]


def _kept(blocks: Sequence[Json]) -> set[int]:
    """The places of the blocks that fit, with room for a word."""
    kept: set[int] = set()
    room = CHARACTERS_OF_A_VIEW - 1_000
    for number in sorted(range(len(blocks)), key=lambda number: blocks[number]["type"] not in ACTING):
        room -= _length(blocks[number])
        if room < 0 or len(kept) == BLOCKS_OF_A_VIEW - 1:
            break
        kept.add(number)
    return kept


def _split(blocks: Sequence[Json]) -> Iterator[list[Json]]:
    page: list[Json] = []
    room = CHARACTERS_OF_A_MESSAGE
    for block in blocks:
        size = _bytes(block)
        if page and (size > room or len(page) == BLOCKS_OF_A_MESSAGE):
            yield page
            page, room = [], CHARACTERS_OF_A_MESSAGE
        page.append(block)
        room -= size
    if page:
        yield page


def _length(block: Json) -> int:
    """Its length as it is sent, where each letter beyond ASCII takes six characters or twelve."""
    return len(json.dumps(block))


_dumped: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False).encode


def _bytes(drawn: object) -> int:
    return len(_dumped(drawn).encode())
