"""Workspaces, the people in them and the channels they share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import IntEnum
from typing import Any, TypeVar

import sqlalchemy as sa

from storage.database import Connection
from storage.queries import Queries
from storage.schema import (
    NOBODYS,
    PRIVACY,
    Erasing,
    Privacy,
    Ranked,
    Weekdays,
    columns,
    flag,
    instant,
    key,
    link,
    metadata,
    table,
    words,
)

T = TypeVar("T")

IN_ONE_STATEMENT = 500
REMOVED, STOPPED = "bot removed", "stopped"


class Role(IntEnum):
    """What a person may do, from least to most; a catalog row names the least it needs."""

    OUTSIDER = 0
    GUEST = 1
    MEMBER = 2
    LEAD = 3
    ADMIN = 4


workspaces = sa.Table(
    "workspaces",
    metadata,
    key(),
    sa.Column("platform", sa.String(16), nullable=False),
    sa.Column("external_id", sa.String(128), nullable=False),
    words("name"),
    instant("created_at", nullable=False),
    instant("removed_at"),  # since when the chat service lets the bot do nothing there any more
    instant("stopped_at"),  # since when an admin has had it ask and post nothing by itself
    sa.UniqueConstraint("platform", "external_id"),
)
PRIVACY["workspaces"] = NOBODYS

people = table(
    "people",
    key(),
    sa.Column("external_id", sa.String(128), nullable=False),
    words("name"),
    words("does"),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("locale", sa.String(32), nullable=False),
    sa.Column("role", Ranked(Role), nullable=False),
    flag("is_bot"),
    sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("team_id", sa.Integer),  # the team last used; no foreign key, teams refer to people already
    sa.Column("paused_until", sa.Date),
    sa.Column("own_days", Weekdays),
    sa.Column("own_hour", sa.Time),
    sa.Column("quiet_from", sa.Time),
    sa.Column("quiet_until", sa.Time),
    sa.Column("region", sa.String(32)),
    sa.Column("cap", sa.Integer),
    sa.Column("unanswered", sa.Integer, nullable=False, server_default="0"),  # cards in a row
    flag("has_home"),  # they have opened their home page, which is kept up to date from then on
    instant("created_at", nullable=False),
    sa.UniqueConstraint("workspace_id", "external_id"),
    privacy=Privacy(
        owner="id",
        erasing=Erasing.KEEP,
        says="your name, zone and role as the chat service tells them",
        why_kept="The chat service tells it again the next time you write; your pause, your own days and hours "
        "and your last team go.",
    ),
)

channels = table(
    "channels",
    key(),
    sa.Column("external_id", sa.String(128), nullable=False),
    words("name"),
    flag("is_private"),
    flag("is_shared"),
    flag("is_archived"),
    sa.UniqueConstraint("workspace_id", "external_id"),
    privacy=NOBODYS,
)

channel_members = table(
    "channel_members",
    link("channel_id", "channels.id"),
    link("person_id", "people.id"),
    sa.PrimaryKeyConstraint("channel_id", "person_id"),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.KEEP,
        exported=False,
        why_kept="Who is in a channel is the chat service's own record, copied.",
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a workspace. `zone` is an IANA name, `locale` a language with a territory where known.

    None stands for what they have left to their team: `own_days` (ISO weekdays) and `own_hour` to be asked,
    the hours in which nothing comes (local times, possibly over midnight), the `region` of their public
    holidays ("" for none), and the `cap` on nudges in a week. `unanswered` counts the cards in a row that they
    did not react to.
    """

    id: int
    workspace_id: int
    external_id: str
    name: str
    does: str
    zone: str
    locale: str
    role: Role
    is_bot: bool
    is_active: bool
    team_id: int | None
    paused_until: date | None
    has_home: bool
    own_days: tuple[int, ...] | None
    own_hour: time | None
    quiet_from: time | None
    quiet_until: time | None
    region: str | None
    cap: int | None
    unanswered: int

    @property
    def first_name(self) -> str:
        """What colleagues call them."""
        return self.name.split(" ", 1)[0]

    @property
    def is_askable(self) -> bool:
        """Whether the bot may ever write to them first: never to guests, outsiders, bots or leavers."""
        return self.is_active and not self.is_bot and self.role >= Role.MEMBER


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel the bot has met. Archived is also one that was deleted or is out of the bot's reach."""

    id: int
    workspace_id: int
    external_id: str
    name: str
    is_private: bool
    is_shared: bool
    is_archived: bool


PERSON = columns(people, Person)
CHANNEL = columns(channels, Channel)


