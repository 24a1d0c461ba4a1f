"""The elements and actions of Adaptive Cards 1.5, each with its properties, as Teams shows them.

Properties: https://adaptivecards.io/explorer. What Teams leaves out:
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.teams.markup import of_markdown, of_plain
from tests.fakes.teams.structure import (
    Check,
    Findings,
    anything,
    array,
    by_type,
    either,
    every,
    flag,
    number,
    one_of,
    pattern,
    shape,
    text,
    words,
)

IN_SIGHT = 6
PICTURES = ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,")
INPUTS = ("Input.Text", "Input.Number", "Input.Date", "Input.Time", "Input.Toggle", "Input.ChoiceSet")
# What a dialog's card may do: an Action.Execute in one reaches no bot.
IN_DIALOGS = ("Action.Submit", "Action.ShowCard", "Action.ToggleVisibility", "Action.OpenUrl")

DATE = pattern(r"\d{4}-\d{2}-\d{2}")
TIME = pattern(r"([01]\d|2[0-3]):[0-5]\d")


def plain(value: Any, path: str, found: Findings) -> None:
    """Words that are shown as they are."""
    text(value, path, found)
    if isinstance(value, str):
        found.traces += of_plain(value)


def markdown(value: Any, path: str, found: Findings) -> None:
    """Words in which Markdown is read."""
    text(value, path, found)
    if isinstance(value, str):
        found.traces += of_markdown(value)


def address(*also: str) -> Check:
    """An address that may be opened, or shown."""

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, str) or not value.startswith((*found.allowed, *also) or ("\0",)):
            found.add("is an address that is not allowed", path)

    return check


def identifier(value: Any, path: str, found: Findings) -> None:
    """An id, unlike any other in the card."""
    words(value, path, found)
    if value in found.ids:
        found.add(f"the id {value!r} is there already", path)
    found.ids.add(str(value))


def _fallback(value: Any, path: str, found: Findings) -> None:
    """Stands in the element's place, so that its ids may be the same."""
    if value == "drop":
        return
    inner = Findings(found.surface, found.allowed)
    is_action = isinstance(value, dict) and str(value.get("type", "")).startswith("Action.")
    (ACTION if is_action else ELEMENT)(value, path, inner)
    found.problems += inner.problems
    found.traces += inner.traces


def _action(value: Any, path: str, found: Findings) -> None:
    _ANY_ACTION(value, path, found)
    kind = value.get("type") if isinstance(value, dict) else None
    if found.surface == "dialog" and kind not in IN_DIALOGS:
        found.add(f"{kind} does nothing in a dialog", path)


def _element(value: Any, path: str, found: Findings) -> None:
    _ANY_ELEMENT(value, path, found)


def _select(value: Any, path: str, found: Findings) -> None:
    """An action by a tap on an element: anything but what shows another card."""
    _action(value, path, found)
    if isinstance(value, dict) and value.get("type") == "Action.ShowCard":
        found.add("Action.ShowCard is no selectAction", path)


def _in_sight(value: Any, path: str, found: Findings) -> None:
    primary = [each for each in value if not isinstance(each, dict) or each.get("mode") != "secondary"]
    if len(primary) > IN_SIGHT:
        found.add(f"{len(primary)} actions in sight, where {IN_SIGHT} fit", path)


def _card(value: Any, path: str, found: Findings) -> None:
    """A card within a card."""
    CARD(value, path, found)


ELEMENT: Check = _element
ACTION: Check = _action
ACTIONS = every(array(ACTION, least=1), lambda value, path, found: _in_sight(value, path, found))
SPACING = one_of("default", "none", "small", "medium", "large", "extraLarge", "padding")
ACROSS = one_of("left", "center", "right")
DOWN = one_of("top", "center", "bottom")
STYLE = one_of("default", "emphasis", "good", "attention", "warning", "accent")
COLORS = one_of("default", "dark", "light", "accent", "good", "warning", "attention")
WEIGHT = one_of("default", "lighter", "bolder")
SIZE = one_of("default", "small", "medium", "large", "extraLarge")
FONT = one_of("default", "monospace")
PIXELS = pattern(r"\d+px")
BACKGROUND = either(
    address(*PICTURES),
    shape(
        {"url": address(*PICTURES)}, {"fillMode": text, "horizontalAlignment": ACROSS, "verticalAlignment": DOWN}
    ),
)

