"""One call of the connector's REST API: what was asked, by whom, of what, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.teams.errors import bad, no_conversation
from tests.fakes.teams.structure import Json
from tests.fakes.teams.world import Conversation

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams


@dataclass
class Call:
    """A call. `thread` is the part of a conversation's id that stands after `;messageid=`."""

    teams: FakeTeams
    operation: str
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    at: datetime
    region: str = ""
    status: int = 200
    answer: Any = field(default_factory=dict)

    @property
    def conversation_id(self) -> str:
        """The conversation's id, without the thread."""
        return self.path.get("conversation", "").partition(";messageid=")[0]

    @property
    def thread(self) -> str:
        """The message below which it is to stand, if any."""
        return self.path.get("conversation", "").partition(";messageid=")[2]

    @property
    def place(self) -> Conversation | None:
        """The conversation, where there is one."""
        return self.teams.world.conversations.get(self.conversation_id)

    @property
    def conversation(self) -> Conversation:
        """The conversation. Raises ConnectorError where there is none."""
        found = self.place
        if found is None or found.is_deleted or (found.team and found.team.is_deleted):
            raise no_conversation()
        return found

    @property
    def tenant(self) -> str:
        """Whose it is about, as far as the call tells."""
        place = self.place
        if place:
            return place.tenant
        team = self.teams.world.teams.get(self.path.get("team", ""))
        return team.tenant if team else tenant_of(self.body)

    @property
    def object(self) -> Json:
        """The body. Raises ConnectorError where it is no object."""
        if not isinstance(self.body, dict):
            raise bad("The request body is not a JSON object.")
        return self.body


def tenant_of(body: Any) -> str:
    """The tenant that a request to begin a conversation is about."""
    if not isinstance(body, dict):
        return ""
    data = body.get("channelData") or {}
    named = data.get("tenant") if isinstance(data, dict) else None
    inner = named.get("id") if isinstance(named, dict) else None
    return str(body.get("tenantId") or body.get("tenantID") or inner or "")
