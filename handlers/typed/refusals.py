"""Why typed words were not taken, as errors whose text is what the person reads."""

from __future__ import annotations


class Refused(ValueError):
    """Typed words that cannot be used; the text of the error is what the person reads, with the way out."""


class Ambiguous(Refused):
    """Typed words with more than one plausible meaning, and what to type instead.

    Each choice is (the text to type, what it means); the sentence names them too.
    """

    def __init__(self, sentence: str, choices: tuple[tuple[str, str], ...]) -> None:
        super().__init__(sentence)
        self.choices = choices
