"""What there is in this Slack: workspaces, people, channels, messages, views, and one app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from tests.fakes.clock import Clock
from tests.fakes.slack.structure import Json

SCOPES = (
    "commands,chat:write,im:history,app_mentions:read,users:read,channels:read,groups:read,channels:join,"
    "im:write,files:write"
)


@dataclass
class AppConfig:
    """The one app of this Slack, as its settings page has it. `events` of None subscribes to all there are."""

    id: str = "A0FAKE0APP"
    client_id: str = "1111.2222"
    client_secret: str = "client-secret-of-the-fake"
    signing_secret: str = "signing-secret-of-the-fake"
    app_token: str = "xapp-1-A0FAKE0APP-1"
    verification_token: str = "verification-of-the-fake"
    scopes: tuple[str, ...] = tuple(SCOPES.split(","))
    redirect_urls: list[str] = field(default_factory=list)
    events: set[str] | None = None
    rotates_tokens: bool = False
    has_home: bool = True
    name: str = "Worthwhile"


@dataclass
class View:
    """A modal or a home page as one person has it."""

    id: str
    body: Json
    hash: str
    person: str
    team: str
    root: str
    previous: str | None = None
    is_open: bool = True
    errors: dict[str, str] = field(default_factory=dict)
    order: int = 0


@dataclass
class Message:
    """A message as it stands now. One that is `ephemeral_to` somebody is seen by nobody else."""

    ts: str
    channel: Channel
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    by_app: bool = False
    is_deleted: bool = False
    edits: int = 0
    files: list[str] = field(default_factory=list)
    order: int = 0
    broadcast: bool = False


@dataclass
class Person:
    """A user of one or, in an organisation, several workspaces. `errors` is what the client has shown them."""

    id: str
    name: str
    real_name: str
    team: str
    tz: str = "Europe/London"
    tz_offset: int = 0
    locale: str = "en-GB"
    enterprise: str | None = None
    is_admin: bool = False
    is_owner: bool = False
    is_guest: bool = False
    is_single_channel_guest: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    deleted: bool = False
    modals: list[View] = field(default_factory=list)
    home: View | None = None
    errors: list[str] = field(default_factory=list)
    typed: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    updated: int = 0
    acted: int = 0


@dataclass
class Channel:
    """A conversation: `channel`, or `im` with the bot, whose person is `with_person`."""

    id: str
    name: str
    team: str
    kind: str = "channel"
    is_private: bool = False
    is_archived: bool = False
    shared_with: set[str] = field(default_factory=set)
    members: list[str] = field(default_factory=list)
    with_person: str | None = None
    history: list[Message] = field(default_factory=list)
    previous_names: list[str] = field(default_factory=list)

    @property
    def is_shared(self) -> bool:
        """Whether another organisation sits in it."""
        return bool(self.shared_with)

    @property
    def shown_name(self) -> str:
        """The name as payloads of interactions give it."""
        if self.kind == "im":
            return "directmessage"
        return "privategroup" if self.is_private else self.name

    def find(self, ts: str) -> Message | None:
        """A message that everybody sees, by its time stamp."""
        found = (each for each in self.history if each.ts == ts and not each.is_deleted and not each.ephemeral_to)
        return next(found, None)


@dataclass
class Token:
    """An access token, when it runs out, and the refresh token that was given with it."""

    value: str
    installation: Installation
    expires_at: datetime | None = None
    refresh: str | None = None
    is_revoked: bool = False


@dataclass
class Installation:
    """The app in a workspace, or in all workspaces of an organisation."""

    bot: Person
    bot_id: str
    scopes: tuple[str, ...]
    workspaces: list[Workspace]
    enterprise: str | None = None
    is_organisation: bool = False
    is_removed: bool = False
    tokens: list[Token] = field(default_factory=list)

    @property
    def token(self) -> str:
        """The newest access token."""
        return self.tokens[-1].value

    @property
    def refresh_token(self) -> str | None:
        """The newest refresh token."""
        return self.tokens[-1].refresh


@dataclass
class Workspace:
    """A workspace, its people and its channels."""

    id: str
    name: str
    domain: str
    enterprise: str | None = None
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    installation: Installation | None = None

    @property
    def token(self) -> str:
        """The bot's newest token here."""
        assert self.installation, f"the app is not installed in {self.name}"
        return self.installation.token

    @property
    def bot(self) -> str:
        """The bot's user id here."""
        assert self.installation, f"the app is not installed in {self.name}"
        return self.installation.bot.id

    def person(self, name: str) -> Person:
        """Somebody by handle or id."""
        found = [each for each in self.people.values() if name in (each.name, each.id)]
        assert found, f"nobody called {name} in {self.name}"
        return found[0]

    def channel(self, name: str) -> Channel:
        """A channel by name or id."""
        wanted = name.removeprefix("#")
        found = [each for each in self.channels.values() if wanted in (each.name, each.id)]
        assert found, f"no channel called {name} in {self.name}"
        return found[0]


@dataclass
class World:
    """All of it, and the numbers that are given out."""

    clock: Clock
    app: AppConfig = field(default_factory=AppConfig)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    refreshes: dict[str, Token] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    counted: int = 0

    def number(self) -> int:
        """The next number; what is given a higher one came later."""
        self.counted += 1
        return self.counted

    def new_id(self, prefix: str) -> str:
        """An id as Slack's look: a letter for the kind, then capitals and digits."""
        return f"{prefix}0FAKE{self.number():05d}"

    def new_ts(self) -> str:
        """A message's time stamp, unlike any other."""
        return f"{int(self.clock.now().timestamp())}.{self.number():06d}"

    def installations(self) -> Iterator[Installation]:
        """Every installation, each once."""
        seen: list[Installation] = []
        for workspace in self.workspaces.values():
            if workspace.installation and not any(workspace.installation is each for each in seen):
                seen.append(workspace.installation)
        return iter(seen)
