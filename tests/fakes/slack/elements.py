"""Slack's block elements: buttons, menus, inputs; where each may stand, and its limits.

Limits: https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.slack.objects import (
    ACTION_ID,
    CONFIRM,
    DISPATCH,
    FORMATTED_OPTION,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    PLACEHOLDER,
    URL,
    pictured,
    plain,
    slack_file,
)
from tests.fakes.slack.structure import (
    Check,
    Findings,
    Json,
    anything,
    array,
    every,
    flag,
    integer,
    one_of,
    shape,
    string,
)

EVERYWHERE = frozenset({"message", "modal", "home"})
MODAL = frozenset({"modal"})
DATE = r"\d{4}-\d{2}-\d{2}"
TIME = r"([01]\d|2[0-3]):[0-5]\d"


@dataclass(frozen=True)
class Element:
    """A kind of element: its shape, the kinds of block it may stand in, and the surfaces that may show it."""

    check: Check
    inside: frozenset[str]
    surfaces: frozenset[str] = EVERYWHERE


def options_of(element: Json) -> list[Json]:
    """All options of a menu, its groups' too."""
    groups = element.get("option_groups") or []
    listed = list(element.get("options") or [])
    return listed + [option for group in groups if isinstance(group, dict) for option in group.get("options", [])]


def _plainly(option: Any) -> Any:
    """An option without the keys that Slack fills in by itself."""
    if isinstance(option, dict):
        return {key: _plainly(value) for key, value in option.items() if key not in {"emoji", "verbatim"}}
    return option


def _initials(value: Any, path: str, found: Findings) -> None:
    """What is chosen at first must be exactly one of the options."""
    if not isinstance(value, dict):
        return
    offered = [_plainly(option) for option in options_of(value)]
    if "initial_option" in value and _plainly(value["initial_option"]) not in offered:
        found.add("must exactly match one of the options", f"{path}/initial_option")
    chosen = value.get("initial_options")
    for index, option in enumerate(chosen if isinstance(chosen, list) else []):
        if _plainly(option) not in offered:
            found.add("must exactly match one of the options", f"{path}/initial_options/{index}")


def _one_list(value: Any, path: str, found: Findings) -> None:
    """A menu has options or groups of them."""
    if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
        found.add("exactly one of options and option_groups is required", path)


def _lengths(value: Any, path: str, found: Findings) -> None:
    """What stands in an input at first must fit it."""
    if not isinstance(value, dict) or not isinstance(value.get("initial_value", ""), str):
        return
    least, most, initial = value.get("min_length"), value.get("max_length"), value.get("initial_value", "")
    if isinstance(most, int) and len(initial) > most:
        found.add("must not be longer than max_length", f"{path}/initial_value")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        found.add("must not be greater than max_length", f"{path}/min_length")


def _focus(value: Any, path: str, found: Findings) -> None:
    """Only one element of a view may take the focus."""
    if isinstance(value, dict) and value.get("focus_on_load") is True:
        found.focused += 1
        if found.focused > 1:
            found.add("only one element can have focus_on_load", path)


NAMED: dict[str, Check] = {"action_id": ACTION_ID}
ASKING: dict[str, Check] = {**NAMED, "confirm": CONFIRM, "focus_on_load": flag}
SELECTING: dict[str, Check] = {**ASKING, "placeholder": PLACEHOLDER}
MENU: dict[str, Check] = {**SELECTING, "options": array(OPTION, 100), "option_groups": array(OPTION_GROUP, 100)}
SEVERAL: dict[str, Check] = {"max_selected_items": integer(1, 1000)}
TYPING: dict[str, Check] = {
    **NAMED,
    "placeholder": PLACEHOLDER,
    "focus_on_load": flag,
    "dispatch_action_config": DISPATCH,
}

