"""A town to send to: workspaces of a strict local Slack, with teams whose people come due to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.clock import SystemClock
from bot.slack.installs import PLATFORM
from bot.slack.scopes import NAMES
from storage.database import Connection, open_database
from storage.directory import Role
from storage.installations import install
from storage.schema import metadata
from storage.secrets import Vault
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.world import Workspace

WORKSPACES, TEAMS, PEOPLE = 4, 4, 4
NOON = 12
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True)
class Resident:
    """Somebody of a team. `id` is Slack's, `number` and `team` the bot's own, `place` counts within the team."""

    id: str
    number: int
    workspace: str
    team: int
    channel: str
    place: int


@dataclass
class Town:
    """The Slack, the database, and everybody in it."""

    slack: FakeSlack
    url: str
    secret_key: str
    zone: str
    residents: list[Resident]

    @property
    def settings(self) -> dict[str, str]:
        """What a process of the bot needs to be told, but for its port."""
        app = self.slack.app
        return {
            "DATABASE_URL": self.url,
            "SECRET_KEYS": self.secret_key,
            "PUBLIC_URL": "https://worthwhile.example.com",
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_CLIENT_ID": app.client_id,
            "SLACK_CLIENT_SECRET": app.client_secret,
            "SLACK_SIGNING_SECRET": app.signing_secret,
        }

    @property
    def today(self) -> date:
        """The date on everybody's wall."""
        return SystemClock().now().astimezone(ZoneInfo(self.zone)).date()

    @property
    def leads(self) -> list[Resident]:
        """The first of each team."""
        return [each for each in self.residents if each.place == 0]


def midday_zone(now: datetime) -> str:
    """A zone in which it is about noon: nobody is to be spared because of the hour of the test."""
    offset = NOON - now.astimezone(UTC).hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


async def build_town(url: str, slack: FakeSlack) -> Town:
    """Fill a migrated database."""
    town = Town(slack, url, Fernet.generate_key().decode(), midday_zone(SystemClock().now()), [])
    slack.app.scopes = NAMES
    for number in range(WORKSPACES):
        _people(slack, slack.add_workspace(f"Sample {number}"))

    async def work(connection: Connection) -> None:
        for workspace in slack.workspaces:
            town.residents += await _Planting(connection, town, workspace)()
        await _plan(connection, town)

    database = open_database(url)
    await database.write(work)
    await database.close()
    return town


def _people(slack: FakeSlack, workspace: Workspace) -> None:
    for team in range(TEAMS):
        names = [f"person{team * PEOPLE + place}" for place in range(PEOPLE)]
        for name in names:
            slack.add_person(name, workspace=workspace, tz="Europe/London")
        slack.add_channel(f"team{team}", members=names, workspace=workspace)


class _Planting:
    """What the database holds of one workspace."""

    def __init__(self, connection: Connection, town: Town, workspace: Workspace) -> None:
        self._connection = connection
        self._town = town
        self._workspace = workspace
        self._now = SystemClock().now()
        self._own: dict[str, int] = {}

    async def __call__(self) -> list[Resident]:
        """Plant it."""
        here = self._workspace
        data = {"token": here.token, "refresh_token": ""}
        values = {
            "bot": here.bot,
            "is_organisation": False,
            "scopes": ",".join(NAMES),
            "sealed": Vault([self._town.secret_key]).seal(here.id, data),
            "expires_at": None,
        }
        number = await install(self._connection, PLATFORM, here.id, here.name, self._now, **values)
        self._own = {"workspace_id": number}
        return [each for team in range(TEAMS) for each in await self._team(team)]

    async def _team(self, team: int) -> list[Resident]:
        room = self._workspace.channel(f"team{team}")
        channel = await self._add("channels", external_id=room.id, name=f"#team{team}")
        number = await self._add(
            "teams",
            channel_id=channel,
            name=f"Team {team}",
            zone=self._town.zone,
            locale="en_GB",
            days=EVERY_DAY,
            hour=time(NOON),
            works_from=time(0),
            works_until=time(23, 59),
            visibility="anonymous",
            retro_visibility="by_name",
            floor=4,
            created_at=self._now,
            started_at=self._now,
        )
        return [await self._resident(room.id, number, team * PEOPLE, place) for place in range(PEOPLE)]

    async def _resident(self, channel: str, team: int, first: int, place: int) -> Resident:
        who = self._workspace.person(f"person{first + place}").id
        number = await self._add(
            "people",
            external_id=who,
            name=f"Person {first + place}",
            zone=self._town.zone,
            locale="en_GB",
            role=Role.MEMBER,
            team_id=team,
            created_at=self._now,
        )
        role = Role.LEAD if place == 0 else Role.MEMBER
        membership = {"team_id": team, "person_id": number, "role": role, "joined_at": self._now}
        await self._connection.execute(sa.insert(metadata.tables["memberships"]).values(**self._own, **membership))
        return Resident(who, number, self._workspace.id, team, channel, place)

    async def _add(self, table: str, **values: Any) -> int:
        source = metadata.tables[table]
        added = sa.insert(source).values(**self._own, **values).returning(source.c.id)
        return int((await self._connection.execute(added)).scalar_one())


async def _plan(connection: Connection, town: Town) -> None:
    """Everybody's question, due at no time yet."""
    workspaces = metadata.tables["workspaces"]
    numbers = dict((await connection.execute(sa.select(workspaces.c.external_id, workspaces.c.id))).all())
    rows = [
        {
            "workspace_id": numbers[each.workspace],
            "key": f"checkin:{each.team}:{each.number}",
            "nudge": "checkin",
            "team_id": each.team,
            "person_id": each.number,
            "days": EVERY_DAY,
            "hour": time(NOON),
            "zone": town.zone,
        }
        for each in town.residents
    ]
    await connection.execute(sa.insert(metadata.tables["schedules"]), rows)


async def come_due(connection: Connection, town: Town, who: Resident) -> None:
    """Somebody's question is due now."""
    schedules, now = metadata.tables["schedules"], SystemClock().now()
    hour = now.astimezone(ZoneInfo(town.zone)).time()
    due = sa.update(schedules).where(schedules.c.person_id == who.number).values(next_due_at=now, hour=hour)
    await connection.execute(due)
