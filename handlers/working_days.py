"""The days on which a team or a person works: weekdays, less public holidays and days off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from handlers.holidays import holiday
from handlers.local_time import A_DAY

LONGEST_REST = 366


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """One calendar: ISO weekdays, the holidays of a `region` ("" for none), and named days off of its own."""

    days: tuple[int, ...]
    region: str = ""
    days_off: Mapping[date, str] = field(default_factory=dict)

    def why_off(self, day: date) -> str:
        """Why a date is off: "day off", "public holiday: NAME" or "team day off: NAME"; "" where it is worked."""
        if day.isoweekday() not in self.days:
            return "day off"
        if day in self.days_off:
            return f"team day off: {self.days_off[day]}"
        name = holiday(self.region, day)
        return f"public holiday: {name}" if name else ""


def working_day_on_or_after(day: date, calendar: WorkingDays) -> date:
    """The day itself where it is worked, else the next that is; the day itself where none comes in a year."""
    coming = (day + n * A_DAY for n in range(LONGEST_REST))
    return next((each for each in coming if not calendar.why_off(each)), day)


def working_days_later(day: date, count: int, calendar: WorkingDays) -> date:
    """The day that is `count` working days after another."""
    for _ in range(count):
        day = working_day_on_or_after(day + A_DAY, calendar)
    return day
