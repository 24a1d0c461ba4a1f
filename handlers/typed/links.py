"""Links as people paste them: only what a browser opens as a web page, and no passwords in them."""

from __future__ import annotations

import unicodedata
from urllib.parse import SplitResult, urlsplit

from handlers.typed.refusals import Refused

EXAMPLE = "https://support.example.com/tickets/4711"


def parse_link(text: str) -> str:
    """The address of a web page, as it was typed. Raises Refused for anything else."""
    typed = text.strip()
    if any(each.isspace() or each == "\\" or unicodedata.category(each)[0] == "C" for each in typed):
        raise Refused(f"A link is one address without spaces, such as {EXAMPLE}. Or leave this empty.")
    parts = _split(typed)
    if parts.scheme.casefold() not in ("http", "https") or not parts.hostname:
        raise Refused(f"A link begins with https:// or http://, such as {EXAMPLE}. Or leave this empty.")
    if "@" in parts.netloc:
        raise Refused(
            "There is a user name in that link, perhaps a password too. Paste it without what ends in @."
        )
    return typed


def _split(typed: str) -> SplitResult:
    try:
        parts = urlsplit(typed)
        _ = parts.port  # raises for one that is no number
    except ValueError as wrong:
        raise Refused(
            f"I cannot read that as a link. Paste one such as {EXAMPLE}, or leave this empty."
        ) from wrong
    return parts
