"""Buttons and menus as Slack draws them, and what a tap on them carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bot.letters import line, trim, whole
from bot.slack.kit import Actions, ButtonElement, Confirm, Json, Option, Overflow, plain
from handlers.messages import Button, Message

# Slack's limits, in characters unless said otherwise.
BUTTON = 75
BUTTON_VALUE = 2_000
IN_A_ROW = 25  # elements
CONFIRM_TITLE, CONFIRM, CONFIRM_LABEL = 100, 300, 30
MENU = 5  # entries
MENU_VALUE = 150
ACTION = 200  # of 255: a number follows

ROW = 10_000  # characters that a row may have, so that it goes on any message
STYLES = {"plain": None, "main": "primary", "danger": "danger"}

Element = ButtonElement | Overflow

_dumped: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def packed(action: str, values: Mapping[str, str], limit: int) -> str:
    """An action and its values as text of at most `limit` characters.

    Values too long to travel are left out, the longest first: the form that opens asks for them again.
    """
    kept = dict(values)
    while len(text := _packed(action, kept)) > limit and kept:
        del kept[max(kept, key=lambda name: len(kept[name]))]
    return text


def draw_buttons(message: Message, numbers: Iterator[int]) -> list[Json]:
    """A message's buttons, and the others behind a menu. What a menu cannot take stands beside it.

    `numbers` keep the buttons of a message apart.
    """
    behind = [button for button in message.more if _fits_a_menu(button)][-MENU:]
    behind = behind if len(behind) > 1 else []  # a menu of one entry hides it for nothing
    beside = [button for button in message.more if button not in behind]
    drawn: list[Element] = [_button(button, next(numbers)) for button in (*message.buttons, *beside)]
    return row([*drawn, *([_menu(behind, next(numbers))] if behind else [])])


def draw_scale(buttons: Sequence[Button], numbers: Iterator[int]) -> list[Json]:
    """Buttons from least to most."""
    return row([_button(button, next(numbers)) for button in buttons])


def row(elements: Iterable[Element]) -> list[Json]:
    """Elements side by side, in as few rows as take them."""
    rows: list[list[Element]] = []
    room = 0
    for element in elements:
        size = len(element.value or "") + BUTTON if isinstance(element, ButtonElement) else MENU * MENU_VALUE * 2
        if not rows or size > room or len(rows[-1]) == IN_A_ROW:
            rows, room = [*rows, []], ROW
        rows[-1].append(element)
        room -= size
    return [Actions(elements=elements).to_dict() for elements in rows]


def _packed(action: str, values: Mapping[str, str]) -> str:
    return whole(_dumped([action, values]))


def _fits_a_menu(button: Button) -> bool:
    """A menu asks no question before it acts, and its entries carry little."""
    return not button.confirm and len(_packed(button.action, button.values)) <= MENU_VALUE


def _button(button: Button, number: int) -> ButtonElement:
    return ButtonElement(
        text=plain(trim(line(button.label), BUTTON)),
        action_id=f"{button.action[:ACTION]}.{number}",
        value=packed(button.action, button.values, BUTTON_VALUE),
        style=STYLES[button.style],
        confirm=_confirm(button) if button.confirm else None,
    )


def _confirm(button: Button) -> Confirm:
    label = line(button.label)
    return Confirm(
        title=plain(trim(label, CONFIRM_TITLE)),
        text=plain(trim(button.confirm, CONFIRM)),
        confirm=plain(trim(label, CONFIRM_LABEL)),
        deny=plain("Cancel"),
        style="danger" if button.style == "danger" else None,
    )


def _menu(buttons: Sequence[Button], number: int) -> Overflow:
    options = [
        Option(
            text=plain(trim(line(button.label), BUTTON)), value=packed(button.action, button.values, MENU_VALUE)
        )
        for button in buttons
    ]
    return Overflow(action_id=f"more.{number}", options=options)
