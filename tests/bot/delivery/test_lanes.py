"""Lanes: who gets what to send, in which order, and what becomes of it where somebody never finishes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.clock import SteppedClock, SystemClock
from bot.nudges.drain import Drain
from bot.nudges.pace import Pace, Rate
from bot.nudges.port import Address, NotSent, Recipient, Refused
from bot.nudges.sending import AT_ONCE, FIRST_WAIT, GROWS, JITTER, LONGEST_WAIT, wait_before
from handlers.messages import Message
from storage.database import Connection, Database, Work
from storage.delivery import _WAITING, Claim
from storage.lanes import hold
from storage.outbox import MAX_TRIES
from storage.settling import SENT, Outcome, Result, let_go, settle
from tests.bot.delivery.depot import Taker, promise, rows
from tests.bot.workers import LEASE, claimed

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def taken_by(database: Database, token: str, at: datetime = NOW, most: int = 20) -> Claim:
    """What another worker takes at an instant."""
    return await database.write(lambda connection: claimed(connection, at, token=token, most=most))


async def settled_by(database: Database, claim: Claim, token: str, at: datetime) -> Sequence[Outcome]:
    """What counts of a worker's saying that it sent all it took."""
    sent = [Outcome(parcel, SENT, {"at": token}) for load in claim.loads for parcel in load.parcels]
    return await database.write(lambda connection: settle(connection, sent, token, at))


def names(claim: Claim) -> list[str]:
    """The keys of what was taken."""
    return [parcel.key for load in claim.loads for parcel in load.parcels]


async def test_two_workers_never_get_the_same(database: Database) -> None:
    await promise(database, NOW, {"W1": 3, "W2": 3, "W3": 3})

    taken = await asyncio.gather(*(taken_by(database, f"worker {n}", most=1) for n in range(4)))

    assert sorted(len(names(each)) for each in taken) == [0, 3, 3, 3]


async def test_what_somebody_began_and_never_finished_is_unknown_to_people_and_again_to_channels(
    database: Database,
) -> None:
    await promise(database, NOW, {"W1": 2}, channels=1)
    await taken_by(database, "a worker that was killed")

    early = await taken_by(database, "another", NOW + LEASE - timedelta(seconds=1))
    taken = await taken_by(database, "another", NOW + LEASE)

    assert names(early) == []
    assert names(taken) == ["post:C0"]
    assert sorted(taken.adopted) == [(False, "due"), (True, "unknown"), (True, "unknown")]
    assert await rows(database, "outbox", "state") == ["unknown", "unknown", "sending"]


async def test_a_late_worker_settles_nothing_but_tells_where_it_stands(database: Database) -> None:
    await promise(database, NOW, {"W1": 1}, channels=1)
    late = await taken_by(database, "stopped")
    other = await taken_by(database, "another", NOW + LEASE)

    await settled_by(database, late, "stopped", NOW + LEASE)
    between = await rows(database, "outbox", "state", "token")
    await settled_by(database, other, "another", NOW + LEASE)

    assert between == [("unknown", None), ("sending", "another")]
    assert await rows(database, "outbox", "state") == ["unknown", "sent"]
    assert await rows(database, "outbox", "address") == ['{"at": "stopped"}', '{"at": "another"}']


async def test_a_late_worker_takes_no_lane_from_whoever_has_it_now(database: Database) -> None:
    await promise(database, NOW, {"W1": 0}, channels=1)
    late = await taken_by(database, "stopped")
    await taken_by(database, "another", NOW + LEASE)

    results = [Result(load, [Outcome(one, SENT, {"at": 1}) for one in load.parcels]) for load in late.loads]
    await database.write(lambda connection: let_go(connection, results, NOW + LEASE))

    third = await taken_by(database, "a third", NOW + LEASE)
    assert await rows(database, "lanes", "token") == ["another"]
    assert (third.loads, third.adopted) == ([], ())


async def test_what_may_have_arrived_in_a_channel_is_replaced_where_its_place_is_known(database: Database) -> None:
    chat, clock = Taker(), SteppedClock(NOW)
    await promise(database, NOW, {"W1": 0}, channels=1)
    late = await taken_by(database, "stopped")
    await settled_by(database, late, "somebody else's token", NOW)
    clock.set(NOW + LEASE)

    await Drain(database, clock, {"test": chat})()

    assert (chat.taken, chat.replaced) == ([], ["W1:C0"])


