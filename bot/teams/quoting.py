"""What a message of Teams says, when and where, as fields of evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.teams.activities import part

LONGEST_LINK = 2_000
LINES = frozenset({"p", "div", "br", "li", "tr", "blockquote", "h1", "h2", "h3", "pre"})

Json = Mapping[str, Any]


def quoted(payload: Json, zone: str) -> dict[str, str]:
    """The fields that a message fills, for somebody in a time zone: a day that is theirs, not UTC's.

    What it does not say is left out, for the form to begin with what is likely.
    """
    author = part(part(payload.get("from")).get("user"))
    told = {
        "words": _words(part(payload.get("body"))),
        "said_by": _text(author.get("displayName")),
        "link": _link(payload.get("linkToMessage")),
        "date": _day(payload.get("createdDateTime"), zone),
    }
    return {name: value for name, value in told.items() if value}


def _words(body: Json) -> str:
    content = _text(body.get("content"))
    if str(body.get("contentType") or "").lower() != "html":
        return content.strip()
    reading = _Reading()
    reading.feed(content)
    reading.close()
    lines = (" ".join(line.split()) for line in "".join(reading.said).splitlines())
    return "\n".join(filter(None, lines))


class _Reading(HTMLParser):
    """Takes the words out of markup; of pictures, what is written instead of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LINES:
            self.said.append("\n")
        if tag in ("img", "emoji"):
            self.said.append(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in LINES:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        self.said.append(data.replace("\n", " "))


def _link(told: object) -> str:
    """Where the message stands, as Teams tells; "" for anything that is no link to a page."""
    link = _text(told)
    try:
        is_page = urlsplit(link).scheme == "https" and len(link) <= LONGEST_LINK
    except ValueError:
        return ""
    return link if is_page else ""


def _day(told: object, zone: str) -> str:
    try:
        said_at = datetime.fromisoformat(_text(told))
    except ValueError:
        return ""
    return said_at.astimezone(ZoneInfo(zone)).date().isoformat() if said_at.tzinfo else ""


def _text(told: object) -> str:
    return told if isinstance(told, str) else ""
