"""The people of the simulation: teams in several zones, who answer or not, move, pause, leave, and press twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.reading import Request
from handlers.messages import Button, Form, Message, Scale
from handlers.people import Profile, keep
from storage import Store
from storage.arrivals import Envelope
from storage.database import Connection, DatabaseError
from storage.directory import Role, add_workspace
from tests.simulation.machine import Machine

# Weeks with something in them: clocks that change, holidays, a leap day, a year's end.
STARTS = (
    datetime(2025, 3, 5, tzinfo=UTC),
    datetime(2025, 3, 26, tzinfo=UTC),
    datetime(2025, 4, 16, tzinfo=UTC),
    datetime(2025, 10, 22, tzinfo=UTC),
    datetime(2025, 10, 29, tzinfo=UTC),
    datetime(2025, 12, 22, tzinfo=UTC),
    datetime(2024, 2, 26, tzinfo=UTC),
)
ZONES = (
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Pacific/Auckland",
    "Asia/Kolkata",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Honolulu",
)
REGIONS = {"Europe/London": "GB-ENG", "Europe/Berlin": "DE-BE", "America/New_York": "US-NY"}
# Where, which channel, and who; the first leads it. Some are in two teams.
TEAMS = (
    ("slack", "T1", "checkout", ("ana", "ben", "chi", "dev", "eva")),
    ("slack", "T1", "billing", ("fay", "dev", "eva", "gil", "hal")),
    ("teams", "M1", "search", ("ida", "jon", "kim", "lea")),
)
WAYS = {
    "answer": 60,
    "type": 8,
    "ride": 12,
    "skip": 4,
    "snooze": 5,
    "tomorrow": 2,
    "pause": 2,
    "resume": 4,
    "summary": 4,
    "why": 3,
    "schedule": 3,
    "move": 3,
    "block": 1,
    "leave": 0.5,
    "work": 6,
}
PLAN = {
    "who": "Shop owners",
    "change": "Customers whose card fails at first still complete their order",
    "measure": "Failed payments recovered",
    "baseline": "12 %",
    "target": "20 %",
    "source": "payments dashboard",
    "review_days": "3 days",
}
Place = tuple[str, str]


@dataclass
class Person:
    """Somebody: where, in which teams' channels, and what the bot has been told of them since when."""

    place: Place
    name: str
    channels: list[str]
    zones: list[tuple[datetime, str]]
    pauses: list[tuple[datetime, str]] = field(default_factory=list)
    changed: list[datetime] = field(default_factory=list)
    left: datetime | None = None

    @property
    def zone(self) -> str:
        """Where they are now."""
        return self.zones[-1][1]

    @property
    def inbox(self) -> tuple[str, str, str]:
        """Where they are written to."""
        return (*self.place, self.name)