class Directory(Queries):
    """Who and where, within the workspace."""

    async def person(self, person_id: int) -> Person | None:
        """One person by number."""
        row = await self.one(PERSON, people, id=person_id)
        return row and Person(*row)

    async def person_called(self, external_id: str) -> Person | None:
        """One person by the chat service's id."""
        row = await self.first(sa.select(*PERSON).where(people.c.external_id == external_id), people)
        return row and Person(*row)

    async def called(self, external_ids: Collection[str]) -> dict[str, Person]:
        """People by the chat service's ids; those not known are left out."""
        found: dict[str, Person] = {}
        for some in _batches(external_ids):
            query = sa.select(*PERSON).where(people.c.external_id.in_(some))
            found |= {row.external_id: Person(*row) for row in await self.all(query, people)}
        return found

    async def names(self, external_ids: Collection[str], viewer: str) -> dict[str, str]:
        """What people and channels are called, by the chat service's ids; those not known are left out.

        So is a private channel unless `viewer`, a person by that service's id, is in it.
        """
        found: dict[str, str] = {}
        for some in _batches(external_ids):
            rows = await self.connection.execute(_names(self.workspace_id, some, viewer))
            found |= {row.external_id: row.name for row in rows}
        return found

    async def active_numbers(self, until: datetime) -> dict[str, int]:
        """Whose account is active, of those known by an instant, but for outsiders: their numbers, by the
        chat service's ids.
        """
        query = sa.select(people.c.external_id, people.c.id)
        query = query.where(people.c.is_active, people.c.role > Role.OUTSIDER, people.c.created_at <= until)
        return {row.external_id: row.id for row in await self.all(query, people)}

    async def retire(self, person_ids: Collection[int]) -> None:
        """The accounts of these people are not active any more."""
        for some in _batches(person_ids):
            await self.update(people, people.c.id.in_(some), is_active=False)

    async def everyone(self) -> list[Person]:
        """All people of the workspace, by name."""
        rows = await self.all(sa.select(*PERSON).order_by(people.c.name, people.c.id), people)
        return [Person(*row) for row in rows]

    async def channel(self, channel_id: int) -> Channel | None:
        """One channel by number."""
        row = await self.first(sa.select(*CHANNEL).where(channels.c.id == channel_id), channels)
        return row and Channel(*row)

    async def channel_called(self, external_id: str) -> Channel | None:
        """One channel by the chat service's id."""
        row = await self.first(sa.select(*CHANNEL).where(channels.c.external_id == external_id), channels)
        return row and Channel(*row)

    async def every_channel(self) -> list[Channel]:
        """All channels of the workspace."""
        rows = await self.all(sa.select(*CHANNEL).order_by(channels.c.id), channels)
        return [Channel(*row) for row in rows]

    async def renumber_channel(self, channel_id: int, external_id: str) -> None:
        """The chat service calls a channel by another id from now on."""
        await self.update(channels, channels.c.id == channel_id, external_id=external_id)

    async def member_numbers(self, channel_id: int) -> dict[str, int]:
        """Everybody in a channel: their numbers, by the chat service's ids."""
        query = sa.select(people.c.external_id, people.c.id).join(
            channel_members, channel_members.c.person_id == people.c.id
        )
        rows = await self.all(query.where(channel_members.c.channel_id == channel_id), people)
        return {row.external_id: row.id for row in rows}

    async def members(self, channel_id: int) -> list[Person]:
        """Everybody in a channel, by name, bots and guests included."""
        query = (
            sa.select(*PERSON)
            .join(channel_members, channel_members.c.person_id == people.c.id)
            .where(channel_members.c.channel_id == channel_id)
            .order_by(people.c.name, people.c.id)
        )
        return [Person(*row) for row in await self.all(query, people)]

    async def keep_person(self, external_id: str, now: datetime, **profile: object) -> int:
        """Add a person, or bring their profile up to date. Returns their number."""
        return await self.keep(people, {"external_id": external_id}, profile, {"created_at": now})

    async def keep_channel(self, external_id: str, **profile: object) -> int:
        """Add a channel, or bring it up to date. Returns its number."""
        return await self.keep(channels, {"external_id": external_id}, profile)

    async def set_members(self, channel_id: int, person_ids: Iterable[int]) -> None:
        """Who is in a channel now, as the chat service tells it."""
        await self.delete(channel_members, channel_members.c.channel_id == channel_id)
        for person_id in person_ids:
            await self.insert(channel_members, channel_id=channel_id, person_id=person_id)

    async def enter(self, channel_id: int, person_ids: Collection[int]) -> None:
        """These people are in a channel now too."""
        for some in _batches(person_ids):
            await self.add_all(channel_members, [{"channel_id": channel_id, "person_id": each} for each in some])

    async def depart(self, channel_id: int, person_ids: Collection[int]) -> None:
        """These people are not in a channel any more."""
        for some in _batches(person_ids):
            them = channel_members.c.person_id.in_(some)
            await self.delete(channel_members, sa.and_(channel_members.c.channel_id == channel_id, them))

    async def pause(self, person_id: int, until: date | None) -> None:
        """Ask the person nothing before the date; None asks again from now."""
        await self.update(people, people.c.id == person_id, paused_until=until)

    async def prefer(self, person_id: int, **chosen: object) -> None:
        """Keep what a person has chosen about when they are asked; None leaves it to their team."""
        await self.update(people, people.c.id == person_id, **chosen)

    async def count_unanswered(self, person_id: int, unanswered: int) -> None:
        """How many cards in a row a person has not reacted to."""
        await self.alter(people, {"id": person_id}, unanswered=unanswered)

    async def stopped_at(self) -> datetime | None:
        """Since when an admin has had the bot ask and post nothing by itself; None where it goes on."""
        where = workspaces.c.id == self.workspace_id
        found = await self.connection.execute(sa.select(workspaces.c.stopped_at).where(where))
        at: datetime | None = found.scalar()
        return at

    async def stop(self, at: datetime | None) -> None:
        """Ask and post nothing by itself from an instant on; None goes on again."""
        where = workspaces.c.id == self.workspace_id
        await self.connection.execute(sa.update(workspaces).where(where).values(stopped_at=at))

    async def open_home(self, external_id: str) -> None:
        """Remember that a person has a home page to keep up to date."""
        await self.update(people, people.c.external_id == external_id, has_home=True)

    async def use_team(self, person_id: int, team_id: int | None) -> None:
        """Remember the team a person used last; direct messages are about that one."""
        await self.update(people, people.c.id == person_id, team_id=team_id)


