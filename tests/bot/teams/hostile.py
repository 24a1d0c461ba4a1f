"""Words that would mention, link, format, compute or pass for somebody else's, if Teams read them as anything."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.bot.slack.hostile import PARTS as ELSEWHERE
from tests.bot.slack.hostile import PLACES, PRESSED, UNSEEN, form_of, message_of, seen

__all__ = ["OWN", "PARTS", "PLACES", "PRESSED", "UNSEEN", "form_of", "hostile_text", "message_of", "seen", "shown"]

OWN = (
    "<at>Ana Ruiz</at>", "<at>everyone</at>", '<at id="0">x</at>', "{{DATE(2026-11-23T09:00:00Z, LONG)}}",
    "{{TIME(2026-11-23T09:00:00Z)}}", "{{{DATE(2026-11-23T09:00:00Z)}}}", "${evil}", "{{x}}", "# head",
    "\\*x\\*", "\\[x\\]", "+ item", "2) item", "[a]: https://evil.example", "<https://evil.example>",
    "<b>bold</b>",
    "<br>", "&lt;at&gt;x&lt;/at&gt;", "| a | b |", "---", "\n- x", "\n\n1. x", "\n# x", "\n> x", "tel:+441234",
    "teams.microsoft.com/l/chat", "***x***", "_x_", "in.words", "task/fetch", "∅", ",",
)  # fmt: skip
PARTS = (*ELSEWHERE, *OWN)


def hostile_text(random: Random) -> str:
    """A few hostile words in a row."""
    joint = random.choice(["", " ", "x"])
    return joint.join(random.choices(PARTS, k=random.randint(1, 4)))[:60]


def shown(piece: Any) -> list[str]:
    """Every text that a drawn thing shows, what is still hidden too."""
    if isinstance(piece, list):
        return [text for each in piece for text in shown(each)]
    if not isinstance(piece, dict):
        return []
    is_input = str(piece.get("type", "")) == "Input.Text"
    own = [piece[name] for name in ("text", "title", "label", *(["value"] if is_input else [])) if name in piece]
    unseen = ("data", "fallback", "fallbackText")
    return own + [text for name, each in piece.items() if name not in unseen for text in shown(each)]
