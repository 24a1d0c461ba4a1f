"""What the bot says, in plain words: one template a moment, its parts as blocks, and the question bank.

Templates hold no markup and are never made of what people typed. A part is a Jinja block: `title`,
`saved`, the label of a button; a handler picks the parts it needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context


@dataclass(frozen=True)
class Reader:
    """Who reads: their locale, their IANA zone, and the instant at which it is now."""

    locale: str
    zone: str
    now: datetime

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The zone's rules."""
        return ZoneInfo(self.zone)

    @cached_property
    def english(self) -> str:
        """The English of the reader's country: the bot's sentences are English, and so are dates in them."""
        return self.locale if self.locale.startswith("en") else "en_GB"

    @cached_property
    def today(self) -> date:
        """The reader's local date."""
        return self.now.astimezone(self.zone_info).date()


class Said:
    """One moment's words for one reader. `said.title` is the part called title."""

    def __init__(self, template: Template, facts: dict[str, Any]) -> None:
        self._template = template
        self._facts = facts

    def __getattr__(self, part: str) -> str:
        return self(part)

    def __contains__(self, part: str) -> bool:
        return part in self._template.blocks

    def __call__(self, part: str, **facts: Any) -> str:
        """The part's words, with further facts; line breaks of the template become spaces.

        Raises KeyError for a part the template does not have, UndefinedError for a fact it lacks.
        """
        context = self._template.new_context({**self._facts, **facts}) if facts else self._context
        return "".join(self._template.blocks[part](context)).strip()

    @cached_property
    def _context(self) -> Context:
        # A card is made of many parts, and what a part sets stays within it.
        return self._template.new_context(self._facts)


def say(moment: str, reader: Reader, **facts: Any) -> Said:
    """The words of a moment, such as "checkin/receipt", for a reader and the facts of the case."""
    return Said(_environment().get_template(f"{moment}.j2"), {"reader": reader, **facts})


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("prompts", "."),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - templates hold no markup; renderers escape
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "day": _day,
        "short_day": _short_day,
        "hour": _hour,
        "when": _when,
        "listed": _listed,
        "plural": _plural,
    }
    return environment


@pass_context
def _day(context: Context, value: date) -> str:
    """A date with its weekday, and the year where it is not this one: Thursday 24 December.

    An instant is the date it falls on in the reader's zone.
    """
    reader: Reader = context["reader"]
    value = _local_date(reader, value)
    year = "" if value.year == reader.today.year else " y"
    return format_date(value, f"EEEE d MMMM{year}", locale=reader.english)


@pass_context
def _short_day(context: Context, value: date) -> str:
    """A date, or the reader's date at an instant, in little room: Thu 24 Dec."""
    reader: Reader = context["reader"]
    return format_date(_local_date(reader, value), "EEE d MMM", locale=reader.english)


def _local_date(reader: Reader, value: date) -> date:
    return value.astimezone(reader.zone_info).date() if isinstance(value, datetime) else value


@pass_context
def _hour(context: Context, value: time | datetime) -> str:
    """A time of day; an instant is told in the reader's zone."""
    reader: Reader = context["reader"]
    if isinstance(value, datetime):
        value = value.astimezone(reader.zone_info).time()
    return format_time(value, "HH:mm", locale=reader.english)


@pass_context
def _when(context: Context, value: datetime) -> str:
    """An instant in the reader's zone: today at 09:40, or Tuesday 24 November at 09:40."""
    reader: Reader = context["reader"]
    local = value.astimezone(reader.zone_info)
    at = format_datetime(local, "HH:mm", locale=reader.english)
    return f"today at {at}" if local.date() == reader.today else f"{_day(context, local.date())} at {at}"


def _listed(values: Iterable[str]) -> str:
    """Several things in a sentence: Ana, Ben and Chi."""
    return format_list(list(values), locale="en_GB")


def _plural(count: int, one: str, many: str | None = None) -> str:
    """A count and its noun: 1 day, 3 days."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
