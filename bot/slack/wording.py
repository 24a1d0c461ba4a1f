"""What people type or hand over, in their own words: with names where Slack writes ids."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from bot.slack.installs import PLATFORM, Install
from bot.slack.lookups import Lookups
from bot.slack.people import People
from bot.slack.quoting import address_in, markup, quoted
from bot.slack.text import mentioned, read
from storage import Store
from storage.database import Connection, Database, DatabaseError
from storage.directory import workspace_called

LOOK_UP = 0.25  # of the time there is: 0.5 s. A modal has to be opened in three seconds, and more is done before

Evidence = tuple[str | None, dict[str, str]]
Known = tuple[str | None, str, Mapping[str, str]]
NOTHING: Known = (None, "UTC", {})


class Wording:
    """Finds out what was said, and never fails: what is not known in time is left out.

    A request's time counts from when it `arrived`, by the loop's own clock, else from now.
    """

    def __init__(self, database: Database, people: People, deadline_s: float) -> None:
        self._database = database
        self._people = people
        self._deadline_s = deadline_s

    async def typed(
        self, install: Install, person: str, text: str, arrived: float | None, *, but: str = ""
    ) -> str:
        """What somebody typed, in plain words; `but` is as for `bot.slack.text.read`.

        Where the names take all the time there is, nothing is saved either: they are not lost unnoticed.
        """
        ids = mentioned(text) - {but}
        if not ids:
            return read(text, but=but)
        _, _, names = await self._known(install, person, ids, _began(arrived) + self._deadline_s)
        return read(text, names, but=but)

    async def evidence(
        self, install: Install, person: str, body: Mapping[str, Any], arrived: float | None
    ) -> Evidence:
        """What a message says, who said it, when and where; and its channel where that is a team's.

        Slack is asked for an author whom the directory does not know, such as a customer in a channel that the
        bot is not in, and for the workspace's address where the request does not tell it.
        """
        until = _began(arrived) + LOOK_UP * self._deadline_s
        message, channel = body.get("message") or {}, str((body.get("channel") or {}).get("id") or "")
        author = str(message.get("user") or "")
        ids = {*mentioned(markup(message)), author}
        team, zone, names = await self._known(install, person, ids, until, channel)
        said_by, address = await asyncio.gather(
            self._name(install, author, names, until), self._address(install, body, until)
        )
        return team, quoted(body, names, said_by, zone, address)

    async def _known(
        self, install: Install, person: str, ids: Collection[str], until: float, channel: str = ""
    ) -> Known:
        """A channel where it is a team's, a person's time zone, and whom and what ids stand for."""

        async def work(connection: Connection) -> Known:
            workspace = await workspace_called(connection, PLATFORM, install.workspace)
            if not workspace:
                return NOTHING
            store = Store(connection, workspace)
            names = await store.directory.names(ids, person)
            if not channel:
                return None, "UTC", names
            known = await store.directory.channel_called(channel)
            reader = await store.directory.person_called(person)
            is_team = known and await store.teams.of_channel(known.id)
            return channel if is_team else None, reader.zone if reader else "UTC", names

        try:
            return await self._database.read(work, max(0.0, until - _tick()))
        except (TimeoutError, DatabaseError):
            return NOTHING  # what is asked for goes on all the same, or says what is wrong

    async def _name(self, install: Install, author: str, names: Mapping[str, str], until: float) -> str:
        async def told(slack: Lookups) -> str:
            return (await slack.person(author)).name

        if not author or author in names:
            return names.get(author, "")
        return await self._people.ask(install.workspace, told, until)

    async def _address(self, install: Install, body: Mapping[str, Any], until: float) -> str:
        return address_in(body) or await self._people.ask(install.workspace, Lookups.address, until)


def _began(arrived: float | None) -> float:
    return _tick() if arrived is None else arrived


def _tick() -> float:
    """Seconds by the loop's own clock, which only ever counts on."""
    return asyncio.get_running_loop().time()
