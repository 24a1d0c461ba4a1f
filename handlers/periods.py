"""The spans that figures and summaries are about."""

from __future__ import annotations

from datetime import date, timedelta

from storage.reflections import Period


def week_of(day: date) -> Period:
    """The week, Monday to Sunday, that a local date lies in."""
    monday = day - timedelta(days=day.isoweekday() - 1)
    return Period("week", monday, monday + timedelta(days=6))
