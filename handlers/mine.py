"""What is a person's own: what they are asked and when, what is theirs, and how to stop it for a while."""

from __future__ import annotations

from datetime import date, timedelta

from handlers import schedules
from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.messages import Button, Message, Text
from storage.teams import Team

LONGEST_PAUSE = timedelta(days=366)


class NotYourTeam(HandlerError):
    """You do not take part in that team any more. Type me to see your teams."""


async def pause(context: Context, until: date) -> Message:
    """Ask nothing before a date."""
    if until <= context.today:
        raise FieldError("until", "That day is not ahead. From which day on may I ask again? Such as: Monday.")
    if until > context.today + LONGEST_PAUSE:
        raise FieldError("until", "A pause lasts a year at most. Pick an earlier day; you can pause again then.")
    await context.store.directory.pause(context.me.id, until)
    await context.store.outbox.withdraw_nudges(context.me.id)
    said = context.say("mine/pause", until=until, last=until - timedelta(days=1))
    buttons = (Button(said.resume, "resume"), Button(said.change, "pause"))
    return Message(said.title, (Text(said.body),), buttons)


async def resume(context: Context) -> Message:
    """Ask again from now on."""
    said = context.say("mine/resume", was_paused=is_paused(context))
    await context.store.directory.pause(context.me.id, None)
    at = await schedules.coming(context, None)
    body = said("next", at=at) if at else said.nothing
    return Message(said.title, (Text(body),), (Button(said.checkin, "checkin"), Button(said.me, "me")))


async def use_team(context: Context, use: int) -> Message:
    """Make another of the person's teams the one that direct messages are about."""
    team = next((team for team in await context.store.teams.of_person(context.me.id) if team.id == use), None)
    if team is None:
        raise NotYourTeam
    await context.store.directory.use_team(context.me.id, team.id)
    said = context.say("mine/team", team=team)
    # No button: what comes back from this card is about the team it was made for, which is the earlier one.
    return Message(said.title, (Text(said.body),))


async def own_team(context: Context) -> Team | None:
    """The team it is about where the person takes part in it; else another of theirs, if any."""
    if context.found_team and context.membership:
        return context.found_team
    return next(iter(await context.store.teams.of_person(context.me.id)), None)


def is_paused(context: Context) -> bool:
    """Whether the person is asked nothing today."""
    return context.me.paused_until is not None and context.me.paused_until > context.today
