"""Backing off: whoever does not react to several questions in a row is asked whether to go on, then rarely."""

from __future__ import annotations

from datetime import date, timedelta

from handlers import mine, schedules
from handlers.context import Context
from handlers.messages import Button, Message, Text
from storage.directory import Person

IN_A_ROW = 5
RARELY = IN_A_ROW + 4
A_WEEK, FOUR_WEEKS = timedelta(days=7), timedelta(days=28)
ASK, UNANSWERED = "whether to go on", "unanswered"


def rests(person: Person, day: date, last_asked: date | None) -> str:
    """Why a person is not asked on a day: ASK for the one card in place of the question, UNANSWERED after it.

    Then a question comes once a week, and from the fourth of those without an answer once in four weeks;
    whatever they do ends it.
    """
    if person.unanswered < IN_A_ROW:
        return ""
    if person.unanswered == IN_A_ROW:
        return ASK
    apart = A_WEEK if person.unanswered < RARELY else FOUR_WEEKS
    return UNANSWERED if last_asked and day - last_asked < apart else ""


def question(context: Context) -> Message:
    """Stop, move or go on?"""
    said = context.say("nudges/whether", count=IN_A_ROW)
    buttons = (
        Button(said.go_on, "nudges.go-on", style="main"),
        Button(said.move, "schedule"),
        Button(said.stop, "nudges.stop"),
    )
    return Message(said.title, (Text(said.body),), buttons, (Button(said.away, "pause"), Button(said.why, "why")))


async def go_on(context: Context) -> Message:
    """Ask as before."""
    at = await schedules.coming(context, context.me.paused_until)
    said = context.say("nudges/going_on", at=at)
    return Message(
        said.title, (Text(said.body),), (Button(said.checkin, "checkin"), Button(said.move, "schedule"))
    )


async def stop(context: Context) -> Message:
    """Ask nothing until they say so, or for the longest pause there is."""
    return await mine.pause(context, context.today + mine.LONGEST_PAUSE)
