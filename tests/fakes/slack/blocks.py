"""Slack's blocks and views, held against every limit that Slack publishes.

Limits: https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/reference/views.
The total of a message's blocks is not published: https://github.com/slackapi/bolt-js/issues/2509.
"""

from __future__ import annotations

import json
import secrets
from copy import deepcopy
from typing import Any

from tests.fakes.slack.elements import element_in
from tests.fakes.slack.objects import mrkdwn, pictured, plain, slack_file
from tests.fakes.slack.rich_text import RICH_TEXT
from tests.fakes.slack.structure import (
    Check,
    Findings,
    Json,
    array,
    by_type,
    every,
    flag,
    one_of,
    shape,
    string,
)

BLOCKS = {"message": 50, "modal": 100, "home": 100}
BLOCKS_CHARACTERS = 13_200
VIEW_BYTES = 250 * 1024
CELLS = 10_000

_ID: dict[str, Check] = {"block_id": string(255)}


def _says_something(value: Any, path: str, found: Findings) -> None:
    if isinstance(value, dict) and not ("text" in value or "fields" in value):
        found.add("either text or fields is required", path)


def _ids_differ(value: Any, path: str, found: Findings) -> None:
    elements = value.get("elements") if isinstance(value, dict) else None
    ids = [each["action_id"] for each in elements or [] if isinstance(each, dict) and "action_id" in each]
    for twice in sorted({each for each in ids if ids.count(each) > 1}, key=str):
        found.add(f"`action_id` {twice} already exists in this block", path)


def _context_item(value: Any, path: str, found: Findings) -> None:
    textual = isinstance(value, dict) and value.get("type") in {"plain_text", "mrkdwn"}
    (mrkdwn(3000) if textual else element_in("context"))(value, path, found)


def _only_on(surface: str, check: Check) -> Check:
    def held(value: Any, path: str, found: Findings) -> None:
        if found.surface == surface:
            check(value, path, found)
        else:
            found.add(f"unsupported type: {value['type']} in a {found.surface}", f"{path}/type")

    return held


_CELL = by_type(
    {"raw_text": shape({"text": string(CELLS)}), "rich_text": RICH_TEXT},
    "cell",
)
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag})
KINDS: dict[str, Check] = {
    "section": every(
        shape(
            {},
            {
                **_ID,
                "text": mrkdwn(3000),
                "fields": array(mrkdwn(2000), 10),
                "accessory": element_in("section"),
                "expand": flag,
            },
        ),
        _says_something,
    ),
    "divider": shape({}, _ID),
    "header": shape({"text": plain(150)}, _ID),
    "image": every(
        shape(
            {"alt_text": string(2000)},
            {
                **_ID,
                "image_url": string(3000, pattern="https?://.+"),
                "slack_file": slack_file,
                "title": plain(2000),
            },
        ),
        pictured,
    ),
    "actions": every(shape({"elements": array(element_in("actions"), 25)}, _ID), _ids_differ),
    "context": shape({"elements": array(_context_item, 10)}, _ID),
    "input": shape(
        {"label": plain(2000), "element": element_in("input")},
        {**_ID, "hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": RICH_TEXT,
    "markdown": _only_on("message", shape({"text": string(12_000)}, _ID)),
    "table": _only_on(
        "message",
        shape({"rows": array(array(_CELL, 20), 100)}, {**_ID, "column_settings": array(_COLUMN, 20)}),
    ),
}
_BLOCK = by_type(KINDS, "type of block")


def _block(value: Any, path: str, found: Findings) -> None:
    _BLOCK(value, path, found)
    named = value.get("block_id") if isinstance(value, dict) else None
    if isinstance(named, str):
        if named in found.block_ids:
            found.add(f"`block_id` {named} already exists for another block", path)
        found.block_ids.add(named)


def check_blocks(blocks: Any, surface: str = "message") -> Findings:
    """What is wrong with the blocks of a `message`, a `modal` or a `home`, and how many characters they say."""
    found = Findings(surface)
    array(_block, BLOCKS[surface], 0 if surface == "message" else 1)(blocks, "/blocks", found)
    return found


_SHARED: dict[str, Check] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_MODAL = shape(
    {"title": plain(24), "blocks": lambda value, path, found: None},
    {**_SHARED, "submit": plain(24), "close": plain(24), "clear_on_close": flag, "notify_on_close": flag,
     "submit_disabled": flag},
)  # fmt: skip
_HOME = shape({"blocks": lambda value, path, found: None}, _SHARED)


def check_view(view: Any) -> Findings:
    """What is wrong with a view."""
    kind = view.get("type") if isinstance(view, dict) else None
    found = check_blocks(view["blocks"], kind) if kind in {"modal", "home"} and "blocks" in view else Findings("")
    by_type({"modal": _MODAL, "home": _HOME}, "type of view")(view, "/view", found)
    found.problems = [problem.replace(":/blocks", ":/view/blocks") for problem in found.problems]
    if kind == "modal" and "submit" not in view and has_inputs(view):
        found.add("a submit button is required with input blocks", "/view/submit")
    return found


def has_inputs(view: Json) -> bool:
    """Whether a view asks for anything on submission."""
    blocks = view.get("blocks")
    return any(isinstance(block, dict) and block.get("type") == "input" for block in blocks or [])


def is_too_large(view: Json) -> bool:
    """Whether a view is over Slack's 250 KB."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def elements_of(block: Json) -> list[Json]:
    """The interactive elements that stand in a block."""
    one = [block[name] for name in ("accessory", "element") if name in block]
    several = block.get("elements", []) if block.get("type") == "actions" else []
    return [each for each in [*one, *several] if each.get("type") != "image"]


def with_ids(blocks: list[Json]) -> list[Json]:
    """The blocks as Slack keeps them: each with an id, and each element too."""
    kept = deepcopy(blocks)
    for block in kept:
        block.setdefault("block_id", secrets.token_hex(3))
        for element in elements_of(block):
            element.setdefault("action_id", secrets.token_hex(3))
    return kept
