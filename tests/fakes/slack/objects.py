"""Slack's composition objects: texts, options, confirmations.

Limits: https://docs.slack.dev/reference/block-kit/composition-objects
"""

from __future__ import annotations

from typing import Any

from tests.fakes.slack.structure import Check, Findings, array, by_type, flag, one_of, shape, string

PLAIN_KEYS = {"emoji": flag}
MRKDWN_KEYS = {"verbatim": flag}
URL = r"(?s)(https?|mailto|slack|tel):.+"


def _worded(most: int) -> Check:
    measured = string(most)

    def check(value: Any, path: str, found: Findings) -> None:
        measured(value, path, found)
        if isinstance(value, str):
            found.characters += len(value)
            if value and not value.strip():
                found.add("must be more than 0 characters", path)

    return check


def plain(most: int) -> Check:
    """A `plain_text` object of so many characters."""
    return by_type({"plain_text": shape({"text": _worded(most)}, PLAIN_KEYS)}, "type of text")


def mrkdwn(most: int) -> Check:
    """A `plain_text` or a `mrkdwn` object of so many characters."""
    kinds = {
        "plain_text": shape({"text": _worded(most)}, PLAIN_KEYS),
        "mrkdwn": shape({"text": _worded(most)}, MRKDWN_KEYS),
    }
    return by_type(kinds, "type of text")


_SLACK_FILE = shape({}, {"id": string(255), "url": string(3000)})


def slack_file(value: Any, path: str, found: Findings) -> None:
    """A picture that was uploaded before."""
    _SLACK_FILE(value, path, found)
    if isinstance(value, dict):
        if len(value.keys() & {"id", "url"}) != 1:
            found.add("exactly one of id and url is required", path)
        if isinstance(value.get("id"), str):
            found.files.append(value["id"])


def pictured(value: Any, path: str, found: Findings) -> None:
    """A picture is at an address or in Slack, never both."""
    if isinstance(value, dict) and ("image_url" in value) == ("slack_file" in value):
        found.add("exactly one of image_url and slack_file is required", path)


PLACEHOLDER = plain(150)
ACTION_ID = string(255)
CONFIRM = shape(
    {"title": plain(100), "text": mrkdwn(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = shape({"text": plain(75), "value": string(150)}, {"description": plain(75)})
OVERFLOW_OPTION = shape(
    {"text": plain(75)}, {"value": string(150), "description": plain(75), "url": string(3000, pattern=URL)}
)
FORMATTED_OPTION = shape({"text": mrkdwn(75), "value": string(150)}, {"description": mrkdwn(75)})
OPTION_GROUP = shape({"label": plain(75), "options": array(OPTION, 100)})
DISPATCH = shape({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)})
