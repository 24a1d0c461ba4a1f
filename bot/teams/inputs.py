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
LEAST_WRITTEN = 200  # may be typed into a field, however many there are

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
    """What inputs may take, in bytes of UTF-16: what is `written` and the lists of `choices`."""

    written: int = 12_000
    choices: int = 8_000

    def shared_by(self, asked: Sequence[Input]) -> Room:
        """The same room, for each of several inputs its share."""
        menus = sum(1 for each in asked if each.choices)
        return Room(self.written // max(1, len(asked) - menus), self.choices // max(1, menus))


def draw_input(asked: Input, name: str, room: Room, error: str = "", *, is_needed: bool = False) -> Iterator[Json]:
    """One input, called `name` on the card, and below it what is wrong with it and its hint.

    One that `is_needed` has to be filled in before anything is sent.
    """
    common: Json = {"id": name, "label": shown(trim(line(asked.label), LABEL)) if is_seen(asked.label) else name}
    if is_needed:
        common |= {"isRequired": True, "errorMessage": NEEDED}
    if asked.choices:
        options, left_out = _fitting(asked, room.choices)
        yield {**common, **_menu(replace(asked, choices=options))}
        notes = [_count(len(options), left_out)] if left_out else []
    else:
        typed = _fitting_text(literal(asked.value), room.written)
        yield {**common, **_written(asked, typed, room)}
        notes = [CUT] if len(typed) < len(literal(asked.value)) else []
    if error:
        yield paragraph(trim(error, ERROR), spacing="none", color="attention")
    for note in [*([asked.hint] if is_seen(asked.hint) else []), *notes]:
        yield paragraph(trim(note, HINT), spacing="none", size="small", isSubtle=True)


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


def _written(asked: Input, typed: str, room: Room) -> Json:
    # What is longer than it may be stays as it was typed, and is refused in a sentence when it is sent.
    most = max(min(asked.limit, max(room.written // 4, LEAST_WRITTEN)), len(typed.encode("utf-16-le")) // 2, 1)
    return {
        "type": "Input.Text",
        "isMultiline": asked.kind == "text" or "\n" in typed,
        **({"value": typed} if typed else {}),
        "maxLength": most,
    }


def _menu(asked: Input) -> Json:
    is_many = asked.kind == "many"
    can_be_unpicked = asked.optional and not is_many and all(choice.value for choice in asked.choices)
    choices = (*asked.choices, NONE) if can_be_unpicked else asked.choices
    picked = [choice.value or NOTHING for choice in asked.choices if choice.value in _picked(asked)]
    return {
        "type": "Input.ChoiceSet",
        "choices": [
            {"title": _unformatted(_label(choice)), "value": choice.value or NOTHING} for choice in choices
        ],
        **({"value": ",".join(picked)} if picked else {}),
        **({"isMultiSelect": True} if is_many else {}),
        **({"style": "filtered"} if len(choices) > SEARCHED and not is_many else {"style": "compact"}),
        "wrap": True,
    }


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
    unique = list({whole(each.value): replace(each, value=whole(each.value)) for each in asked.choices}.values())
    kept: set[str] = set()
    picked = _picked(asked)
    for choice in sorted(unique, key=lambda choice: choice.value not in picked):
        room -= AROUND_AN_OPTION + size(choice.value) * (2 if choice.value in picked else 1) + size(_label(choice))
        if kept and room < 0:
            break
        kept.add(choice.value)
    return tuple(choice for choice in unique if choice.value in kept), len(unique) - len(kept)


def _count(listed: int, left_out: int) -> str:
    total = listed + left_out
    return f"{listed:,} of {total:,} are listed here. To name another one, type it after the command."
