"""Making a world: workspaces, people, channels, and the app installed in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.fakes.slack import tokens
from tests.fakes.slack.channels import Room
from tests.fakes.slack.people import Actor
from tests.fakes.slack.world import Channel, Installation, Person, Workspace, World

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

ROLES = {
    "admin": "is_admin",
    "owner": "is_owner",
    "guest": "is_guest",
    "ultra_restricted": "is_single_channel_guest",
    "bot": "is_bot",
    "stranger": "is_stranger",
    "deleted": "deleted",
}


class Building:
    """What a test sets up before anybody does anything. Nothing here sends an event."""

    world: World

    def _me(self) -> FakeSlack:
        return self  # type: ignore[return-value]

    @property
    def workspaces(self) -> list[Workspace]:
        """All workspaces, in the order they were added."""
        return list(self.world.workspaces.values())

    def workspace(self, named: str | None = None) -> Workspace:
        """A workspace by its id or name; the first one without."""
        if named is None:
            assert self.workspaces, "there is no workspace yet"
            return self.workspaces[0]
        found = [each for each in self.workspaces if named in (each.id, each.name)]
        assert found, f"no workspace {named}"
        return found[0]

    def add_workspace(
        self,
        name: str = "Sample",
        *,
        id: str = "",  # noqa: A002
        enterprise: str | None = None,
        installed: bool = True,
    ) -> Workspace:
        """A workspace, of an organisation or on its own, with the app installed or not."""
        made = Workspace(id or self.world.new_id("T"), name, name.lower().replace(" ", "-"), enterprise)
        self.world.workspaces[made.id] = made
        if installed:
            self.install(made)
        return made

    def install(
        self, *workspaces: Workspace, scopes: Iterable[str] | None = None, organisation: str | None = None
    ) -> Installation:
        """Install the app without a browser: in one workspace, or in several of an organisation."""
        chosen = list(workspaces) or [self.workspace()]
        granted = tuple(scopes) if scopes is not None else self.world.app.scopes
        return tokens.install(self._me(), chosen, granted, organisation=organisation)

    def add_person(
        self,
        name: str,
        *roles: str,
        workspace: Workspace | None = None,
        also_in: Iterable[Workspace] = (),
        id: str = "",  # noqa: A002
        **details: Any,
    ) -> Actor:
        """Somebody, with any of the ROLES: a `stranger` is of another team, a `guest` restricted."""
        here = workspace or self.workspace()
        flags: dict[str, Any] = {ROLES[role]: True for role in roles}
        team = "T0ELSEWHERE" if "stranger" in roles else here.id
        real_name = details.pop("real_name", name.replace("_", " ").title())
        person = Person(
            id or self.world.new_id("U"), name, real_name, details.pop("team", team), enterprise=here.enterprise,
            **flags, **details,
        )  # fmt: skip
        for each in (here, *also_in):
            each.people[person.id] = person
        return Actor(self._me(), person, here)

    def person(self, name: str, workspace: Workspace | None = None) -> Actor:
        """Somebody who is there already."""
        here = workspace or self.workspace()
        return Actor(self._me(), here.person(name), here)

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable[str | Actor] = (),
        workspace: Workspace | None = None,
        with_bot: bool = True,
        private: bool = False,
        archived: bool = False,
        shared: bool = False,
        id: str = "",  # noqa: A002
    ) -> Room:
        """A channel with these members, by handle; the bot is one of them unless told otherwise."""
        here = workspace or self.workspace()
        people = [here.person(each).id if isinstance(each, str) else each.id for each in members]
        bot = [here.bot] if with_bot and here.installation else []
        channel = Channel(
            id or self.world.new_id("C"), name, here.id, is_private=private, is_archived=archived,
            shared_with={"T0ELSEWHERE"} if shared else set(), members=[*people, *bot],
        )  # fmt: skip
        here.channels[channel.id] = channel
        return Room(self._me(), channel, here)

    def channel(self, name: str, workspace: Workspace | None = None) -> Room:
        """A channel that is there already."""
        here = workspace or self.workspace()
        return Room(self._me(), here.channel(name), here)

    def direct(self, workspace: Workspace, person: Person, bot: str) -> Channel:
        """The direct conversation between a bot and somebody, begun where there was none."""
        mine = (
            each for each in workspace.channels.values() if each.with_person == person.id and bot in each.members
        )
        channel = next(mine, None)
        if channel is None:
            members = [person.id, bot]
            channel = Channel(
                self.world.new_id("D"),
                f"dm-{person.id}",
                workspace.id,
                "im",
                members=members,
                with_person=person.id,
            )
            workspace.channels[channel.id] = channel
        return channel
