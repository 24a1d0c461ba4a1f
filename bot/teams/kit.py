"""The parts of Adaptive Cards that the bot draws with. People's words stand only where no Markdown is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from bot.letters import EMPTY, JOINER, is_seen, literal

Json = dict[str, Any]

VERSION = "1.5"  # the newest that Teams takes from bots
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"

# All that is read in a TextRun: a call of DATE or TIME, which the renderer computes, and a mention.
_READ = re.compile(r"\{(?=\{)|<(?=/?at\b)", re.IGNORECASE)

# A title in which Markdown finds nothing to do; it may be drawn as a heading, which only a TextBlock can be.
_LETTER = r"[^\W_]"
_PLAIN = re.compile(
    rf"(?!\d+[.)]){_LETTER}"
    rf"(?:{_LETTER}|[ ,?!'’“”()%€$£–—…]|[:.](?= |$)|(?<=\d)\.(?=\d)|(?<={_LETTER})[-&/](?={_LETTER}))*"
)

_dumped: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def size(drawn: object) -> int:
    """The bytes that something drawn takes as JSON in UTF-16, which is how Teams counts."""
    return len(_dumped(drawn).encode("utf-16-le", "surrogatepass"))


def shown(text: str) -> str:
    """A text as a card shows it, letter for letter."""
    return _READ.sub(lambda found: found[0] + JOINER, literal(text))


def run(text: str, **how: Any) -> Json:
    """Words in a paragraph: a TextRun, in which nothing is read as Markdown."""
    return {"type": "TextRun", "text": shown(text) if is_seen(text) else EMPTY, **how}


def rich(*runs: Json, **how: Any) -> Json:
    """A paragraph."""
    return {"type": "RichTextBlock", "inlines": list(runs), **how}


def paragraph(text: str, *, spacing: str = "", **how: Any) -> Json:
    """A paragraph of words that all look the same."""
    return rich(run(text, **how), **({"spacing": spacing} if spacing else {}))


def heading(text: str) -> Json:
    """A title, which screen readers know as one where nothing in it could be read as Markdown."""
    if _PLAIN.fullmatch(text):
        how = {"wrap": True, "style": "heading", "size": "medium", "weight": "bolder"}
        return {"type": "TextBlock", "text": text, **how}
    return paragraph(text, size="medium", weight="bolder")


def container(items: Iterable[Json], **how: Any) -> Json:
    """Elements that belong together."""
    return {"type": "Container", "items": list(items), **how}


def column(items: Iterable[Json], width: str | int = "stretch", **how: Any) -> Json:
    """One column; a number as its `width` is its weight."""
    return {"type": "Column", "width": width, "items": list(items), **how}


def side_by_side(columns: Iterable[Json], **how: Any) -> Json:
    """Columns beside each other."""
    return {"type": "ColumnSet", "columns": list(columns), **how}


def action_set(actions: Iterable[Json], **how: Any) -> Json:
    """Buttons beside each other."""
    return {"type": "ActionSet", "actions": list(actions), **how}


def toggle(title: str, shows: Mapping[str, bool], **how: Any) -> Json:
    """A button that shows or hides elements by their ids, all by itself."""
    targets = [{"elementId": name, "isVisible": is_visible} for name, is_visible in shows.items()]
    return {"type": "Action.ToggleVisibility", "title": title, "targetElements": targets, **how}


def hidden(name: str, items: Iterable[Json], style: Literal["emphasis", "default"] = "emphasis") -> Json:
    """Elements that a button brings into sight."""
    return container(items, id=name, isVisible=False, style=style)


def adaptive_card(body: Iterable[Json], words: str) -> Json:
    """A whole card; `words` are what stands where it cannot be drawn."""
    return {"type": "AdaptiveCard", "version": VERSION, "fallbackText": shown(words), "body": list(body)}
