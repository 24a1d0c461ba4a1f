"""How the playground tells time: in the sample team's zone, and each person's in their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.lists import format_list

ZONE = "Europe/London"
REASONS = 3


def when(at: datetime) -> str:
    """An instant beside a message: Mon 23 Nov, 09:40."""
    return format_datetime(at.astimezone(ZoneInfo(ZONE)), "EEE d MMM, HH:mm", locale="en_GB")


def full(at: datetime) -> str:
    """An instant on the clock: Monday 23 November, 09:40."""
    return format_datetime(at.astimezone(ZoneInfo(ZONE)), "EEEE d MMMM, HH:mm", locale="en_GB")


def there(at: datetime, zone: str) -> str:
    """An instant on somebody's wall: Mon 10:40 (CET)."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{format_datetime(local, 'EEE HH:mm', locale='en_GB')} ({local:%Z})"


def city(zone: str) -> str:
    """The city a zone is named after."""
    return zone.rpartition("/")[2].replace("_", " ")


def summer(at: datetime) -> str:
    """Which time the clock shows: London, GMT; London, BST in summer."""
    return f"{city(ZONE)}, {at.astimezone(ZoneInfo(ZONE)):%Z}"


def left_out(found: Sequence[tuple[str, str]]) -> str:
    """Who was not asked and why, from (name, reason): "Not asked: Ana and Ben (paused)." A few reasons at most."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in found:
        by_reason.setdefault(reason, []).append(name)
    said = [f"{and_(sorted(set(names)))} ({reason})" for reason, names in by_reason.items()]
    return f"Not asked: {'; '.join(said[:REASONS])}." if said else ""


def and_(names: Sequence[str]) -> str:
    """Names in a row: Ana, Ben and Chi."""
    return format_list(names, locale="en_GB")
