"""What is said to a request that no listener answered: of another workspace, unreadable, or failed by us."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.payload import Values
from bot.slack import shape
from bot.slack.listeners import Listeners

NOT_INSTALLED = "Worthwhile is not installed here any more, so nothing was saved. An admin can install it again."
NOT_SAVED = "That did not work, and nothing was saved. Please send it again in a moment."
NOT_SLACKS = 400
# What is raised, by Bolt or by us, for a request that lacks what its kind has, or holds what nothing can be.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)

Json = dict[str, Any]

log = structlog.get_logger()


class NotInstalled(Exception):
    """A request is from where the bot is not installed, or not any more."""


async def answered(bolt: AsyncApp, values: Values, mark: str, arrived: float) -> BoltResponse:
    """What Bolt answers to a request of this mark; NOT_SLACKS where it is none that Slack makes.

    `arrived` is when it came in, by the loop's own clock: from then on Slack waits.
    """
    try:
        shape.check(values)
        # Bolt takes a form with the word "payload" anywhere in it for an interaction. What has been read
        # already it takes as it is, as from a socket.
        asked = AsyncBoltRequest(body=dict(values), context={"mark": mark, "arrived": arrived}, mode="socket_mode")
        return await bolt.async_dispatch(asked)
    except shape.Unshaped as wrong:
        log.error("request not as Slack makes them", field=str(wrong))
    except UNREADABLE as wrong:
        log.error("request not understood", **traced(wrong))
    return BoltResponse(status=NOT_SLACKS, body="This request is not one of Slack's.")


def failed(listeners: Listeners) -> Callable[[Exception, Json], Awaitable[BoltResponse]]:
    """What answers in place of a listener; nothing was saved.

    What cannot be read would be no better the second time. Where something of ours is away, people are told so;
    where there is no place for that, Slack tells them that it did not work, and brings an event again.
    """

    async def answer(error: Exception, body: Json) -> BoltResponse:
        if isinstance(error, NotInstalled):
            log.info("request from where the bot is not installed")
            return _refusal(listeners, body, NOT_INSTALLED) or BoltResponse(status=200, body="")
        if isinstance(error, BoltUnhandledRequestError):
            log.info("request of a kind that nothing is for")
            return BoltResponse(status=200, body="")
        log.error("request failed", **traced(error))
        if isinstance(error, UNREADABLE):
            return BoltResponse(status=200, body="")
        return _refusal(listeners, body, NOT_SAVED) or BoltResponse(status=503, body="")

    return answer


def traced(error: Exception) -> dict[str, str]:
    """What may be logged of a mistake: its text may quote somebody."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return {"kind": type(error).__name__, "at": f"{place.filename}:{place.lineno}"}


def _refusal(listeners: Listeners, body: Json, words: str) -> BoltResponse | None:
    """Says these words where the request was made; None where Slack has no place for them."""
    if "command" in body:
        return _to_typed(words)
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body=listeners.refused_form(body, words))
    if body.get("type") in ("block_actions", "message_action") and body.get("response_url"):
        listeners.refuse(body, words)
        return BoltResponse(status=200, body="")
    return None


def _to_typed(words: str) -> BoltResponse:
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": words})
