"""Text for Slack: plain text objects, and what is done with text that is too long for its place."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

from slack_sdk.models.blocks import PlainTextObject

MARKED = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
CUT = "…"
SPACE_ENOUGH = 200  # a long text is split at a space as far back as this
EMPTY = "–"  # Slack refuses an empty text


def plain(text: str) -> PlainTextObject:
    """Text that Slack shows letter for letter."""
    return PlainTextObject(text=text if is_seen(text) else EMPTY, emoji=False)


def is_seen(text: str) -> bool:
    """Whether there is anything in a text that Slack counts: it trims blanks away before it looks."""
    return any(not (c.isspace() or unicodedata.category(c) in ("Cf", "Cc")) for c in text)


def trim(text: str, limit: int) -> str:
    """The text, cut visibly where it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: limit - len(CUT)].rstrip() + CUT


def pieces(text: str, limit: int) -> Iterator[str]:
    """The whole text in pieces of at most `limit` characters, broken at a space where one is near."""
    while len(text) > limit:
        at = max(text.rfind(" ", limit - SPACE_ENOUGH, limit), text.rfind("\n", limit - SPACE_ENOUGH, limit)) + 1
        at = at or limit
        yield text[:at]
        text = text[at:]
    yield text


def read(text: str, *, but: str = "") -> str:
    """What a person typed, from Slack's markup: links and mentions by what they show, `but` somebody's left out.

    `but` is a member's id, the bot's own where it was called by its name.
    """
    return html.unescape(MARKED.sub(lambda found: _shown(found, but), text)).strip()


def _shown(found: re.Match[str], but: str) -> str:
    target, label = found.group(1), found.group(2)
    if but and target == f"@{but}":
        return ""
    if label:
        return target[0] + label if target[0] in "@#" and label[0] not in "@#" else label
    return target.removeprefix("mailto:").removeprefix("tel:")
