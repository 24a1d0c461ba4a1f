"""Teams, who takes part in them, and the customers they serve."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa

from storage.database import Connection
from storage.directory import PERSON, Person, Role, channels, people
from storage.queries import Queries
from storage.schema import NOBODYS, Erasing, Privacy, Ranked, Weekdays, flag, instant, key, link, table, words

ANONYMOUS, BY_NAME, PRIVATE = "anonymous", "by_name", "private"
DEFAULT_FLOOR = 4

customers = table(
    "customers",
    key(),
    sa.Column("team_id", sa.Integer, nullable=False),
    words("name"),
    sa.Column("name_key", sa.Text, nullable=False),
    words("pays"),
    sa.UniqueConstraint("workspace_id", "team_id", "name_key"),
    privacy=NOBODYS,
)

teams = table(
    "teams",
    key(),
    link("channel_id", "channels.id"),
    words("name"),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("locale", sa.String(32), nullable=False),
    sa.Column("days", Weekdays, nullable=False),
    sa.Column("hour", sa.Time, nullable=False),
    sa.Column("works_from", sa.Time, nullable=False, server_default="08:00:00"),
    sa.Column("works_until", sa.Time, nullable=False, server_default="18:00:00"),
    sa.Column("region", sa.String(32), nullable=False, server_default=""),
    sa.Column("visibility", sa.String(16), nullable=False),
    sa.Column("retro_visibility", sa.String(16), nullable=False),
    sa.Column("floor", sa.Integer, nullable=False),
    flag("allows_shared"),
    sa.Column("shared_by", sa.Integer),  # the admin who decided that last, and when
    instant("shared_at"),
    link("customer_id", "customers.id", nullable=True),
    instant("created_at", nullable=False),
    instant("started_at"),
    flag("plans_anew"),  # it started before what it gets again and again was all there is now
    sa.UniqueConstraint("workspace_id", "channel_id"),
    privacy=Privacy(owner=None, why_kept="It belongs to the team. Which admin let others read it stays noted."),
)

memberships = table(
    "memberships",
    link("team_id", "teams.id"),
    link("person_id", "people.id", index=True),
    sa.Column("role", Ranked(Role), nullable=False),
    sa.Column("consents", sa.Boolean),
    sa.Column("about_id", sa.Integer),
    instant("joined_at", nullable=False),
    sa.PrimaryKeyConstraint("team_id", "person_id"),
    sa.UniqueConstraint("workspace_id", "team_id", "person_id"),
    privacy=Privacy(owner="person_id", erasing=Erasing.DELETE, says="your place in the team"),
)


days_off = table(
    "days_off",
    key(),
    link("team_id", "teams.id"),
    sa.Column("day", sa.Date, nullable=False),
    words("name"),
    sa.UniqueConstraint("workspace_id", "team_id", "day"),
    privacy=NOBODYS,
)


@dataclass(frozen=True, slots=True)
class Team:
    """A team: it lives in one channel.

    `days` are ISO weekdays and `hour` a local time in each person's own zone, within the hours it works;
    `zone` is the team's, for what is posted to the channel. `region` is whose public holidays it keeps, such
    as "GB-ENG"; "" for none. `visibility` and `retro_visibility` say whether check-ins and retro
    answers are shown anonymously (behind `floor` answers), by name, or to nobody else. It `allows_shared` where
    an admin lets it post in its channel although another organisation reads there.
    """

    id: int
    workspace_id: int
    channel_id: int
    name: str
    zone: str
    locale: str
    days: tuple[int, ...]
    hour: time
    works_from: time
    works_until: time
    region: str
    visibility: str
    retro_visibility: str
    floor: int
    allows_shared: bool
    customer_id: int | None
    started_at: datetime | None
    channel_name: str
    channel_external_id: str
    channel_is_archived: bool
    payer: str
    pays: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in a team. `consents` to their check-ins by name: yes, no, or not asked yet."""

    role: Role
    consents: bool | None
    about_id: int | None


