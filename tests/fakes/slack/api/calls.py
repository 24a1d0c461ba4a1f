"""One call of the Web API: its arguments, who calls, and what they may reach."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Installation, Person, Token, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


@dataclass
class Call:
    """A call, kept after it was answered. `status` is the answer's HTTP status, 0 where none was given."""

    slack: FakeSlack
    method: str
    args: Json
    bearer: str
    at: datetime
    token: Token | None = None
    status: int = 200
    answer: Json = field(default_factory=dict)

    @property
    def installation(self) -> Installation:
        """The installation that calls."""
        assert self.token
        return self.token.installation

    @property
    def workspace_id(self) -> str:
        """The workspace or organisation that calls; empty for the app itself."""
        if self.token is None:
            return ""
        here = self.token.installation
        return (here.enterprise or "") if here.is_organisation else here.workspaces[0].id

    def text(self, name: str, default: str = "") -> str:
        """An argument of words."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """An argument that is true or false, whichever way it came."""
        value = self.args.get(name)
        return default if value is None else value in (True, 1, "1", "true", "True")

    def parsed(self, name: str) -> Any:
        """An argument that is JSON, or was sent as JSON inside a form."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(f"invalid_{name}_format" if name == "blocks" else "invalid_arguments") from None

    def workspace(self) -> Workspace:
        """The workspace that is meant: an organisation's token has to say it."""
        reach = self.installation.workspaces
        if not self.installation.is_organisation:
            return reach[0]
        if not self.text("team_id"):
            raise SlackError("missing_argument", needed="team_id")
        found = [each for each in reach if each.id == self.text("team_id")]
        if not found:
            raise SlackError("team_not_found")
        return found[0]

    def home_of(self, channel: Channel) -> Workspace:
        """The workspace a channel is of."""
        return self.slack.world.workspaces[channel.team]

    def person(self, named: str, error: str = "user_not_found") -> Person:
        """Somebody whom this token may know."""
        for workspace in self.installation.workspaces:
            if named in workspace.people:
                return workspace.people[named]
        raise SlackError(error)

    def workspace_of(self, person: Person) -> Workspace:
        """A workspace of this token's in which somebody is."""
        return next(each for each in self.installation.workspaces if person.id in each.people)

    def channel(self, named: str) -> Channel:
        """A conversation that this token may see: a private one only where the bot is in it."""
        for workspace in self.installation.workspaces:
            channel = workspace.channels.get(named)
            if channel and (not channel.is_private or self.installation.bot.id in channel.members):
                return channel
        raise SlackError("channel_not_found")

    def need(self, scope: str) -> None:
        """Refuse without this scope."""
        if scope not in self.installation.scopes:
            provided = ",".join(self.installation.scopes)
            raise SlackError("missing_scope", needed=scope, provided=provided)


Run = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True)
class Method:
    """A method: what runs, which scope and arguments it needs, and who may call it.

    `token` is `bot`, `app` or `none`. Methods that only read take no JSON body.
    """

    run: Run
    scope: str = ""
    required: tuple[str, ...] = ()
    takes_json: bool = False
    token: str = "bot"


PAGE = 1000


def paged(call: Call, every: list[Any], name: str, default: int = 100) -> Json:
    """One page of a list, and the cursor to the next."""
    given = call.text("limit", str(default))
    if not given.isdigit() or int(given) > PAGE:
        raise SlackError("invalid_limit")
    cursor = call.text("cursor")
    prefix = f"{name}-from-"
    if cursor and not (cursor.startswith(prefix) and cursor.removeprefix(prefix).isdigit()):
        raise SlackError("invalid_cursor")
    start = int(cursor.removeprefix(prefix)) if cursor else 0
    end = start + (int(given) or default)
    following = f"{prefix}{end}" if end < len(every) else ""
    return {"ok": True, name: every[start:end], "response_metadata": {"next_cursor": following}}
