"""Text for Slack: what its notifications show, and what people typed."""

from __future__ import annotations

import re

from bot.letters import JOINER, line

_MARKED = re.compile(r"<([@#!][^<>|]+|[a-zA-Z][\w+.-]*:[^<>|]*)(?:\|([^<>]*))?>")
_ESCAPED = re.compile("&(amp|lt|gt);")
_UNESCAPED = {"amp": "&", "lt": "<", "gt": ">"}
_WIDE = ("!here", "!channel", "!everyone")
_OPENING = re.compile(r"`|(?<!\w)[*_~](?=\S)")
_ALIKE = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_CALLING = re.compile(r"@|:(?=\S)|(?<=[\w-])\.(?=\w)|(?:^\s*)?>")


def notification(text: str) -> str:
    """A text for where Slack does read markup and cannot always be told not to: a message's `text`.

    Nothing that is invisible keeps a word from being bold, so a sign that looks like the other begins it.
    """
    unformatted = _OPENING.sub(lambda found: _ALIKE[found[0]], line(text))
    apart = _CALLING.sub(lambda found: JOINER + found[0] + JOINER, unformatted)
    return apart.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read(text: str, *, but: str = "") -> str:
    """What a person typed, from Slack's markup: links and mentions by what they show, `but` somebody's left out.

    `but` is a member's id, the bot's own where it was called by its name. A mention without a name stays
    as its id, and a link behind other words keeps its address in brackets.
    """
    shown = _MARKED.sub(lambda found: _shown(found[1], found[2] or "", but), text)
    return _ESCAPED.sub(lambda found: _UNESCAPED[found[1]], shown).strip()


def _shown(target: str, label: str, but: str) -> str:
    if but and target == f"@{but}":
        return ""
    if target in _WIDE:
        return f"@{target[1:]}"
    if target[0] in "@#!":
        return _mention(target, label)
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return (label and (label if label in target else f"{label} ({address})")) or address


def _mention(target: str, label: str) -> str:
    """A member, a group of them, a channel; or a date by its words."""
    sign = "#" if target[0] == "#" else "" if target.startswith("!date") else "@"
    name = label or target[1:].removeprefix("subteam^")
    return name if name.startswith(("@", "#")) else sign + name
