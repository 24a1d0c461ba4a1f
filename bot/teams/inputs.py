"""Inputs as Teams draws them, in a dialog or on a card, and their values on the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.letters import EMPTY, JOINER, is_seen, line, literal, trim, whole
from bot.teams.kit import Json, paragraph, shown, size
from handlers.messages import Choice, Input

# Sizes in characters unless said otherwise. Teams says none but that of the whole card.
LABEL, HINT, ERROR = 300, 400, 400
OPTION = 75
SEARCHED = 12  # a longer list is searched by typing
AROUND_AN_OPTION = 60  # bytes of its braces
BYTES_OF_A_LETTER = 2.4  # of what people type, with some quotes and line breaks, which take twice as much

AGAIN = "#"
NOTHING = "∅"  # stands in a list for a value of no characters, which counts as nothing picked
NONE = Choice(NOTHING, "–")
NEEDED = "Please fill this in."
CUT = "More was here than fits into Teams; the field holds as much as does."

# A list is where clients may read Markdown. Nothing that is invisible keeps a word from being bold there, so a
# sign that looks like the other begins it; what would link or list does neither beside a joiner.
_FORMATTING = re.compile(r"[*~`]|(?<!\w)_|_(?!\w)")
_ALIKE = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_LINKING = re.compile(r"[\[\]<&@:#|\\]|^\s*(?:[-+>=]|\d+[.)])|(?<=\w)\.(?=\w)|//")


@dataclass(frozen=True, slots=True)
class Room:
    """What a card's inputs may take together, in bytes of UTF-16: what is `written`, and lists of `choices`."""

    written: int = 16_000
    choices: int = 6_000


@dataclass(frozen=True, slots=True)
class Asked:
    """An input, what it is called on the card, how many characters may be typed and how many bytes shown."""

    input: Input
    name: str
    typed: int
    bytes: int


def allotted(inputs: Sequence[Input], room: Room) -> list[Asked]:
    """Inputs, each with its share of the room; what one does not need is for the others.

    No more can be typed than comes back whole in the form that says what is wrong with it.
    """
    written = [each for each in inputs if not each.choices]
    most = iter(shares(int(room.written / BYTES_OF_A_LETTER), [each.limit for each in written]))
    taken = iter(shares(room.written, [size(literal(each.value)) for each in written]))
    listed = iter(shares(room.choices, [_taken(each, room.choices) for each in inputs if each.choices]))
    return [
        Asked(each, name, 0, next(listed)) if each.choices else Asked(each, name, next(most), next(taken))
        for name, each in zip(names(inputs), inputs, strict=True)
    ]


