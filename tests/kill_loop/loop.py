"""One round: a town whose people go on using the bot while its processes are killed, until all is done."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import Random

import sqlalchemy as sa

from bot.clock import SystemClock
from bot.crashes import POINTS
from storage.database import Connection, open_database
from storage.schema import metadata
from tests.fakes.slack import FakeSlack
from tests.kill_loop.crowd import Crowd
from tests.kill_loop.process import AT_ANY_TIME, Kill, Process, Tally
from tests.kill_loop.town import Town, build_town, come_due
from tests.kill_loop.verdict import Verdict, judge

ROLES = {"sqlite": ("serve",), "postgresql": ("web", "worker", "worker")}
NOT_OF = {"web": ("sweep.",), "worker": ("dispatch.",), "serve": ()}
RANDOM_SHARE = 0.4
SETTLED_WITHIN_S = 60.0
LOOK_S = 0.1


def draw(kills: int, chance: Random) -> list[Kill]:
    """So many ways to be killed: each named place in turn, in any order, and at random between them."""
    named: list[str] = []
    drawn = []
    for _ in range(kills):
        if chance.random() < RANDOM_SHARE:
            drawn.append(Kill(AT_ANY_TIME, chance.randint(1, 30)))
            continue
        named = named or chance.sample(POINTS, len(POINTS))
        drawn.append(Kill(named.pop(), chance.randint(1, 4)))
    return drawn


class Round:
    """One town under fire. `progress` counts what is seen to happen: answers, and calls to the chat service."""

    def __init__(self, town: Town, kills: Sequence[Kill], chance: Random) -> None:
        self.town = town
        self.tally = Tally()
        self._left = deque(kills)
        self._wanted = len(kills)
        self._chance = chance
        self._progress = 0
        self._changed = asyncio.Event()
        backend = sa.make_url(town.url).get_backend_name()
        self.processes = [Process(role, town.settings, self.tally, self.happened) for role in ROLES[backend]]
        self.crowd = Crowd(town, self.processes[0].port, chance, self.seen)

    def seen(self) -> None:
        """Something happened."""
        self._progress += 1
        self._changed.set()

    async def happened(self, times: int) -> None:
        """Wait until so many more things have happened."""
        until = self._progress + len(self.town.slack.calls) + times
        while self._progress + len(self.town.slack.calls) < until:
            self._changed.clear()
            await self._changed.wait()

    async def __call__(self) -> Verdict:
        """Live through it, and judge."""
        living = [asyncio.create_task(each) for each in (self.crowd.live(), self._posts(), self._asks())]
        await asyncio.gather(*(self._kills(each) for each in self.processes))
        await asyncio.gather(*living[1:])
        self.crowd.stop()
        await living[0]
        await self._settled()
        await asyncio.gather(*(each.end() for each in self.processes))
        return await judge(self.town, self.crowd, self.tally)

    async def _kills(self, process: Process) -> None:
        while kill := self._next(process.role):
            await process.be_killed(kill)
        await process.start()
        await process.until_ready()

    def _next(self, role: str) -> Kill | None:
        """The next way to be killed that this role can be killed in."""
        for kill in self._left:
            if not kill.point.startswith(NOT_OF[role]):
                self._left.remove(kill)
                return kill
        return None

    async def _posts(self) -> None:
        """The leads post their weeks, spread over the round."""
        leads = self.town.leads
        for turn, lead in enumerate(leads):
            await self._gone_by(turn / len(leads))
            await self.crowd.posts_the_week(lead)

    async def _asks(self) -> None:
        """People's questions come due, spread over the round and each once something else has happened."""
        database, everybody = open_database(self.town.url), self.town.residents
        for turn, who in enumerate(everybody):
            await self._gone_by(turn / len(everybody))
            await self.happened(1)
            await database.write(partial(come_due, town=self.town, who=who))
        await database.close()

    async def _gone_by(self, share: float) -> None:
        """Wait until this share of the kills has come."""
        while self._left and 1 - len(self._left) / self._wanted < share:
            await self.happened(1)

    async def _settled(self) -> None:
        """Wait until nothing is due any more."""
        database = open_database(self.town.url)
        try:
            async with asyncio.timeout(SETTLED_WITHIN_S):
                while True:
                    if not await database.read(_waiting):
                        return
                    await asyncio.sleep(LOOK_S)
        finally:
            await database.close()


async def _waiting(connection: Connection) -> int:
    outbox, schedules = metadata.tables["outbox"], metadata.tables["schedules"]
    on_its_way = sa.select(sa.func.count()).where(outbox.c.state.in_(("due", "sending")))
    coming = sa.select(sa.func.count()).where(schedules.c.next_due_at <= SystemClock().now())
    return int(
        (await connection.execute(on_its_way)).scalar_one() + (await connection.execute(coming)).scalar_one()
    )


@asynccontextmanager
async def begun(url: str, kills: int, seed: int) -> AsyncIterator[Round]:
    """A round over a migrated database; nothing of it is left behind."""
    chance = Random(seed)  # noqa: S311 - a seed repeats it
    slack = await FakeSlack.start(SystemClock())
    town = await build_town(url, slack)
    round_ = Round(town, draw(kills, chance), chance)
    try:
        yield round_
    finally:
        for process in round_.processes:
            await process.give_up()
        await round_.crowd.close()
        await slack.close()
