"""What Teams makes of a text: mentions, links, formats and dates that it sets off, and what is then to be read.

Markdown in cards: https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features. Mentions:
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

# What changes words that stand in a card, beside Markdown.
_MENTION = re.compile(r"</?at\b[^>]*>", re.IGNORECASE)
_FUNCTION = re.compile(r"\{\{\s*(DATE|TIME)\s*\(.*?\)\s*\}\}", re.IGNORECASE | re.DOTALL)
_LINKS = {"link_open", "image"}
_QUIET = {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak", "hardbreak"}


@dataclass(frozen=True)
class Trace:
    """Something that a text sets off: a `ping`, a `link`, a `format` or a `date`, and the text that does."""

    kind: str
    text: str


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline"]).enable("strikethrough")


def _tokens(text: str) -> Iterator[Token]:
    for token in _reader().parse(text):
        yield token
        yield from token.children or ()


def _called(text: str) -> Iterator[Trace]:
    if _MENTION.search(text):
        yield Trace("ping", text)
    if _FUNCTION.search(text):
        yield Trace("date", text)


def of_plain(text: str) -> Iterator[Trace]:
    """What a text sets off where Markdown is not read."""
    yield from _called(text)


def of_markdown(text: str) -> Iterator[Trace]:
    """What a text sets off where Markdown is read."""
    yield from _called(text)
    kinds = {token.type for token in _tokens(text)}
    if kinds & _LINKS:
        yield Trace("link", text)
    if kinds - _QUIET - _LINKS - {"link_close"}:
        yield Trace("format", text)


def shown(text: str) -> str:
    """A text as it is read where Markdown is: without what formats it, and with what it escapes."""
    return "\n".join(_lines(text))


def _lines(text: str) -> Iterator[str]:
    for token in _reader().parse(text):
        if token.type == "inline":
            yield "".join(map(_piece, token.children or ()))
        elif token.type in {"code_block", "fence"}:
            yield token.content.rstrip("\n")


def _piece(token: Token) -> str:
    return "\n" if token.type in {"softbreak", "hardbreak"} else token.content