async def test_a_message_that_ends_every_worker_is_given_up(database: Database) -> None:
    await promise(database, NOW, {"W1": 0}, channels=1)

    for turn in range(MAX_TRIES + 1):
        await taken_by(database, f"worker {turn}", NOW + turn * LEASE)

    assert await rows(database, "outbox", "state", "tries") == [("dead", MAX_TRIES)]


async def test_what_a_dead_worker_left_goes_before_what_was_promised_since(database: Database) -> None:
    await promise(database, NOW, {"W1": 0}, channels=1)
    await taken_by(database, "a worker that was killed")
    await promise(database, NOW + LEASE / 2, {f"W{n}": 1 for n in range(2, 12)})

    taken = await taken_by(database, "another", NOW + LEASE, most=1)

    assert names(taken) == ["post:C0"]


@ON_SQLITE
async def test_many_small_lanes_cost_two_transactions(database: Database) -> None:
    counted = Writes(database)
    await promise(database, NOW, {f"W{n}": 1 for n in range(40)})

    sent = await Drain(counted, SteppedClock(NOW), {"test": Taker()})()

    assert sent == 40
    assert counted.count <= 4


async def test_a_claim_that_was_committed_though_it_seemed_to_fail_costs_nothing(database: Database) -> None:
    chat, clock = Taker(), SteppedClock(NOW)
    drain = Drain(SeemsToFail(database), clock, {"test": chat})
    await promise(database, NOW, {"W1": 2}, channels=1)

    with pytest.raises(sa.exc.OperationalError):
        await drain()
    between = await rows(database, "outbox", "state", "tries")
    await drain()

    assert between == [("due", 0)] * 3
    assert sorted(chat.taken) == ["W1:C0", "W1:U0", "W1:U1"]
    assert await rows(database, "outbox", "state", "tries") == [("sent", 1)] * 3


class SeemsToFail:
    """A database whose first commit happens, though nobody hears of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.read, self.tidy, self.close = database.read, database.tidy, database.close
        self._has_failed = False

    async def write(self, work: Work[Any], deadline_s: float | None = None) -> Any:
        """Do work that may write."""
        result = await self._database.write(work, deadline_s)
        if not self._has_failed:
            self._has_failed = True
            raise sa.exc.OperationalError("commit", {}, ConnectionResetError())
        return result


class Writes:
    """A database whose writing transactions are counted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.read, self.tidy, self.close = database.read, database.tidy, database.close
        self.count = 0

    async def write(self, work: Work[Any], deadline_s: float | None = None) -> Any:
        """Do work that may write."""
        self.count += 1
        return await self._database.write(work, deadline_s)


@ON_SQLITE
async def test_what_somebody_asked_for_goes_before_a_digest(database: Database) -> None:
    await promise(database, NOW, {"W1": 1}, channels=1)

    async def as_planned(connection: Connection) -> None:
        await connection.execute(sa.text("update outbox set priority = 2 where person_id is not null"))

    await database.write(as_planned)

    assert names(await taken_by(database, "worker")) == ["post:C0", "card:U0"]


@ON_SQLITE
async def test_a_workspace_told_to_wait_an_hour_holds_up_no_other(database: Database) -> None:
    chat, clock = Taker(), SteppedClock(NOW)
    await promise(database, NOW, {"W1": 30, "W2": 30})
    chat.failures["W1:U0"] = [NotSent("ratelimited", NOW + timedelta(hours=1))]

    await Drain(database, clock, {"test": chat})()
    first = list(chat.taken)
    clock.set(NOW + timedelta(minutes=59))
    await Drain(database, clock, {"test": chat})()
    second = list(chat.taken)
    clock.set(NOW + timedelta(hours=1))
    await Drain(database, clock, {"test": chat})()

    assert first == second
    assert {name.split(":")[0] for name in first} == {"W2"}
    assert sorted(chat.taken) == sorted({f"{w}:U{n}" for w in ("W1", "W2") for n in range(30)})


