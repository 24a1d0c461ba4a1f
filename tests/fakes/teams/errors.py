"""How the connector refuses.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
"""

from __future__ import annotations

import json

from tests.fakes.teams.structure import Json


class ConnectorError(Exception):
    """A call that is answered with this status and code, and with seconds to wait where there are some."""

    def __init__(self, status: int, code: str, said: str, retry_after: int | None = None) -> None:
        super().__init__(f"{status} {code}: {said}")
        self.status = status
        self.code = code
        self.said = said
        self.retry_after = retry_after

    @property
    def body(self) -> Json:
        """The body of the answer."""
        return {"error": {"code": self.code, "message": self.said}}

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class WritesBlocked(ConnectorError):
    """Somebody blocked the bot, or removed it from their chat with it."""

    def __init__(self) -> None:
        super().__init__(403, "MessageWritesBlocked", "Thread is blocked from message writes.")

    @property
    def body(self) -> Json:
        """The body, which holds the code within a string, as it was published."""
        inner = {"subCode": self.code, "details": self.said, "errorCode": None, "errorSubCode": None}
        return {"errorCode": 209, "message": json.dumps(inner, indent=2).replace("\n", "\r\n")}


class Unauthorized(ConnectorError):
    """No token, or one that is not good."""

    def __init__(self) -> None:
        super().__init__(401, "Unauthorized", "Authorization has been denied for this request.")

    @property
    def body(self) -> Json:
        """The body of the answer."""
        return {"message": self.said}


def bad(problem: str) -> ConnectorError:
    """Something in the request is wrong."""
    return ConnectorError(400, "BadArgument", problem)


def not_in_roster() -> ConnectorError:
    """The bot is not where it speaks."""
    return ConnectorError(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


def no_conversation() -> ConnectorError:
    """There is none of that id."""
    return ConnectorError(404, "ConversationNotFound", "Conversation not found.")


def no_activity() -> ConnectorError:
    """There is none of that id, or it is not the bot's."""
    return ConnectorError(
        404, "ActivityNotFoundInConversation", "The provided activity is not found in the conversation."
    )


def too_large() -> ConnectorError:
    """More than Teams carries."""
    return ConnectorError(413, "MessageSizeTooBig", "Message size too large.")
