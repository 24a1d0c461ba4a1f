"""What Teams expects in answer to an invoke: the documented shapes, and nothing else."""

from __future__ import annotations

from typing import Any

from bot.letters import line, trim
from bot.teams.kit import CONTENT_TYPE, Json

WORDS = 200  # characters of a sentence that Teams shows for a moment


def card(shown: Json) -> Json:
    """For a tapped button: this card in the place of the one that was tapped, for whoever tapped it."""
    return {"statusCode": 200, "type": CONTENT_TYPE, "value": shown}


def said(words: str) -> Json:
    """For a tapped button: a sentence; the card stays as it is."""
    return {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": trim(line(words), WORDS),
    }


def dialog(title: str, shown: Json) -> Json:
    """For a dialog that opens or was sent: this card in it."""
    value: dict[str, Any] = {
        "title": title,
        "height": "large",
        "width": "medium",
        "card": {"contentType": CONTENT_TYPE, "content": shown},
    }
    return {"task": {"type": "continue", "value": value}}


def closed(words: str) -> Json:
    """For a dialog that was asked for and has nothing to fill in: a sentence."""
    return {"task": {"type": "message", "value": trim(line(words), WORDS)}}
