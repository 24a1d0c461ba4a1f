"""How the playground tells time: in the sample team's zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

ZONE = "Europe/London"


def when(at: datetime) -> str:
    """An instant beside a message: Mon 23 Nov, 09:40."""
    return format_datetime(at.astimezone(ZoneInfo(ZONE)), "EEE d MMM, HH:mm", locale="en_GB")


def full(at: datetime) -> str:
    """An instant on the clock: Monday 23 November, 09:40."""
    return format_datetime(at.astimezone(ZoneInfo(ZONE)), "EEEE d MMMM, HH:mm", locale="en_GB")
