"""How Slack refuses."""

from __future__ import annotations

from typing import Any

from tests.fakes.slack.structure import Json


class SlackError(Exception):
    """A call that Slack answers with `ok: false` and this error."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def answer(self) -> Json:
        """The body of the answer."""
        return {"ok": False, "error": self.error, **self.extra}


def refused(error: str, problems: list[str]) -> SlackError:
    """An error with all that is wrong, as Slack tells it."""
    messages = [f"[ERROR] {problem}" for problem in problems]
    return SlackError(error, errors=problems, response_metadata={"messages": messages})
