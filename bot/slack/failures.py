"""What Slack's refusals mean: try again, never again, or nobody knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.nudges.port import NotSent, Refused

# The bot may do nothing in the workspace any more.
REMOVED = frozenset({"account_inactive", "token_revoked", "invalid_auth", "not_authed"})
# It may have happened; Slack itself does not say.
UNKNOWN = frozenset({"fatal_error", "internal_error"})
PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "service_unavailable",
        "request_timeout",
        "message_limit_exceeded",
        "org_login_required",  # this one and the next while a workspace is moved into an organisation
        "team_added_to_org",
    }
)
WAIT_AT_LEAST_S = 1


def is_removed(problem: SlackApiError) -> bool:
    """Whether the bot's token is good for nothing any more."""
    return error_of(problem) in REMOVED


def meaning(problem: Exception, now: datetime) -> Exception:
    """What to raise for a failed call: NotSent, Refused, or the problem itself where it may have happened."""
    if isinstance(problem, aiohttp.ClientConnectorError):
        return NotSent("no connection to Slack")
    if not isinstance(problem, SlackApiError):
        return problem
    error, status = error_of(problem), _status(problem)
    if status == 429 or error in PASSING:
        return NotSent(error or "ratelimited", now + _wait(problem))
    if status in (412, 503):
        return NotSent(f"status {status}")
    if status >= 500 or error in UNKNOWN or not error:
        return problem
    return Refused(error)


def error_of(problem: BaseException) -> str:
    """Slack's own word for what is wrong; never the text of an exception, which may quote somebody."""
    data = getattr(getattr(problem, "response", None), "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def _status(problem: SlackApiError) -> int:
    """The status of the answer, which is aiohttp's own where it was no JSON."""
    answer: Any = problem.response
    return int(getattr(answer, "status_code", None) or answer.status)


def _wait(problem: SlackApiError) -> timedelta:
    """How long Slack told us to wait."""
    told = str(problem.response.headers.get("Retry-After", ""))
    return timedelta(seconds=max(WAIT_AT_LEAST_S, int(told) if told.isascii() and told.isdigit() else 30))
