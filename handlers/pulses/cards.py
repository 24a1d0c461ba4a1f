"""A pulse as it is read: a row of answers for each piece of work, or what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from handlers.context import Context
from handlers.initiatives.finding import FIELD, reference
from handlers.messages import Block, Button, Message, Note, Quote, Scale, Text
from handlers.pulses import turns
from prompts import Said
from storage.initiatives import Initiative
from storage.reflections import NO, UNSURE, YES, Reflection, pulse

ANSWERS = {"yes": YES, "unsure": UNSURE, "no": NO}
WORDS = {score: word for word, score in ANSWERS.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What one person is asked about in the week of a Monday, and what they have answered, by question."""

    week: date
    about: Sequence[Initiative]
    given: Mapping[str, Reflection]

    @property
    def is_answered(self) -> bool:
        """Whether nothing is open any more."""
        return all(pulse(each.id) in self.given for each in self.about)


async def asked(context: Context, week: date, about: Sequence[Initiative] | None = None) -> Asked:
    """The week's pulse of whoever reads this, about these initiatives or those whose turn it is."""
    found = await turns.asked_about(context, week) if about is None else about
    questions = [pulse(each.id) for each in found]
    given = await context.store.reflections.to_all(context.me.id, questions, week) if questions else {}
    return Asked(week, found, given)


def card(context: Context, found: Asked) -> Message:
    """A card of its own: the question about each piece of work, or what was answered."""
    said = _said(context, found)
    title = said.saved if found.is_answered else said.title
    why = (Button(said.why_me, "why"),)
    return Message(title, (Text(said.body), *_rows(said, found, {}), Note(said.who_sees)), more=why)


def part(context: Context, found: Asked, day: date) -> tuple[Block, ...]:
    """The same inside the card of a day."""
    if not found.about:
        return ()
    said = _said(context, found)
    rows = _rows(said, found, {"date": day.isoformat()})
    return Text(said.title), *rows, Note(said.who_sees)


def _rows(said: Said, found: Asked, more: Mapping[str, str]) -> tuple[Block, ...]:
    rows = [_row(said, found, each, more) for each in found.about]
    return tuple(block for row in rows for block in row)


def _row(said: Said, found: Asked, initiative: Initiative, more: Mapping[str, str]) -> tuple[Block, ...]:
    values = {FIELD: reference(initiative.id), "week": found.week.isoformat(), **more}
    given = found.given.get(pulse(initiative.id))
    if given is None or given.score is None:
        scale = (Button(said(word), "pulse.save", {**values, "answer": word}) for word in ANSWERS)
        return Text(initiative.title), Scale(tuple(scale))
    answered = Text(said("answered", title=initiative.title, answer=WORDS[given.score], given=given))
    quote = (Quote(given.sentence),) if given.sentence else ()
    why = () if given.sentence else (Button(said.why, "pulse.why", values),)
    edit, undo = Button(said.edit, "pulse.edit", values), Button(said.undo, "pulse.undo", values)
    return answered, *quote, Scale((*why, edit, undo))


def _said(context: Context, found: Asked) -> Said:
    only = found.about[0].title if len(found.about) == 1 else ""
    return context.say(
        "pulses/card",
        only=only,
        week=found.week,
        is_past=found.week < turns.monday(context.today),
        visibility=context.team.visibility,
        channel=context.team.channel_name,
        floor=context.team.floor,
    )
