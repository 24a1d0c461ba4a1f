"""Six weeks in the lives of people in several teams, drawn by a seed: what they do, and what they are sent."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers import people
from handlers.people import Profile
from storage import Store
from storage.database import Connection
from storage.directory import Person, Role
from storage.schedules import Occurrence, Schedule, occurrences, upcoming
from tests.handlers.initiatives.plan import PLAN
from tests.world import CHANNEL, MONDAY, World

END = MONDAY + timedelta(weeks=6)
A_DAY = timedelta(days=1)
ZONES = ("Europe/London", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Pacific/Honolulu", "Africa/Cairo")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a team is set up, as it is typed into the form."""

    channel: str
    days: str
    hours: str
    hour: str
    region: str


KINDS = (
    Kind(CHANNEL, "Monday to Friday", "08:00-18:00", "09:40", "England"),
    Kind("night", "Sunday to Thursday", "00:00-23:59", "22:30", "none"),
    Kind("early", "Tuesday to Saturday, no Monday", "05:00-15:00", "06:15", "US"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that came to a person by itself: the nudge, its team, and how the person was just then."""

    nudge: str
    team_id: int
    local_date: date
    at: datetime
    person: Person

    @property
    def local(self) -> datetime:
        """When it came, on the person's own clock."""
        return self.at.astimezone(ZoneInfo(self.person.zone))


@dataclass
class Life:
    """The people of one workspace, and all that happened to them."""

    world: World
    random: Random
    names: list[str] = field(default_factory=list)
    leads: dict[str, str] = field(default_factory=dict)  # by channel
    sent: list[Sent] = field(default_factory=list)
    decided: list[Occurrence] = field(default_factory=list)
    left: list[Schedule] = field(default_factory=list)
    arrived: dict[tuple[str, datetime], int] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)  # who has moved, or chosen days of their own
    days_off: set[tuple[str, date]] = field(default_factory=set)

    async def begin(self, count: int) -> None:
        """People with zones of their own, each in one or two teams that have started, with work under way."""
        self.names = [f"p{number}" for number in range(count)]
        async with self.world.writing() as connection:
            directory = Store(connection, 1).directory
            numbers = {
                name: await directory.keep_person(name, MONDAY, **self._profile(name)) for name in self.names
            }
            for kind in KINDS:
                channel = await directory.keep_channel(kind.channel, name=f"#{kind.channel}")
                among = [name for name in self.names if self.random.random() < 0.6] or self.names[:1]
                self.leads[kind.channel] = among[0]
                await directory.set_members(channel, [numbers[name] for name in among])
        for kind in KINDS:
            await self._start(kind)

    def _profile(self, name: str) -> dict[str, object]:
        return {"name": name, "zone": self.random.choice(ZONES), "locale": "en_GB", "role": Role.MEMBER}

    async def _start(self, kind: Kind) -> None:
        lead, world = self.leads[kind.channel], self.world
        typed = {**asdict(kind), "name": kind.channel, "zone": "Europe/London", "visibility": "private"}
        del typed["channel"]
        form = await world.form(lead, "setup", channel=kind.channel)
        preview = await world.submit(lead, form, channel=kind.channel, **typed)
        await world.press(lead, preview, "Start", channel=kind.channel)
        plan = {**PLAN, "title": f"Work of {kind.channel}", "review_days": "7 days"}
        form = await world.form(lead, "define-success", channel=kind.channel)
        card = await world.submit(lead, form, channel=kind.channel, **plan)
        await world.press(lead, card, "Start it", channel=kind.channel)

    async def live(self, until: datetime = END) -> None:
        """Live through all that is due, and do something every few hours."""
        at = self.world.clock.now()
        while at < until:
            at += timedelta(hours=self.random.uniform(2, 14))
            await self._sweep_until(min(at, until))
            await self._act()
        await self._remember()

    async def _sweep_until(self, at: datetime) -> None:
        while (due := await self._next_due()) and due <= at:
            self.world.clock.set(max(due, self.world.clock.now()))
            before = len(self.world.chat.sent)
            await self.world.app.sweep()
            await self.world.app.drain()
            await self._note(before)
        self.world.clock.set(at)

    async def _next_due(self) -> datetime | None:
        found = await self.world.app.database.read(lambda connection: upcoming(connection, 1))
        return found[0].next_due_at if found else None

    async def _note(self, before: int) -> None:
        """What came just now, and how its person is at this moment."""
        now = self.world.clock.now()
        for each in self.world.chat.sent[before:]:
            if each.recipient.person:
                self.arrived[each.recipient.person, now] = self.arrived.get((each.recipient.person, now), 0) + 1
        self.sent += await self.world.app.database.read(lambda connection: _sent_at(connection, now))

    async def _act(self) -> None:
        """Something that people do, most often nothing."""
        name = self.random.choice(self.names)
        deeds = (self._answer, self._answer, self._answer, self._snooze, self._pause, self._choose, self._move)
        await self.random.choice((*deeds, self._rest, self._release, self._nothing, self._nothing))(name)

    async def _nothing(self, name: str) -> None:
        """Most of the time."""

    async def _answer(self, name: str) -> None:
        await self.world.ask(name, "checkin 4")

    async def _snooze(self, name: str) -> None:
        today = self.world.clock.now().date()
        if self.random.random() < 0.3:
            await self.world.tap(name, "checkin.snooze", date=today.isoformat())
        else:
            await self.world.tap(name, "checkin.tomorrow", date=today.isoformat())

    async def _pause(self, name: str) -> None:
        until = self.world.clock.now().date() + timedelta(days=self.random.randint(2, 6))
        await self.world.ask(name, f"pause until {until:%Y-%m-%d}")

    async def _choose(self, name: str) -> None:
        """Other hours, quiet, days or a cap; what the team does not allow is refused, and nothing changes."""
        form = await self.world.ask(name, "schedule")
        if not hasattr(form, "inputs"):
            return
        chosen = {
            "hour": self.random.choice(("05:00", "08:30", "14:10", "22:00", form.inputs[0].value)),
            "quiet": self.random.choice(("", "", "12:00-14:00", "21:00-06:30")),
            "cap": self.random.choice(("", "3", "5")),
        }
        self.changed.add(name)
        await self.world.submit(name, form, **chosen)

    async def _move(self, name: str) -> None:
        if self.random.random() < 0.5:
            return
        self.changed.add(name)
        async with self.world.writing() as connection:
            store = Store(connection, 1)
            person = await store.directory.person_called(name)
            known = asdict(person) if person else {}
            profile = Profile(**{each: known[each] for each in Profile.__dataclass_fields__})
            moved = replace(profile, zone=self.random.choice(ZONES))
            await people.keep(store, [moved], self.world.clock.now())

    async def _rest(self, name: str) -> None:
        """A lead gives the team a day off."""
        kind = self.random.choice(KINDS)
        day = self.world.clock.now().date() + timedelta(days=self.random.randint(2, 5))
        form = await self.world.form(self.leads[kind.channel], "days-off", channel=kind.channel)
        await self.world.submit(self.leads[kind.channel], form, channel=kind.channel, dates=f"{day:%Y-%m-%d}")
        self.days_off.add((kind.channel, day))

    async def _release(self, name: str) -> None:
        kind = self.random.choice(KINDS)
        form = await self.world.ask(self.leads[kind.channel], "release", channel=kind.channel)
        if hasattr(form, "inputs"):
            await self.world.submit(
                self.leads[kind.channel], form, channel=kind.channel, initiative=form.inputs[0].value
            )

    async def _remember(self) -> None:
        async with self.world.reading() as connection:
            store = Store(connection, 1)
            for name in self.names:
                person = await store.directory.person_called(name)
                assert person
                self.decided += await store.schedules.occurrences(person.id, MONDAY - A_DAY)
                self.left += await store.schedules.of_person(person.id)


async def _sent_at(connection: Connection, now: datetime) -> list[Sent]:
    """What a sweep of this moment sent to people, as messages of their own."""
    c, directory = occurrences.c, Store(connection, 1).directory
    query = sa.select(c.person_id, c.nudge, c.team_id, c.local_date).where(
        c.decided_at == now, c.outcome == "sent"
    )
    rows = (await connection.execute(query.where(c.rode.is_(False), c.person_id.is_not(None)))).all()
    found = [(row, await directory.person(row.person_id)) for row in rows]
    return [Sent(row.nudge, row.team_id, row.local_date, now, person) for row, person in found if person]