def _names(workspace_id: int, external_ids: Sequence[str], viewer: str) -> sa.CompoundSelect[Any]:
    within = channel_members.join(people, people.c.id == channel_members.c.person_id)
    theirs = sa.select(channel_members.c.channel_id).select_from(within)
    theirs = theirs.where(people.c.workspace_id == workspace_id, people.c.external_id == viewer)
    may_see = sa.or_(sa.not_(channels.c.is_private), channels.c.id.in_(theirs))
    return sa.union_all(
        *(
            sa.select(each.c.external_id, each.c.name).where(
                each.c.workspace_id == workspace_id, each.c.external_id.in_(external_ids), may
            )
            for each, may in ((people, sa.true()), (channels, may_see))
        )
    )


def _batches(values: Collection[T]) -> Iterable[Sequence[T]]:
    """The values in lists short enough for one statement."""
    every = list(values)
    return (every[start : start + IN_ONE_STATEMENT] for start in range(0, len(every), IN_ONE_STATEMENT))


async def halted_among(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    """Which of these workspaces get nothing: the bot was REMOVED from them, or STOPPED by an admin."""
    why = sa.case((workspaces.c.removed_at.is_not(None), REMOVED), else_=STOPPED)
    halted = sa.or_(workspaces.c.removed_at.is_not(None), workspaces.c.stopped_at.is_not(None))
    query = sa.select(workspaces.c.id, why).where(workspaces.c.id.in_(numbers), halted)
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return {row[0]: row[1] for row in rows}


async def workspace_called(connection: Connection, platform: str, external_id: str) -> int | None:
    """A workspace's number, by the chat service's id; None where it is not known."""
    where = sa.and_(workspaces.c.platform == platform, workspaces.c.external_id == external_id)
    known: int | None = (await connection.execute(sa.select(workspaces.c.id).where(where))).scalar()
    return known


async def add_workspace(connection: Connection, platform: str, external_id: str, name: str, now: datetime) -> int:
    """Add a workspace unless it is known. Returns its number."""
    known = await workspace_called(connection, platform, external_id)
    if known:
        return known
    values = {"platform": platform, "external_id": external_id, "name": name, "created_at": now}
    try:
        async with connection.begin_nested():
            added = await connection.execute(sa.insert(workspaces).values(**values))
    except sa.exc.IntegrityError:  # another process added it at the same moment
        return await workspace_called(connection, platform, external_id) or 0
    number: int = added.inserted_primary_key[0]
    return number


async def leave_workspace(connection: Connection, workspace_id: int, now: datetime) -> None:
    """The bot was removed from a workspace; the first time it was told so counts."""
    here = sa.and_(workspaces.c.id == workspace_id, workspaces.c.removed_at.is_(None))
    await connection.execute(sa.update(workspaces).where(here).values(removed_at=now))


async def return_workspace(connection: Connection, workspace_id: int, name: str) -> None:
    """The bot is in a workspace, again or still, which is called so now."""
    known = sa.update(workspaces).where(workspaces.c.id == workspace_id)
    await connection.execute(known.values(removed_at=None, name=name))


async def has_left(connection: Connection, platform: str, external_id: str) -> bool:
    """Whether the bot was in a workspace and is not any more."""
    where = sa.and_(workspaces.c.platform == platform, workspaces.c.external_id == external_id)
    query = sa.select(workspaces.c.id).where(where, workspaces.c.removed_at.is_not(None))
    return bool((await connection.execute(query)).first())
