"""A nudge that is due to a person, and what may become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from handlers import calendars
from handlers.context import Context
from handlers.local_time import A_DAY, instant_on, jitter_of
from handlers.messages import Message
from handlers.rows import Nudge, Skipped
from handlers.working_days import WorkingDays
from storage.directory import Person
from storage.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one due date: skipped for a `reason`, put off until `later`, or done.

    A `card` is sent under its `key`. What `rode` came as a part of another's card. `also` is what was decided
    of other schedules along with it.
    """

    reason: str = ""
    later: datetime | None = None
    card: Message | None = None
    key: str = ""
    rode: bool = False
    also: tuple[tuple[Schedule, Decision], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A nudge that is due to a person: when they may be asked, on which day it counts, and what else is theirs."""

    context: Context
    schedule: Schedule
    nudge: Nudge
    calendar: WorkingDays
    day: date
    mine: Sequence[Schedule]

    @property
    def hour(self) -> time:
        return calendars.asked_hour(self.context.team, self.context.me)

    @property
    def morning(self) -> datetime:
        """When it comes where it cannot come today."""
        context, me = self.context, self.context.me
        end = instant_on(context.today + A_DAY, time(0), me.zone) - timedelta(seconds=1)
        return calendars.next_morning(self.calendar, self.hour, me.zone, end, jitter_of(me.id))

    def put_off(self, reason: str, until: datetime | None = None) -> Decision:
        """Skip what comes again anyway, and a reminder; what comes once comes later."""
        return (
            Decision(reason)
            if self.schedule.days or self.nudge.place == "beside"
            else Decision(later=until or self.morning)
        )


def spared(schedule: Schedule, nudge: Nudge, context: Context, day: date, halted: str) -> str:
    """Why a nudge is not sent, whatever it says; "" where nothing stands in its way."""
    if halted:
        return halted
    if context.team.channel_is_archived:
        return "channel archived"
    if schedule.next_due_at and context.now - schedule.next_due_at > nudge.window:
        return "late"
    person = context.person
    if person is None:
        return "" if nudge.audience == "team" else "not askable"
    if not person.is_askable:
        return "not askable"
    if context.membership is None:
        return "not in the team"
    if person.paused_until and day < person.paused_until:
        return "paused"
    return ""


def said_as(said: object, key: str) -> Decision:
    if isinstance(said, Skipped):
        return Decision(said.reason)
    return Decision(card=said if isinstance(said, Message) else None, key=key)


async def alone(context: Context, schedule: Schedule, nudge: Nudge, day: date) -> Decision:
    return said_as(await nudge.run(context, schedule), key_of(nudge, schedule, context.me, day))


def key_of(nudge: Nudge, schedule: Schedule, person: Person, day: date) -> str:
    """The key of the card a nudge sends: its own, else one for each kind, subject, person and day."""
    if nudge.key:
        return nudge.key(schedule, person)
    subject = f":{schedule.subject_id}" if schedule.subject_id else ""
    return f"{nudge.name}{subject}:{person.id}:{day.isoformat()}"
