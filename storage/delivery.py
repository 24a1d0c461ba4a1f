"""Taking what waits to be sent: a worker gets some lanes for a while, and some messages of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.directory import Role, channels, people, workspaces
from storage.handover import Freed, free
from storage.instants import instant_of, told
from storage.lanes import NONE, Lane, Spent, take
from storage.outbox import MAX_TRIES, OPEN, STANDS, outbox
from storage.teams import teams

ROWS = 20
LOOKED_AT = 100
LOST = "lease lost"

# Why a message may not go any more where it was promised to. What stands in a channel may still change: it may
# be somebody's erased words.
ARCHIVED, SHARED, TOO_LATE = "channel archived", "channel shared", "too late"
_ALLOWED = sa.exists().where(teams.c.channel_id == channels.c.id, teams.c.allows_shared)
_READ_BY_OTHERS = sa.and_(channels.c.is_shared, sa.not_(_ALLOWED))
_ASTRAY = sa.case(
    (channels.c.is_archived, ARCHIVED),
    (sa.and_(_READ_BY_OTHERS, outbox.c.address == ""), SHARED),
    (sa.or_(sa.not_(people.c.is_active), people.c.is_bot, people.c.role < Role.MEMBER), "not askable"),
    (sa.and_(outbox.c.not_after < instant_of("now"), outbox.c.address == ""), TOO_LATE),
    else_="",
)
_CLOSED = (
    sa.select(sa.case((channels.c.is_archived, ARCHIVED), (_READ_BY_OTHERS, SHARED), else_=""))
    .join(workspaces, workspaces.c.id == channels.c.workspace_id)
    .where(
        workspaces.c.platform == sa.bindparam("platform"), workspaces.c.external_id == sa.bindparam("workspace")
    )
    .where(channels.c.external_id == sa.bindparam("channel"))
)
# What was never tried is due whatever the clock of the process that promised it said.
IS_DUE = sa.or_(outbox.c.tries == 0, outbox.c.due_at <= instant_of("now"))
_IS_PERSONAL = outbox.c.person_id.is_not(None)

_WAITING = (
    sa.select(outbox.c.id, outbox.c.person_id, outbox.c.channel_id)
    .where(outbox.c.workspace_id == sa.bindparam("workspace"), OPEN, outbox.c.state == "due", IS_DUE, STANDS)
    .order_by(outbox.c.priority, outbox.c.due_at, outbox.c.id)
    .limit(LOOKED_AT)
    .with_for_update(skip_locked=True, of=outbox)
)
_ORPHANS = (
    sa.select(outbox.c.id)
    .where(outbox.c.workspace_id.in_(sa.bindparam("workspaces", expanding=True)), OPEN)
    .where(sa.or_(outbox.c.state == "sending", outbox.c.leased_until.is_not(None)))
    .with_for_update(skip_locked=True)
)
# What somebody began and never settled. To a person it is never sent again, since it may have arrived, but for a
# change of what stands there already, all of it; to a channel it is, since a second copy does less harm than none.
_STANDS = sa.and_(outbox.c.address != "", outbox.c.sent_at.is_not(None))
_STATE = sa.case(
    (sa.and_(_IS_PERSONAL, sa.not_(_STANDS)), "unknown"), (outbox.c.tries >= MAX_TRIES, "dead"), else_="due"
)
_ADOPT = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        state=_STATE,
        body=sa.case((_STATE == "unknown", ""), else_=outbox.c.body),
        token=None,
        leased_until=None,
        error=LOST,
    )
    .returning(outbox.c.person_id, outbox.c.state)
)
_CLAIM = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(state="sending", token=sa.bindparam("by"), leased_until=instant_of("until"), tries=outbox.c.tries + 1)
)
_standing = outbox.alias("standing")
_PARCELS = (
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
        outbox.c.tries,
        outbox.c.address,
        _standing.c.address,
        outbox.c.person_id,
        outbox.c.channel_id,
    )
    .join(workspaces, workspaces.c.id == outbox.c.workspace_id)
    .outerjoin(people, people.c.id == outbox.c.person_id)
    .outerjoin(channels, channels.c.id == outbox.c.channel_id)
    .outerjoin(
        _standing,
        sa.and_(_standing.c.workspace_id == outbox.c.workspace_id, _standing.c.key == outbox.c.thread),
    )
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(outbox.c.priority, outbox.c.due_at, outbox.c.id)
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way. Exactly one of `person` and `channel` (chat service ids) is the recipient.

    `address` is where an earlier version of it stands, to be replaced; `thread` where the message it
    replies to stands. Both are the platform's own notes, opaque here. `astray` says why it may not be sent any
    more since it was promised, such as SHARED; "" where it may. `tries` counts this one. `rated_as` is by whose
    rate it is sent.
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
    tries: int
    address: Mapping[str, Any] | None
    thread: Mapping[str, Any] | None
    rated_as: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the waiting messages go now, by their place; when the next may, None where none is left over."""

    chosen: Sequence[int]
    spent: Spent
    more_at: datetime | None


