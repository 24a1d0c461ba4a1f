"""What there is in this Teams: tenants, people, teams, channels, chats, messages, and one app."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tests.fakes.clock import Clock
from tests.fakes.teams.structure import Json

Kind = Literal["personal", "groupChat", "channel"]
NAMESPACE = uuid.UUID("5f0c1e0a-6f5d-4c1c-9a53-8d0a8d2f8f00")


@dataclass
class AppConfig:
    """The one app of this Teams, as its registration has it. `tenant` is empty for one of many tenants."""

    id: str = "0a7b1c7e-8c1d-4f5e-9d38-77cb0a6f5a11"
    secret: str = "secret-of-the-fake"
    tenant: str = ""
    name: str = "Worthwhile"
    commands: tuple[str, ...] | None = None

    @property
    def account(self) -> str:
        """The bot's account in conversations."""
        return f"28:{self.id}"


@dataclass
class Person:
    """Somebody of one tenant. `errors` and `told` are what their client has shown them beside cards."""

    id: str
    object_id: str
    name: str
    real_name: str
    tenant: str
    role: Literal["user", "guest"] = "user"
    home_tenant: str = ""
    locale: str = "en-GB"
    timezone: str = "Europe/London"
    sends_zone: bool = True
    is_deactivated: bool = False
    executes: bool = True
    dialogs: list[Dialog] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    typed: dict[tuple[str, str], str] = field(default_factory=dict)
    toggled: dict[tuple[str, str], bool] = field(default_factory=dict)
    acted: int = 0


@dataclass
class Message:
    """A message as it stands now. `views` is what single people see in place of one of its cards,
    and `viewed` when that came."""

    id: str
    conversation: Conversation
    sender: str
    text: str = ""
    summary: str = ""
    cards: list[Json] = field(default_factory=list)
    root: str | None = None
    by_bot: bool = False
    is_deleted: bool = False
    edits: int = 0
    order: int = 0
    views: dict[tuple[str, int], Json] = field(default_factory=dict)
    viewed: dict[str, int] = field(default_factory=dict)
    activity: Json = field(default_factory=dict)


@dataclass
class Conversation:
    """A chat or a channel. `members` of a channel are its team's, unless it is a private one with its own."""

    id: str
    kind: Kind
    tenant: str
    name: str = ""
    team: Team | None = None
    own_members: list[str] = field(default_factory=list)
    is_installed: bool = False
    is_blocked: bool = False
    is_deleted: bool = False
    sharing: str = "standard"
    history: list[Message] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    @property
    def members(self) -> list[str]:
        """The ids of the people in it."""
        return self.team.members if self.team and not self.own_members else self.own_members

    @property
    def has_bot(self) -> bool:
        """Whether the bot is in it."""
        return self.team.is_installed if self.team else self.is_installed

    def find(self, message_id: str) -> Message | None:
        """A message by its id."""
        return next((each for each in self.history if each.id == message_id and not each.is_deleted), None)


@dataclass
class Team:
    """A team. Its id is that of its first channel, General."""

    id: str
    name: str
    group_id: str
    tenant: str
    members: list[str] = field(default_factory=list)
    channels: list[Conversation] = field(default_factory=list)
    is_installed: bool = False
    is_archived: bool = False
    is_deleted: bool = False


@dataclass
class Dialog:
    """A dialog that is open in front of somebody: where it came from, and what its card says now."""

    title: str
    card: Json
    conversation: Conversation
    opened_by: Json
    order: int
    extension: Json | None = None
    reply_to: str | None = None


@dataclass
class Tenant:
    """An organisation."""

    id: str
    name: str
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Somebody by handle, account or object id."""
        found = [each for each in self.people.values() if name in (each.name, each.id, each.object_id)]
        assert found, f"nobody called {name} in {self.name}"
        return found[0]


@dataclass
class World:
    """All of it, and the numbers that are given out."""

    clock: Clock
    app: AppConfig = field(default_factory=AppConfig)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    counted: int = 0

    def number(self) -> int:
        """The next number; what is given a higher one came later."""
        self.counted += 1
        return self.counted

    def guid(self) -> str:
        """An id as a directory gives it."""
        return str(uuid.uuid5(NAMESPACE, str(self.number())))

    def account(self) -> str:
        """A person's id, which means nothing to any bot but this one."""
        return f"29:1{self.guid().replace('-', '')}Aa_{self.number():05d}"

    def thread(self, kind: Kind) -> str:
        """A conversation's id."""
        word = self.guid().replace("-", "")
        if kind == "personal":
            return f"a:1{word}Zz-{self.number():05d}"
        return f"19:{word}@thread.{'tacv2' if kind == 'channel' else 'v2'}"

    def message_id(self) -> str:
        """A message's id: an instant in milliseconds, unlike any other."""
        return str(int(self.clock.now().timestamp() * 1000) + self.number())

    def stamp(self) -> str:
        """The instant, as activities carry it."""
        return written(self.clock.now())

    def person(self, account: str) -> Person | None:
        """Somebody by account or object id, of whichever tenant."""
        for tenant in self.tenants.values():
            for person in tenant.people.values():
                if account in (person.id, person.object_id):
                    return person
        return None

    def personal(self, person: Person) -> Conversation:
        """The chat of somebody with the bot, begun where there was none."""
        found = (
            each for each in self.conversations.values() if each.kind == "personal" and person.id in each.members
        )
        chat = next(found, None)
        if chat is None:
            chat = Conversation(self.thread("personal"), "personal", person.tenant, own_members=[person.id])
            self.conversations[chat.id] = chat
        return chat


def written(at: datetime) -> str:
    """An instant as activities carry it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
