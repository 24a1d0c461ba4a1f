"""Ten short ideas for a new member, one a day with the question; stopped on a tap, read again at any time."""

from __future__ import annotations

from datetime import date, time, timedelta

from handlers import calendars, checkins
from handlers.context import Context
from handlers.fields import Field, day
from handlers.local_time import A_DAY, instant_on, next_due
from handlers.messages import Block, Button, Items, Message, Note, Scale, Text
from handlers.rows import Skipped
from handlers.typed.refusals import Refused
from prompts import Reader, Said
from prompts.ideas import ideas
from storage.directory import Person
from storage.schedules import Schedule

NUDGE = "learning"
MOMENT = timedelta(seconds=1)


def number(text: str, reader: Reader) -> int:
    """The number of an idea. Raises Refused for any other."""
    digits = text.strip().removeprefix("#")
    if not (digits.isdecimal() and len(digits) < 4 and 1 <= int(digits) <= len(ideas())):
        raise Refused(f"There are {len(ideas())} ideas. Type learn and a number from 1 to {len(ideas())}.")
    return int(digits)


IDEA = Field("idea", number, optional=True)
HIDDEN = Field("idea", number, shown=False)
IN_DAY = Field("date", day, shown=False, optional=True)  # of the day's card, where the button stands in one


async def plan(context: Context, person: Person) -> None:
    """Send a new member the ideas from tomorrow on, unless they have had any, in whichever team."""
    schedules = context.store.schedules
    if await schedules.called(_key(person)) or await schedules.last_sent(person.id, NUDGE):
        return
    await _send_from(context, person, 1)


async def is_planned(context: Context) -> bool:
    """Whether there are ideas still to come for whoever asks, or that they have stopped."""
    return await context.store.schedules.called(_key(context.me)) is not None


async def due(context: Context, schedule: Schedule) -> Message | Skipped:
    """Today's idea; the next one follows on the next day, until there is none."""
    planned = await context.store.schedules.called(_key(context.me))
    if planned is None or planned.next_due_at is None:
        return Skipped("not wanted")
    found = schedule.subject_id or 1
    if found >= len(ideas()):
        await context.store.schedules.cancel(_key(context.me))
    else:
        await context.store.schedules.put(
            _key(context.me), nudge=NUDGE, team_id=schedule.team_id, zone=schedule.zone, subject_id=found + 1
        )
    said = _said(context, found)
    return Message(said.title, _idea(said), (Button(said.stop, "learn.stop", _values(found)),))


async def part(context: Context, subject_id: int | None, day: date) -> tuple[Block, ...]:
    """An idea inside the card of a day; that they have stopped, once they have."""
    found = subject_id or 1
    values = {**_values(found), "date": day.isoformat()}
    said = _said(context, found)
    planned = await context.store.schedules.called(_key(context.me))
    if planned and planned.next_due_at is None:
        return Text(said.stopped), Scale((Button(said.go_on, "learn.go-on", values),))
    stop = (Scale((Button(said.stop, "learn.stop", values),)),) if planned else ()
    return Text(said.title), *_idea(said), *stop


async def learn(context: Context, idea: int | None) -> Message:
    """The ideas to choose from, or one of them."""
    if idea is not None:
        return await show(context, idea)
    said = _said(context, 1)
    titles = tuple(said("line", number=each, title=one.title) for each, one in enumerate(ideas(), 1))
    buttons = tuple(Button(one.title, "learn.show", _values(each)) for each, one in enumerate(ideas(), 1))
    first = Button(said.first, "learn.show", _values(1), style="main")
    return Message(said.all_title, (Text(said.all_body), Items(titles)), (first,), buttons)


async def show(context: Context, idea: int) -> Message:
    """One idea, with the way to those beside it."""
    said = _said(context, idea)
    after = (Button(said.after, "learn.show", _values(idea + 1), style="main"),) if idea < len(ideas()) else ()
    before = (Button(said.before, "learn.show", _values(idea - 1)),) if idea > 1 else ()
    return Message(said.title, _idea(said), (*after, *before, Button(said.all, "learn")))


async def stop(context: Context, idea: int, date: date | None) -> Message:
    """Send no more of them."""
    planned = await context.store.schedules.called(_key(context.me))
    if planned:
        await context.store.schedules.advance(planned.id, None)
    if date:
        return await checkins.around(context, date)
    said = _said(context, idea)
    buttons = (Button(said.go_on, "learn.go-on", _values(idea)), Button(said.all, "learn"))
    return Message(said.stopped, buttons=buttons)


async def go_on(context: Context, idea: int, date: date | None) -> Message:
    """Send the rest of them after all, from tomorrow on."""
    planned = await context.store.schedules.called(_key(context.me))
    if planned and planned.next_due_at is None:
        await _send_from(context, context.me, planned.subject_id or idea)
    return await (checkins.around(context, date) if date else show(context, idea))


async def _send_from(context: Context, person: Person, first: int) -> None:
    rule = calendars.rule_of(context.team, person)
    today = context.seen_by(person).today
    after = instant_on(today + A_DAY, time(0), person.zone) - MOMENT
    await context.store.schedules.put(
        _key(person),
        nudge=NUDGE,
        team_id=context.team.id,
        person_id=person.id,
        subject_id=first,
        days=rule.days,
        hour=rule.hour,
        zone=person.zone,
        next_due_at=next_due(rule.days, rule.hour, person.zone, after, rule.jitter),
    )


def _key(person: Person) -> str:
    return f"{NUDGE}:{person.id}"


def _values(number: int) -> dict[str, str]:
    return {"idea": str(number)}


def _idea(said: Said) -> tuple[Block, ...]:
    return Text(said.text), Note(said.trying)


def _said(context: Context, number: int) -> Said:
    return context.say("learning/idea", idea=ideas()[number - 1], number=number, count=len(ideas()))
