"""What Teams tells of its own accord: who came and went, what became of channels, where the bot is installed."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import structlog
from botbuilder.schema import Activity

from bot.background import Background
from bot.dispatch import Dispatcher
from bot.reading import Request
from bot.teams import activities
from bot.teams.activities import PERSONAL, Visit, part
from bot.teams.delivery import Delivery
from bot.teams.people import People
from bot.teams.places import PLATFORM
from handlers.messages import Form
from storage.arrivals import Envelope
from storage.database import DatabaseError

TEAM_LOST = frozenset({"teamDeleted", "teamHardDeleted", "teamArchived"})
TEAM_AGAIN = frozenset({"teamRestored", "teamUnarchived", "teamRenamed"})
log = structlog.get_logger()

ADDED = frozenset({"add", "add-upgrade"})


class Events:
    """Follows them. Each is a hint, for it comes late, twice or never: what changed is read anew."""

    def __init__(self, dispatch: Dispatcher, people: People, delivery: Delivery, background: Background) -> None:
        self._dispatch = dispatch
        self._people = people
        self._delivery = delivery
        self._background = background

    async def updated(self, activity: Activity) -> None:
        """A `conversationUpdate`."""
        await _kept(self._updated(activity))

    async def installed(self, activity: Activity) -> None:
        """An `installationUpdate`: the bot was added, for a person or a team, or taken away."""
        await _kept(self._installed(activity))

    async def _updated(self, activity: Activity) -> None:
        visit = activities.visit(activity)
        added, removed = _ids(activity.members_added), _ids(activity.members_removed)
        kind = str(part(activity.channel_data).get("eventType") or "")
        if visit.bot in added:
            self._background.soon(self._come(visit))
        elif visit.bot in removed or (visit.kind == PERSONAL and visit.person in removed):
            await self._gone(visit)
        elif kind.startswith("channel"):
            await self._channel_changed(activity, visit, kind)
        elif kind in TEAM_LOST:
            await self._people.lose(visit, await self._people.met_around(visit))
        elif added or removed or kind in TEAM_AGAIN:
            self._background.soon(self._look_again(visit))

    async def _installed(self, activity: Activity) -> None:
        visit = activities.visit(activity)
        if activity.action in ADDED:
            self._background.soon(self._come(visit))
        else:
            await self._gone(visit)

    async def _come(self, visit: Visit) -> None:
        """The bot is here now. It says so once, however often it is told, and whenever it comes again."""
        await self._people.meet(visit)
        if not await self._people.first_welcome(visit):
            return
        if visit.kind != PERSONAL:
            await self._delivery.greet(visit)
            return
        envelope = Envelope(PLATFORM, visit.tenant, visit.person, None)
        answer = await self._dispatch(Request(envelope, f"teams:welcome:{visit.person}", "words", "help", {}))
        if not isinstance(answer.reply, Form):
            await self._delivery.beside(visit, answer.reply)

    async def _gone(self, visit: Visit) -> None:
        if visit.kind == PERSONAL:
            await self._people.leave(visit)
        else:
            await self._people.lose(visit, {visit.place, *await self._people.met_around(visit)})

    async def _channel_changed(self, activity: Activity, visit: Visit, kind: str) -> None:
        told: Any = part(part(activity.channel_data).get("channel"))
        channel, name = str(told.get("id") or ""), str(told.get("name") or "")
        if kind == "channelRenamed":
            await self._people.renamed(visit, channel, name)
        elif kind == "channelDeleted":
            await self._people.lose(visit, [channel])
        elif channel in await self._people.met_around(visit):
            self._background.soon(self._people.look_again(visit, [channel]))

    async def _look_again(self, visit: Visit) -> None:
        await self._people.look_again(visit, await self._people.met_around(visit))


async def _kept(work: Awaitable[None]) -> None:
    """Follow an event. While the database is away it is lost, and the reconcile finds out what it was about."""
    try:
        await work
    except DatabaseError as problem:
        log.error("event lost", kind=type(problem).__name__)


def _ids(accounts: Any) -> frozenset[str]:
    return frozenset(str(each.id) for each in accounts or ())
