"""Where the bot is installed: the contract for finding a workspace's token, however it got there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

PLATFORM = "slack"
CHORES = ("reconcile", "rotate")
KEPT_FOR = timedelta(seconds=60)  # then it is looked up anew
KNOWN_FOR = timedelta(minutes=15)  # where it cannot be: longer than from one reconcile, which looks, to the next
# Of the time there is for a request: 0.4 s. With what else is looked up before a modal is opened, less than 1 s.
PATIENCE = 0.2


@dataclass(frozen=True, slots=True)
class Install:
    """The bot in one workspace, or in all of an organisation.

    `workspace` is Slack's id of the organisation where it was installed for all of it, else of the team;
    `bot` is the bot's own user id there.
    """

    workspace: str
    token: str = field(repr=False)
    bot: str
    is_organisation: bool
    scopes: tuple[str, ...]


class Installs(Protocol):
    """Everywhere the bot is installed."""

    async def find(self, team: str | None, enterprise: str | None, is_enterprise: bool) -> Install | None:
        """Which install a request is for; None where it is none of ours.

        For requests: it exchanges nothing, and what it tells may be 60 seconds old, or 15 minutes while the
        database does not answer. The token may have run out; whoever calls Slack gets a good one from `of`.

        Raises NotSent where nobody knows just now: it waits for that but a moment.
        """
        ...

    async def of(self, workspace: str) -> Install | None:
        """A workspace's install, with a token that is valid now; None where the bot is not installed.

        Raises NotSent where nobody knows just now, or a token that has run out cannot be exchanged.
        """
        ...

    async def removed(self, workspace: str, at: datetime | None = None, token: str | None = None) -> None:
        """The bot was removed, or its token is dead: nothing is sent from now on. Told twice, it is the same.

        `at` (UTC) is when it happened and `token` the one that Slack refused: an install that is newer than
        that, or has another token by now, stays.
        """
        ...

    async def rotate(self, workspace: str) -> timedelta:
        """Exchange a token that runs out soon. Returns how long until this is to be looked at again."""
        ...

    async def prepare(self) -> None:
        """Get ready to start. Raises storage.secrets.SecretsError where tokens cannot be opened."""
        ...

    async def close(self) -> None:
        """Finish what must not be broken off."""
        ...


def wanted(team: str | None, enterprise: str | None, is_enterprise: bool) -> tuple[tuple[str, bool], ...]:
    """The installs that a request can be for, the likeliest first: its id, and whether for an organisation."""
    of_all = (enterprise or "", True)
    ids = (of_all,) if is_enterprise else ((team or "", False), of_all)
    return tuple(each for each in ids if each[0])


def uninstalled(team: str | None, enterprise: str | None, is_enterprise: bool) -> str:
    """The workspace whose install an event of removal is about, for `Installs.removed`.

    Never another one that would serve: a team's own install may go while its organisation's stays.
    """
    return (enterprise if is_enterprise else team) or ""


def is_bot_revoked(event: Mapping[str, Any]) -> bool:
    """Whether an event says that the bot was removed: uninstalled, or its own token revoked.

    People's own tokens, which the bot never asks for, do not count.
    """
    if event.get("type") == "app_uninstalled":
        return True
    tokens = event.get("tokens")
    return event.get("type") == "tokens_revoked" and isinstance(tokens, Mapping) and bool(tokens.get("bot"))
