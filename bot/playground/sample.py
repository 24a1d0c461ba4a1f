"""The sample team: five invented people, and the week they lived before a newcomer arrives.

Everything in it happened through the dispatcher and the clockwork, as it would in a real workspace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.app import App
from bot.clock import SteppedClock
from bot.playground.passage import live_until
from bot.playground.wording import ZONE
from bot.reading import Request
from handlers.local_time import instant
from handlers.messages import Form
from storage import Store
from storage.arrivals import Envelope
from storage.database import Connection
from storage.directory import Role, add_workspace, workspace_called

PLATFORM, WORKSPACE, COMPANY = "playground", "sample", "Sample company"
CHANNEL, CHANNEL_NAME = "C1", "#checkout"
NOTICE = "Sample data: five invented people in an invented company."
FIRST_HOUR = time(8, 0)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the sample team."""

    id: str
    name: str
    does: str
    zone: str

    @property
    def initials(self) -> str:
        """The letters on the picture."""
        return "".join(part[0] for part in self.name.split()[:2])


TEAM = (
    Member("U1", "Ana Ruiz", "Product manager", "Europe/London"),
    Member("U2", "Ben Okafor", "Engineer", "Europe/London"),
    Member("U3", "Chi Nguyen", "Designer", "Europe/Berlin"),
    Member("U4", "Dev Patel", "Engineer", "Europe/London"),
    Member("U5", "Eva Lindqvist", "Support", "Europe/London"),
)
LAST_WEEK = {"U1": "33424", "U2": "42334", "U3": "5443", "U4": "23344", "U5": "3432"}
SETUP = {
    "name": "Checkout",
    "payer": "Shop owners",
    "pays": "Shop owners pay us €49 a month.",
    "days": "Mon-Fri",
    "hours": "08:00-18:00",
    "hour": "9:40",
    "region": "England",
    "zone": ZONE,
    "visibility": "anonymous",
    "retro_visibility": "by_name",
}
IN_PROGRESS = {
    "title": "One-page invoice",
    "who": "Shop owners",
    "change": "Their customers find what they owe without writing to support.",
    "measure": "invoice questions to support",
    "baseline": "120 a week",
    "target": "60 a week",
    "source": "support inbox",
    "review_days": "30 days",
}


def first_morning(today: datetime) -> datetime:
    """When a newcomer arrives: nine o'clock in the team's zone on the Monday of this week."""
    local = today.astimezone(ZoneInfo(ZONE)).date()
    monday = local - timedelta(days=local.isoweekday() - 1)
    return instant(monday, FIRST_HOUR, ZONE) or today


async def live_the_week_before(app: App, clock: SteppedClock, arrival: datetime) -> None:
    """Set the sample up a week before `arrival`, and live that week through to the arrival."""
    clock.set(arrival - timedelta(days=7))
    await add_people(app, clock)
    story = _Story(app)
    members = await _numbers(app)
    await story.send("U1", "form", "setup", {**SETUP, "people": ",".join(members)}, channel=CHANNEL)
    await story.send("U1", "tap", "setup.start", channel=CHANNEL)
    await story.send("U1", "form", "define-success", IN_PROGRESS, channel=CHANNEL)
    await story.send("U1", "words", f"start {IN_PROGRESS['title']}", channel=CHANNEL)
    for day in range(1, 5):
        await live_until(app, clock, arrival - timedelta(days=7 - day) + timedelta(hours=2))
        for person, scores in LAST_WEEK.items():
            if len(scores) >= day:
                await story.send(person, "words", f"checkin {scores[day - 1]}")
    await live_until(app, clock, arrival)


class _Story:
    """Speaks to the bot as the sample's people would."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._told = 0

    async def send(
        self, person: str, kind: str, name: str, values: dict[str, str] | None = None, channel: str | None = None
    ) -> None:
        self._told += 1
        envelope = Envelope(PLATFORM, WORKSPACE, person, channel)
        request = Request(envelope, f"sample-{self._told}", kind, name, values or {})  # type: ignore[arg-type]
        answer = await self._app.dispatch(request)
        await self._app.settle()
        if isinstance(answer.reply, Form):
            raise RuntimeError(f"the sample was refused: {name}: {answer.reply.errors}")


async def add_people(app: App, clock: SteppedClock) -> None:
    """The sample's people and their channel, and nothing that happened yet."""
    now = clock.now()

    async def work(connection: Connection) -> None:
        directory = Store(connection, await add_workspace(connection, PLATFORM, WORKSPACE, COMPANY, now)).directory
        channel = await directory.keep_channel(CHANNEL, name=CHANNEL_NAME)
        numbers = [await directory.keep_person(m.id, now, **_profile(m)) for m in TEAM]
        await directory.set_members(channel, numbers)

    await app.database.write(work)


def _profile(member: Member) -> dict[str, object]:
    return {
        "name": member.name,
        "does": member.does,
        "zone": member.zone,
        "locale": "en_GB",
        "role": Role.MEMBER,
    }


async def _numbers(app: App) -> list[str]:
    async def look(connection: Connection) -> list[str]:
        workspace = await workspace_called(connection, PLATFORM, WORKSPACE)
        return [str(person.id) for person in await Store(connection, workspace or 0).directory.everyone()]

    return await app.database.read(look)