def shares(total: int, wanted: Sequence[int]) -> list[int]:
    """What each gets of a total: what it wants, or as much as the others that want more."""
    found = [0] * len(wanted)
    for rank, place in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        found[place] = min(wanted[place], total // (len(wanted) - rank))
        total -= found[place]
    return found


def draw_input(asked: Asked, error: str = "", *, is_needed: bool = False) -> Iterator[Json]:
    """One input, and below it what is wrong with it and its hint.

    One that `is_needed` has to be filled in before anything is sent.
    """
    each = asked.input
    label = shown(trim(line(each.label), LABEL)) if is_seen(each.label) else asked.name
    needed = {"isRequired": True, "errorMessage": NEEDED} if is_needed else {}
    drawn, note = _menu(each, asked.bytes) if each.choices else _written(asked)
    yield {"type": drawn.pop("type"), "id": asked.name, "label": label, **needed, **drawn}
    if error:
        yield paragraph(trim(error, ERROR), spacing="none", color="attention")
    for said in filter(is_seen, (each.hint, note)):
        yield paragraph(trim(said, HINT), spacing="none", size="small", isSubtle=True)


def names(asked: Sequence[Input]) -> tuple[str, ...]:
    """What the inputs are called on the card: their names, a second one of the same name under one of its own."""
    seen: dict[str, int] = {}
    found = []
    for each in asked:
        number = seen[each.name] = seen.get(each.name, 0) + 1
        found.append(each.name if number == 1 else f"{each.name}{AGAIN}{number}")
    return tuple(found)


def filled_in(data: Mapping[str, object], asks: Iterable[str], picks: Iterable[str]) -> dict[str, str]:
    """The values of inputs by name; Teams leaves out those with nothing in them, which are "".

    `asks` are what was typed in, `picks` what was picked from a list.
    """
    found = {name: _text(data.get(name)) for name in asks}
    found |= {name: ",".join(_split(_text(data.get(name)), NOTHING)) for name in picks}
    values: dict[str, str] = {}
    for name, value in found.items():
        own = name.partition(AGAIN)[0]
        values[own] = value or values.get(own, "")
    return values


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _split(values: str, but: str) -> Iterator[str]:
    return (value for value in values.split(",") if value != but)


def _fitting_text(text: str, room: int) -> str:
    """As much from the beginning of a text as takes `room` bytes; all of it where that is enough."""
    while size(text) > room:
        text = text[: min(len(text) - 1, len(text) * room // size(text))]
    return text


def _written(asked: Asked) -> tuple[Json, str]:
    """A field to type into, and a note where it does not hold all that there was."""
    value = literal(asked.input.value)
    held = _fitting_text(value, asked.bytes)
    # What is longer than it may be stays as it was typed, and is refused in a sentence when it is sent.
    most = max(asked.typed, len(held.encode("utf-16-le")) // 2, 1)
    return {
        "type": "Input.Text",
        "isMultiline": asked.input.kind == "text" or "\n" in held,
        **({"value": held} if held else {}),
        "maxLength": most,
    }, (CUT if len(held) < len(value) else "")


def _menu(asked: Input, room: int) -> tuple[Json, str]:
    """A list to pick from, and a note where it does not hold all choices."""
    offered, left_out = _fitting(asked, room)
    is_many = asked.kind == "many"
    can_be_unpicked = asked.optional and not is_many and all(choice.value for choice in offered)
    picked = [choice.value or NOTHING for choice in offered if choice.value in _picked(asked)]
    choices = (*offered, NONE) if can_be_unpicked else offered
    return {
        "type": "Input.ChoiceSet",
        "choices": [{"title": _unformatted(_label(each)), "value": each.value or NOTHING} for each in choices],
        **({"value": ",".join(picked)} if picked else {}),
        **({"isMultiSelect": True} if is_many else {}),
        "style": "filtered" if len(choices) > SEARCHED and not is_many else "compact",
        "wrap": True,
    }, (_count(len(offered), left_out) if left_out else "")


def _label(choice: Choice) -> str:
    text = line(choice.label if is_seen(choice.label) else choice.value).strip()
    return trim(text, OPTION) if is_seen(text) else EMPTY


def _unformatted(text: str) -> str:
    """A text in which Markdown finds nothing to do: it looks the same, or nearly."""
    plain = _FORMATTING.sub(lambda found: _ALIKE[found[0]], text)
    return shown(_LINKING.sub(lambda found: JOINER + found[0] + JOINER, plain))


def _picked(asked: Input) -> set[str]:
    return set(asked.value.split(",") if asked.kind == "many" else [asked.value])


def _fitting(asked: Input, room: int) -> tuple[tuple[Choice, ...], int]:
    """The choices that there is room for, what is picked among them, at least one; and how many are left out."""
    unique = _unique(asked.choices)
    kept: set[str] = set()
    picked = _picked(asked)
    for choice in sorted(unique, key=lambda choice: choice.value not in picked):
        room -= _bytes(choice, picked)
        if kept and room < 0:
            break
        kept.add(choice.value)
    return tuple(choice for choice in unique if choice.value in kept), len(unique) - len(kept)


def _taken(asked: Input, most: int) -> int:
    """The bytes that a list takes; more than `most` is not counted further."""
    picked, taken = _picked(asked), 0
    for choice in _unique(asked.choices):
        taken += _bytes(choice, picked)
        if taken > most:
            break
    return taken


def _unique(choices: Sequence[Choice]) -> list[Choice]:
    """Each value once, as it can travel."""
    found: dict[str, Choice] = {}
    for each in choices:
        value = whole(each.value)
        found[value] = each if value == each.value else replace(each, value=value)
    return list(found.values())


def _bytes(choice: Choice, picked: set[str]) -> int:
    return AROUND_AN_OPTION + size(choice.value) * (2 if choice.value in picked else 1) + size(_label(choice))


def _count(listed: int, left_out: int) -> str:
    total = listed + left_out
    return f"{listed:,} of {total:,} are listed here. To name another one, type it after the command."
