"""The bot's own chores: each is done once, by whichever process is there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.clock import SteppedClock
from bot.nudges.chores import AT_ONCE, LEASE, Chores
from bot.nudges.port import NotSent
from storage import chores as rows
from storage.chores import claim_chores
from storage.database import Connection, Database, open_database
from storage.directory import add_workspace, leave_workspace, return_workspace

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
NAMES = ("reconcile", "rotate")
MANY = 2_000


class Work:
    """Chores that note what they were done for. `problems` are raised, one each; all wait for `may_end`.

    `all_done` is set once `wanted` were.
    """

    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.next_in = HOUR
        self.wanted = 0
        self.all_done = asyncio.Event()
        self.problems: list[Exception] = []
        self.under_way: Counter[tuple[str, str]] = Counter()
        self.most_at_once = 0
        self.most_side_by_side = 0
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()

    def __getitem__(self, name: str) -> Any:
        async def work(workspace: str) -> timedelta:
            self.under_way[name, workspace] += 1
            self.most_at_once = max(self.most_at_once, *self.under_way.values())
            self.most_side_by_side = max(self.most_side_by_side, self.under_way.total())
            self.begun.set()
            try:
                await self.may_end.wait()
                if self.problems:
                    raise self.problems.pop(0)
                self.done.append((name, workspace))
                if len(self.done) == self.wanted:
                    self.all_done.set()
                return self.next_in
            finally:
                self.under_way[name, workspace] -= 1

        return work


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
async def chores(database: Database, clock: SteppedClock, work: Work) -> Chores:
    """The chores of one process; workspace T0 has one."""
    runner = process(database, clock, work)
    await add_workspaces(database, 1)
    await runner.ensure("T0", ["reconcile"], NOW)
    return runner


def process(database: Any, clock: SteppedClock, work: Work, extend_every_s: float = 60.0) -> Chores:
    """The runner of one process."""
    named = {name: work[name] for name in NAMES}
    return Chores(database, clock, named, platform="slack", extend_every_s=extend_every_s)


async def add_workspaces(database: Database, count: int, names: Collection[str] = ()) -> None:
    """Workspaces T0, T1 … with these chores, due now."""

    async def add(connection: Connection) -> None:
        for number in range(count):
            made = await add_workspace(connection, "slack", f"T{number}", "Sample", NOW)
            await rows.ChoreList(connection, made).ensure(names, NOW)

    await database.write(add)


async def row(database: Database) -> Any:
    """The one chore there is."""

    async def read(connection: Connection) -> Any:
        return (await connection.execute(sa.select(rows.chores))).one()

    return await database.read(read)


async def test_a_chore_is_done_when_it_is_due_and_again_when_it_said(
    chores: Chores, work: Work, clock: SteppedClock
) -> None:
    await chores.settle()
    clock.set(NOW + HOUR - SECOND)
    await chores.settle()
    early = len(work.done)
    clock.set(NOW + HOUR)
    await chores.settle()

    assert early == 1
    assert work.done == [("reconcile", "T0")] * 2


async def test_many_processes_do_each_chore_once_and_never_twice_at_a_time(
    database_url: str, clock: SteppedClock, work: Work
) -> None:
    databases = [open_database(database_url) for _ in range(4)]
    processes = [process(database, clock, work) for database in databases]
    await add_workspaces(databases[0], 20)
    for number in range(20):
        await processes[0].ensure(f"T{number}", NAMES, NOW)

    await asyncio.gather(*(each.settle() for each in processes))

    assert Counter(work.done) == Counter((name, f"T{n}") for name in NAMES for n in range(20))
    assert work.most_at_once == 1
    await asyncio.gather(*(database.close() for database in databases))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_one_turn_does_all_that_is_due_a_few_at_a_time(
    database: Database, clock: SteppedClock, work: Work
) -> None:
    await add_workspaces(database, MANY, ["reconcile"])
    work.wanted = MANY
    work.may_end.clear()
    runner = process(database, clock, work)

    begun = await runner()
    await work.begun.wait()
    work.may_end.set()
    await work.all_done.wait()
    await runner.settle()

    assert begun == work.most_side_by_side == AT_ONCE
    assert Counter(work.done) == Counter(("reconcile", f"T{number}") for number in range(MANY))


async def test_what_comes_due_while_a_turn_lasts_is_done_in_the_next(
    chores: Chores, work: Work, clock: SteppedClock, database: Database
) -> None:
    work.next_in = timedelta()
    work.problems = [NotSent("ratelimited", NOW - HOUR)]

    await chores.settle()
    first = list(work.done)
    clock.set(NOW + SECOND)
    await chores.settle()

    assert first == []
    assert len(work.done) == 1
    assert (await row(database)).due_at == NOW + 2 * SECOND


class Halting:
    """A database that has written that somebody claimed one chore, and does not say so before `go_on`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._may_go_on = asyncio.Event()
        self.halted = asyncio.Event()
        self.read = database.read

    async def write(self, work: Callable[[Connection], Awaitable[Any]]) -> Any:
        """Write, and perhaps halt."""
        found = await self._database.write(work)
        if isinstance(found, list) and len(found) == 1:
            self.halted.set()
            await self._may_go_on.wait()
        return found

    async def go_on(self) -> None:
        """Say so."""
        self._may_go_on.set()


async def test_what_a_process_claims_while_it_stops_another_one_does_at_once(
    database: Database, clock: SteppedClock, work: Work
) -> None:
    await add_workspaces(database, AT_ONCE + 1, ["reconcile"])
    halting = Halting(database)
    stopping = process(halting, clock, work)
    await stopping()
    await halting.halted.wait()

    await asyncio.gather(stopping.close(), halting.go_on())
    await process(database, clock, work).settle()

    assert Counter(work.done) == Counter(("reconcile", f"T{number}") for number in range(AT_ONCE + 1))


