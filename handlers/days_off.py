"""The team's own days off: on those nobody is asked, and what is due comes on the next day that is worked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers import fields
from handlers.context import Context
from handlers.fields import Field
from handlers.messages import Button, Items, Message, Text
from handlers.rows import Opening

FIELDS = (Field("dates", fields.dates_ahead), Field("what", fields.line, optional=True))
MOST_BUTTONS = 5


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form, under the days that are off already."""
    lines = await _lines(context)
    said = context.say("teams/days_off", team=context.team)
    return Opening(intro=(Text(said.so_far), Items(lines)) if lines else (), facts={"team": context.team})


async def add(context: Context, dates: tuple[date, ...], what: str | None) -> Message:
    """The team does not work on these days."""
    await context.store.teams.take_off(context.team.id, dates, what or "")
    return await shown(context)


async def work(context: Context, date: date) -> Message:
    """The team works on a day after all."""
    await context.store.teams.work_on(context.team.id, [date])
    return await shown(context)


async def shown(context: Context) -> Message:
    """The days off that are to come, each with a button to work on it after all."""
    coming = await _coming(context)
    said = context.say("teams/days_off", team=context.team, count=len(coming))
    lines = await _lines(context)
    next_ones = list(coming)[:MOST_BUTTONS]
    buttons = tuple(Button(said("work", day=day), "days-off.work", {"date": day.isoformat()}) for day in next_ones)
    blocks = (Items(lines), Text(said.means)) if lines else (Text(said.none),)
    return Message(said.title, blocks, (Button(said.add, "days-off"),), buttons)


async def _coming(context: Context) -> Mapping[date, str]:
    every = await context.store.teams.days_off(context.team.id)
    return {day: what for day, what in every.items() if day >= context.team_reader.today}


async def _lines(context: Context) -> tuple[str, ...]:
    said = context.say("teams/days_off", team=context.team)
    return tuple(said("line", day=day, what=what) for day, what in (await _coming(context)).items())
