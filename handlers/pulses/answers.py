"""Answers to a pulse: one a person, initiative and week, changed, explained and taken back; late ones count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from handlers import checkins
from handlers.context import Context
from handlers.errors import HandlerError
from handlers.fields import Field, day, line, one_of, words
from handlers.initiatives.finding import FIELD, by_reference, reference, unknown
from handlers.initiatives.progress import HIDDEN
from handlers.messages import Button, Message, Text
from handlers.pulses import cards, turns
from handlers.rows import Opening
from storage.initiatives import Initiative, Status
from storage.reflections import Reflection, pulse

ANSWERABLE = timedelta(days=14)
CHOICES = tuple(cards.ANSWERS)

WEEK = Field("week", day, shown=False)
IN_DAY = Field("date", day, shown=False, optional=True)  # of the day's card, where the button stands in one
ANSWER = Field("answer", one_of(*CHOICES), kind="choice", choices=CHOICES)
TAPPED = Field("answer", one_of(*CHOICES), shown=False)
WHY = Field("why", words, kind="text", limit=1000)
WHY_OR_NOT = Field("why", words, kind="text", limit=1000, optional=True)
ABOUT = (HIDDEN, WEEK, IN_DAY)


class NotInHand(HandlerError):
    """{title} is not being built, so there is no pulse of it. Its card says how it stands."""


async def save(
    context: Context, initiative: str, week: date, answer: str, date: date | None, why: str | None = None
) -> Message:
    """Keep an answer. One tap is enough; a later one changes it, and is marked as an edit."""
    found = await in_hand(context, initiative)
    monday = turns.monday(week)
    if not turns.monday(context.today) - ANSWERABLE <= monday <= turns.monday(context.today):
        return _too_old(context, monday)
    await keep(context, found, monday, answer, why)
    return await _settled(context, found, monday, date)


async def explain(context: Context, initiative: str, week: date, why: str, date: date | None) -> Message:
    """Add the reason to an answer."""
    found = await in_hand(context, initiative)
    given = await _given(context, found, turns.monday(week))
    if given:
        edited = context.now if given.sentence else given.edited_at
        await context.store.reflections.change(given.id, sentence=why, edited_at=edited)
    return await _settled(context, found, turns.monday(week), date)


async def undo(context: Context, initiative: str, week: date, date: date | None) -> Message:
    """Take an answer back and ask again."""
    found = await in_hand(context, initiative)
    given = await _given(context, found, turns.monday(week))
    if given:
        await context.store.reflections.remove(given.id)
    return await _settled(context, found, turns.monday(week), date)


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """What an edit starts from: the answer that is there."""
    found = await in_hand(context, typed.get(FIELD, ""))
    week = _carried(typed)
    given = await _given(context, found, week) if week else None
    facts = {"title": found.title}
    if given is None or given.score is None:
        return Opening(facts=facts)
    return Opening(known={"answer": cards.WORDS[given.score], "why": given.sentence}, facts=facts)


async def keep(context: Context, initiative: Initiative, week: date, answer: str, why: str | None) -> None:
    """Add an answer for the week of a Monday, or change the one that a unique constraint says is there."""
    score = cards.ANSWERS[answer]
    added = await context.store.reflections.add(
        team_id=context.team.id,
        person_id=context.me.id,
        question=pulse(initiative.id),
        local_date=week,
        score=score,
        sentence=why or "",
        initiative_id=initiative.id,
        is_late=week < turns.monday(context.today),
        created_at=context.now,
        promised=context.team.visibility,
    )
    given = None if added else await _given(context, initiative, week)
    if given:
        sentence = given.sentence if why is None else why
        await context.store.reflections.change(given.id, score=score, sentence=sentence, edited_at=context.now)


async def in_hand(context: Context, named: str) -> Initiative:
    """The initiative a button names, while it is being built. Raises Unknown or NotInHand."""
    found = await by_reference(context, line(named, context.reader))
    if found is None:
        raise unknown(context)
    if found.status is not Status.BUILDING:
        label = context.say("pulses/card").see
        raise NotInHand(Button(label, "initiative.show", {FIELD: reference(found.id)}), title=found.title)
    return found


async def redraw(context: Context, week: date) -> Message:
    """The week's card as it is after a change, here and wherever else it stands."""
    message = cards.card(context, await cards.asked(context, week))
    await context.redraw(turns.card_key(context.team.id, context.me.id, week), message)
    on = week + timedelta(days=turns.rule(context.team, context.me).days[0] - 1)
    known = await context.store.schedules.day_card(context.me.id, on)
    if known and known.guest == turns.NUDGE and known.guest_team_id == context.team.id:
        await context.redraw(known.key, await checkins.around(context, on))
    return message


async def _settled(context: Context, initiative: Initiative, week: date, day: date | None) -> Message:
    """The card that was tapped, as it is now."""
    message = await redraw(context, week)
    if day:
        return await checkins.around(context, day)
    if initiative in await turns.asked_about(context, week):
        return message
    return cards.card(context, await cards.asked(context, week, [initiative]))


async def _given(context: Context, initiative: Initiative, week: date) -> Reflection | None:
    return await context.store.reflections.get(context.me.id, pulse(initiative.id), week)


def _carried(typed: Mapping[str, str]) -> date | None:
    try:
        return turns.monday(date.fromisoformat(typed.get("week", "")))
    except ValueError:
        return None  # the check of the field says so


def _too_old(context: Context, week: date) -> Message:
    said = context.say("pulses/too_old", week=week, days=ANSWERABLE.days)
    return Message(said.title, (Text(said.body),), (Button(said.now, "pulse"),))
