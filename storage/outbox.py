"""What the bot has promised to send, and the answers it already gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.directory import STOPPED
from storage.lanes import make_ready, make_ready_at_the_end
from storage.queries import Queries, insert_once
from storage.schema import Erasing, Privacy, UtcDateTime, instant, key, link, table, words
from storage.teams import memberships

MAX_TRIES = 6
LAST_ANSWERS = 3
PAUSED = "paused"


class Priority(IntEnum):
    """What goes first within a workspace."""

    ASKED_FOR = 0
    NUDGE = 1
    DIGEST = 2


outbox = table(
    "outbox",
    key(),
    sa.Column("key", sa.String(128), nullable=False),
    link("person_id", "people.id", nullable=True),
    link("channel_id", "channels.id", nullable=True),
    sa.Column("thread", sa.String(128)),
    words("body"),
    sa.Column("state", sa.String(16), nullable=False),
    instant("due_at", nullable=False),
    instant("leased_until"),
    sa.Column("token", sa.String(32)),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    words("address"),
    words("error"),
    instant("created_at", nullable=False),
    instant("sent_at"),
    sa.Column("priority", sa.Integer, nullable=False, server_default="1"),
    instant("not_after"),  # a nudge that is not sent by then comes too late: nobody may be disturbed any more
    sa.UniqueConstraint("workspace_id", "key"),
    sa.Index(
        "ix_outbox_open",
        "due_at",
        sqlite_where=sa.text("state in ('due', 'sending')"),
        postgresql_where=sa.text("state in ('due', 'sending')"),
    ),
    sa.Index(
        "ix_outbox_lane",
        "workspace_id",
        "priority",
        "due_at",
        "id",
        sqlite_where=sa.text("state in ('due', 'sending')"),
        postgresql_where=sa.text("state in ('due', 'sending')"),
    ),
    sa.Index(
        "ix_outbox_stuck",
        "created_at",
        sqlite_where=sa.text("state in ('dead', 'unknown')"),
        postgresql_where=sa.text("state in ('dead', 'unknown')"),
    ),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.DELETE,
        exported=False,
        why_kept="Messages on their way; their text is emptied once they are sent.",
    ),
)

deliveries = table(
    "deliveries",
    sa.Column("key", sa.String(192), nullable=False),
    link("person_id", "people.id", index=True),
    words("answer"),
    instant("created_at", nullable=False, index=True),
    sa.PrimaryKeyConstraint("workspace_id", "key"),
    privacy=Privacy(
        owner="person_id",
        erasing=Erasing.DELETE,
        exported=False,
        why_kept="Copies of answers already given, kept a few days so that a repeat is answered alike.",
    ),
)

# A reply waits until the message it replies to stands, or it would stand alone.
_parent = outbox.alias("parent")
STANDS = sa.or_(
    outbox.c.thread.is_(None),
    sa.exists()
    .where(_parent.c.workspace_id == outbox.c.workspace_id, _parent.c.key == outbox.c.thread)
    .where(_parent.c.address != ""),
)

# Spelled out rather than bound: SQLite uses a partial index only where the query repeats its condition.
OPEN = sa.text("outbox.state in ('due', 'sending')")


_MEMBERS = sa.select(memberships.c.person_id).where(
    memberships.c.workspace_id == sa.bindparam("workspace"), memberships.c.team_id == sa.bindparam("team")
)
_REPLACE = (
    sa.update(outbox)
    .where(outbox.c.workspace_id == sa.bindparam("workspace"), outbox.c.key == sa.bindparam("of_key"))
    # What may have arrived, nobody knows where, is not replaced: that would send it a second time.
    .where(sa.or_(outbox.c.address != "", outbox.c.state.in_(("due", "sending"))))
    # The card of somebody who has left the team stays as it was: what becomes of the work is not theirs to see.
    .where(sa.or_(outbox.c.person_id.is_(None), outbox.c.person_id.in_(_MEMBERS)))
    .values(
        body=sa.bindparam("new_body"),
        due_at=sa.bindparam("now", type_=UtcDateTime),
        state="due",
        token=None,
        tries=0,
        error="",
        priority=sa.bindparam("urgency"),
    )
    .returning(outbox.c.address)
)


class AnsweredMeanwhile(Exception):
    """The same delivery was answered by another process; this unit of work must not count."""


class Outbox(Queries):
    """A workspace's promises to send.

    `posted` tells whether this unit of work made any, `redrawn` where the messages stand that it replaces.
    `planned` is for what nobody waits for just now, such as a nudge or a digest: what somebody asked for goes
    before it.
    """

    def __init__(self, connection: Connection, workspace_id: int) -> None:
        super().__init__(connection, workspace_id)
        self.posted = False
        self.planned = False
        self.redrawn: list[Mapping[str, Any]] = []

    async def put(self, key: str, body: str, now: datetime, **recipient: object) -> None:
        """Promise to send `body` under a key, at once; the same key again replaces what was sent before."""
        values = {"body": body, "state": "due", "due_at": now, "token": None, "tries": 0, "error": ""}
        values |= {"not_after": None}
        priority = self._priority(personal="person_id" in recipient)
        await self.keep(outbox, {"key": key}, {**values, "priority": priority, **recipient}, {"created_at": now})
        self.posted = True

    async def put_once(self, key: str, body: str, now: datetime, **recipient: object) -> None:
        """Promise to send `body`, unless something was ever promised under this key."""
        values = {"key": key, "body": body, "state": "due", "due_at": now, "created_at": now}
        priority = self._priority(personal="person_id" in recipient)
        self.posted |= await self.add_once(outbox, **values, priority=priority, **recipient) is not None

    def _priority(self, *, personal: bool) -> Priority:
        if not self.planned:
            return Priority.ASKED_FOR
        return Priority.NUDGE if personal else Priority.DIGEST

    def make_ready_at_the_end(self, now: datetime) -> None:
        """As `make_ready`, where others work in the same transaction."""
        if self.posted:
            make_ready_at_the_end(self.connection, self.workspace_id, now)

    async def make_ready(self, now: datetime) -> None:
        """Let what was promised be sent once this unit of work is done, whose last step this is."""
        if self.posted:
            await make_ready(self.connection, (self.workspace_id,), now)

    async def replace(self, key: str, body: str, now: datetime, team_id: int) -> bool:
        """Send a new version of what was promised under a key, to somebody of the team or to its channel.

        Returns False where nothing was.
        """
        urgency = self._priority(personal=True)
        bound = {"workspace": self.workspace_id, "of_key": key, "new_body": body, "now": now, "team": team_id}
        bound |= {"urgency": urgency}
        replaced = (await self.connection.execute(_REPLACE, bound)).first()
        if replaced is None:
            return False
        self.posted = True
        self.redrawn += [json.loads(replaced.address)] if replaced.address else []
        return True

    async def withdraw(self) -> None:
        """Send nothing of what is promised and does not stand anywhere yet."""
        waiting = sa.and_(outbox.c.state == "due", outbox.c.address == "")
        await self.update(outbox, waiting, state="dead", error=STOPPED, token=None)

    async def withdraw_nudges(self, person_id: int) -> None:
        """Send a person, who has paused, none of the nudges that are promised and do not stand anywhere yet."""
        waiting = sa.and_(outbox.c.state == "due", outbox.c.address == "", outbox.c.not_after.is_not(None))
        mine = sa.and_(waiting, outbox.c.person_id == person_id)
        await self.update(outbox, mine, state="dead", error=PAUSED, token=None)

    def answered(self, key: str, person_id: int, answer: str, now: datetime) -> None:
        """Keep the answer to a delivery, so that the same delivery again gets it again.

        The transaction fails with AnsweredMeanwhile where the same delivery was answered by somebody else at the
        same moment.
        """
        row = {
            "workspace_id": self.workspace_id,
            "key": key,
            "person_id": person_id,
            "answer": answer,
            "created_at": now,
        }
        insert = insert_once(deliveries, self.connection.dialect.name)
        self.connection.at_the_end(insert, row, AnsweredMeanwhile)

    async def has_answered(self, person_id: int, answer: str) -> bool:
        """Whether this is one of the answers that a person got last."""
        query = sa.select(deliveries.c.answer).where(deliveries.c.person_id == person_id)
        last = query.order_by(deliveries.c.created_at.desc()).limit(LAST_ANSWERS)
        return answer in [row.answer for row in await self.all(last, deliveries)]


async def forget_deliveries(connection: Connection, before: datetime) -> int:
    """Drop answers kept for repeats that cannot come any more. Returns how many."""
    result = await connection.execute(sa.delete(deliveries).where(deliveries.c.created_at < before))
    return int(result.rowcount)
