"""What a client sends of a card's inputs: what stood there at first, and what is filled in now.

An input that is empty is not sent at all: https://github.com/microsoft/AdaptiveCards, `Input.isSet`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.fakes.teams.elements import INPUTS
from tests.fakes.teams.structure import Json
from tests.fakes.teams.surfaces import INNER, Control, Surface, find_field, initial


def _chosen(element: Json, wanted: str) -> str:
    """A choice's value, by its words or by the value itself."""
    for each in element["choices"]:
        if wanted in (each["title"], each["value"]):
            return str(each["value"])
    raise AssertionError(f"no choice {wanted!r} among {[each['title'] for each in element['choices']]}")


def filled(element: Json, value: Any) -> str:
    """An input with something in it, as a client makes it: what a client would not let in is an error."""
    kind = element["type"]
    if kind == "Input.ChoiceSet":
        several = isinstance(value, list | tuple) or element.get("isMultiSelect")
        wanted = value.split(",") if isinstance(value, str) and several else value
        parts = wanted if several else [wanted]
        return ",".join(_chosen(element, str(each)) for each in parts if each != "")
    if kind == "Input.Toggle":
        is_on = str(value) in {"True", element.get("valueOn", "true")}
        return str(element.get("valueOn", "true") if is_on else element.get("valueOff", "false"))
    given = str(value)
    if kind == "Input.Text":
        assert len(given) <= element.get("maxLength", len(given)), "a client lets nobody type more than maxLength"
        assert element.get("isMultiline") or "\n" not in given, "one line has no line breaks"
    if kind == "Input.Number" and given:
        assert re.fullmatch(r"-?\d+([.]\d+)?", given), "a client takes a number here and nothing else"
    return given


def remember(surface: Surface, fill: Mapping[str, Any]) -> None:
    """Keep what somebody fills in, while the surface stands as it is."""
    for named, value in fill.items():
        element = find_field(surface, named).element
        surface.person.typed[surface.key, element["id"]] = filled(element, value)


def inputs_of(surface: Surface, control: Control) -> Json:
    """What travels with an action: the inputs of its card, and of those that it is within."""
    if control.element.get("associatedInputs") == "none":
        return {}
    every = [element for card in control.cards for element in _inputs(card)]
    held = {each["id"]: surface.person.typed.get((surface.key, each["id"]), initial(each)) for each in every}
    missing = [each["label"] for each in every if each.get("isRequired") and not held[each["id"]]]
    assert not missing, f"the client asks for {missing} first"
    return {name: value for name, value in held.items() if value != ""}


def _inputs(piece: Json) -> list[Json]:
    found = [piece] if piece.get("type") in INPUTS else []
    for name in INNER:
        for each in piece.get(name) or []:
            found += _inputs(each)
    return found
