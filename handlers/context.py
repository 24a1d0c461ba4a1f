"""What a handler is given: who asks, in which team, when, and the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import prompts
from handlers.errors import NoTeam, NoTeamHere
from handlers.messages import REPLY, Button, Message, Note, about_team
from handlers.rows import Catalog
from prompts import Reader, Said
from storage import Store
from storage.directory import Person, Role
from storage.teams import Membership, Team

ALLOW_SHARED = "shared.allow"


@dataclass(frozen=True)
class Context:
    """One request or nudge: inside one transaction, at one instant (`now`, in UTC).

    `channel_id` is where it was asked, None in private. For a nudge to a whole team there is no person:
    `person` is None and whoever needs one says so by asking for `me`.
    """

    person: Person | None
    found_team: Team | None
    membership: Membership | None
    channel_id: int | None
    now: datetime
    store: Store
    catalog: Catalog

    @property
    def me(self) -> Person:
        """The person who asks. Raises LookupError in a nudge to a whole team, which has none."""
        if self.person is None:
            raise LookupError("a nudge to a whole team has no person")
        return self.person

    @property
    def team(self) -> Team:
        """The team it is about. Raises NoTeamHere or NoTeam, which tell the person what to do."""
        if self.found_team is None:
            raise NoTeamHere() if self.channel_id else NoTeam()
        return self.found_team

    @cached_property
    def reader(self) -> Reader:
        """Who reads the answer: the person, or the team's channel."""
        if self.person is None:
            return self.team_reader
        return Reader(self.person.locale, self.person.zone, self.now)

    @cached_property
    def team_reader(self) -> Reader:
        """The team's channel as a reader."""
        return Reader(self.team.locale, self.team.zone, self.now)

    @property
    def today(self) -> date:
        """The reader's local date."""
        return self.reader.today

    @property
    def role(self) -> Role:
        """What the person may do in the team: an admin everything, others what their membership says."""
        if self.me.role is Role.ADMIN:
            return Role.ADMIN
        return self.membership.role if self.membership else Role.OUTSIDER

    async def leads(self) -> bool:
        """Whether the person may do what a lead may; in a team that has no lead left, any member may."""
        if self.role >= Role.LEAD:
            return True
        return self.role >= Role.MEMBER and not await self.store.teams.leads(self.team.id)

    def say(self, moment: str, **facts: Any) -> Said:
        """A moment's words for whoever reads the answer."""
        return prompts.say(moment, self.reader, **facts)

    def seen_by(self, person: Person) -> Context:
        """The same case as another person reads it: their words, their zone."""
        return replace(self, person=person)

    def seen_by_team(self) -> Context:
        """The same case as the team's channel reads it: nobody asks, nobody's zone but the team's."""
        return replace(self, person=None)

    async def tell(
        self, key: str, person: Person, message: Message, *, anew: bool = False, until: datetime | None = None
    ) -> None:
        """Write to a person, under a key; the same key again replaces the card, or sends it `anew`.

        What cannot be sent `until` an instant (UTC) is not sent any more.
        """
        recipient = {"person_id": person.id, "not_after": until, **({"address": ""} if anew else {})}
        await self.store.outbox.put(key, self._body(message), self.now, **recipient)

    async def post(self, key: str, message: Message, thread: str | None = None) -> None:
        """Post to the team's channel, or reply in the thread under another key's message.

        Nothing goes to a channel that another organisation shares, unless an admin allowed it, nor into what
        stands there from before, and nothing goes to an archived one: the team's leads get it instead.
        """
        if await self.is_closed():
            if thread is None:
                await show_leads(self.store, self.team, key, message, self.now)
            return
        recipient = {"channel_id": self.team.channel_id, "thread": thread}
        await self.store.outbox.put(key, self._body(message), self.now, **recipient)

    async def is_shared(self) -> bool:
        """Whether people of another organisation read the team's channel, and no admin allowed them to."""
        if self.team.allows_shared:
            return False
        channel = await self.store.directory.channel(self.team.channel_id)
        return channel is not None and channel.is_shared

    async def is_closed(self) -> bool:
        """Whether nothing is posted in the team's channel: others read it, it is archived, or out of reach."""
        return self.team.channel_is_archived or await self.is_shared()

    async def redraw(self, key: str, message: Message) -> bool:
        """Replace what was sent under a key, if anything was. Returns whether it was."""
        return await self.store.outbox.replace(key, self._body(message), self.now, self.team.id)

    def _body(self, message: Message) -> str:
        return _body(message, self.found_team)


async def show_leads(
    store: Store, team: Team, key: str, message: Message, now: datetime, *, refused: bool = False
) -> None:
    """Show a team's leads, in private, what is not posted in its channel: others would read it, or nobody.

    Or it was `refused` there. `key` is the one it would have been posted under; the same key again replaces
    what they were shown.
    """
    moment = "trouble/archived" if team.channel_is_archived else "trouble/shared"
    moment = "trouble/refused" if refused else moment
    for lead in await store.teams.leads(team.id):
        said = prompts.say(moment, Reader(lead.locale, lead.zone, now), channel=team.channel_name)
        allow = (Button(said.allow, ALLOW_SHARED, confirm=said.confirm),) if _may_allow(team, lead, moment) else ()
        inside = replace(message, blocks=(Note(said.title), *message.blocks), more=(*message.more, *allow))
        await store.outbox.put(f"{key}:inside:{lead.id}", _body(inside, team), now, person_id=lead.id)


def _may_allow(team: Team, lead: Person, moment: str) -> bool:
    """Whether a lead, being an admin, may let it be posted after all."""
    return moment == "trouble/shared" and lead.role is Role.ADMIN and not team.allows_shared


def _body(message: Message, team: Team | None) -> str:
    return REPLY.dump_json(about_team(message, team.id) if team else message).decode()
