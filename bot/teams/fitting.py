"""As much as Teams takes at once: parts of a card that fit together, on one card or on several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.teams.buttons import Measure
from bot.teams.inputs import Room
from bot.teams.kit import Json, adaptive_card, paragraph, size

CARD = 25_000  # bytes in UTF-16 of a whole card: of the 28 KB that every way of posting takes
CUT = "There is more than Teams shows on one card; the rest is left out here."
COMMA = 2


@dataclass(frozen=True, slots=True)
class Part:
    """Elements that stand or go together. What `acts` is what people tap and fill in."""

    elements: tuple[Json, ...]
    acts: bool = False

    @property
    def bytes(self) -> int:
        """What it takes on a card."""
        return sum(size(element) + COMMA for element in self.elements)


@dataclass(frozen=True, slots=True)
class Frugality:
    """How sparing a card is with its buttons and inputs, so that there are `words` bytes for all the rest."""

    measure: Measure
    room: Room
    words: int


# The first of these that leaves room for words is how a card is drawn; what people typed gives way last.
FRUGALITIES = (
    Frugality(Measure(), Room(choices=12_000), 7_000),
    Frugality(Measure(), Room(choices=6_000), 7_000),
    Frugality(Measure(values=1_000, question=300), Room(choices=3_000), 7_000),
    Frugality(Measure(values=1_000, question=300, falls_back=False), Room(choices=1_500), 4_000),
    Frugality(Measure(300, 200, 18, falls_back=False), Room(choices=800), 500),
    Frugality(Measure(100, 100, 6, falls_back=False), Room(8_000, 600), 500),
    Frugality(Measure(100, 100, 6, falls_back=False), Room(600, 600), 0),
)

Draw = Callable[[Frugality], Iterable[Part]]


def fitted(draw: Draw, words: str, most: int = CARD) -> tuple[list[Part], int]:
    """The parts as richly as they leave room, and the room that there is for parts on the card."""
    room = most - size(adaptive_card([], words))
    for frugality in FRUGALITIES:
        parts = list(draw(frugality))
        acting = sum(part.bytes for part in parts if part.acts)
        others = sum(part.bytes for part in parts if not part.acts)
        if acting + min(others, frugality.words) <= room:
            break
    return parts, room


def one_card(draw: Draw, words: str) -> Json:
    """One card; where not all of it fits, what people act with stays, and a word tells of the rest."""
    parts, room = fitted(draw, words)
    return adaptive_card((element for part in _kept(parts, room) for element in part.elements), words)


def several_cards(draw: Draw, words: str) -> list[Json]:
    """As few cards as take all of it, in its order; what people act with stands together on the last one."""
    parts, room = fitted(draw, words)
    if sum(part.bytes for part in parts) <= room:
        pages = [parts]
    else:
        acting = [part for part in parts if part.acts]
        *before, last = list(_pages([part for part in parts if not part.acts], room)) or [[]]
        if sum(part.bytes for part in (*last, *acting)) > room:
            before, last = [*before, *filter(None, [last])], []
        pages = [*before, _kept([*last, *acting], room)]
    return [adaptive_card((element for part in page for element in part.elements), words) for page in pages]


def _kept(parts: Sequence[Part], room: int) -> list[Part]:
    """The parts that fit, those that act first, with a word where the first one is missing."""
    if sum(part.bytes for part in parts) <= room:
        return list(parts)
    word = Part((paragraph(CUT, size="small", isSubtle=True),))
    room -= word.bytes
    kept: set[int] = set()
    for number in sorted(range(len(parts)), key=lambda number: (not parts[number].acts and number > 0, number)):
        if parts[number].bytes <= room:
            room -= parts[number].bytes
            kept.add(number)
        elif not parts[number].acts:
            break  # what follows would read as if nothing were missing before it
    first = next(number for number in range(len(parts)) if number not in kept)
    return [word if number == first else part for number, part in enumerate(parts) if number in {*kept, first}]


def _pages(parts: Sequence[Part], most: int) -> Iterator[list[Part]]:
    page: list[Part] = []
    room = most
    for part in parts:
        if page and part.bytes > room:
            yield page
            page, room = [], most
        page.append(part)
        room -= part.bytes
    if page:
        yield page