TEAM = [
    *(teams.c[name] for name in list(Team.__dataclass_fields__)[:17]),
    channels.c.name.label("channel_name"),
    channels.c.external_id.label("channel_external_id"),
    channels.c.is_archived.label("channel_is_archived"),
    sa.func.coalesce(customers.c.name, "").label("payer"),
    sa.func.coalesce(customers.c.pays, "").label("pays"),
]
TEAM_SOURCE = teams.join(channels, channels.c.id == teams.c.channel_id).outerjoin(
    customers, customers.c.id == teams.c.customer_id
)
_DAYS_OFF = (
    sa.select(days_off.c.day, days_off.c.name)
    .where(days_off.c.workspace_id == sa.bindparam("workspace"), days_off.c.team_id == sa.bindparam("team"))
    .order_by(days_off.c.day)
)
MEMBERSHIP = [memberships.c.role, memberships.c.consents, memberships.c.about_id]


def name_key(name: str) -> str:
    """What makes two names the same: case, spaces and the way an accent is stored do not tell them apart."""
    return " ".join(unicodedata.normalize("NFC", name.casefold()).split())


class Teams(Queries):
    """The workspace's teams, their members and customers."""

    def __init__(self, connection: Connection, workspace_id: int) -> None:
        super().__init__(connection, workspace_id)
        # Asked for each member of a team who is due at the same minute.
        self._days_off: dict[int, dict[date, str]] = {}

    async def get(self, team_id: int) -> Team | None:
        """One team by number."""
        row = await self.one(TEAM, teams, TEAM_SOURCE, id=team_id)
        return row and Team(*row)

    async def of_channel(self, channel_id: int) -> Team | None:
        """The team that lives in a channel."""
        query = sa.select(*TEAM).select_from(TEAM_SOURCE).where(teams.c.channel_id == channel_id)
        row = await self.first(query, teams)
        return row and Team(*row)

    async def of_person(self, person_id: int) -> list[Team]:
        """The teams a person takes part in, by name."""
        source = TEAM_SOURCE.join(memberships, memberships.c.team_id == teams.c.id)
        query = sa.select(*TEAM).select_from(source).where(memberships.c.person_id == person_id)
        return [Team(*row) for row in await self.all(query.order_by(teams.c.name), teams)]

    async def set_up(self, channel_id: int, now: datetime, **settings: object) -> int:
        """Make a channel a team, or change the team it is. Returns the team's number."""
        return await self.keep(teams, {"channel_id": channel_id}, settings, {"created_at": now})

    async def start(self, team_id: int, now: datetime) -> bool:
        """Begin asking. Returns False where it had begun already."""
        where = sa.and_(teams.c.id == team_id, teams.c.started_at.is_(None))
        return await self.update(teams, where, started_at=now) == 1

    async def planned_anew(self, team_id: int) -> bool:
        """What an earlier version did not plan is being planned. Returns False where that is done already."""
        return await self.update(teams, sa.and_(teams.c.id == team_id, teams.c.plans_anew), plans_anew=False) == 1

    async def allow_shared(self, team_id: int, allows: bool, by: int, now: datetime) -> None:
        """Let a team post where another organisation reads, or not any more; who said so is noted."""
        await self.update(teams, teams.c.id == team_id, allows_shared=allows, shared_by=by, shared_at=now)

    async def who_allowed_shared(self, team_id: int) -> tuple[str, datetime] | None:
        """Who let a team post where another organisation reads, and when; "" for somebody erased."""
        query = (
            sa.select(sa.func.coalesce(people.c.name, ""), teams.c.shared_at)
            .select_from(teams.outerjoin(people, people.c.id == teams.c.shared_by))
            .where(teams.c.id == team_id, teams.c.allows_shared)
        )
        row = await self.first(query, teams)
        return (row[0], row[1]) if row else None

    async def members(self, team_id: int) -> list[Person]:
        """Who takes part, by name; people who may not be asked (any more) are left out."""
        query = (
            sa.select(*PERSON)
            .join(memberships, memberships.c.person_id == people.c.id)
            .where(memberships.c.team_id == team_id)
            .order_by(people.c.name, people.c.id)
        )
        return [p for p in (Person(*row) for row in await self.all(query, people)) if p.is_askable]

    async def everybody(self, team_id: int, until: datetime) -> list[Person]:
        """Who had a place in the team by an instant, those who may not be asked included."""
        query = (
            sa.select(*PERSON)
            .join(memberships, memberships.c.person_id == people.c.id)
            .where(memberships.c.team_id == team_id, memberships.c.joined_at <= until)
        )
        return [Person(*row) for row in await self.all(query.order_by(people.c.id), people)]

    async def leads(self, team_id: int) -> list[Person]:
        """The members who lead, by name."""
        query = (
            sa.select(*PERSON)
            .join(memberships, memberships.c.person_id == people.c.id)
            .where(memberships.c.team_id == team_id, memberships.c.role >= Role.LEAD)
            .order_by(people.c.name, people.c.id)
        )
        return [p for p in (Person(*row) for row in await self.all(query, people)) if p.is_askable]

    async def membership(self, team_id: int, person_id: int) -> Membership | None:
        """A person's place in a team; None where they take no part."""
        row = await self.one(MEMBERSHIP, memberships, team_id=team_id, person_id=person_id)
        return row and Membership(*row)

    async def join(self, team_id: int, person_id: int, role: Role, now: datetime) -> None:
        """Take somebody in, or change their role."""
        identity = {"team_id": team_id, "person_id": person_id}
        await self.keep(memberships, identity, {"role": role}, {"joined_at": now})

    async def leave(self, team_id: int, person_id: int) -> None:
        """Let somebody go."""
        where = sa.and_(memberships.c.team_id == team_id, memberships.c.person_id == person_id)
        await self.delete(memberships, where)

    async def consent(self, team_id: int, person_id: int, consents: bool) -> None:
        """Remember whether a person lets the team see their check-ins by name."""
        where = sa.and_(memberships.c.team_id == team_id, memberships.c.person_id == person_id)
        await self.update(memberships, where, consents=consents)

    async def everyone_consents(self, team_id: int) -> bool:
        """Whether every member said yes to being shown by name; one missing answer is a no."""
        query = sa.select(memberships.c.consents).join(people, people.c.id == memberships.c.person_id)
        query = query.where(memberships.c.team_id == team_id, people.c.is_active)
        rows = await self.all(query, memberships)
        return bool(rows) and all(row[0] for row in rows)

    async def remember_about(self, team_id: int, person_id: int, initiative_id: int | None) -> None:
        """Remember what a person's last check-in was about, to offer it first the next time."""
        where = sa.and_(memberships.c.team_id == team_id, memberships.c.person_id == person_id)
        await self.update(memberships, where, about_id=initiative_id)

    async def started(self) -> list[str]:
        """The names of the teams that have started, in order."""
        query = sa.select(teams.c.name).where(teams.c.started_at.is_not(None)).order_by(teams.c.name)
        return [row.name for row in await self.all(query, teams)]

    async def days_off(self, team_id: int) -> dict[date, str]:
        """The team's own days off, soonest first, each with what it is for."""
        if team_id not in self._days_off:
            bound = {"workspace": self.workspace_id, "team": team_id}
            rows = (await self.connection.execute(_DAYS_OFF, bound)).all()
            self._days_off[team_id] = {row.day: row.name for row in rows}
        return self._days_off[team_id]

    async def take_off(self, team_id: int, days: Collection[date], name: str) -> None:
        """The team does not work on these days."""
        self._days_off.pop(team_id, None)
        for day in days:
            await self.keep(days_off, {"team_id": team_id, "day": day}, {"name": name})

    async def work_on(self, team_id: int, days: Collection[date]) -> None:
        """The team works on these days after all."""
        self._days_off.pop(team_id, None)
        await self.delete(days_off, sa.and_(days_off.c.team_id == team_id, days_off.c.day.in_(days)))

    async def customers(self, team_id: int) -> list[tuple[int, str]]:
        """Number and name of each customer the team serves, by name."""
        query = sa.select(customers.c.id, customers.c.name).where(customers.c.team_id == team_id)
        return [(row[0], row[1]) for row in await self.all(query.order_by(customers.c.name), customers)]

    async def keep_customer(self, team_id: int, name: str, pays: str | None = None) -> int:
        """Add a customer, or change what they pay. Returns their number."""
        identity = {"team_id": team_id, "name_key": name_key(name)}
        values = {"name": name} if pays is None else {"name": name, "pays": pays}
        return await self.keep(customers, identity, values)

    async def serve(self, team_id: int, customer_id: int | None) -> None:
        """Name the customer who pays."""
        await self.update(teams, teams.c.id == team_id, customer_id=customer_id)


async def to_plan_anew(connection: Connection) -> list[tuple[int, int]]:
    """Workspace and number of each team that started with an earlier version, which planned less."""
    query = sa.select(teams.c.workspace_id, teams.c.id).where(teams.c.plans_anew).order_by(teams.c.id)
    return [(row.workspace_id, row.id) for row in (await connection.execute(query)).all()]
