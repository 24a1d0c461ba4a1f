"""What a story leaves in the database, without what each platform calls things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from storage.schema import metadata

# Each platform's own: its ids, its notes, how its requests are told apart, and what it may do there.
LEFT_OUT = (
    "workspaces",
    "deliveries",
    "installations",
    "install_states",
    "chores",
    "channel_members",
    "conversations",
)
OWN = {
    "people": ("external_id", "name", "does", "has_home", "created_at"),
    "channels": ("external_id",),
    "outbox": ("address", "body"),
    "reflections": ("prompt",),  # turns with the number of the person
}
PEOPLE = ("person_id", "owner_id", "assignee_id")


async def ledger(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row by table, in order, with people by their first names."""
    parsed = sa.make_url(url)
    driver = "sqlite+aiosqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+psycopg"
    engine = create_async_engine(parsed.set(drivername=driver))
    async with engine.connect() as connection:
        people = metadata.tables["people"]
        rows = (await connection.execute(sa.select(people.c.id, people.c.name))).all()
        names = {number: name.split()[0].lower() for number, name in rows}
        found = {}
        for table in metadata.sorted_tables:
            if table.name not in LEFT_OUT:
                kept = (await connection.execute(sa.select(table))).mappings().all()
                lines = [_line(table.name, dict(row), names) for row in kept]
                found[table.name] = sorted((line for line in lines if line), key=repr)
    await engine.dispose()
    return found


def _line(table: str, row: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """One row: without its own number where it has one for a key, and without the bot itself."""
    if table == "people" and row["is_bot"]:
        return {}
    own = {"id", "workspace_id", *OWN.get(table, ())}
    line = {name: _without_jitter(value) for name, value in row.items() if name not in own}
    for column in PEOPLE:
        if line.get(column):
            line[column] = names[line[column]]
    if table == "people":
        line["who"] = names[row["id"]]
    if table == "channels":
        line["name"] = line["name"].removeprefix("#")
    if "key" in line:
        line["key"] = ":".join("#" if part.isdigit() else part for part in line["key"].split(":"))
    return line


def _without_jitter(value: Any) -> Any:
    """An instant or a time of day without the minute or two that go by the number of a person."""
    if isinstance(value, datetime | time):
        return value.replace(minute=value.minute - value.minute % 5, second=0, microsecond=0)
    return value
