"""Text for Slack: what its notifications show, and what people typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from bot.letters import JOINER, line

_MARKED = re.compile(r"<([@#!][^<>|]+|[a-zA-Z][\w+.-]*:[^<>|]*)(?:\|([^<>]*))?>")
_ESCAPED = re.compile("&(amp|lt|gt);")
_UNESCAPED = {"amp": "&", "lt": "<", "gt": ">"}
_WIDE = ("!here", "!channel", "!everyone")
_NOBODY: Mapping[str, str] = MappingProxyType({})
# What stands for whom or what nobody can name: an id says nothing to those who read it.
_UNNAMED = (("@", "@somebody"), ("#", "a channel"), ("!subteam^", "@some people"))
_OPENING = re.compile(r"`|(?<!\w)[*_~](?=\S)")
_ALIKE = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_CALLING = re.compile(r"@|:(?=\S)|(?<=[\w-])\.(?=\w)|(?:^\s*)?>")


def notification(text: str) -> str:
    """A text for where Slack does read markup and cannot always be told not to: a message's `text`.

    Nothing that is invisible keeps a word from being bold, so a sign that looks like the other begins it.
    """
    unformatted = _OPENING.sub(lambda found: _ALIKE[found[0]], line(text))
    return escape(_CALLING.sub(lambda found: JOINER + found[0] + JOINER, unformatted))


def escape(text: str) -> str:
    """A text that Slack's markup shows as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mentioned(text: str) -> frozenset[str]:
    """The ids of the members and channels that a text in Slack's markup mentions without their names."""
    return frozenset(found[1][1:] for found in _MARKED.finditer(text) if found[1][0] in "@#" and not found[2])


def read(text: str, names: Mapping[str, str] = _NOBODY, *, but: str = "") -> str:
    """What a person typed, from Slack's markup: links and mentions by what they show, `but` somebody's left out.

    `names` are those of members and channels, by id, for mentions that come without; plain words stand for
    whom they do not name. `but` is a member's id, the bot's own where it was called by its name. A link behind
    other words keeps its address in brackets.
    """
    shown = _MARKED.sub(lambda found: _shown(found[1], found[2] or "", names, but), text)
    return _ESCAPED.sub(lambda found: _UNESCAPED[found[1]], shown).strip()


def _shown(target: str, label: str, names: Mapping[str, str], but: str) -> str:
    if but and target == f"@{but}":
        return ""
    if target in _WIDE:
        return f"@{target[1:]}"
    if target[0] in "@#!":
        return _mention(target, label or escape(names.get(target[1:], "")))
    address = target.removeprefix("mailto:").removeprefix("tel:")
    return (label and (label if label in target else f"{label} ({address})")) or address


def _mention(target: str, name: str) -> str:
    """A member, a group of them, a channel; or a date by its words."""
    unnamed = next((words for start, words in _UNNAMED if target.startswith(start)), target[1:])
    sign = "#" if target[0] == "#" else "" if target.startswith("!date") else "@"
    if not name:
        return unnamed
    return name if name.startswith(("@", "#")) else sign + name
