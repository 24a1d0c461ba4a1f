"""Who is told what happens, so that it can be seen from outside."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Is told what happens, by those to whom it happens. `platform` and the others are short fixed words.

    `kind` is "personal" or "channel".
    """

    def asked(self, platform: str, outcome: str) -> None:
        """A request was dispatched: answered, repeated, refused, late or failed."""

    def delivered(self, platform: str, kind: str, outcome: str) -> None:
        """One try to send ended: sent, retried, unknown or dead."""

    def told_to_wait(self, platform: str) -> None:
        """A platform said that it gets too much, and how long to wait."""


class Nobody:
    """Is told what happens, and keeps nothing of it."""

    def asked(self, platform: str, outcome: str) -> None:
        """Keep nothing."""

    def delivered(self, platform: str, kind: str, outcome: str) -> None:
        """Keep nothing."""

    def told_to_wait(self, platform: str) -> None:
        """Keep nothing."""


NOBODY: Observer = Nobody()
