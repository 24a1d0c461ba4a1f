"""Making a world: tenants, people, teams with channels, group chats, and the app in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.fakes.teams.people import Actor
from tests.fakes.teams.world import Conversation, Person, Team, Tenant, World

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams

GENERAL = "General"


class Building:
    """What a test sets up before anybody does anything. Nothing here sends an activity."""

    world: World

    def _me(self) -> FakeTeams:
        return self  # type: ignore[return-value]

    def tenant(self, named: str | None = None) -> Tenant:
        """A tenant by its id or name; the first one without."""
        every = list(self.world.tenants.values())
        if named is None:
            assert every, "there is no tenant yet"
            return every[0]
        found = [each for each in every if named in (each.id, each.name)]
        assert found, f"no tenant {named}"
        return found[0]

    def add_tenant(self, name: str = "Sample", *, id: str = "") -> Tenant:  # noqa: A002
        """An organisation."""
        made = Tenant(id or self.world.guid(), name)
        self.world.tenants[made.id] = made
        return made

    def add_person(
        self,
        name: str,
        *,
        tenant: Tenant | None = None,
        id: str = "",  # noqa: A002
        installed: bool = False,
        **details: Any,
    ) -> Actor:
        """Somebody: a `role="guest"` is one; `home_tenant` names another organisation that they are of."""
        here = tenant or self.tenant()
        real_name = details.pop("real_name", name.replace("_", " ").title())
        account = id or self.world.account()
        person = Person(account, self.world.guid(), name, real_name, here.id, **details)
        here.people[person.id] = person
        if installed:
            self.world.personal(person).is_installed = True
        return Actor(self._me(), person)

    def person(self, name: str, tenant: Tenant | None = None) -> Actor:
        """Somebody who is there already."""
        return Actor(self._me(), (tenant or self.tenant()).person(name))

    def add_team(
        self,
        name: str,
        *,
        members: Iterable[str | Actor] = (),
        channels: Iterable[str] = (),
        tenant: Tenant | None = None,
        installed: bool = True,
        id: str = "",  # noqa: A002
    ) -> Team:
        """A team with General and these channels, in which the bot is unless told otherwise."""
        here = tenant or self.tenant()
        made = Team(id or self.world.thread("channel"), name, self.world.guid(), here.id, self._ids(here, members))
        made.is_installed = installed
        self.world.teams[made.id] = made
        self.add_channel(GENERAL, made, id=made.id)
        for each in channels:
            self.add_channel(each, made)
        return made

    def add_channel(self, name: str, team: Team, *, id: str = "", kind: str = "standard") -> Conversation:  # noqa: A002
        """Another channel of a team: `standard`, `private` or `shared`."""
        made = Conversation(id or self.world.thread("channel"), "channel", team.tenant, name, team)
        made.sharing = kind
        team.channels.append(made)
        self.world.conversations[made.id] = made
        return made

    def add_group(
        self,
        name: str,
        *,
        members: Iterable[str | Actor] = (),
        tenant: Tenant | None = None,
        installed: bool = True,
        id: str = "",  # noqa: A002
    ) -> Conversation:
        """A chat of several people."""
        here = tenant or self.tenant()
        made = Conversation(
            id or self.world.thread("groupChat"), "groupChat", here.id, name,
            own_members=self._ids(here, members), is_installed=installed,
        )  # fmt: skip
        self.world.conversations[made.id] = made
        return made

    def conversation(self, named: str) -> Conversation:
        """A channel or a group chat by its name or id; a team's General by the team's name."""
        every = list(self.world.conversations.values())
        found = [each for each in every if named in (each.id, each.name)]
        found = found or [each for each in every if each.team and each.team.name == named]
        assert found, f"no conversation called {named}"
        return found[0]

    def _ids(self, tenant: Tenant, members: Iterable[str | Actor]) -> list[str]:
        return [tenant.person(each).id if isinstance(each, str) else each.id for each in members]
