"""What is a person's own: what they are asked and when, what is theirs, and how to stop it for a while."""

from __future__ import annotations

from datetime import date, timedelta

from handlers import schedules
from handlers.checkins import QUESTION
from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.messages import Button, Facts, Message, Note, Text
from handlers.typed import weekdays
from prompts import Said
from storage.initiatives import OPEN
from storage.teams import Team

LONGEST_PAUSE = timedelta(days=366)
RECENT = 10


class NotYourTeam(HandlerError):
    """You do not take part in that team any more. Type me to see your teams."""


async def me(context: Context) -> Message:
    """What I am asked and when, what is mine, and what waits for me."""
    said = context.say("mine/me", name=context.me.first_name)
    team = await own_team(context)
    rows = [(said.asked_label, await _asked(context, said, team))]
    if is_paused(context):
        rows.append((said.paused_label, said("paused", until=context.me.paused_until)))
    if team:
        rows += await _work(context, said, team)
    latest = await context.store.reflections.latest(context.me.id, QUESTION, RECENT)
    if latest:
        mean = sum(given.score or 0 for given in latest) / len(latest)
        rows.append((said.scores_label, said("scores", count=len(latest), mean=mean)))
    halt = Button(said.resume, "resume") if is_paused(context) else Button(said.pause, "pause")
    buttons = (halt, Button(said.why, "why"), Button(said.my_data, "my-data"))
    return Message(said.title, (Facts(tuple(rows)), Note(said.only_you)), buttons, await _others(context, team))


async def pause(context: Context, until: date) -> Message:
    """Ask nothing before a date."""
    if until <= context.today:
        raise FieldError("until", "That day is not ahead. From which day on may I ask again? Such as: Monday.")
    if until > context.today + LONGEST_PAUSE:
        raise FieldError("until", "A pause lasts a year at most. Pick an earlier day; you can pause again then.")
    await context.store.directory.pause(context.me.id, until)
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


async def _asked(context: Context, said: Said, team: Team | None) -> str:
    if team is None:
        return said.not_asked
    at = await schedules.coming(context, context.me.paused_until, team.id)
    return said("asked", team=team, days=weekdays.write_days(team.days, "en"), at=at)


async def _work(context: Context, said: Said, team: Team) -> list[tuple[str, str]]:
    """What the person owns and what waits for their answer."""
    open_work = await context.store.initiatives.of_team(team.id, *OPEN)
    owned = [initiative.title for initiative in open_work if initiative.owner_id == context.me.id]
    rows = [(said.owned_label, said("owned", titles=owned))]
    titles = []
    for retro in await context.store.retros.waiting_for(context.me.id):
        initiative = await context.store.initiatives.get(retro.initiative_id)
        titles += [initiative.title] if initiative else []
    return rows + ([(said.retros_label, said("retros", titles=titles))] if titles else [])


async def _others(context: Context, team: Team | None) -> tuple[Button, ...]:
    """A button for each other team of the person's, so that a direct message can be about it."""
    said = context.say("mine/team", team=None)
    others = [each for each in await context.store.teams.of_person(context.me.id) if team and each.id != team.id]
    return tuple(Button(said("switch", team=each), "team.use", {"use": str(each.id)}) for each in others)
