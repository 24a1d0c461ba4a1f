"""What Teams' refusals mean: try again, never again, or nobody knows."""

from __future__ import annotations

from datetime import datetime, timedelta

import aiohttp

from bot.nudges.port import NotSent, Refused

WAIT_AT_LEAST_S, WAIT_UNTOLD_S, WAIT_AT_MOST_S = 1, 30, 3_600
# Teams did not take it. What it says with 500, 502 and 504 may have happened all the same.
PASSING = frozenset({401, 412, 503})
# The person blocked the bot or took it away, or the bot is in that conversation no more.
GONE = frozenset({"MessageWritesBlocked", "BotNotInConversationRoster", "ConversationBlockedByUser"})


class CallFailed(Exception):
    """Teams answered a call with something else than its result. `code` is its own word for what is wrong."""

    def __init__(self, status: int, code: str = "", retry_after: str = "") -> None:
        super().__init__(code or f"status {status}")
        self.status = status
        self.code = code
        self.retry_after = retry_after

    @property
    def is_gone(self) -> bool:
        """Whether the bot may write there no more, until somebody lets it again."""
        return self.status == 403 and self.code in GONE


def meaning(problem: Exception, now: datetime) -> Exception:
    """What to raise for a failed call: NotSent, Refused, or the problem itself where it may have happened."""
    if isinstance(problem, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return NotSent("no connection to Teams")
    if not isinstance(problem, CallFailed):
        return problem
    if problem.status == 429:
        return NotSent("429", now + _wait(problem.retry_after))
    if problem.status in PASSING:
        return NotSent(
            f"status {problem.status}", now + _wait(problem.retry_after) if problem.retry_after else None
        )
    if problem.status >= 500 or problem.status == 408:
        return problem
    return Refused(str(problem))


def harmless(problem: Exception, now: datetime) -> Exception:
    """As `meaning`, for a call that does no harm when it is made twice."""
    found = meaning(problem, now)
    return found if isinstance(found, (NotSent, Refused)) else NotSent("no answer from Teams")


def _wait(told: str) -> timedelta:
    """How long Teams told us to wait."""
    seconds = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else WAIT_UNTOLD_S
    return timedelta(seconds=min(max(seconds, WAIT_AT_LEAST_S), WAIT_AT_MOST_S))
