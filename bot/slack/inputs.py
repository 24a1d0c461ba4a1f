"""Inputs as Slack draws them, on a card or in a modal, and their values on the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.letters import is_seen, line, literal, pieces, trim, whole
from bot.slack.fitting import AGAIN, named
from bot.slack.kit import (
    InputBlock,
    Json,
    MultiSelect,
    Option,
    OptionGroup,
    Plain,
    RichQuote,
    Select,
    TextInput,
    plain,
    rich,
    words,
)
from handlers.messages import Choice, Input

# Slack's limits, in characters unless said otherwise.
LABEL, HINT = 2_000, 2_000
WRITTEN = 3_000
OPTION = 75
OPTION_VALUE = 150
OPTIONS = 100  # in a menu, or in a group of one
GROUPS = 100
ACTION = 255
BLOCK_NAME = 240  # of 255: a number may follow

# What all menus together may take, in bytes.
ROOM_OF_A_MESSAGE = 8_000
ROOM_OF_A_VIEW = 150_000
AROUND_AN_OPTION = 80  # bytes of its braces

NOTHING = "∅"  # stands for a value of no characters, which Slack refuses


def draw_input(asked: Input, prefix: str = "", room: int = ROOM_OF_A_MESSAGE) -> list[Json]:
    """One input, and beneath it what was typed and is more than fits in. `prefix` makes its action its own.

    `room` is what its menu may take, in bytes.
    """
    action = f"{prefix}{asked.name}"[:ACTION]
    if not _is_menu(asked):
        return [_block(asked, _written(asked, action)), *_left_over(asked.value[WRITTEN:])]
    options = _unique(asked.choices)
    listed = _fitting(options, _picked(asked), room)
    if len(listed) < len(options):
        asked = replace(asked, hint=_with_count(asked.hint, len(listed), len(options)))
    return [_block(part, _menu(part, action)) for part in _parts(replace(asked, choices=tuple(listed)))]


def menus(inputs: Sequence[Input]) -> int:
    """How many of the inputs are menus."""
    return sum(map(_is_menu, inputs))


def filled_in(state: object) -> dict[str, str]:
    """The values of a card's or modal's inputs by name, as Slack sends its `state`; nothing filled in is ""."""
    found: dict[str, str] = {}
    blocks = state.get("values") if isinstance(state, Mapping) else None
    for block_id, elements in (blocks or {}).items():
        for element in elements.values():
            name, value = named(block_id), _value(element)
            earlier = found.get(name, "") if "selected_options" in element else ""
            found[name] = ",".join(filter(None, (earlier, value)))
    return found


def _value(element: Mapping[str, object]) -> str:
    picked = element.get("selected_options")
    if isinstance(picked, list):
        return ",".join(_meant(option["value"]) for option in picked)
    option = element.get("selected_option")
    if isinstance(option, Mapping):
        return _meant(option["value"])
    return str(element.get("value") or "")


def _meant(value: object) -> str:
    return "" if value == NOTHING else str(value)


def _is_menu(asked: Input) -> bool:
    return bool(asked.choices) and all(len(choice.value) <= OPTION_VALUE for choice in asked.choices)


def _block(asked: Input, element: Select | MultiSelect | TextInput) -> Json:
    return InputBlock(
        label=plain(trim(line(asked.label), LABEL)),
        hint=plain(trim(asked.hint, HINT)) if is_seen(asked.hint) else None,
        element=element,
        block_id=asked.name[:BLOCK_NAME] or None,
        optional=asked.optional,
    ).to_dict()


def _written(asked: Input, action: str) -> TextInput:
    # What is longer than it may be stays as it was typed, and is refused in a sentence when it is sent.
    typed = literal(asked.value)
    return TextInput(
        action_id=action,
        multiline=asked.kind == "text" or "\n" in typed,
        initial_value=typed[:WRITTEN] or None,
        max_length=min(WRITTEN, max(asked.limit, len(typed), 1)),
    )


def _left_over(text: str) -> list[Json]:
    """What was typed and does not fit into Slack's field: shown, so that it can be copied."""
    return [rich(RichQuote(elements=[words(piece)])) for piece in pieces(text, WRITTEN)] if text else []


def _unique(choices: Sequence[Choice]) -> list[Choice]:
    """Each value once, as it can travel."""
    return list({whole(choice.value): replace(choice, value=whole(choice.value)) for choice in choices}.values())


def _picked(asked: Input) -> set[str]:
    return set(asked.value.split(",") if asked.kind == "many" else [asked.value])


def _fitting(choices: Sequence[Choice], picked: set[str], room: int) -> list[Choice]:
    """The choices that there is room for, what is picked among them; at least one."""
    kept: set[str] = set()
    for choice in sorted(choices, key=lambda choice: choice.value not in picked):
        size = AROUND_AN_OPTION + len(choice.value.encode()) + len(_label(choice).encode())
        if kept and (room < size or len(kept) == OPTIONS * GROUPS):
            break
        kept.add(choice.value)
        room -= size * (2 if choice.value in picked else 1)
    return [choice for choice in choices if choice.value in kept]


def _with_count(hint: str, shown: int, total: int) -> str:
    note = f"{shown:,} of {total:,} are listed here. To name another one, type it after the command."
    return f"{trim(hint, HINT - 2 * len(note))} {note}".strip()


def _parts(asked: Input) -> Iterator[Input]:
    """The input itself; or several of it where more is picked than Slack takes in one menu."""
    if len(_picked(asked)) <= OPTIONS:
        yield asked
        return
    for number, start in enumerate(range(0, len(asked.choices), OPTIONS), 1):
        some = asked.choices[start : start + OPTIONS]
        yield replace(
            asked,
            name=asked.name if number == 1 else f"{asked.name}{AGAIN}{number}",
            label=f"{trim(asked.label, LABEL // 2)} ({_span(some).text})",
            hint=asked.hint if start + OPTIONS >= len(asked.choices) else "",
            choices=some,
            optional=True,  # another part may say all that there is to say
        )


def _menu(asked: Input, action: str) -> Select | MultiSelect:
    """A menu, in groups where it is long."""
    picked, choices = _picked(asked), asked.choices
    initial = [_option(choice) for choice in choices if choice.value in picked]
    options = [_option(choice) for choice in choices] if len(choices) <= OPTIONS else None
    groups = None if options else list(_groups(choices))
    if asked.kind == "many":
        return MultiSelect(
            action_id=action, options=options, option_groups=groups, initial_options=initial or None
        )
    one = initial[0] if initial else None
    return Select(action_id=action, options=options, option_groups=groups, initial_option=one)


def _option(choice: Choice) -> Option:
    return Option(text=plain(_label(choice)), value=choice.value or NOTHING)


def _label(choice: Choice) -> str:
    return trim(line(choice.label or choice.value), OPTION)


def _groups(choices: Sequence[Choice]) -> Iterator[OptionGroup]:
    for start in range(0, len(choices), OPTIONS):
        some = choices[start : start + OPTIONS]
        yield OptionGroup(label=_span(some), options=[_option(choice) for choice in some])


def _span(choices: Sequence[Choice]) -> Plain:
    """What some of a long list is called: its first and its last, so that people find theirs."""
    half = OPTION // 2 - 2
    return plain(f"{trim(_label(choices[0]), half)} – {trim(_label(choices[-1]), half)}")