BUTTON = shape(
    {"text": plain(75)},
    {
        **NAMED,
        "value": string(2000),
        "url": string(3000, pattern=URL),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
IMAGE = every(
    shape(
        {"alt_text": string(2000)}, {"image_url": string(3000, pattern="https?://.+"), "slack_file": slack_file}
    ),
    pictured,
)
TEXT_INPUT = every(
    shape(
        {},
        {
            **TYPING,
            "initial_value": string(3000, 0),
            "multiline": flag,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
    ),
    _lengths,
    _focus,
)
NUMBER_INPUT = shape(
    {"is_decimal_allowed": flag},
    {**TYPING, "initial_value": string(255), "min_value": string(255), "max_value": string(255)},
)


def _choosing(extra: dict[str, Check], required: dict[str, Check] | None = None) -> Check:
    return every(shape(required or {}, extra), _initials, _focus)


_ACTING = frozenset({"section", "actions"})
_ASKED = frozenset({"section", "actions", "input"})
_INPUT = frozenset({"input"})
_TICKED: dict[str, Check] = {"options": array(FORMATTED_OPTION, 10)}
_CONVERSATION: dict[str, Check] = {
    **SELECTING,
    "initial_conversation": string(255),
    "default_to_current_conversation": flag,
    "response_url_enabled": flag,
    "filter": anything,
}

ELEMENTS: dict[str, Element] = {
    "button": Element(BUTTON, _ACTING),
    "overflow": Element(shape({"options": array(OVERFLOW_OPTION, 5)}, {**NAMED, "confirm": CONFIRM}), _ACTING),
    "image": Element(IMAGE, frozenset({"section", "context"})),
    "static_select": Element(every(_one_list, _choosing({**MENU, "initial_option": OPTION})), _ASKED),
    "multi_static_select": Element(
        every(_one_list, _choosing({**MENU, **SEVERAL, "initial_options": array(OPTION, 100)})), _ASKED
    ),
    "users_select": Element(_choosing({**SELECTING, "initial_user": string(255)}), _ASKED),
    "multi_users_select": Element(
        _choosing({**SELECTING, **SEVERAL, "initial_users": array(string(255), 100)}), _ASKED
    ),
    "channels_select": Element(
        _choosing({**SELECTING, "initial_channel": string(255), "response_url_enabled": flag}), _ASKED
    ),
    "conversations_select": Element(_choosing(_CONVERSATION), _ASKED),
    "radio_buttons": Element(_choosing({**ASKING, "initial_option": FORMATTED_OPTION}, _TICKED), _ASKED),
    "checkboxes": Element(_choosing({**ASKING, "initial_options": array(FORMATTED_OPTION, 10)}, _TICKED), _ASKED),
    "datepicker": Element(_choosing({**SELECTING, "initial_date": string(10, pattern=DATE)}), _ASKED),
    "timepicker": Element(
        _choosing({**SELECTING, "initial_time": string(5, pattern=TIME), "timezone": string(255)}), _ASKED
    ),
    "datetimepicker": Element(
        _choosing({**ASKING, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
        frozenset({"actions", "input"}),
        frozenset({"message", "modal"}),
    ),
    "plain_text_input": Element(TEXT_INPUT, _INPUT),
    "number_input": Element(every(NUMBER_INPUT, _focus), _INPUT, MODAL),
    "email_text_input": Element(
        every(shape({}, {**TYPING, "initial_value": string(3000, 0)}), _focus), _INPUT, MODAL
    ),
    "url_text_input": Element(
        every(shape({}, {**TYPING, "initial_value": string(3000, 0)}), _focus), _INPUT, MODAL
    ),
}


def element_in(block: str) -> Check:
    """An element that may stand in this kind of block."""

    def check(value: Any, path: str, found: Findings) -> None:
        kind = ELEMENTS.get(value.get("type", "")) if isinstance(value, dict) else None
        if kind is None:
            found.add("unsupported element", path)
        elif block not in kind.inside or found.surface not in kind.surfaces:
            found.add(f"unsupported type: {value['type']} in {block} of a {found.surface}", f"{path}/type")
        else:
            kind.check(value, path, found)

    return check
