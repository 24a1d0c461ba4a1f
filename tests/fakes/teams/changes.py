"""What becomes of people and of the app, with the activities that Teams sends for it, or silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.teams import activities
from tests.fakes.teams.delivery import Reply
from tests.fakes.teams.structure import Json
from tests.fakes.teams.world import Conversation, Person, Team

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams


def bot_of(teams: FakeTeams) -> Json:
    """The bot as one of those who came or went."""
    return {"id": teams.app.account}


def someone(person: Person) -> Json:
    """Somebody as one of those who came or went: without a name."""
    return {"id": person.id, "aadObjectId": person.object_id}


class Changes:
    """What may happen to somebody."""

    _teams: FakeTeams
    state: Person

    async def installs(self, *, silently: bool = False) -> list[Reply]:
        """Take the app into their own chat: it is told twice, of the app and of its two members."""
        chat = self._teams.world.personal(self.state)
        chat.is_installed, chat.is_blocked = True, False
        if silently:
            return []
        self.state.acted = self._teams.world.counted
        come = [someone(self.state), bot_of(self._teams)]
        return [
            await self._send(activities.changed(self._teams, self.state, chat, membersAdded=come)),
            await self._send(activities.installed(self._teams, self.state, chat, "add")),
        ]

    async def uninstalls(self, *, silently: bool = False) -> list[Reply]:
        """Take the app out of their own chat."""
        chat = self._teams.world.personal(self.state)
        chat.is_installed = False
        chat.known.clear()
        if silently:
            return []
        gone = [bot_of(self._teams)]
        return [
            await self._send(activities.installed(self._teams, self.state, chat, "remove")),
            await self._send(activities.changed(self._teams, self.state, chat, membersRemoved=gone)),
        ]

    def blocks(self, *, is_blocked: bool = True) -> None:
        """Block the bot, or no longer: it is told nothing, and may not write."""
        self._teams.world.personal(self.state).is_blocked = is_blocked

    async def adds_app(self, where: str, *, silently: bool = False) -> list[Reply]:
        """Take the app into a team, or into a group chat."""
        place = self._present(where, is_present=True)
        if silently:
            return []
        self.state.acted = self._teams.world.counted
        come = [bot_of(self._teams)]
        return [
            await self._send(activities.installed(self._teams, self.state, place, "add")),
            await self._send(activities.changed(self._teams, self.state, place, membersAdded=come)),
        ]

    async def removes_app(self, where: str, *, silently: bool = False) -> list[Reply]:
        """Take the app out of a team or a group chat."""
        place = self._present(where, is_present=False)
        if silently:
            return []
        gone = [bot_of(self._teams)]
        return [
            await self._send(activities.installed(self._teams, self.state, place, "remove")),
            await self._send(activities.changed(self._teams, self.state, place, membersRemoved=gone)),
        ]

    def _present(self, where: str, *, is_present: bool) -> Conversation:
        place = self._teams.conversation(where)
        if place.team:
            place.team.is_installed = is_present
        place.is_installed = is_present
        return place

    async def joins(self, where: str, *, silently: bool = False) -> Reply | None:
        """Come into a team or a group chat. The bot hears of it where it is in it too."""
        place = self._teams.conversation(where)
        if self.state.id not in place.members:
            place.members.append(self.state.id)
        return await self._moved(place, silently=silently, membersAdded=[someone(self.state)])

    async def leaves(self, where: str, *, silently: bool = False) -> Reply | None:
        """Leave a team or a group chat."""
        place = self._teams.conversation(where)
        if self.state.id in place.members:
            place.members.remove(self.state.id)
        return await self._moved(place, silently=silently, membersRemoved=[someone(self.state)])

    async def _moved(self, place: Conversation, *, silently: bool, **who: list[Json]) -> Reply | None:
        if silently or not place.has_bot:
            return None
        # What happens to a team is told in its first channel.
        where = place.team.channels[0] if place.team else place
        return await self._send(activities.changed(self._teams, self.state, where, **who))

    def is_deactivated(self) -> None:
        """Their account ends, of which no bot is told: they are in no roster any more."""
        self.state.is_deactivated = True

    async def renames_team(self, where: str, name: str) -> Reply | None:
        """Give a team another name."""
        team = self._team(where)
        team.name = name
        return await self._tells(team, "teamRenamed")

    async def archives_team(self, where: str, *, again: bool = False) -> Reply | None:
        """Archive a team, or bring it back."""
        team = self._team(where)
        team.is_archived = not again
        return await self._tells(team, "teamUnarchived" if again else "teamArchived")

    async def deletes_team(self, where: str, *, again: bool = False) -> Reply | None:
        """Delete a team, or restore it."""
        team = self._team(where)
        team.is_deleted = not again
        return await self._tells(team, "teamRestored" if again else "teamDeleted")

    async def creates_channel(self, where: str, name: str) -> Reply | None:
        """Begin another channel in a team."""
        team = self._team(where)
        made = self._teams.add_channel(name, team)
        return await self._tells(team, "channelCreated", made)

    async def renames_channel(self, where: str, name: str) -> Reply | None:
        """Give a channel another name."""
        channel = self._teams.conversation(where)
        channel.name = name
        return await self._tells(self._team_of(channel), "channelRenamed", channel)

    async def deletes_channel(self, where: str, *, again: bool = False) -> Reply | None:
        """Delete a channel, or restore it."""
        channel = self._teams.conversation(where)
        channel.is_deleted = not again
        event = "channelRestored" if again else "channelDeleted"
        return await self._tells(self._team_of(channel), event, channel)

    def _team(self, where: str) -> Team:
        named = [each for each in self._teams.world.teams.values() if where in (each.name, each.id)]
        assert named, f"no team called {where}"
        return named[0]

    def _team_of(self, channel: Conversation) -> Team:
        assert channel.team, f"{channel.name} is in no team"
        return channel.team

    async def _tells(self, team: Team, event: str, channel: Conversation | None = None) -> Reply | None:
        if not team.is_installed:
            return None
        return await self._send(activities.team_event(self._teams, self.state, team, event, channel))

    async def _send(self, activity: Json) -> Reply:
        return await self._teams.delivery.send(activity)