_ITEM: dict[str, Check] = {
    "fallback": _fallback,
    "id": identifier,
    "isVisible": flag,
    "requires": anything,
    "separator": flag,
    "spacing": SPACING,
    "height": one_of("auto", "stretch"),
}
_BOX: dict[str, Check] = {
    "selectAction": _select,
    "style": STYLE,
    "verticalContentAlignment": DOWN,
    "bleed": flag,
    "backgroundImage": BACKGROUND,
    "minHeight": PIXELS,
    "rtl": flag,
}
_TEXT: dict[str, Check] = {
    "color": COLORS,
    "fontType": FONT,
    "isSubtle": flag,
    "size": SIZE,
    "weight": WEIGHT,
}
_INPUT: dict[str, Check] = {**_ITEM, "label": plain, "isRequired": flag, "errorMessage": plain}
_DOING: dict[str, Check] = {
    "title": plain,
    "iconUrl": address(*PICTURES),
    "id": identifier,
    "style": one_of("default", "positive", "destructive"),
    "fallback": _fallback,
    "tooltip": plain,
    "isEnabled": flag,
    "mode": one_of("primary", "secondary"),
    "requires": anything,
}
_SENDING: dict[str, Check] = {**_DOING, "data": anything, "associatedInputs": one_of("auto", "none")}
_ALIGNED: dict[str, Check] = {"horizontalCellContentAlignment": ACROSS, "verticalCellContentAlignment": DOWN}


def _asks(required: dict[str, Check], more: dict[str, Check]) -> Check:
    """An input: with an id, and with something that says what it is for."""

    def named(value: Any, path: str, found: Findings) -> None:
        if not (value.get("label") or value.get("title")):
            found.add("an input without a label", path)
        if value.get("isRequired") and not value.get("errorMessage"):
            found.add("a required input says nothing where it is empty", path)

    return every(shape({"id": identifier, **required}, {**_INPUT, **more}), named)


def _chosen(value: Any, path: str, found: Findings) -> None:
    """What is chosen at first must be among the choices."""
    offered = [each.get("value") for each in value.get("choices") or [] if isinstance(each, dict)]
    given = str(value.get("value", ""))
    for each in given.split(",") if value.get("isMultiSelect") else [given]:
        if each and each not in offered:
            found.add(f"{each!r} is none of the choices", f"{path}.value")
    if len(set(offered)) < len(offered):
        found.add("two choices have one value", f"{path}.choices")


def _fits(value: Any, path: str, found: Findings) -> None:
    if isinstance(value.get("maxLength"), int) and len(str(value.get("value", ""))) > value["maxLength"]:
        found.add("is longer than maxLength", f"{path}.value")


def _verb(value: Any, path: str, found: Findings) -> None:
    if not value.get("verb"):
        found.add("an Action.Execute without a verb", path)


def _titled(value: Any, path: str, found: Findings) -> None:
    if not (value.get("title") or value.get("tooltip")):
        found.add("an action that says nothing of what it does", path)


def _sends_object(value: Any, path: str, found: Findings) -> None:
    if not isinstance(value.get("data", {}), dict):
        found.add("inputs cannot be added to data that is no object", f"{path}.data")


_RUN = shape(
    {"text": plain},
    {
        **_TEXT,
        "highlight": flag,
        "italic": flag,
        "strikethrough": flag,
        "underline": flag,
        "selectAction": _select,
    },
)
_CHOICE = shape({"title": markdown, "value": words})
_FACT = shape({"title": markdown, "value": markdown})
_COLUMN = shape(
    {}, {**_ITEM, **_BOX, "items": array(ELEMENT), "width": either(pattern(r"auto|stretch|\d+px|\d+"), number)}
)
_CELL = shape({"items": array(ELEMENT)}, _BOX)
_ROW = shape({"cells": array(by_type({"TableCell": _CELL}, "cell"), least=1)}, {"style": STYLE, **_ALIGNED})
_WIDTH = shape({}, {"width": either(pattern(r"\d+px"), number), **_ALIGNED})

