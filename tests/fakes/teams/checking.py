"""A whole card, held against what Teams shows and against the size that every way into Teams takes.

Sizes: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from tests.fakes.teams.elements import CARD
from tests.fakes.teams.structure import Findings, Json

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
CARD_BYTES = 25 * 1024
MESSAGE_BYTES = 80 * 1024


def size(piece: Any) -> int:
    """Bytes of a piece of JSON in UTF-16, as Teams counts them."""
    return len(json.dumps(piece, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le", "surrogatepass"))


def check_card(
    card: Any, surface: Literal["message", "dialog"] = "message", allowed: tuple[str, ...] = ()
) -> Findings:
    """What is wrong with a card on a surface, and what its texts would set off."""
    found = Findings(surface, allowed)
    CARD(card, "$", found)
    if isinstance(card, dict):
        _version(card, found)
    return found


def is_too_large(card: Json) -> bool:
    """Whether a card is over 25 KB."""
    return size(card) > CARD_BYTES


def _version(card: Json, found: Findings) -> None:
    """A card that acts by Action.Execute, or refreshes itself, says that it is of 1.4 or later."""
    said = str(card.get("version", ""))
    if not said:
        found.add("says no version", "$")
    if ("refresh" in card or '"Action.Execute"' in json.dumps(card)) and said < "1.4":
        found.add("Action.Execute needs version 1.4", "$.version")
    if re.search("[\ud800-\udfff]", json.dumps(card, ensure_ascii=False)):
        found.add("half a character", "$")


def attached(activity: Json) -> list[Json]:
    """The cards of an activity."""
    return [each["content"] for each in activity.get("attachments") or [] if each.get("contentType") == ADAPTIVE]
