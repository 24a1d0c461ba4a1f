"""Buttons as Teams draws them, what a tap on them carries, and what is asked before it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.letters import EMPTY, is_seen, line, trim, whole
from bot.teams.kit import Json, action_set, column, hidden, paragraph, rich, run, shown, side_by_side, size, toggle
from handlers.catalog import CATALOG
from handlers.messages import Button, Message

# Teams shows six buttons side by side, and no more.
IN_SIGHT = 6
IN_A_ROW = 6  # of a scale
LABEL = 60  # characters
ROW = 38  # characters side by side, as many as a phone shows; some phones do not put buttons below each other
AROUND_A_LABEL = 4
DIGIT = 2  # characters of what stands for a whole answer on a scale

FETCH = {"type": "task/fetch"}
OURS = "worthwhile"  # where a tap carries all but the inputs, which Teams puts beside it under their own names
MORE, CANCEL = "More", "Cancel"
STYLES = {"plain": {}, "main": {"style": "positive"}, "danger": {"style": "destructive"}}


@dataclass(frozen=True, slots=True)
class Measure:
    """How much the buttons of a card may hold: less, where the card would be too large for Teams.

    `values` bounds what a tap carries, in bytes of UTF-16; `question` what is asked first, in characters;
    `buttons` how many there are in sight, on a scale and behind "More". Without `falls_back`, clients that
    know no Action.Execute show nothing to tap.
    """

    values: int = 4_000
    question: int = 500
    buttons: int = 40
    falls_back: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where buttons stand: the inputs that travel with each, by name, and whether in a dialog or in a chat.

    `asks` are typed in, `picks` are picked from a list.
    """

    asks: tuple[str, ...] = ()
    picks: tuple[str, ...] = ()
    is_dialog: bool = False
    measure: Measure = Measure()


def carried(action: str, values: Mapping[str, str], place: Place, *, form: bool = False) -> Json:
    """What comes back with a tap: the action, its hidden values, and the inputs to look for beside them.

    Values too long to travel are left out, the longest first: the form that opens asks for them again.
    """
    kept = {whole(name): whole(value) for name, value in values.items()}
    sizes = {name: size({name: value}) for name, value in kept.items()}
    while kept and sum(map(sizes.__getitem__, kept)) > place.measure.values:
        del kept[max(kept, key=sizes.__getitem__)]
    asks = {"asks": list(place.asks)} if place.asks else {}
    picks = {"picks": list(place.picks)} if place.picks else {}
    return {OURS: {"action": action, "values": kept, **asks, **picks, **({"form": True} if form else {})}}


def draw_buttons(message: Message, place: Place, numbers: Iterator[int]) -> list[Json]:
    """A message's buttons; those that do not belong in sight are behind one that shows them.

    `numbers` keep what buttons bring into sight apart.
    """
    room = place.measure.buttons
    in_sight, behind = message.buttons[:room], message.more[:room]
    if len(behind) == 1 and len(in_sight) < IN_SIGHT:
        in_sight, behind = (*in_sight, *behind), ()
    if len(in_sight) + bool(behind) > IN_SIGHT:
        in_sight, behind = in_sight[: IN_SIGHT - 1], (*in_sight[IN_SIGHT - 1 :], *behind)
    actions, questions = _drawn(in_sight, place, numbers)
    if behind:
        name = f"more-{next(numbers)}"
        actions.append(toggle_both(MORE, name))
        others, more_questions = _drawn(behind, place, numbers)
        return [*_rows(actions), *questions, hidden(name, _rows(others), "default"), *more_questions]
    return [*_rows(actions), *questions]


def draw_scale(buttons: Sequence[Button], place: Place, numbers: Iterator[int]) -> list[Json]:
    """Buttons from least to most, in one row on a phone too.

    Where each label begins with a digit, the digits are the row, and what the ends mean stands below.
    """
    buttons = buttons[: place.measure.buttons]
    taps, questions = _drawn(buttons, place, numbers)
    digits = _digits(buttons)
    words = digits or [tap["title"] for tap in taps]
    cells = [_cell(each, tap) for each, tap in zip(words, taps, strict=True)]
    rows = [side_by_side(cells[at : at + IN_A_ROW], spacing="small") for at in range(0, len(cells), IN_A_ROW)]
    is_clear = words == [tap["title"] for tap in taps]
    legend = [] if is_clear else [_legend(buttons)]
    return [*rows, *legend, *questions]