# Takes what was spent of the platform's rates, the instant, and each waiting message's recipient.
Choose = Callable[[Spent, datetime, Sequence[str]], Choice]


@dataclass(frozen=True, slots=True)
class Load:
    """A lane that was taken, with the messages to be sent now."""

    lane: Lane
    parcels: Sequence[Parcel]
    choice: Choice


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker got.

    `adopted` tells of each message that somebody began and never settled whether it is personal, and its state.
    """

    loads: Sequence[Load]
    adopted: Sequence[tuple[bool, str]] = ()


async def claim(
    connection: Connection,
    platform: str,
    token: str,
    now: datetime | None,
    lease: timedelta,
    most: int,
    choose: Choose,
    only: int | None = None,
) -> Claim:
    """Take ready lanes of a platform, at most so many, and of each what `choose` says, for `lease`.

    `now` is None where the database's own clock counts. Lanes of which nothing goes now are let go at once.
    """
    lanes = await take(connection, platform, token, now, lease, most, only)
    adopted = await _adopt(connection, [lane.workspace_id for lane in lanes if lane.orphaned])
    chosen = {lane: await _choose(connection, lane, choose) for lane in lanes}
    parcels = await _claim(connection, [number for ids, _ in chosen.values() for number in ids], token, now, lease)
    loads = [Load(lane, parcels.get(lane.workspace_id, ()), choice) for lane, (_, choice) in chosen.items()]
    idle = [load for load in loads if not load.parcels]
    await free(connection, [Freed(load.lane, load.choice.spent, load.choice.more_at) for load in idle], now)
    return Claim([load for load in loads if load.parcels], adopted)


async def closed(connection: Connection, platform: str, workspace: str, channel: str) -> str | None:
    """Why nothing new may be posted in a channel (chat service ids): ARCHIVED or SHARED; "" where it may.

    None where the directory has no such channel.
    """
    bound = {"platform": platform, "workspace": workspace, "channel": channel}
    reason: str | None = (await connection.execute(_CLOSED, bound)).scalar_one_or_none()
    return reason


async def _adopt(connection: Connection, workspace_ids: Sequence[int]) -> Sequence[tuple[bool, str]]:
    if not workspace_ids:
        return ()
    ids = (await connection.execute(_ORPHANS, {"workspaces": workspace_ids})).scalars().all()
    if not ids:
        return ()
    return [(person is not None, state) for person, state in await connection.execute(_ADOPT, {"ids": ids})]


async def _choose(connection: Connection, lane: Lane, choose: Choose) -> tuple[Sequence[int], Choice]:
    bound = {"workspace": lane.workspace_id, **told(lane.at, now=NONE)}
    waiting = (await connection.execute(_WAITING, bound)).all()
    if not waiting:
        return (), Choice((), lane.spent, None)
    recipients = [_rated_as(person, channel) for _, person, channel in waiting]
    choice = choose(lane.spent, lane.at, recipients)
    return [waiting[place][0] for place in choice.chosen], choice


async def _claim(
    connection: Connection, ids: Sequence[int], token: str, now: datetime | None, lease: timedelta
) -> Mapping[int, Sequence[Parcel]]:
    if not ids:
        return {}
    await connection.execute(_CLAIM, {"ids": ids, "by": token, **told(now, until=lease)})
    found: dict[int, list[Parcel]] = {}
    bound = {"ids": ids, **told(now, now=NONE)}
    for *places, own, parent, person, channel in (await connection.execute(_PARCELS, bound)).all():
        rated_as = _rated_as(person, channel)
        parcel = Parcel(*places, _address(own), _address(parent), rated_as)  # type: ignore[call-arg]
        found.setdefault(parcel.workspace_id, []).append(parcel)
    return found


def _rated_as(person_id: int | None, channel_id: int | None) -> str:
    return f"p{person_id}" if person_id else f"c{channel_id}"


def _address(text: str | None) -> Mapping[str, Any] | None:
    return json.loads(text) if text else None
