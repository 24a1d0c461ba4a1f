"""Workspaces with messages that wait, and chat services that take them, for tests of delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.nudges.port import Address, Recipient
from handlers.messages import MESSAGE, Message
from storage import Store
from storage.database import Connection, Database
from storage.directory import Role, add_workspace
from storage.schema import metadata

BODY = MESSAGE.dump_json(Message("How was today?")).decode()


@dataclass
class Taker:
    """A chat service that notes what it takes, in order; `failures` are raised first, by recipient."""

    taken: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    failures: dict[str, list[Exception]] = field(default_factory=dict)

    async def send(self, recipient: Recipient, message: Message) -> Address:
        name = f"{recipient.workspace}:{recipient.person or recipient.channel}"
        if self.failures.get(name):
            raise self.failures[name].pop(0)
        (self.replaced if recipient.replacing else self.taken).append(name)
        return recipient.replacing or {"at": len(self.taken)}


async def promise(database: Database, now: datetime, wanted: Mapping[str, int], channels: int = 0) -> None:
    """Messages that wait: for each workspace so many people with one each, and so many channels with one each."""

    async def work(connection: Connection) -> None:
        for workspace, people in wanted.items():
            store = Store(connection, await add_workspace(connection, "test", workspace, "", now))
            for number in range(people):
                who = f"U{number}"
                profile = {"name": who, "zone": "UTC", "locale": "en_GB", "role": Role.MEMBER}
                person = await store.directory.keep_person(who, now, **profile)
                await store.outbox.put(f"card:{who}", BODY, now, person_id=person)
            for number in range(channels):
                channel = await store.directory.keep_channel(f"C{number}", name=f"#c{number}")
                await store.outbox.put(f"post:C{number}", BODY, now, channel_id=channel)
            await store.outbox.make_ready(now)

    await database.write(work)


async def rows(database: Database, table: str, *names: str) -> list[Any]:
    """Columns of a table, in the order of its rows."""
    source = metadata.tables[table]
    order = source.c.id if "id" in source.c else source.c.workspace_id

    async def work(connection: Connection) -> list[Any]:
        query = sa.select(*(source.c[name] for name in names)).order_by(order)
        found = (await connection.execute(query)).all()
        return [row[0] if len(names) == 1 else tuple(row) for row in found]

    return await database.read(work)
