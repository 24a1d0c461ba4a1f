"""What becomes of people, with the events that Slack sends for it; silently where an event is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fakes.slack.api.users import user_payload
from tests.fakes.slack.delivery import Reply
from tests.fakes.slack.events import deliver, member_event
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Person, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


class Changes:
    """What may happen to somebody."""

    _slack: FakeSlack
    state: Person
    workspace: Workspace

    async def changes(self, *, silently: bool = False, **details: Any) -> Reply | None:
        """Anything of theirs becomes something else: `real_name`, `tz`, `locale`, `is_guest`, …"""
        for name, value in details.items():
            assert hasattr(self.state, name), name
            setattr(self.state, name, value)
        self.state.updated = self._slack.world.number()
        return None if silently else await self._user_event("user_change")

    async def _user_event(self, kind: str) -> Reply | None:
        user = user_payload(self.state, self.workspace, locale=True)
        reply = None
        for workspace in self._slack.workspaces:
            if self.state.id in workspace.people:
                reply = await deliver(self._slack, workspace, {"type": kind, "user": user})
        return reply

    async def comes(self, *, silently: bool = False) -> Reply | None:
        """They have just become a member: tell of it."""
        return None if silently else await self._user_event("team_join")

    async def is_deactivated(self, *, silently: bool = False) -> Reply | None:
        """Their account ends; they are in no channel any more."""
        for channel in self.workspace.channels.values():
            if channel.kind == "channel" and self.state.id in channel.members:
                channel.members.remove(self.state.id)
        return await self.changes(deleted=True, silently=silently)

    async def is_reactivated(self, *, silently: bool = False) -> Reply | None:
        """Their account is back."""
        return await self.changes(deleted=False, silently=silently)

    async def becomes_guest(self, *, silently: bool = False) -> Reply | None:
        """They are a guest from now on."""
        return await self.changes(is_guest=True, silently=silently)

    async def joins(self, channel: str, *, silently: bool = False) -> Reply | None:
        """Come into a channel. The bot hears of it where it is in it too."""
        return await self._membership("member_joined_channel", channel, silently=silently)

    async def leaves(self, channel: str, *, silently: bool = False) -> Reply | None:
        """Leave a channel."""
        return await self._membership("member_left_channel", channel, silently=silently)

    async def _membership(self, kind: str, name: str, *, silently: bool) -> Reply | None:
        channel = self.workspace.channel(name)
        present = self.state.id in channel.members
        if kind == "member_joined_channel" and not present:
            channel.members.append(self.state.id)
        if kind == "member_left_channel" and present:
            channel.members.remove(self.state.id)
        if silently or self.workspace.bot not in channel.members:
            return None
        event = member_event(kind, channel, self.state.id, self.state.team)
        return await deliver(self._slack, self.workspace, event, channel)


async def uninstall(
    slack: FakeSlack, workspace: Workspace, *, events: tuple[str, ...] = ("app_uninstalled", "tokens_revoked")
) -> list[Reply | None]:
    """Remove the app from where it is installed; its events come in this order, or not at all."""
    here = workspace.installation
    assert here, f"the app is not installed in {workspace.name}"
    here.is_removed = True
    for token in here.tokens:
        token.is_revoked = True
    bodies: dict[str, Json] = {
        "app_uninstalled": {"type": "app_uninstalled"},
        "tokens_revoked": {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [here.bot.id]}},
    }
    return [await deliver(slack, workspace, bodies[each]) for each in events]
