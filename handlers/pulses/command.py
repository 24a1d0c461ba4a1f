"""The pulse command: this week's card, one initiative's, or an answer typed in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.fields import Field, line
from handlers.initiatives.finding import FIELD, choices, find, reference
from handlers.messages import Button, Message, Text
from handlers.pulses import answers, cards, turns
from handlers.rows import Opening
from storage.initiatives import Initiative, Status
from storage.teams import name_key

FIELDS = (
    Field(FIELD, line, kind="choice", optional=True, limit=1200),
    Field("answer", answers.ANSWER.check, kind="choice", choices=answers.CHOICES, optional=True),
    answers.WHY_OR_NOT,
)
PICKING = (Field(FIELD, line, kind="choice"), answers.ANSWER, answers.WHY_OR_NOT)
SAID = re.compile(r"(?<![\w-])(yes|no|unsure|not sure)(?![\w-])", re.IGNORECASE)
BECAUSE = re.compile(r"^[\s,.:;–-]*(because\b)?[\s,:]*", re.IGNORECASE)


class NothingInHand(HandlerError):
    """Nothing is being built, so there is no pulse to give. When work begins, type start."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a typed line: what it is about, the answer if there is one, and why."""

    about: str
    answer: str = ""
    why: str = ""


async def pulse(context: Context, initiative: str | None, answer: str | None, why: str | None) -> Message:
    """This week's pulse; of one initiative where one is named; answered where an answer is given too."""
    week = turns.monday(context.today)
    if initiative is None:
        found = await cards.asked(context, week)
        if not found.about:
            raise _nothing(context)
        return cards.card(context, found)
    meant = await answers.in_hand(context, initiative)
    if answer:
        await answers.keep(context, meant, week, answer, why)
        await answers.redraw(context, week)
    return cards.card(context, await cards.asked(context, week, [meant]))


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """What a typed line means; where that is not clear, what there is to pick from, and the answer in it."""
    offered = {FIELD: await choices(context, Status.BUILDING)}
    text = " ".join(typed.get(FIELD, "").split())
    if not text:
        return Opening(choices=offered, fields=PICKING if typed.get("answer") else ())
    try:
        reading, meant = await _understood(context, text)
    except FieldError as unclear:
        if not offered[FIELD]:
            raise _nothing(context) from unclear
        first = next(readings(text), Reading(text))
        problem = (Text(str(unclear)),)
        return Opening(_said(first), {FIELD: ""}, offered, intro=problem, fields=PICKING)
    return Opening(resolved={FIELD: reference(meant.id), **_said(reading)}, choices=offered)


def _said(reading: Reading) -> dict[str, str]:
    return {"answer": reading.answer, "why": reading.why} if reading.answer else {}


def readings(text: str) -> Iterator[Reading]:
    """Each way in which a line can be about something and then answer it, from left to right."""
    for found in SAID.finditer(text):
        why = BECAUSE.sub("", text[found.end() :]).strip()
        about = text[: found.start()].rstrip(" ,.:;–-")
        word = found[1].casefold()
        yield Reading(about, "unsure" if word == "not sure" else word, why)


async def _understood(context: Context, text: str) -> tuple[Reading, Initiative]:
    """What a line means: whole titles first, then parts of titles. Raises FieldError where nothing fits."""
    possible = [Reading(text), *readings(text)]
    work = await context.store.initiatives.of_team(context.team.id, Status.BUILDING)
    bare = next((each for each in possible if each.answer and not each.about), None)
    if bare and len(work) == 1 and name_key(text) != name_key(work[0].title):
        in_title = [each for each in possible if each.about and _is_of(each.about, work[0])]
        return (in_title or [bare])[0], work[0]
    for reading in possible:
        for each in work:
            if _is_of(reading.about, each):
                return reading, each
    for reading in (each for each in possible if each.about):
        try:
            return reading, await find(context, reading.about, Status.BUILDING)
        except FieldError as unclear:
            refusal = unclear
    raise FieldError(FIELD, context.say("pulses/answer").which) if bare else refusal


def _is_of(text: str, initiative: Initiative) -> bool:
    return text == reference(initiative.id) or name_key(text) == name_key(initiative.title)


def _nothing(context: Context) -> NothingInHand:
    said = context.say("pulses/answer")
    return NothingInHand(Button(said.start, "start"), Button(said.status, "status"))
