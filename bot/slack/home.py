"""People's home pages, and what is looked up for a message's own menu."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.dispatch import Dispatcher
from bot.reading import Request
from bot.slack.delivery import Delivery
from bot.slack.installs import Install
from bot.slack.text import read
from handlers.messages import Form
from storage import Store
from storage.arrivals import Envelope
from storage.database import Connection, Database
from storage.directory import workspace_called

PLATFORM = "slack"
HOME = "me"


class Homes:
    """Publishes home pages: when somebody looks, and again after each change of theirs."""

    def __init__(self, dispatch: Dispatcher, delivery: Delivery, database: Database) -> None:
        self._dispatch = dispatch
        self._delivery = delivery
        self._database = database

    async def opened(self, install: Install, person: str) -> None:
        """Publish the page of somebody who looks at it, and keep it up to date from now on."""
        await self.publish(install, person)

        async def work(connection: Connection) -> None:
            workspace = await workspace_called(connection, PLATFORM, install.workspace)
            if workspace:
                await Store(connection, workspace).directory.open_home(person)

        await self._database.write(work)

    async def publish(self, install: Install, person: str) -> None:
        """Publish somebody's page as it is now."""
        envelope = Envelope(PLATFORM, install.workspace, person, None)
        answer = await self._dispatch(Request(envelope, "home", "words", HOME, {}))
        if not isinstance(answer.reply, Form):
            await self._delivery.home(install, person, answer.reply)

    async def evidence(self, install: Install, body: Mapping[str, Any]) -> tuple[str | None, dict[str, str]]:
        """What a message says, who said it, when and where; and its channel where that is a team's."""
        message, channel = body.get("message") or {}, str((body.get("channel") or {}).get("id") or "")

        async def work(connection: Connection) -> tuple[bool, str]:
            workspace = await workspace_called(connection, PLATFORM, install.workspace)
            if not workspace:
                return False, ""
            store = Store(connection, workspace)
            known = await store.directory.channel_called(channel)
            author = await store.directory.person_called(str(message.get("user") or ""))
            return bool(known and await store.teams.of_channel(known.id)), author.name if author else ""

        is_team, author = await self._database.read(work)
        return channel if is_team else None, _said(message, author, _link(body, channel, message))


def _said(message: Mapping[str, Any], author: str, link: str) -> dict[str, str]:
    """The fields of evidence that a message fills."""
    stamp = str(message.get("ts") or "").partition(".")[0]
    said_on = datetime.fromtimestamp(int(stamp), UTC).date().isoformat() if stamp.isdigit() else ""
    said_by = author or str(message.get("username") or "")
    return {"words": read(str(message.get("text") or "")), "said_by": said_by, "link": link, "date": said_on}


def _link(body: Mapping[str, Any], channel: str, message: Mapping[str, Any]) -> str:
    """Where the message stands, as Slack's own links are made."""
    domain, stamp = (body.get("team") or {}).get("domain"), str(message.get("ts") or "").replace(".", "")
    return f"https://{domain}.slack.com/archives/{channel}/p{stamp}" if domain and stamp else ""
