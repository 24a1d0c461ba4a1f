"""From a message to what the page draws. All of it stays plain text: the page never reads markup."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, assert_never

from handlers.messages import (
    Ask,
    Block,
    Button,
    Divider,
    Facts,
    File,
    Items,
    Message,
    Note,
    Picture,
    Quote,
    Scale,
    Table,
    Text,
)

Json = dict[str, Any]


def render(message: Message) -> Json:
    """A message as a card of the page."""
    return {
        "title": message.title,
        "blocks": [draw(block) for block in message.blocks],
        "buttons": [_button(button) for button in message.buttons],
        "more": [_button(button) for button in message.more],
    }


def draw(block: Block) -> Json:
    """One block as the page draws it."""
    match block:
        case Text(text) | Note(text):
            return {"kind": block.kind, "text": text}
        case Quote(text, who):
            return {"kind": "quote", "text": text, "who": who}
        case Facts(rows):
            return {"kind": "facts", "rows": [list(row) for row in rows]}
        case Items(items):
            return {"kind": "items", "items": list(items)}
        case Table(head, rows):
            return {"kind": "table", "head": list(head), "rows": [list(row) for row in rows]}
        case Picture(alt, bars):
            return {"kind": "picture", "alt": alt, "bars": [asdict(bar) for bar in bars]}
        case Divider():
            return {"kind": "divider"}
        case Scale(buttons):
            return {"kind": "scale", "buttons": [_button(button) for button in buttons]}
        case Ask(asked):
            return {"kind": "ask", "input": asdict(asked)}
        case File(name, media_type, content):
            return {"kind": "file", "name": name, "media_type": media_type, "content": content}
        case _:
            assert_never(block)


def _button(button: Button) -> Json:
    return asdict(button)
