"""What a text would set off in Slack: whom it would ping, where it would link, what it would format.

Rules: https://docs.slack.dev/messaging/formatting-message-text. A quote may begin with `&gt;`, as in
what Slack's own clients send. Text in `plain_text` objects and in the `text` elements of rich text is literal,
but for emoji codes in a `plain_text` object that does not forbid them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.slack.structure import Json


@dataclass(frozen=True)
class Trace:
    """One thing a text sets off: a `ping`, a `link` or a `format`; of what; in which words."""

    kind: str
    what: str
    words: str


ANGLES = re.compile(r"<([^<>\n]+)>")
_BROADCAST = re.compile(r"!(here|channel|everyone|group)(\||$)")
_ADDRESS = re.compile(
    r"(?i)\b(?:https?://|mailto:)[^\s<>]+|\b[\w.+-]+@[\w-]+\.[a-z]{2,}\b"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|co|uk|de|eu|ly|app|ai|md|py|me|info)\b"
)
_TYPED_PING = re.compile(r"(?<!\w)@(here|channel|everyone)\b")
_TYPED_NAME = re.compile(r"(?<!\w)@([\w.-]+)")
_EMOJI = re.compile(r":[a-z0-9_+'-]+:", re.IGNORECASE)
_FORMATS = {
    "code": re.compile(r"`[^`\n]+`|```.+?```", re.DOTALL),
    "bold": re.compile(r"(?<![\w*])\*(?=\S)[^*\n]*?(?<=\S)\*(?![\w*])"),
    "italic": re.compile(r"(?<![\w_])_(?=\S)[^_\n]*?(?<=\S)_(?![\w_])"),
    "strike": re.compile(r"(?<![\w~])~(?=\S)[^~\n]*?(?<=\S)~(?![\w~])"),
    "quote": re.compile(r"(?m)^\s*(?:>|&gt;).*"),
    "emoji": _EMOJI,
}
_MARKDOWN_LINK = re.compile(r"!?\[[^\]]*\]\([^)]+\)")


def _angled(text: str) -> Iterator[Trace]:
    """What stands in angle brackets: mentions, links, dates."""
    for match in ANGLES.finditer(text):
        inner = match[1]
        if re.match(r"@[UW]", inner) or inner.startswith("!subteam^") or _BROADCAST.match(inner):
            yield Trace("ping", inner, text)
        elif re.match(r"#[CG]", inner) or re.match(r"(?i)[a-z][a-z0-9+.-]*:", inner):
            yield Trace("link", inner, text)
        elif inner.startswith("!date^"):
            yield Trace("format", inner, text)


def _parsed_words(text: str) -> Iterator[Trace]:
    """What Slack makes of bare words, unless told to leave them alone."""
    bare = ANGLES.sub(" ", text)
    yield from (Trace("ping", f"@{match[1]}", text) for match in _TYPED_PING.finditer(bare))
    yield from (Trace("link", match[0], text) for match in _ADDRESS.finditer(bare))


def of_mrkdwn(text: str, *, verbatim: bool = False) -> Iterator[Trace]:
    """What a text in Slack's markup sets off."""
    yield from _angled(text)
    if not verbatim:
        yield from _parsed_words(text)
    for name, pattern in _FORMATS.items():
        yield from (Trace("format", f"{name} {match[0]}", text) for match in pattern.finditer(text))


def _of_plain(piece: Json) -> Iterator[Trace]:
    if piece.get("emoji") is not False:
        yield from (
            Trace("format", f"emoji {match[0]}", piece["text"]) for match in _EMOJI.finditer(piece["text"])
        )


_RICH = {
    "user": ("ping", "user_id"),
    "usergroup": ("ping", "usergroup_id"),
    "broadcast": ("ping", "range"),
    "link": ("link", "url"),
    "channel": ("link", "channel_id"),
    "emoji": ("format", "name"),
}


def of_blocks(piece: Any) -> Iterator[Trace]:
    """What blocks, or a part of them, set off."""
    if isinstance(piece, list):
        for each in piece:
            yield from of_blocks(each)
        return
    if not isinstance(piece, dict):
        return
    kind, text = piece.get("type"), piece.get("text")
    if kind == "mrkdwn" and isinstance(text, str):
        yield from of_mrkdwn(text, verbatim=piece.get("verbatim") is True)
    elif kind == "markdown" and isinstance(text, str):
        yield from of_mrkdwn(text)
        yield from (Trace("link", match[0], text) for match in _MARKDOWN_LINK.finditer(text))
    elif kind == "plain_text" and isinstance(text, str):
        yield from _of_plain(piece)
    elif kind in _RICH:
        sort, key = _RICH[kind]
        yield Trace(sort, str(piece.get(key)), str(piece))
    for name, each in piece.items():
        if name != "text" or not isinstance(each, str):
            yield from of_blocks(each)


def of_message(text: str, blocks: list[Json], *, parse: str, link_names: bool, mrkdwn: bool) -> list[Trace]:
    """What a message sets off: its blocks, and its text, which notifications show."""
    found = list(of_blocks(blocks))
    if mrkdwn:
        found += of_mrkdwn(text, verbatim=parse == "none")
    else:
        found += _angled(text)
    if link_names or parse == "full":
        found += [Trace("ping", f"@{match[1]}", text) for match in _TYPED_NAME.finditer(text)]
    return found
