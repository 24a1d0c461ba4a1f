"""The question bank: which question comes when."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the bank. `weight` is how often it comes beside the others of its stage."""

    id: str
    stage: str
    tenet: str
    weight: int
    text: str


@lru_cache
def bank() -> tuple[Question, ...]:
    """Every question there is."""
    kept = tomllib.loads(files("prompts").joinpath("questions.toml").read_text(encoding="utf-8"))
    return tuple(Question(**entry) for entry in kept["question"])


@lru_cache
def _round(stage: str) -> tuple[Question, ...]:
    """The stage's questions, each as often as its weight, those of one tenet spread over the round."""
    chosen = [question for question in bank() if question.stage == stage]
    return tuple(q for turn in range(max(q.weight for q in chosen)) for q in chosen if q.weight > turn)


def rotating(stage: str, day: date, person_id: int) -> Question:
    """The question of a stage for a person on a day: the same all day, another the next."""
    questions = _round(stage)
    return questions[(day.toordinal() + person_id * 5) % len(questions)]
