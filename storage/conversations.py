"""Where a chat service lets the bot write to people and channels: its own notes, as JSON, one a conversation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.directory import people
from storage.queries import Queries
from storage.schema import Erasing, Privacy, instant, key, link, table, words

conversations = table(
    "conversations",
    key(),
    sa.Column("external_id", sa.String(255), nullable=False),
    link("person_id", "people.id", nullable=True, index=True),  # whom it is with; nobody's where several read it
    words("notes"),  # how it is written to, in the chat service's own terms
    instant("seen_at", nullable=False),
    instant("closed_at"),  # since when the bot may not write there
    instant("welcomed_at"),
    sa.UniqueConstraint("workspace_id", "external_id"),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.DELETE,
        exported=False,
        why_kept="Where the chat service lets the bot write to you: an address, and none of your words.",
    ),
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation that the bot knows. `notes` are the chat service's own, opaque here."""

    external_id: str
    notes: Mapping[str, Any]
    closed_at: datetime | None


_COLUMNS = (conversations.c.external_id, conversations.c.notes, conversations.c.closed_at)


class Conversations(Queries):
    """The conversations of one workspace."""

    async def meet(self, external_id: str, notes: Mapping[str, Any], person_id: int | None, now: datetime) -> None:
        """Add a conversation, or how it is written to from now on: open, since somebody has spoken there."""
        values = {"notes": json.dumps(dict(notes)), "seen_at": now, "person_id": person_id, "closed_at": None}
        await self.keep(conversations, {"external_id": external_id}, values)

    async def move(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """The chat service is reached in another way from now on: so say all notes that said as the `old` ones."""
        for name, value in old.items():
            before, after = (json.dumps({name: each})[1:-1] for each in (value, new[name]))
            moved = sa.func.replace(conversations.c.notes, before, after)
            is_old = conversations.c.notes.contains(before, autoescape=True)
            await self.update(conversations, is_old, notes=moved)

    async def called(self, external_id: str) -> Conversation | None:
        """One conversation by the chat service's id."""
        return await self._one(conversations.c.external_id == external_id)

    async def of_person(self, person: str) -> Conversation | None:
        """The conversation with a person (chat service id) that was seen last."""
        query = sa.select(*_COLUMNS).join(people, people.c.id == conversations.c.person_id)
        query = query.where(people.c.external_id == person).order_by(conversations.c.seen_at.desc()).limit(1)
        return _read(await self.first(query, conversations))

    async def latest(self) -> Conversation | None:
        """The conversation that was seen last, whosever it is."""
        query = sa.select(*_COLUMNS).order_by(conversations.c.seen_at.desc(), conversations.c.id.desc()).limit(1)
        return _read(await self.first(query, conversations))

    async def of_channels(self) -> list[Conversation]:
        """Those that several people read."""
        query = sa.select(*_COLUMNS).where(conversations.c.person_id.is_(None)).order_by(conversations.c.id)
        found = [_read(row) for row in await self.all(query, conversations)]
        return [each for each in found if each]

    async def close(self, external_id: str, now: datetime) -> None:
        """The bot may not write there any more; the first time it was told so counts."""
        is_open = sa.and_(conversations.c.external_id == external_id, conversations.c.closed_at.is_(None))
        await self.update(conversations, is_open, closed_at=now)

    async def welcome(self, external_id: str, now: datetime) -> bool:
        """Whether nobody has been welcomed there yet; from now on, somebody has."""
        is_new = sa.and_(conversations.c.external_id == external_id, conversations.c.welcomed_at.is_(None))
        return bool(await self.update(conversations, is_new, welcomed_at=now))

    async def _one(self, where: sa.ColumnElement[bool]) -> Conversation | None:
        return _read(await self.first(sa.select(*_COLUMNS).where(where), conversations))


def _read(row: Any) -> Conversation | None:
    return Conversation(row.external_id, json.loads(row.notes or "{}"), row.closed_at) if row else None
