"""One running playground: the app over the sample's own database, its chat and its clock."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from bot.app import App, build
from bot.clock import Clock, SteppedClock
from bot.playground import coming_up, sample, tour
from bot.playground.chat import Chat
from bot.playground.passage import coming, live_on, live_until
from bot.playground.render import Json
from bot.playground.sender import PlaygroundSender
from bot.playground.wording import ZONE, city, full, left_out, summer, there
from bot.settings import alone
from storage import Store
from storage.database import Connection
from storage.directory import workspace_called
from storage.migrate import upgrade

SHORT = timedelta(days=2)  # of a longer time nobody reads who was not asked when


class Playground:
    """The sample company, alive. Open it with `open`, and it is there again after a restart.

    With `local_tools`, a test client of a chat service may speak to the same bot.
    """

    def __init__(self, folder: Path, real_clock: Clock, *, local_tools: bool = False) -> None:
        self._folder = folder
        self._local_tools = "1" if local_tools else ""
        self._real_clock = real_clock
        self.chat = Chat(folder / "chat.db")
        self.clock = SteppedClock(datetime.fromisoformat(self.chat.note("clock") or "2000-01-01T00:00:00+00:00"))
        self.app = self._build()

    def _build(self) -> App:
        url = f"sqlite:///{self._folder / 'demo.db'}"
        upgrade(url)
        senders = {sample.PLATFORM: PlaygroundSender(self.chat, self.clock)}
        return build(alone(database_url=url, teams_local_tools=self._local_tools), self.clock, senders)

    async def open(self) -> None:
        """Go on from where it was left, or live the sample's first week."""
        if self.chat.note("clock"):
            await self.app.tick()
            return
        arrival = sample.first_morning(self._real_clock.now())
        await sample.live_the_week_before(self.app, self.clock, arrival)
        self._keep_time()

    async def restart(self) -> None:
        """Start the sample over: everything in it is forgotten."""
        await self.app.close()
        for path in self._folder.glob("demo.db*"):
            path.unlink()
        self.chat.clear()
        self.clock = SteppedClock(datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
        self.app = self._build()
        await self.open()
        self.chat.tell("reset", {})

    async def close(self) -> None:
        """Stop, keeping everything."""
        await self.app.close()
        self.chat.close()

    async def step(self, to: datetime | None) -> str:
        """Let time pass until the next thing due, or through everything due up to `to`. Tells what came."""
        before, since = len(self.chat.messages()), self.clock.now()
        if to is None:
            await live_on(self.app, self.clock)
        else:
            await live_until(self.app, self.clock, to)
        self._keep_time()
        self.chat.tell("clock", await self.times())
        new = len(self.chat.messages()) - before
        told = f"{full(self.clock.now())}. {new or 'No'} new message{'' if new == 1 else 's'}."
        is_short = self.clock.now() - since <= SHORT
        return f"{told} {await self._left_out(since)}".strip() if is_short else told

    async def _left_out(self, since: datetime) -> str:
        """Who was not asked since an instant, and why; "" where that is nobody."""

        async def look(connection: Connection) -> list[tuple[str, str]]:
            workspace = await workspace_called(connection, sample.PLATFORM, sample.WORKSPACE)
            store = Store(connection, workspace or 0)
            return [
                (person.name.split()[0], one.reason)
                for person in await store.directory.everyone()
                for one in await store.schedules.occurrences(person.id, since)
                if one.outcome == "skipped" and one.reason != "answered"
            ]

        return left_out(await self.app.database.read(look))

    async def state(self) -> Json:
        """Everything a page needs to draw itself."""
        return {
            "sample": sample.NOTICE,
            **await self.times(),
            "people": [
                {"id": m.id, "name": m.name, "role": _role(m), "initials": m.initials} for m in sample.TEAM
            ],
            "channel": {"id": sample.CHANNEL, "name": sample.CHANNEL_NAME},
            "messages": [asdict(message) for message in self.chat.messages()],
            "tour": await self.tour(),
        }

    async def times(self) -> Json:
        """The clock, and what comes next."""
        now = self.clock.now()
        return {
            "clock": {"at": now.isoformat(), "zone": ZONE, "text": full(now), "place": summer(now)},
            "local": {member.id: there(now, member.zone) for member in sample.TEAM},
            "upcoming": coming_up.lines(await coming(self.app), now),
        }

    async def tour(self) -> Json:
        """The tour's steps, with those done that the sample company has done."""
        skipped = set((self.chat.note("skipped") or "").split())
        arrival = datetime.fromisoformat(self._arrival())

        async def look(connection: Connection) -> set[str]:
            workspace = await workspace_called(connection, sample.PLATFORM, sample.WORKSPACE)
            return await tour.done(Store(connection, workspace or 0), arrival)

        done = await self.app.database.read(look)
        return {"steps": [{**step, "done": step["id"] in done | skipped} for step in tour.STEPS]}

    async def skip(self, step: str) -> None:
        """Mark a step of the tour as done by hand."""
        self.chat.note("skipped", f"{self.chat.note('skipped') or ''} {step}")

    def _arrival(self) -> str:
        return self.chat.note("arrival") or self.clock.now().isoformat()

    def _keep_time(self) -> None:
        self.chat.note("clock", self.clock.now().isoformat())
        if self.chat.note("arrival") is None:
            self.chat.note("arrival", self.clock.now().isoformat())


def _role(member: sample.Member) -> str:
    return f"{member.does}, {city(member.zone)}"
