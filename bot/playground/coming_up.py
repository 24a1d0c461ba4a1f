"""What comes next in the sample company, as lines to choose from, and where its clock may be set to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import prompts
from bot.playground import sample
from bot.playground.passage import TOGETHER, hour_of
from bot.playground.render import Json
from bot.playground.wording import ZONE, full
from handlers.local_time import A_DAY, instant_on
from prompts import Reader
from storage.schedules import Schedule

SHOWN = 12
OF_EACH = 2

MORNING = time(8, 0)
FURTHEST = timedelta(days=366)


class NoTime(Exception):
    """The clock cannot be set to that; the text says to what it can."""


@dataclass(slots=True)
class Line:
    """One kind of thing that is due at one hour, to several people."""

    nudge: str
    first: datetime
    people: list[str] = field(default_factory=list)

    @property
    def over(self) -> datetime:
        """When everybody has got it: each gets it at a second of their own."""
        return hour_of(self.first) + TOGETHER - timedelta(seconds=1)


def lines(due: Sequence[Schedule], now: datetime) -> list[Json]:
    """What is due, a line for each kind and hour, with whom it is for."""
    said = prompts.say("help/nudges", Reader("en_GB", ZONE, now))
    return [
        {
            "at": line.over.isoformat(),
            "when": full(line.first),
            "what": f"{said(line.nudge.replace('-', '_'))}{_to(line.people)}",
        }
        for line in _few_of_each(_grouped(due))
    ]


def _few_of_each(every: Sequence[Line]) -> Iterator[Line]:
    """The next lines, few of each kind, so that what is far ahead is among them."""
    shown: Counter[str] = Counter()
    for line in every:
        if shown[line.nudge] < OF_EACH and shown.total() < SHOWN:
            shown[line.nudge] += 1
            yield line


def _grouped(due: Iterable[Schedule]) -> list[Line]:
    names = {number: member.name.split()[0] for number, member in enumerate(sample.TEAM, 1)}
    found: list[Line] = []
    for one in due:
        at = one.next_due_at
        if at is None:
            continue
        same = (line for line in found if line.nudge == one.nudge and at <= line.over)
        line = next(same, None)
        if line is None:
            line = Line(one.nudge, at)
            found.append(line)
        line.people.append(names.get(one.person_id or 0, ""))
    return found


def _to(people: list[str]) -> str:
    named = [name for name in people if name]
    if not named:
        return f" to {sample.CHANNEL_NAME}"
    more = f" and {len(named) - 2} others" if len(named) > 3 else ""
    return f" to {', '.join(named[:2])}{more}" if more else f" to {', '.join(named)}"


def chosen(body: Json, now: datetime) -> datetime | None:
    """Where the clock is to go: `by` an "hour" or until the "morning", `to` an instant, or to a `date`'s morning.

    None for the next thing due. Raises NoTime.
    """
    if body.get("by") == "hour":
        return now + timedelta(hours=1)
    if body.get("by") == "morning":
        return next_morning(now)
    at = _instant(body.get("to")) or _morning_of(body.get("date"))
    if at is None:
        return None
    if at < now:
        raise NoTime(f"This clock goes forward only. It is {full(now)}; choose a later time.")
    if at > now + FURTHEST:
        raise NoTime(f"That is more than a year ahead. Choose a date up to {full(now + FURTHEST)}.")
    return at


def next_morning(now: datetime) -> datetime:
    """Eight o'clock tomorrow, before anybody is asked; today where it is earlier than that."""
    today = now.astimezone(ZoneInfo(ZONE)).date()
    early = instant_on(today, MORNING, ZONE)
    return early if early > now else instant_on(today + A_DAY, MORNING, ZONE)


def _instant(text: object) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        at = datetime.min  # noqa: DTZ901 - refused just below
    if at.tzinfo is None or at.year < 2000:
        raise NoTime("That is no time on this clock. Choose one under Coming up.")
    return at


def _morning_of(text: object) -> datetime | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(str(text))
        return instant_on(day, MORNING, ZONE)
    except (ValueError, OverflowError):
        raise NoTime("That is no date on this clock. Choose one from the calendar, such as 2026-12-24.") from None
