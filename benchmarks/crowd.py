"""A crowd to plan for: people in teams of ten in workspaces of a thousand, each asked by a rule of their own."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from bot.nudges.zones import zone_data_version
from handlers.local_time import jitter_of, next_due
from storage.database import open_database
from storage.migrate import upgrade
from storage.schema import metadata
from storage.zone_data import now_planned_by

IN_TEAM, IN_WORKSPACE = 10, 1_000
DAYS = (1, 2, 3, 4, 5)
# A Monday on which nobody has a public holiday, just before nine in London.
EVE = datetime(2026, 11, 23, 8, 59, 50, tzinfo=UTC)
# One team in ten is asked between nine and ten past, and nobody else is meanwhile.
HOME, MINUTES = "Europe/London", (0, 2, 4, 6, 8)
ELSEWHERE = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "America/Sao_Paulo", "Australia/Sydney")
REGIONS = {HOME: "GB-ENG", "Europe/Berlin": "DE-BE", "America/New_York": "US-NY", "Asia/Tokyo": "JP"}

Row = dict[str, object]


def fill(url: str, people: int) -> None:
    """A database of these people, and of all that the real ones have: workspaces, teams, members, work, rules."""
    upgrade(url)
    tables: tuple[tuple[str, Callable[[int], Iterable[Row]], int], ...] = (
        ("workspaces", _workspaces, people // IN_WORKSPACE or 1),
        ("people", _people, people),
        ("channels", _channels, people // IN_TEAM),
        ("customers", _customers, people // IN_TEAM),
        ("teams", _teams, people // IN_TEAM),
        ("memberships", _memberships, people),
        ("initiatives", _initiatives, people // IN_TEAM),
        ("schedules", _schedules, people),
    )
    pour = _into_sqlite if url.startswith("sqlite") else _into_postgresql
    pour(url, ((metadata.tables[name], rows(count)) for name, rows, count in tables))
    asyncio.run(_planned_by_this_data(url))


async def _planned_by_this_data(url: str) -> None:
    database = open_database(url)
    await database.write(lambda connection: now_planned_by(connection, zone_data_version()))
    await database.close()


def zone_of(team: int) -> str:
    """Where a team is."""
    return ELSEWHERE[team % len(ELSEWHERE)] if team % IN_TEAM else HOME


def hour_of(team: int) -> time:
    """When a team is asked."""
    return time(9, MINUTES[team // IN_TEAM % len(MINUTES)])


def _team_of(person: int) -> int:
    return (person - 1) // IN_TEAM + 1


def _workspace_of(team: int) -> int:
    return (team - 1) // (IN_WORKSPACE // IN_TEAM) + 1


def _workspaces(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        yield {"id": n, "platform": "test", "external_id": f"W{n}", "name": "", "created_at": EVE}


def _people(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        yield {
            "id": n,
            "workspace_id": _workspace_of(_team_of(n)),
            "external_id": f"U{n}",
            "name": f"Person {n}",
            "zone": zone_of(_team_of(n)),
            "locale": "en_GB",
            "role": 2,
            "created_at": EVE,
        }


def _channels(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        yield {"id": n, "workspace_id": _workspace_of(n), "external_id": f"C{n}", "name": f"#team-{n}"}


def _customers(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        name = {"name": "Shop owners", "name_key": "shop owners", "pays": "They pay us 49 a month."}
        yield {"id": n, "workspace_id": _workspace_of(n), "team_id": n, **name}


def _teams(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        yield {
            "id": n,
            "workspace_id": _workspace_of(n),
            "channel_id": n,
            "name": f"Team {n}",
            "zone": zone_of(n),
            "locale": "en_GB",
            "days": DAYS,
            "hour": hour_of(n),
            "region": REGIONS.get(zone_of(n), ""),
            "visibility": "anonymous",
            "retro_visibility": "anonymous",
            "floor": 4,
            "customer_id": n,
            "created_at": EVE,
            "started_at": EVE,
        }


def _memberships(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        team = _team_of(n)
        yield {"workspace_id": _workspace_of(team), "team_id": team, "person_id": n, "role": 2, "joined_at": EVE}


def _initiatives(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        yield {
            "workspace_id": _workspace_of(n),
            "team_id": n,
            "title": "Checkout in one step",
            "title_key": "checkout in one step",
            "review_days": 30,
            "status": "building",
            "created_at": EVE,
        }


def _schedules(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        team = _team_of(n)
        zone, hour = zone_of(team), hour_of(team)
        yield {
            "workspace_id": _workspace_of(team),
            "key": f"checkin:{team}:{n}",
            "nudge": "checkin",
            "team_id": team,
            "person_id": n,
            "days": DAYS,
            "hour": hour,
            "zone": zone,
            "next_due_at": _next(zone, hour) + jitter_of(n),
        }


@cache
def _next(zone: str, hour: time) -> datetime:
    """When it is that hour next, but for the jitter; no time of day at which clocks change."""
    return next_due(DAYS, hour, zone, EVE - timedelta(minutes=5))


def _into_sqlite(url: str, tables: Iterable[tuple[sa.Table, Iterable[Row]]]) -> None:
    with closing(sqlite3.connect(Path(url.removeprefix("sqlite:///")), isolation_level=None)) as connection:
        connection.execute("pragma synchronous=off")
        connection.execute("begin")
        for table, rows in tables:
            names, values = _values(table, rows, sa.make_url(url).get_dialect()())
            holders = ", ".join("?" * len(names))
            # Names come from the tables' own definitions.
            connection.executemany(f"insert into {table.name} ({', '.join(names)}) values ({holders})", values)  # noqa: S608
        connection.execute("commit")
        connection.execute("pragma wal_checkpoint(truncate)")


def _into_postgresql(url: str, tables: Iterable[tuple[sa.Table, Iterable[Row]]]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for table, rows in tables:
            names, values = _values(table, rows, sa.make_url(url).get_dialect()())
            copying = f"copy {table.name} ({', '.join(names)}) from stdin"
            with connection.cursor() as cursor, cursor.copy(copying) as copy:
                for each in values:
                    copy.write_row(each)
        connection.execute("vacuum analyze")


def _values(
    table: sa.Table, rows: Iterable[Row], dialect: Any
) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    """The names of the columns that are filled, and the values as the database's driver takes them."""
    remaining = iter(rows)
    first = next(remaining)
    kept = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in first]
    values = (
        [keep(value) if keep else value for keep, value in zip(kept, row.values(), strict=True)]
        for row in chain((first,), remaining)
    )
    return list(first), values
