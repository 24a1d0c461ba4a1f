"""Ten short ideas for whoever is new: why a team asks what its work is worth, and how it does so here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Idea:
    """One idea, a minute to read: what it says, and one small thing to try."""

    title: str
    text: str
    trying: str


@lru_cache
def ideas() -> tuple[Idea, ...]:
    """All ten, in the order in which they are told."""
    kept = tomllib.loads(files("prompts").joinpath("ideas.toml").read_text(encoding="utf-8"))
    return tuple(Idea(**entry) for entry in kept["idea"])