def submit(title: str, action: str, data: Json, place: Place, **how: str) -> Json:
    """A button that sends what is carried and what is filled in: in a dialog, or in a chat."""
    sent = {"type": "Action.Submit", "title": title, "data": data, **how}
    if place.is_dialog:
        return sent
    fallback = {"fallback": sent} if place.measure.falls_back else {}
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": action,
        "data": data,
        **how,
        **fallback,
    }


def label(text: str) -> str:
    """What stands on a button."""
    return shown(trim(line(text), LABEL)) if is_seen(text) else EMPTY


def toggle_both(title: str, name: str) -> Json:
    """A button that shows what is hidden, and hides it again."""
    return {"type": "Action.ToggleVisibility", "title": title, "targetElements": [name]}


def _rows(actions: Sequence[Json]) -> list[Json]:
    """Buttons in as few rows as a phone shows whole."""
    rows: list[list[Json]] = []
    room = 0
    for action in actions:
        width = len(action["title"]) + AROUND_A_LABEL
        if not rows or width > room or len(rows[-1]) == IN_SIGHT:
            rows, room = [*rows, []], ROW
        rows[-1].append(action)
        room -= width
    return [action_set(row, **({"spacing": "small"} if at else {})) for at, row in enumerate(rows)]


def _drawn(buttons: Sequence[Button], place: Place, numbers: Iterator[int]) -> tuple[list[Json], list[Json]]:
    """Each button, and the questions that some ask first."""
    actions, questions = [], []
    for button in buttons:
        action = _tap(button, place)
        if button.confirm:
            name = f"sure-{next(numbers)}"
            questions.append(_question(button, action, name, place.measure))
            action = toggle(action["title"], {name: True}, **STYLES[button.style])
        actions.append(action)
    return actions, questions


def _question(button: Button, action: Json, name: str, measure: Measure) -> Json:
    """What is asked before a tap counts: nothing runs but by the button in it."""
    actions = [action, toggle(CANCEL, {name: False})]
    return hidden(name, [paragraph(trim(button.confirm, measure.question)), action_set(actions)])


def _tap(button: Button, place: Place) -> Json:
    data = carried(button.action, button.values, place)
    if not place.is_dialog and _opens(button, (*place.asks, *place.picks)):
        data = {**data, "msteams": FETCH}
        return {"type": "Action.Submit", "title": label(button.label), "data": data, **STYLES[button.style]}
    return submit(label(button.label), button.action, data, place, **STYLES[button.style])


def _opens(button: Button, asks: Sequence[str]) -> bool:
    """Whether a form opens at a tap: something is asked for that neither the button nor the card brings along."""
    row = CATALOG.entries.get(button.action)
    given = {name for name, value in button.values.items() if value} | set(asks)
    return bool(row and row.form) and any(
        field.shown and not field.optional and field.name not in given for field in (row.fields if row else ())
    )


def _cell(words: str, tap: Json) -> Json:
    """One answer of a scale; who cannot see it hears the whole label."""
    text = rich(run(words, weight="bolder"), horizontalAlignment="center")
    tap = {name: value for name, value in tap.items() if name != "style"}
    return column(
        [text],
        "stretch",
        style="emphasis",
        minHeight="44px",
        spacing="small",
        verticalContentAlignment="center",
        selectAction={**tap, "tooltip": tap["title"]},
    )


def _digits(buttons: Sequence[Button]) -> list[str]:
    """The digit that each label begins with; none where one begins with something else."""
    firsts = [next(iter(line(button.label).split()), "") for button in buttons]
    return firsts if all(first.isdigit() and len(first) <= DIGIT for first in firsts) else []


def _legend(buttons: Sequence[Button]) -> Json:
    """What the answers mean, below them."""
    said = [label(button.label) for button in buttons if " " in line(button.label).strip()]
    return paragraph(" · ".join(said), spacing="small", size="small", isSubtle=True)
