"""What the bot has promised to send, and the answers it already gave."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.directory import STOPPED, Role, channels, people, workspaces
from storage.queries import Queries
from storage.schema import Erasing, Privacy, UtcDateTime, instant, key, link, table, words
from storage.teams import memberships, teams

MAX_TRIES = 6

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
    sa.UniqueConstraint("workspace_id", "key"),
    sa.Index(
        "ix_outbox_open",
        "due_at",
        sqlite_where=sa.text("state in ('due', 'sending')"),
        postgresql_where=sa.text("state in ('due', 'sending')"),
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


# Why a message may not go any more where it was promised to. What stands in a channel may still change: it may
# be somebody's erased words.
ARCHIVED, SHARED = "channel archived", "channel shared"
_ALLOWED = sa.exists().where(teams.c.channel_id == channels.c.id, teams.c.allows_shared)
_ASTRAY = sa.case(
    (channels.c.is_archived, ARCHIVED),
    (sa.and_(channels.c.is_shared, outbox.c.address == "", sa.not_(_ALLOWED)), SHARED),
    (sa.or_(sa.not_(people.c.is_active), people.c.is_bot, people.c.role < Role.MEMBER), "not askable"),
    else_="",
)

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
    )
    .returning(outbox.c.address)
)


class AnsweredMeanwhile(Exception):
    """The same delivery was answered by another process; this unit of work must not count."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way. Exactly one of `person` and `channel` (chat service ids) is the recipient.

    `address` is where an earlier version of it stands, to be replaced; `thread` where the message it
    replies to stands. Both are the platform's own notes, opaque here. `astray` says why it may not be sent any
    more since it was promised, such as SHARED; "" where it may.
    """

    id: int
    workspace_id: int
    key: str
    platform: str
    workspace: str
    person: str | None
    channel: str | None
    body: str
    astray: str
    address: Mapping[str, Any] | None
    thread: Mapping[str, Any] | None


class Outbox(Queries):
    """A workspace's promises to send.

    `posted` tells whether this unit of work made any, `redrawn` where the messages stand that it replaces.
    """

    def __init__(self, connection: Connection, workspace_id: int) -> None:
        super().__init__(connection, workspace_id)
        self.posted = False
        self.redrawn: list[Mapping[str, Any]] = []

    async def put(self, key: str, body: str, now: datetime, **recipient: object) -> None:
        """Promise to send `body` under a key; the same key again replaces what was sent before."""
        values = {"body": body, "state": "due", "due_at": now, "token": None, "tries": 0, "error": ""}
        await self.keep(outbox, {"key": key}, {**values, **recipient}, {"created_at": now})
        self.posted = True

    async def replace(self, key: str, body: str, now: datetime, team_id: int) -> bool:
        """Send a new version of what was promised under a key, to somebody of the team or to its channel.

        Returns False where nothing was.
        """
        bound = {"workspace": self.workspace_id, "of_key": key, "new_body": body, "now": now, "team": team_id}
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

    async def answered(self, key: str, person_id: int, answer: str, now: datetime) -> None:
        """Keep the answer to a delivery, so that the same delivery again gets it again.

        Raises AnsweredMeanwhile where the same delivery was answered by somebody else at the same moment.
        """
        kept = await self.add_once(deliveries, key=key, person_id=person_id, answer=answer, created_at=now)
        if kept is None:
            raise AnsweredMeanwhile


async def is_waiting(connection: Connection, now: datetime, platforms: Collection[str]) -> bool:
    """Whether anything is due to be sent; reading waits for no writer, and mostly nothing is."""
    late = sa.and_(outbox.c.state == "sending", outbox.c.leased_until <= now)
    free = sa.or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now)
    ready = sa.or_(sa.and_(outbox.c.state == "due", outbox.c.due_at <= now, free), late)
    found = await connection.execute(sa.select(outbox.c.id).where(OPEN, ready, STANDS, _of(platforms)).limit(1))
    return bool(found.first())


def _of(platforms: Collection[str]) -> sa.ColumnElement[bool]:
    """Messages of workspaces on these platforms; the others wait for a process that can send them."""
    query = sa.select(workspaces.c.id).where(workspaces.c.platform.in_(platforms))
    return outbox.c.workspace_id.in_(query)


async def claim(
    connection: Connection,
    token: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    platforms: Collection[str],
) -> list[Parcel]:
    """Take messages of some platforms that are due, for `lease`; nobody else gets them meanwhile.

    A message whose lease ran out was begun by somebody who never finished. To a person it is never sent
    again, since it may have arrived; to a channel it is, since a second copy does less harm than none.
    """
    late = sa.and_(outbox.c.state == "sending", outbox.c.leased_until <= now)
    await connection.execute(
        sa.update(outbox)
        .where(OPEN, late, sa.or_(outbox.c.person_id.is_not(None), outbox.c.tries >= MAX_TRIES))
        .values(
            state=sa.case((outbox.c.person_id.is_not(None), "unknown"), else_="dead"),
            token=None,
            body=sa.case((outbox.c.person_id.is_not(None), ""), else_=outbox.c.body),
        )
    )
    free = sa.or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= now)
    ready = sa.or_(sa.and_(outbox.c.state == "due", outbox.c.due_at <= now, free), late)
    mine = sa.select(outbox.c.id).where(OPEN, ready, STANDS, _of(platforms)).order_by(outbox.c.id).limit(limit)
    ids = (await connection.execute(mine.with_for_update(skip_locked=True))).scalars().all()
    if not ids:
        return []
    taken = {"state": "sending", "token": token, "leased_until": now + lease, "tries": outbox.c.tries + 1}
    await connection.execute(sa.update(outbox).where(outbox.c.id.in_(ids)).values(**taken))
    return await _parcels(connection, ids)


async def _parcels(connection: Connection, ids: Sequence[int]) -> list[Parcel]:
    parent = outbox.alias()
    query = (
        sa.select(
            outbox.c.id,
            outbox.c.workspace_id,
            outbox.c.key,
            workspaces.c.platform,
            workspaces.c.external_id,
            people.c.external_id,
            channels.c.external_id,
            outbox.c.body,
            _ASTRAY,
            outbox.c.address,
            parent.c.address,
        )
        .join(workspaces, workspaces.c.id == outbox.c.workspace_id)
        .outerjoin(people, people.c.id == outbox.c.person_id)
        .outerjoin(channels, channels.c.id == outbox.c.channel_id)
        .outerjoin(
            parent,
            sa.and_(parent.c.workspace_id == outbox.c.workspace_id, parent.c.key == outbox.c.thread),
        )
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.id)
    )
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return [Parcel(*places, _address(own), _address(parent)) for *places, own, parent in rows]  # type: ignore[call-arg]


def _address(text: str | None) -> Mapping[str, Any] | None:
    return json.loads(text) if text else None


async def settle(
    connection: Connection, parcel: Parcel, token: str, now: datetime, address: Mapping[str, Any]
) -> None:
    """Record where a message stands now. Its text is emptied: the chat has it."""
    await connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == parcel.id)
        .values(address=json.dumps(dict(address)), leased_until=None)
    )
    await connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == parcel.id, outbox.c.token == token)
        .values(state="sent", sent_at=now, token=None, body="")
    )


async def _let_go(connection: Connection, parcel: Parcel) -> None:
    """End the lease, also where the message was replaced meanwhile and so is somebody else's to send."""
    await connection.execute(sa.update(outbox).where(outbox.c.id == parcel.id).values(leased_until=None))