async def test_what_a_platform_tells_one_process_is_kept_by_whoever_has_the_lane(database: Database) -> None:
    chat, clock, hour = Taker(), SteppedClock(NOW), timedelta(hours=1)
    await promise(database, NOW, {"W1": 1})
    theirs = await taken_by(database, "worker")
    await promise(database, NOW, {"W1": 0}, channels=1)
    await database.write(lambda connection: hold(connection, 1, NOW, hour))
    await database.write(lambda connection: hold(connection, 1, NOW, hour / 2))
    results = [Result(load, [Outcome(one, SENT, {"at": 1}) for one in load.parcels]) for load in theirs.loads]
    await database.write(lambda connection: let_go(connection, results, NOW))

    clock.set(NOW + hour - timedelta(seconds=1))
    await Drain(database, clock, {"test": chat})()
    early = list(chat.taken)
    clock.set(NOW + hour)
    await Drain(database, clock, {"test": chat})()

    assert early == []
    assert chat.taken == ["W1:C0"]


@ON_SQLITE
async def test_one_workspace_that_waits_an_hour_delays_nobody_else_by_five_seconds(database: Database) -> None:
    """Twenty seconds in which nineteen workspaces are promised something every other second."""
    clock = SteppedClock(NOW)
    chat = OneWaits(clock)
    drain = Drain(database, clock, {"test": chat}, paced=True)
    await promise(database, NOW, {"blocked": 100})

    for second in range(0, 20, 2):
        clock.set(NOW + timedelta(seconds=second))
        await promise(database, clock.now(), {"blocked": 1, **{f"W{n}": 1 for n in range(19)}})
        await drain()

    assert len(chat.delays) == 10 * 19
    assert sorted(chat.delays)[len(chat.delays) * 99 // 100] < timedelta(seconds=5)
    assert chat.blocked == 1


class OneWaits:
    """A chat service that wants to hear nothing of one workspace for an hour; how long others' messages took."""

    pace = Pace((Rate(1, 1),), (Rate(300, 60),))

    def __init__(self, clock: SteppedClock) -> None:
        self._clock = clock
        self._last: dict[tuple[str, str | None], datetime] = {}
        self.delays: list[timedelta] = []
        self.blocked = 0

    async def send(self, recipient: Recipient, message: Message) -> Address:
        now = self._clock.now()
        if recipient.workspace == "blocked":
            self.blocked += 1
            raise NotSent("ratelimited", now + timedelta(hours=1))
        who = (recipient.workspace, recipient.person)
        promised = self._last.get(who, NOW - timedelta(seconds=2)) + timedelta(seconds=2)
        self._last[who] = promised
        self.delays.append(now - promised)
        return {"at": 1}


@ON_SQLITE
async def test_what_was_not_tried_because_the_platform_said_to_wait_costs_no_try(database: Database) -> None:
    chat = Taker(failures={"W1:U0": [NotSent("ratelimited", NOW + timedelta(hours=1))]})
    await promise(database, NOW, {"W1": 3})

    await Drain(database, SteppedClock(NOW), {"test": chat})()

    assert await rows(database, "outbox", "tries") == [1, 0, 0]


@ON_SQLITE
async def test_whether_the_wait_is_over_is_asked_with_one_message(database: Database) -> None:
    clock, hour = SteppedClock(NOW), timedelta(hours=1)
    chat = Slow(failures={f"W1:U{n}": [NotSent("ratelimited", NOW + 2 * hour)] for n in range(4)})
    await promise(database, NOW, {"W1": 4})
    await database.write(lambda connection: hold(connection, 1, NOW, hour))

    clock.set(NOW + hour)
    await Drain(database, clock, {"test": chat})()

    assert await rows(database, "outbox", "tries") == [1, 0, 0, 0]


class Slow(Taker):
    """A chat service that gets other messages before it answers to one."""

    async def send(self, recipient: Recipient, message: Message) -> Address:
        await asyncio.sleep(0)
        return await super().send(recipient, message)


@ON_SQLITE
async def test_nothing_is_begun_that_might_not_end_within_its_lease(database: Database) -> None:
    chat = Leased(database)
    await promise(database, SystemClock().now(), {"W1": AT_ONCE + 1})

    await Drain(database, SystemClock(), {"test": chat}, lease_s=0.2, send_s=0.14)()

    assert len(chat.left) >= AT_ONCE
    assert min(chat.left) >= timedelta(seconds=0.14)


class Leased:
    """A chat service that takes half of the time it may, and notes for how long each message is still claimed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.left: list[timedelta] = []

    async def send(self, recipient: Recipient, message: Message) -> Address:
        now = SystemClock().now()
        leases = await rows(self._database, "outbox", "leased_until")
        self.left.append(min(until for until in leases if until) - now)
        await asyncio.sleep(0.07)
        return {"at": 1}


@ON_SQLITE
async def test_a_pace_is_kept_from_one_worker_to_the_next(database: Database) -> None:
    chat, clock = Taker(), SteppedClock(NOW)
    chat.pace = Pace(workspace=(Rate(2, 60),))  # type: ignore[attr-defined]
    await promise(database, NOW, {"W1": 3})

    for second in (0, 1, 29, 31, 61, 62, 90, 120, 180):
        clock.set(NOW + timedelta(seconds=second))
        await Drain(database, clock, {"test": chat}, paced=True)()
        assert len(chat.taken) <= 1 + second // 30

    assert len(chat.taken) == 3


@ON_SQLITE
async def test_a_message_that_went_as_three_keeps_its_channel_waiting_for_three(database: Database) -> None:
    chat, clock = InThree(), SteppedClock(NOW)
    drain = Drain(database, clock, {"test": chat}, paced=True)
    await promise(database, NOW, {"W1": 0}, channels=1)
    await drain()
    await promise(database, NOW, {"W1": 0}, channels=1)

    at = {}
    for second in (1.1, 2.1, 3.0, 3.1):
        clock.set(NOW + timedelta(seconds=second))
        await drain()
        at[second] = len(chat.taken) + len(chat.replaced)

    assert at == {1.1: 1, 2.1: 1, 3.0: 1, 3.1: 2}


class InThree(Taker):
    """A chat service that takes one message a second in a channel, and gets each in three pieces."""

    pace = Pace(recipient=(Rate(1, 1),))

    def pieces(self, address: Address) -> int:
        """As how many messages one was sent."""
        return 3


@ON_SQLITE
async def test_a_workspace_without_messages_is_not_looked_at(database: Database) -> None:
    await promise(database, NOW, {"W1": 1})

    await Drain(database, SteppedClock(NOW), {"test": Taker()})()

    assert await rows(database, "lanes", "ready_at", "token", "leased_until") == [(None, None, None)]


@ON_SQLITE
async def test_a_person_who_blocked_the_bot_is_never_tried_again_and_told_of_once(database: Database) -> None:
    chat, clock = Taker(failures={"W1:U1": [Refused("blocked"), Refused("blocked")]}), SteppedClock(NOW)
    await promise(database, NOW, {"W1": 2})

    async def leads(connection: Connection) -> None:
        await connection.execute(sa.text("update people set role = 4 where external_id = 'U0'"))

    await database.write(leads)
    await Drain(database, clock, {"test": chat})()
    clock.set(NOW + timedelta(days=1))
    await promise(database, clock.now(), {"W1": 2})
    await Drain(database, clock, {"test": chat})()

    keys = await rows(database, "outbox", "key")
    assert sum(key.startswith("undelivered:") for key in keys) == 1
    assert chat.taken == ["W1:U0", "W1:U0"]
    assert chat.replaced == ["W1:U0"]


def test_waits_grow_and_are_spread() -> None:
    import random

    waits = [wait_before(tries, random.Random(tries)) for tries in range(1, MAX_TRIES)]  # noqa: S311

    for tries, wait in enumerate(waits):
        middle = min(FIRST_WAIT * GROWS**tries, LONGEST_WAIT)
        assert middle * (1 - JITTER) <= wait <= middle * (1 + JITTER)


@ON_SQLITE
async def test_messages_are_found_by_the_index_of_lanes(database: Database) -> None:
    async def explained(connection: Connection) -> str:
        query = _WAITING.compile(dialect=connection.dialect)
        bound = dict.fromkeys(query.params) | {"workspace": 1, "param_1": 100, "param_2": 100}
        values = [bound.get(name) for name in query.positiontup or ()]
        plan = connection._connection.exec_driver_sql(f"explain query plan {query}", tuple(values))  # type: ignore[attr-defined]
        return " ".join(str(row) for row in plan)

    plan = await database.read(explained)

    assert "USING INDEX ix_outbox_lane (workspace_id=?)" in plan or "ix_outbox_lane (workspace_id=?)" in plan
    assert "TEMP B-TREE" not in plan
