"""The pulse that comes by itself, once a week, inside the card of its day where there is one."""

from __future__ import annotations

from datetime import date

from handlers.context import Context
from handlers.messages import Block, Message
from handlers.pulses import cards, turns
from handlers.rows import Skipped
from storage.schedules import Schedule


async def due(context: Context, schedule: Schedule) -> Message | Skipped:
    """The middle of the week: ask about the work in hand, unless all of it is answered."""
    found = await cards.asked(context, turns.monday(turns.day_of(schedule)))
    if not found.about:
        return Skipped("nothing being built")
    return Skipped("answered") if found.is_answered else cards.card(context, found)


async def part(context: Context, subject_id: int | None, day: date) -> tuple[Block, ...]:
    """The pulse inside the card of a day, asked or answered."""
    return cards.part(context, await cards.asked(context, turns.monday(day)), day)