async def test_whoever_asks_for_chores_does_not_wait_for_them(chores: Chores, work: Work) -> None:
    work.may_end.clear()

    begun = [await chores(), await chores()]

    assert begun == [1, 0]
    work.may_end.set()
    await chores.settle()
    assert len(work.done) == 1


async def test_a_chore_that_fails_is_tried_again_after_longer_and_longer(
    chores: Chores, work: Work, clock: SteppedClock, database: Database
) -> None:
    work.problems = [ValueError("xoxb-canary")] * 7
    waits = []

    for _ in range(7):
        await chores.settle()
        waits.append((await row(database)).due_at - clock.now())
        clock.set(clock.now() + waits[-1])
    await chores.settle()
    after = await row(database)

    assert [wait // MINUTE for wait in waits] == [1, 2, 4, 8, 16, 30, 30]
    assert (len(work.done), after.failures) == (1, 0)


async def test_a_failure_is_logged_by_its_kind_alone(
    chores: Chores, work: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    work.problems = [ValueError("xoxb-canary")]

    await chores.settle()

    logged = "".join(capsys.readouterr())
    assert "ValueError" in logged
    assert "canary" not in logged


async def test_a_chore_is_put_off_for_as_long_as_it_was_told_to_wait(
    chores: Chores, work: Work, database: Database
) -> None:
    work.problems = [NotSent("ratelimited", NOW + 77 * SECOND)]

    await chores.settle()

    assert (await row(database)).due_at == NOW + 77 * SECOND


async def test_one_that_fails_does_not_stop_the_others(
    database: Database, clock: SteppedClock, work: Work
) -> None:
    await add_workspaces(database, 6)
    runner = process(database, clock, work)
    for number in range(6):
        await runner.ensure(f"T{number}", ["reconcile"], NOW)
    work.problems = [ValueError()]

    await runner.settle()

    assert len(work.done) == 5


async def test_a_workspace_that_the_bot_was_removed_from_has_no_chores_until_it_is_back(
    chores: Chores, work: Work, database: Database
) -> None:
    await database.write(lambda connection: leave_workspace(connection, 1, NOW))
    await chores.settle()
    meanwhile = list(work.done)
    await database.write(lambda connection: return_workspace(connection, 1, "Sample"))
    await chores.settle()

    assert meanwhile == []
    assert len(work.done) == 1


async def test_a_chore_of_a_killed_process_is_taken_over_and_its_late_end_counts_for_nothing(
    chores: Chores, work: Work, database: Database, clock: SteppedClock
) -> None:
    killed = await database.write(lambda c: claim_chores(c, "slack", NAMES, "killed", NOW, NOW + LEASE, 9))
    await chores.settle()
    meanwhile = list(work.done)
    clock.set(NOW + LEASE)
    await chores.settle()

    late = await database.write(lambda c: rows.done(c, killed[0], NOW, clock.now(), 5 * HOUR))

    assert (meanwhile, late) == ([], False)
    assert len(work.done) == 1
    assert (await row(database)).due_at == NOW + LEASE + HOUR


async def test_a_chore_that_takes_long_stays_with_its_process(
    database: Database, clock: SteppedClock, work: Work, chores: Chores
) -> None:
    slow = process(database, clock, work, extend_every_s=0.001)
    work.may_end.clear()
    await slow()
    clock.set(NOW + LEASE - SECOND)
    while (await row(database)).leased_until < NOW + LEASE + MINUTE:
        pass
    clock.set(NOW + LEASE + MINUTE)

    taken_over = await chores()

    assert taken_over == 0
    work.may_end.set()
    await slow.settle()
    assert len(work.done) == 1


async def test_a_chore_that_somebody_else_took_over_is_broken_off(
    database: Database, clock: SteppedClock, work: Work, chores: Chores
) -> None:
    stopped = process(database, clock, work, extend_every_s=0.001)
    work.may_end.clear()
    await stopped()
    await work.begun.wait()
    await database.write(
        lambda c: c.execute(sa.update(rows.chores).values(token="another", leased_until=NOW + HOUR))
    )

    await stopped.settle()

    assert work.done == []
    assert (await row(database)).token == "another"


async def test_what_a_process_breaks_off_when_it_stops_another_one_does_at_once(
    database: Database, clock: SteppedClock, work: Work, chores: Chores
) -> None:
    stopping = process(database, clock, work)
    work.may_end.clear()
    await stopping()
    await work.begun.wait()

    await stopping.close()
    work.may_end.set()
    await chores.settle()

    assert len(work.done) == 1


async def test_chores_that_are_there_already_keep_their_time(
    chores: Chores, work: Work, clock: SteppedClock, database: Database
) -> None:
    await chores.settle()

    await chores.ensure("T0", ["reconcile"], clock.now())
    await chores.ensure("T-unknown", ["reconcile"], clock.now())

    assert (await row(database)).due_at == NOW + HOUR


async def test_a_chore_that_is_wanted_again_while_it_is_done_is_done_again(
    chores: Chores, work: Work, clock: SteppedClock, database: Database
) -> None:
    work.may_end.clear()
    await chores()
    clock.set(NOW + SECOND)
    await database.write(lambda c: rows.ChoreList(c, 1).hurry(["reconcile"], clock.now()))

    work.may_end.set()
    await chores.settle()

    assert len(work.done) == 2
