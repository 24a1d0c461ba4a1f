"""Channels as a test sees and changes them, with the events that Slack sends for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.slack.cards import Card
from tests.fakes.slack.delivery import Reply
from tests.fakes.slack.events import deliver, member_event
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


class Room:
    """A channel of a workspace."""

    def __init__(self, slack: FakeSlack, channel: Channel, workspace: Workspace) -> None:
        self._slack = slack
        self._workspace = workspace
        self.state = channel

    @property
    def id(self) -> str:
        """The channel's id."""
        return self.state.id

    @property
    def messages(self) -> list[Card]:
        """What stands in the channel itself for everybody, as it is drawn now."""
        seen = [each for each in self.state.history if not each.is_deleted and not each.ephemeral_to]
        return [Card(each) for each in seen if not each.thread_ts or each.broadcast]

    def thread(self, ts: str) -> list[Card]:
        """The replies to a message."""
        seen = [each for each in self.state.history if not each.is_deleted and not each.ephemeral_to]
        return [Card(each) for each in seen if each.thread_ts == ts and each.ts != ts]

    async def _tell(self, event: Json, *, silently: bool) -> Reply | None:
        return None if silently else await deliver(self._slack, self._workspace, event, self.state)

    def _kind(self) -> str:
        return "group" if self.state.is_private else "channel"

    async def rename(self, name: str, *, silently: bool = False) -> Reply | None:
        """Give it another name."""
        self.state.previous_names.insert(0, self.state.name)
        self.state.name = name
        about = {"id": self.id, "name": name, "name_normalized": name, "created": 1, "is_channel": True}
        return await self._tell({"type": f"{self._kind()}_rename", "channel": about}, silently=silently)

    async def archive(self, *, by: str = "", silently: bool = False) -> Reply | None:
        """Archive it."""
        self.state.is_archived = True
        return await self._tell(
            {"type": f"{self._kind()}_archive", "channel": self.id, "user": by}, silently=silently
        )

    async def unarchive(self, *, by: str = "", silently: bool = False) -> Reply | None:
        """Bring it back."""
        self.state.is_archived = False
        event = {"type": f"{self._kind()}_unarchive", "channel": self.id, "user": by}
        return await self._tell(event, silently=silently)

    async def make_private(self) -> None:
        """Close it to those outside. Slack has no event of this for an app that reads no history."""
        self.state.is_private = True

    async def share(self, team: str = "T0ELSEWHERE", *, silently: bool = False) -> Reply | None:
        """Share it with another organisation."""
        self.state.shared_with.add(team)
        event = {"type": "channel_shared", "connected_team_id": team, "channel": self.id}
        return await self._tell(event, silently=silently)

    async def unshare(self, team: str = "T0ELSEWHERE", *, silently: bool = False) -> Reply | None:
        """Take it back from another organisation."""
        self.state.shared_with.discard(team)
        event = {
            "type": "channel_unshared",
            "previously_connected_team_id": team,
            "channel": self.id,
            "is_ext_shared": self.state.is_shared,
        }
        return await self._tell(event, silently=silently)

    async def invite_bot(self, *, silently: bool = False) -> Reply | None:
        """Somebody invites the bot."""
        bot = self._workspace.bot
        if bot not in self.state.members:
            self.state.members.append(bot)
        event = member_event("member_joined_channel", self.state, bot, self._workspace.id)
        return await self._tell(event, silently=silently)

    async def remove_bot(self, *, silently: bool = False) -> Reply | None:
        """Somebody removes the bot, which hears it by `channel_left` alone."""
        self.state.members.remove(self._workspace.bot)
        return await self._tell({"type": f"{self._kind()}_left", "channel": self.id}, silently=silently)
