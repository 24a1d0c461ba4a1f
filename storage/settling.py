"""What became of messages on their way: recorded by whoever still holds them, and by nobody else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from storage.delivery import Load, Parcel
from storage.handover import Freed, free
from storage.instants import instant_of, told
from storage.lanes import NONE, Spent, lanes
from storage.outbox import outbox

SENT, DUE, DEAD, UNKNOWN, BACK = "sent", "due", "dead", "unknown", "back"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message: SENT, with its `address`; DUE after `wait`; DEAD; UNKNOWN; or BACK, not begun.

    The tries of its `parcel` are those that count. Where it is not SENT, `address` is where a part of it stands.
    `refused` tells that the platform will never take it, `unknown` that it may have arrived.
    """

    parcel: Parcel
    state: str
    address: Mapping[str, Any] | None = None
    error: str = ""
    wait: timedelta = NONE
    refused: bool = False
    unknown: bool = False

    @property
    def seen_as(self) -> str:
        """How it is counted: sent, retried, unknown or dead."""
        if self.unknown:
            return UNKNOWN
        return "retried" if self.state == DUE else self.state


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a load. `hold` is how long the platform told the bot to wait with this workspace.

    `spent` is what of the platform's rates was spent, as far as that is more than was reckoned with.
    """

    load: Load
    outcomes: Sequence[Outcome]
    hold: timedelta | None = None
    spent: Spent | None = None


_MINE = sa.and_(outbox.c.id == sa.bindparam("of_id"), outbox.c.token == sa.bindparam("by"))
_ENDED = {"token": None, "leased_until": None}
_SENT = (
    sa.update(outbox)
    .where(_MINE)
    .values(state=SENT, address=sa.bindparam("at"), sent_at=instant_of("now"), body="", error="", **_ENDED)
)
# It was replaced while it was sent, or taken over: where it stands is worth knowing all the same.
_STANDS_AT = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("of_id"), outbox.c.address == "")
    .where(sa.or_(outbox.c.token.is_(None), outbox.c.token != sa.bindparam("by")))
    .values(address=sa.bindparam("at"))
)
_STANDS_WHOLE_AT = _STANDS_AT.values(sent_at=instant_of("now"))
_REPLACED_MEANWHILE = (
    sa.update(outbox)
    .where(outbox.c.id == sa.bindparam("of_id"), outbox.c.token.is_(None), outbox.c.state == DUE)
    .values(leased_until=None)
)
_NOT_SENT = (
    sa.update(outbox)
    .where(_MINE)
    .values(
        state=sa.bindparam("as"),
        error=sa.bindparam("why"),
        tries=sa.bindparam("tried"),
        address=sa.case((sa.bindparam("at") != "", sa.bindparam("at")), else_=outbox.c.address),
        due_at=sa.case((sa.bindparam("later") == 1, instant_of("again")), else_=outbox.c.due_at),
        body=sa.case((sa.bindparam("as") == UNKNOWN, ""), else_=outbox.c.body),
        **_ENDED,
    )
)


async def settle(
    connection: Connection, outcomes: Sequence[Outcome], token: str, now: datetime | None
) -> list[Outcome]:
    """Record what became of messages that this token took. Returns what counts: not what somebody took over since.

    `now` is None where the database's own clock counts. The dead keep their text, to be looked at and sent again;
    what may have arrived never is.
    """
    sent = [outcome for outcome in outcomes if outcome.state == SENT]
    counted = [
        outcome
        for outcome in outcomes
        if outcome.state != SENT and await _not_sent(connection, outcome, token, now)
    ]
    return [*counted, *await _sent(connection, sent, token, now)]


async def _sent(
    connection: Connection, sent: Sequence[Outcome], token: str, now: datetime | None
) -> Sequence[Outcome]:
    if not sent:
        return ()
    rows = [{**_row(outcome, token), **told(now, now=NONE)} for outcome in sent]
    if (await connection.execute(_SENT, rows)).rowcount == len(sent):
        return sent
    for outcome, row in zip(sent, rows, strict=True):  # one of them was replaced or taken over meanwhile
        await connection.execute(_STANDS_WHOLE_AT, row)
        await connection.execute(_REPLACED_MEANWHILE, {"of_id": outcome.parcel.id})
    return sent


def _row(outcome: Outcome, token: str) -> dict[str, Any]:
    at = "" if outcome.address is None else json.dumps(dict(outcome.address))
    return {"of_id": outcome.parcel.id, "by": token, "at": at}


async def _not_sent(connection: Connection, outcome: Outcome, token: str, now: datetime | None) -> bool:
    bound = {
        **_row(outcome, token),
        "as": DUE if outcome.state == BACK else outcome.state,
        "why": outcome.error,
        "tried": outcome.parcel.tries - (outcome.state == BACK),
        "later": int(outcome.state == DUE),
        **told(now, again=outcome.wait),
    }
    if (await connection.execute(_NOT_SENT, bound)).rowcount:
        return True
    if outcome.address:
        await connection.execute(_STANDS_AT, _row(outcome, token))
    await connection.execute(_REPLACED_MEANWHILE, {"of_id": outcome.parcel.id})
    return False


async def let_go(connection: Connection, results: Sequence[Result], now: datetime | None) -> None:
    """Let the lanes of these loads go; comes after what became of their messages is recorded."""
    await free(connection, [_freed(result) for result in results], now)


def _freed(result: Result) -> Freed:
    lane, choice = result.load.lane, result.load.choice
    is_left = any(outcome.state == BACK for outcome in result.outcomes)
    spent = choice.spent if result.spent is None else result.spent
    return Freed(lane, spent, lane.at if is_left else choice.more_at, result.hold)


async def hand_back(connection: Connection, token: str) -> None:
    """Undo a claim of which nobody knows whether it was committed: nothing of it was begun.

    Its lanes stay ready since when they were.
    """
    mine = sa.update(outbox).where(outbox.c.token == token)
    await connection.execute(mine.values(state=DUE, tries=outbox.c.tries - 1, **_ENDED))
    await connection.execute(sa.update(lanes).where(lanes.c.token == token).values(**_ENDED))
