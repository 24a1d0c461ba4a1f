"""What a client sends of its inputs: defaults, what was typed before, and what is filled in now.

Shapes: https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

from typing import Any

from tests.fakes.slack.cards import Control, Surface
from tests.fakes.slack.elements import options_of
from tests.fakes.slack.structure import Json

SINGLE = {
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
}
SEVERAL = {
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
}


def default(element: Json) -> Json:
    """An input's state before anybody touches it."""
    kind = element["type"]
    if kind in SEVERAL:
        selected, first = SEVERAL[kind]
        return {"type": kind, selected: element.get(first, [])}
    selected, first = SINGLE[kind]
    return {"type": kind, selected: element.get(first) or None}


def option_named(element: Json, wanted: str) -> Json:
    """An option by its words or its value."""
    every = options_of(element)
    named = [each for each in every if each["text"]["text"] == wanted]
    found = named or [each for each in every if each.get("value") == wanted]
    assert found, f"no option {wanted!r} among {[each['text']['text'] for each in every]}"
    return found[0]


def filled(element: Json, value: Any) -> Json:
    """An input's state with something in it, as a client makes it: what a client would not let in is an error."""
    kind = element["type"]
    if kind in SEVERAL:
        chosen = [value] if isinstance(value, str) else list(value)
        picked = chosen if kind == "multi_users_select" else [option_named(element, each) for each in chosen]
        return {"type": kind, SEVERAL[kind][0]: picked}
    if kind in {"static_select", "radio_buttons"}:
        return {"type": kind, "selected_option": option_named(element, value) if value else None}
    if kind == "plain_text_input":
        value = str(value)
        most = element.get("max_length", 3000)
        assert len(value) <= most, f"a client lets nobody type more than {most} characters"
        assert element.get("multiline") or "\n" not in value, "one line has no line breaks"
    return {"type": kind, SINGLE[kind][0]: value or None}


def is_empty(state: Json) -> bool:
    """Whether nothing is in it."""
    return not next((value for name, value in state.items() if name != "type"), None)


def find_input(surface: Surface, named: str) -> Control:
    """An input by its label, its block's id or its action's."""
    fillable = [each for each in surface.controls if each.element["type"] in SINGLE.keys() | SEVERAL.keys()]
    found = [each for each in fillable if named in (each.label, *each.key)]
    assert found, f"no input {named!r} among {[(each.label, *each.key) for each in fillable]}"
    return found[0]


def remember(typed: dict[tuple[str, str, str], Json], surface: Surface, fill: dict[str, Any]) -> None:
    """Keep what somebody fills in: it stays while the block and the action keep their ids."""
    for named, value in fill.items():
        control = find_input(surface, named)
        typed[surface.key, *control.key] = filled(control.element, value)


def values_of(typed: dict[tuple[str, str, str], Json], surface: Surface) -> Json:
    """`state.values` of a surface."""
    values: Json = {}
    for control in surface.controls:
        if control.element["type"] in SINGLE.keys() | SEVERAL.keys():
            block, action = control.key
            state = typed.get((surface.key, block, action)) or default(control.element)
            values.setdefault(block, {})[action] = state
    return values


def unfilled(surface: Surface, values: Json) -> list[str]:
    """The labels of inputs that a client asks for before it submits."""
    asked = [each for each in surface.controls if each.block["type"] == "input" and not each.block.get("optional")]
    return [each.label for each in asked if is_empty(values[each.key[0]][each.key[1]])]