class Town:
    """Everybody, and what they do all day."""

    def __init__(self, machine: Machine, chance: Random) -> None:
        self.machine = machine
        self._chance = chance
        self.people: dict[tuple[Place, str], Person] = {}
        self._deliveries = 0
        self.until = machine.time.truth()
        self.regions: dict[tuple[Place, str], str] = {}

    async def settle_down(self) -> None:
        """Everybody is there, and each channel becomes a team that starts."""
        for platform, workspace, channel, names in TEAMS:
            for name in names:
                known = self.people.get(((platform, workspace), name))
                if known:
                    known.channels.append(channel)
                    continue
                zone = self._chance.choice(ZONES)
                person = Person((platform, workspace), name, [channel], [(self.machine.time.truth(), zone)])
                self.people[(platform, workspace), name] = person
        await self._write(self._found)
        for platform, workspace, channel, names in TEAMS:
            await self._set_up((platform, workspace), channel, names[0])

    async def _found(self, connection: Connection) -> None:
        now = self.machine.time.now()
        for platform, workspace, channel, names in TEAMS:
            store = Store(connection, await add_workspace(connection, platform, workspace, workspace, now))
            place = (platform, workspace)
            await keep(store, [self._profile(self.people[place, name]) for name in names], now)
            number = await store.directory.keep_channel(channel, name=f"#{channel}")
            known = await store.directory.called(names)
            await store.directory.set_members(number, [known[name].id for name in names])

    def _profile(self, person: Person) -> Profile:
        role = Role.ADMIN if person.name in ("ana", "ida") else Role.MEMBER
        return Profile(
            person.name, person.name.title(), "", person.zone, "en_GB", role, False, person.left is None
        )

    async def _set_up(self, place: Place, channel: str, lead: str) -> None:
        person = self.people[place, lead]
        form = await self.ask(person, "words", "setup", {}, channel)
        assert isinstance(form, Form), form
        region = REGIONS.get(person.zone, "none")
        self.regions[place, channel] = REGIONS.get(person.zone, "")
        filled = {"payer": "Shop owners", "pays": "They pay us.", "region": region, "visibility": "anonymous"}
        preview = await self.ask(person, "form", form.action, {**form.values, **_shown(form), **filled}, channel)
        assert isinstance(preview, Message), preview
        start = next(each for each in preview.buttons if each.label.startswith("Start"))
        await self.ask(person, "tap", start.action, start.values, channel)

    async def live(self, until: datetime) -> None:
        """Everybody goes about their days."""
        self.until = until
        for number, person in enumerate(self.people.values()):
            chance = Random(f"{self._chance.random()} {number}")  # noqa: S311 - it is to be the same each time
            self.machine.spawn(Life(self, person, chance)())

    async def ask(
        self,
        person: Person,
        kind: Any,
        name: str,
        values: Mapping[str, str],
        channel: str | None = None,
        chance: Random | None = None,
    ) -> Any:
        """One thing somebody does, delivered once or several times; the reply, if there was one."""
        self._deliveries += 1
        team = values.get("team", "")
        envelope = Envelope(*person.place, person.name, channel, int(team) if team.isdigit() else None)
        request = Request(envelope, f"delivery-{self._deliveries}", kind, name, dict(values))
        replies = [await self._deliver(request)]
        if chance and (replies[0] is None or chance.random() < 0.2):
            for wait_s in chance.choice(((0,), (1, 60), (60, 300), (0, 60, 300))):
                self.machine.spawn(self._again(request, wait_s))
        return replies[0]

    async def _again(self, request: Request, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        await self._deliver(request)
        self.machine.log.counted["delivered again"] += 1

    async def _deliver(self, request: Request) -> Any:
        process = self.machine.any()
        if process is None:
            return None
        answer = await process.answer(request)
        if answer is None or answer.failed:
            self.machine.log.counted["not answered"] += 1
            return None
        self.machine.log.counted["answered"] += 1
        return answer.reply

    async def move(self, person: Person, zone: str) -> None:
        """Somebody's zone is another from now on, and the chat service tells it."""
        person.zones.append((self.machine.time.truth(), zone))
        person.changed.append(self.machine.time.truth())
        await self._tell(person)

    async def leave(self, person: Person) -> None:
        """Somebody's account ends."""
        person.left = self.machine.time.truth()
        person.changed.append(person.left)
        await self._tell(person)

    async def _tell(self, person: Person) -> None:
        async def work(connection: Connection) -> None:
            number = await add_workspace(connection, *person.place, "", self.machine.time.now())
            await keep(Store(connection, number), [self._profile(person)], self.machine.time.now())

        await self._write(work)

    async def _write(self, work: Any) -> None:
        """As a chore of the bot's would: until it is done."""
        while True:
            process = self.machine.any()
            if process:
                done = self.machine.spawn(self._written(process, work))
                await process.outlived(done)
                if done.done() and done.result():
                    return
            await asyncio.sleep(5)

    async def _written(self, process: Any, work: Any) -> bool:
        try:
            await process.database.write(work)
        except DatabaseError:
            return False
        return True


class Life:
    """One person's days."""

    def __init__(self, town: Town, person: Person, chance: Random) -> None:
        self._town = town
        self._me = person
        self._chance = chance
        self._diligence = chance.choice((0.0, 0.5, 1.0, 1.0))
        self._initiative = ""

    async def __call__(self) -> None:
        """Do some things each day, until the end or until they leave."""
        machine = self._town.machine
        while machine.time.truth() < self._town.until and not self._me.left:
            rules = ZoneInfo(self._me.zone)
            today = machine.time.truth().astimezone(rules).date()
            for at in sorted(self._chance.uniform(7 * 60, 20 * 60) for _ in range(self._chance.choice((1, 2, 3)))):
                local = datetime.combine(today, time(int(at // 60), int(at % 60)), rules)
                await self._until(local)
                if self._chance.random() < self._diligence and not self._me.left:
                    await self._act()
            await self._until(datetime.combine(today + timedelta(days=1), time(0, 1), rules))

    async def _until(self, at: datetime) -> None:
        left_s = (at - self._town.machine.time.truth()).total_seconds()
        if left_s > 0:
            await asyncio.sleep(left_s)

    async def _act(self) -> None:
        way = self._chance.choices(list(WAYS), list(WAYS.values()))[0]
        if self._me.name in ("ana", "fay", "ida") and self._chance.random() < 0.4:
            way = "work"  # who leads does more
        await getattr(self, f"_{way}")()

    async def _ask(self, kind: str, name: str, values: Mapping[str, str] | None = None) -> Any:
        return await self._town.ask(self._me, kind, name, values or {}, None, self._chance)

    def _button(self, *actions: str) -> Button | None:
        """One of the buttons with these actions, on the newest card that has any."""
        for standing in reversed(self._town.machine.chats.inbox[self._me.inbox][-4:]):
            found = [each for each in _buttons(standing.message) if each.action.startswith(actions)]
            if found:
                return self._chance.choice(found)
        return None

    async def _press(self, *actions: str) -> Any:
        button = self._button(*actions)
        if button is None:
            return None
        reply = await self._ask("tap", button.action, button.values)
        return await self._fill(reply) if isinstance(reply, Form) else reply

    async def _fill(self, form: Form) -> Any:
        known = {each.name: each.value or _guess(each, self._chance) for each in form.inputs}
        return await self._ask("form", form.action, {**form.values, **known})

    async def _answer(self) -> None:
        await self._press("checkin.save")

    async def _type(self) -> None:
        await self._ask("words", f"checkin {self._chance.randint(1, 5)}")

    async def _ride(self) -> None:
        await self._press("pulse", "retro", "action", "learning", "stale", "review", "nudges")

    async def _skip(self) -> None:
        await self._press("checkin.skip")

    async def _snooze(self) -> None:
        await self._press("checkin.snooze")

    async def _tomorrow(self) -> None:
        await self._press("checkin.tomorrow")

    async def _pause(self) -> None:
        day = self._town.machine.time.truth().date() + timedelta(days=self._chance.randint(2, 5))
        reply = await self._ask("words", f"pause {day.isoformat()}")
        if isinstance(reply, Message):
            self._me.pauses.append((self._town.machine.time.truth(), day.isoformat()))

    async def _resume(self) -> None:
        self._me.pauses.append((self._town.machine.time.truth(), ""))
        await self._ask("words", "resume")

    async def _summary(self) -> None:
        reply = await self._ask("words", "summary week")
        post = next((each for each in getattr(reply, "buttons", ()) if each.action == "summary.post"), None)
        if post:
            await self._ask("tap", post.action, post.values)

    async def _why(self) -> None:
        await self._ask("words", self._chance.choice(("why", "me", "status", "home", "lessons")))

    async def _schedule(self) -> None:
        form = await self._ask("words", "schedule")
        if isinstance(form, Form):
            self._me.changed.append(self._town.machine.time.truth())
            hour = self._chance.choice(("08:30", "10:00", "13:15", "17:30"))
            await self._ask("form", form.action, {**form.values, **_shown(form), "hour": hour})
            self._me.changed.append(self._town.machine.time.truth())

    async def _move(self) -> None:
        await self._town.move(self._me, self._chance.choice(ZONES))

    async def _block(self) -> None:
        refusing = self._town.machine.chats.refusing
        refusing.symmetric_difference_update({self._me.inbox})

    async def _leave(self) -> None:
        if self._me.name not in ("ana", "fay", "ida"):
            await self._town.leave(self._me)

    async def _work(self) -> None:
        """Something is planned, started, released and looked back on."""
        channel = self._me.channels[0]
        if not self._initiative:
            title = f"Plan {self._chance.randint(1, 10**6)} of {self._me.name}"
            form = await self._town.ask(self._me, "words", f"define-success {title}", {}, channel, self._chance)
            if isinstance(form, Form):
                reply = await self._ask(
                    "form", form.action, {**form.values, **_shown(form), "title": title, **PLAN}
                )
                start = next(
                    (each for each in getattr(reply, "buttons", ()) if each.label.startswith("Start")), None
                )
                if start:
                    await self._ask("tap", start.action, start.values)
                    self._initiative = title
        elif self._chance.random() < 0.5:
            reply = await self._ask("words", f"release {self._initiative}")
            if isinstance(reply, Form):
                await self._fill(reply)
        else:
            reply = await self._ask("words", f"retro {self._initiative}")
            for button in getattr(reply, "buttons", ())[:1]:
                form = await self._ask("tap", button.action, button.values)
                if isinstance(form, Form):
                    await self._fill(form)


def _shown(form: Form) -> dict[str, str]:
    return {each.name: each.value for each in form.inputs}


def _guess(asked: Any, chance: Random) -> str:
    if asked.choices:
        return str(chance.choice(asked.choices).value)
    return "17.4" if asked.name.startswith("value_") else "7 days" if "days" in asked.name else "Something short"


def _buttons(message: Message) -> list[Button]:
    scales = [button for block in message.blocks if isinstance(block, Scale) for button in block.buttons]
    return [*message.buttons, *message.more, *scales]
