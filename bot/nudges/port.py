"""The port: how a message leaves, whatever the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from bot.nudges.pace import Pace
from handlers.messages import Message

Address = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a message goes: a person or a channel of a workspace, in the chat service's own ids.

    `thread` is the address of the message it replies to, `replacing` that of the one it takes the place of.
    """

    workspace: str
    person: str | None
    channel: str | None
    thread: Address | None = None
    replacing: Address | None = None


class Sender(Protocol):
    """Sends messages on one platform."""

    async def send(self, recipient: Recipient, message: Message) -> Address:
        """Send, and return the address at which the message now stands.

        Raises Refused, Astray, or NotSent with the time to try again, and Partly where a part of it stands;
        anything else means that it may have arrived.
        """
        ...


class NotSent(Exception):
    """The platform did not take the message, and may later: at `retry_at` (UTC), where it said so."""

    def __init__(self, reason: str, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.retry_at = retry_at


class Refused(Exception):
    """The platform will never take this message: the channel is archived, the person blocked the bot."""


class Partly(Exception):
    """The platform took the first part of the message, which stands at `address`, and not the rest of it.

    `rest` says why, as it would of the whole: NotSent, Refused, or anything else.
    """

    def __init__(self, address: Address, rest: Exception) -> None:
        super().__init__(str(rest))
        self.address = address
        self.rest = rest


class Astray(Exception):
    """The message may not go any more where it was promised to; says why as `Parcel.astray` does."""


@runtime_checkable
class Paced(Protocol):
    """A sender whose platform publishes how much it lets through."""

    pace: Pace


@runtime_checkable
class InPieces(Protocol):
    """A sender that may send one message as several, each of which counts for its platform's rates."""

    def pieces(self, address: Address) -> int:
        """As how many a message was sent that stands at this address."""
        ...