KINDS: dict[str, Check] = {
    "TextBlock": shape(
        {"text": markdown},
        {**_ITEM, **_TEXT, "horizontalAlignment": ACROSS, "maxLines": number, "wrap": flag,
         "style": one_of("default", "heading")},
    ),
    "RichTextBlock": shape(
        {"inlines": array(either(plain, by_type({"TextRun": _RUN}, "run of text")), least=1)},
        {**_ITEM, "horizontalAlignment": ACROSS},
    ),
    "Image": shape(
        {"url": address(*PICTURES), "altText": words},
        {**_ITEM, "backgroundColor": text, "horizontalAlignment": ACROSS, "selectAction": _select,
         "size": one_of("auto", "stretch", "small", "medium", "large"), "style": one_of("default", "person"),
         "width": PIXELS, "height": pattern(r"auto|stretch|\d+px")},
    ),
    "FactSet": shape({"facts": array(_FACT, least=1)}, _ITEM),
    "Container": shape({"items": array(ELEMENT)}, {**_ITEM, **_BOX}),
    "ColumnSet": shape({}, {**_ITEM, **_BOX, "horizontalAlignment": ACROSS, "columns": array(_COLUMN)}),
    "ActionSet": shape({"actions": ACTIONS}, _ITEM),
    "Table": shape(
        {"columns": array(_WIDTH, least=1), "rows": array(by_type({"TableRow": _ROW}, "row"))},
        {**_ITEM, **_ALIGNED, "firstRowAsHeader": flag, "firstRowAsHeaders": flag, "showGridLines": flag,
         "gridStyle": STYLE},
    ),
    "Input.Text": every(
        _asks({}, {"isMultiline": flag, "maxLength": number, "placeholder": plain, "regex": text,
                   "style": one_of("text", "tel", "url", "email", "password"), "inlineAction": _select,
                   "value": text}),
        _fits,
    ),
    "Input.Number": _asks({}, {"max": number, "min": number, "placeholder": plain, "value": number}),
    "Input.Date": _asks({}, {"max": DATE, "min": DATE, "placeholder": plain, "value": DATE}),
    "Input.Time": _asks({}, {"max": TIME, "min": TIME, "placeholder": plain, "value": TIME}),
    "Input.Toggle": _asks({"title": markdown}, {"value": text, "valueOff": text, "valueOn": text, "wrap": flag}),
    "Input.ChoiceSet": every(
        _asks({"choices": array(_CHOICE, least=1)}, {"isMultiSelect": flag, "placeholder": plain, "value": text,
              "style": one_of("compact", "expanded", "filtered"), "wrap": flag}),
        _chosen,
    ),
}  # fmt: skip
_TARGET = either(words, shape({"elementId": words}, {"isVisible": flag}))
DOING: dict[str, Check] = {
    "Action.Execute": every(shape({}, {**_SENDING, "verb": words}), _verb, _titled, _sends_object),
    "Action.Submit": every(shape({}, _SENDING), _titled, _sends_object),
    "Action.OpenUrl": every(shape({"url": address()}, _DOING), _titled),
    "Action.ShowCard": every(shape({"card": _card}, _DOING), _titled),
    "Action.ToggleVisibility": every(shape({"targetElements": array(_TARGET, least=1)}, _DOING), _titled),
}
_ANY_ELEMENT = by_type(KINDS, "element that Teams shows")
_ANY_ACTION = by_type(DOING, "action that Teams knows")


def _refreshes(value: Any, path: str, found: Findings) -> None:
    by_type({"Action.Execute": every(shape({"verb": words}, _SENDING), _sends_object)}, "refresh")(
        value, path, found
    )


_REFRESH = shape({"action": _refreshes}, {"userIds": array(words, most=60)})
CARD = by_type(
    {
        "AdaptiveCard": shape(
            {"body": array(ELEMENT)},
            {
                "$schema": pattern(r"https?://adaptivecards\.io/schemas/adaptive-card\.json"),
                "version": pattern(r"1\.[0-5]"),
                "actions": ACTIONS,
                "refresh": _REFRESH,
                "selectAction": _select,
                "fallbackText": plain,
                "backgroundImage": BACKGROUND,
                "minHeight": PIXELS,
                "rtl": flag,
                "speak": plain,
                "lang": words,
                "verticalContentAlignment": DOWN,
                "msteams": shape({}, {"width": one_of("Full")}),
            },
        )
    },
    "card",
)
