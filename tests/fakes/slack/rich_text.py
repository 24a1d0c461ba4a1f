"""Slack's rich text: sections, lists, quotes and what stands in them.

Shape: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from typing import Any

from tests.fakes.slack.objects import URL
from tests.fakes.slack.structure import (
    Check,
    Findings,
    array,
    by_type,
    every,
    flag,
    integer,
    one_of,
    shape,
    string,
)

MANY = 10_000
NAMED_STYLES = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))
POINTING_STYLES = shape(
    {}, dict.fromkeys(("bold", "italic", "strike", "highlight", "client_highlight", "unlink"), flag)
)


def _counted(value: Any, path: str, found: Findings) -> None:
    if isinstance(value, str):
        found.characters += len(value)


_WORDS = every(string(40_000), _counted)
_INLINE: dict[str, Check] = {
    "text": shape({"text": _WORDS}, {"style": NAMED_STYLES}),
    "link": shape({"url": string(3000, pattern=URL)}, {"text": _WORDS, "unsafe": flag, "style": NAMED_STYLES}),
    "emoji": shape({"name": string(255)}, {"unicode": string(255), "skin_tone": integer(1, 6)}),
    "user": shape({"user_id": string(255, pattern="[UW][A-Z0-9]+")}, {"style": POINTING_STYLES}),
    "channel": shape({"channel_id": string(255, pattern="[CGD][A-Z0-9]+")}, {"style": POINTING_STYLES}),
    "usergroup": shape({"usergroup_id": string(255, pattern="S[A-Z0-9]+")}, {"style": POINTING_STYLES}),
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}),
    "color": shape({"value": string(7, pattern="#[0-9a-fA-F]{6}")}),
    "date": shape(
        {"timestamp": integer(0, 99_999_999_999), "format": string(255)},
        {"url": string(3000), "fallback": string(255)},
    ),
}
_LITERAL = {"text": _INLINE["text"], "link": _INLINE["link"]}
_SECTION = shape({"elements": array(by_type(_INLINE, "rich text element"), MANY, 0)})
_PREFORMATTED = shape(
    {"elements": array(by_type(_LITERAL, "rich text element"), MANY, 0)},
    {"border": integer(0, 1), "language": string(255)},
)
_QUOTE = shape({"elements": array(by_type(_INLINE, "rich text element"), MANY, 0)}, {"border": integer(0, 1)})
_LIST = shape(
    {
        "style": one_of("bullet", "ordered"),
        "elements": array(by_type({"rich_text_section": _SECTION}, "list item"), MANY, 0),
    },
    {"indent": integer(0, 8), "offset": integer(0, MANY), "border": integer(0, 1)},
)
RICH_TEXT = shape(
    {
        "elements": array(
            by_type(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": _LIST,
                    "rich_text_quote": _QUOTE,
                    "rich_text_preformatted": _PREFORMATTED,
                },
                "rich text",
            ),
            MANY,
        )
    },
    {"block_id": string(255)},
)