async def give_back(connection: Connection, ids: Collection[int], token: str) -> None:
    """Let go of claimed messages that nobody began to send: they are due as before, with as many tries left."""
    mine = sa.and_(outbox.c.id.in_(ids), outbox.c.token == token)
    freed = {"state": "due", "token": None, "leased_until": None, "tries": outbox.c.tries - 1}
    await connection.execute(sa.update(outbox).where(mine).values(**freed))


async def postpone(connection: Connection, parcel: Parcel, token: str, until: datetime, error: str) -> None:
    """Try a refused message again at `until`, at most MAX_TRIES times in all."""
    await _let_go(connection, parcel)
    await connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == parcel.id, outbox.c.token == token)
        .values(
            state=sa.case((outbox.c.tries >= MAX_TRIES, "dead"), else_="due"),
            due_at=until,
            token=None,
            error=error,
        )
    )


async def give_up(connection: Connection, parcel: Parcel, token: str, state: str, error: str) -> None:
    """Stop sending: `dead` where the platform refused for good, `unknown` where it may have arrived.

    The dead keep their text, to be looked at and sent again; what may have arrived never is.
    """
    text = {"body": ""} if state == "unknown" else {}
    await _let_go(connection, parcel)
    await connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == parcel.id, outbox.c.token == token)
        .values(state=state, token=None, error=error, **text)
    )


async def forget_deliveries(connection: Connection, before: datetime) -> int:
    """Drop answers kept for repeats that cannot come any more. Returns how many."""
    result = await connection.execute(sa.delete(deliveries).where(deliveries.c.created_at < before))
    return int(result.rowcount)
