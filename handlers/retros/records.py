"""All that people said in a review, as it is read in the summary's thread or in private."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.messages import Block, Items, Quote, Text
from handlers.retros import votes
from prompts import Said
from storage.releases import WORDS, Outcome, Voice

FEW = 3
SHORT = 280
REPLY = 8000  # characters to be read in one go; a longer record takes several replies


def everything(said: Said, outcome: Outcome) -> list[Block]:
    """Every answer in full: who said what, then the words question by question."""
    lines = votes.lines(said, outcome)
    blocks: list[Block] = [Text(said.votes), Items(lines)] if lines else []
    for name in WORDS:
        blocks += _quotes(said, name, getattr(outcome, name))
    return blocks


def first_words(said: Said, outcome: Outcome) -> list[Block]:
    """The first few answers to each question, shortened; later additions are only in the thread."""
    blocks: list[Block] = []
    for name in WORDS:
        voices = [voice for voice in getattr(outcome, name) if not voice.is_late][:FEW]
        blocks += [_shortened(block) for block in _quotes(said, name, voices)]
    return blocks


def is_shortened(outcome: Outcome) -> bool:
    """Whether the thread has words that the summary leaves out."""
    said = [getattr(outcome, name) for name in WORDS]
    return any(len(voices) > FEW or any(len(voice.text) > SHORT for voice in voices) for voices in said)


def parts(blocks: Iterable[Block]) -> list[tuple[Block, ...]]:
    """The blocks in as few replies as can each be read in one go."""
    found: list[list[Block]] = []
    length = 0
    for block in blocks:
        size = len(repr(block))
        if not found or length + size > REPLY:
            found.append([])
            length = 0
        found[-1].append(block)
        length += size
    return [tuple(part) for part in found]


def _quotes(said: Said, name: str, voices: Sequence[Voice]) -> list[Block]:
    quotes = [Quote(voice.text, votes.who(said, voice.who, voice.is_late)) for voice in voices]
    return [Text(said(name)), *quotes] if quotes else []


def _shortened(block: Block) -> Block:
    if isinstance(block, Quote) and len(block.text) > SHORT:
        return Quote(f"{block.text[: SHORT - 1].rstrip()}…", block.who)
    return block
