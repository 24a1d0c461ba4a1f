"""What is a person's own: what they are asked, when and why, and how to stop it for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from handlers import weekdays
from handlers.checkins import QUESTION
from handlers.context import Context
from handlers.errors import FieldError
from handlers.messages import Block, Button, Facts, Items, Message, Note, Text
from prompts import Said
from storage.initiatives import OPEN
from storage.schedules import Occurrence
from storage.teams import Team

LOOK_BACK_DAYS = 7
LONGEST_PAUSE = timedelta(days=366)
RECENT = 10


async def me(context: Context) -> Message:
    """What I am asked and when, what is mine, and what waits for me."""
    said = context.say("mine/me", name=context.me.first_name)
    team = context.found_team if context.membership else None
    rows = [(said.asked_label, await _asked(context, said, team))]
    if context.me.paused_until and context.me.paused_until > context.today:
        rows.append((said.paused_label, said("paused", until=context.me.paused_until)))
    if team:
        rows += await _work(context, said, team)
    latest = await context.store.reflections.latest(context.me.id, QUESTION, RECENT)
    if latest:
        mean = sum(given.score or 0 for given in latest) / len(latest)
        rows.append((said.scores_label, said("scores", count=len(latest), mean=mean)))
    return Message(
        said.title, (Facts(tuple(rows)), Note(said.only_you)), _buttons(context, said), await _teams(context)
    )


async def why(context: Context) -> Message:
    """Why a question came or did not, for each of the last days."""
    since = datetime.combine(context.today - timedelta(days=LOOK_BACK_DAYS), time(0), UTC)
    happened = await context.store.schedules.occurrences(context.me.id, since)
    team = context.found_team if context.membership else None
    last = next((one for one in happened if one.outcome == "sent"), None)
    said = context.say("mine/why", last=last, team=team, zone=context.me.zone)
    first: tuple[Block, ...] = ()
    if last and team:
        days = weekdays.write_days(team.days, "en")
        first = (Text(said("because", days=days, moved=last.nudge != "checkin")),)
    blocks = (
        *first,
        Items(tuple(_days(context, said, team, happened))),
        Note(said.next if team else said.no_team),
    )
    upcoming = await context.store.schedules.of_person(context.me.id)
    following = (Text(said("following", at=upcoming[0].next_due_at)),) if upcoming and team else ()
    return Message(said.title, (*blocks, *following), (Button(said.pause, "pause"), Button(said.me, "me")))


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
    was_paused = bool(context.me.paused_until and context.me.paused_until > context.today)
    await context.store.directory.pause(context.me.id, None)
    said = context.say("mine/resume", was_paused=was_paused)
    upcoming = await context.store.schedules.of_person(context.me.id)
    body = said("next", at=upcoming[0].next_due_at) if upcoming else said.nothing
    return Message(said.title, (Text(body),), (Button(said.checkin, "checkin"), Button(said.me, "me")))


async def use_team(context: Context, use: int) -> Message:
    """Make another of the person's teams the one that direct messages are about."""
    team = next((team for team in await context.store.teams.of_person(context.me.id) if team.id == use), None)
    if team is None:
        raise FieldError("use", "You do not take part in that team any more. Type me to see your teams.")
    await context.store.directory.use_team(context.me.id, team.id)
    said = context.say("mine/team", team=team)
    return Message(said.title, (Text(said.body),), (Button(said.help, "help"),))


async def _asked(context: Context, said: Said, team: Team | None) -> str:
    if team is None:
        return said.not_asked
    upcoming = await context.store.schedules.of_person(context.me.id)
    at = upcoming[0].next_due_at if upcoming else None
    return said("asked", team=team, days=weekdays.write_days(team.days, "en"), at=at)


async def _work(context: Context, said: Said, team: Team) -> list[tuple[str, str]]:
    """What the person owns and what waits for their answer."""
    owned = [
        i.title for i in await context.store.initiatives.of_team(team.id, *OPEN) if i.owner_id == context.me.id
    ]
    rows = [(said.owned_label, said("owned", titles=owned))]
    titles = []
    for retro in await context.store.retros.waiting_for(context.me.id):
        initiative = await context.store.initiatives.get(retro.initiative_id)
        titles += [initiative.title] if initiative else []
    return rows + ([(said.retros_label, said("retros", titles=titles))] if titles else [])


def _buttons(context: Context, said: Said) -> tuple[Button, ...]:
    paused = context.me.paused_until and context.me.paused_until > context.today
    halt = Button(said.resume, "resume") if paused else Button(said.pause, "pause")
    return halt, Button(said.why, "why"), Button(said.my_data, "my-data")


async def _teams(context: Context) -> tuple[Button, ...]:
    """A button for each other team of the person's, so that a direct message can be about it."""
    said = context.say("mine/team", team=None)
    here = context.found_team.id if context.found_team else None
    teams = await context.store.teams.of_person(context.me.id)
    return tuple(
        Button(said("switch", team=team), "team.use", {"use": str(team.id)}) for team in teams if team.id != here
    )


def _days(context: Context, said: Said, team: Team | None, happened: Sequence[Occurrence]) -> list[str]:
    """A line for each of the last days, newest first: what came, or why nothing did."""
    lines = []
    for back in range(LOOK_BACK_DAYS):
        day = context.today - timedelta(days=back)
        on_day = [one for one in happened if one.local_date == day]
        lines += [said(one.outcome, day=day, one=one) for one in on_day]
        if not any(one.nudge == "checkin" for one in on_day):
            lines.append(said("none", day=day, reason=_absence(context, team, day)))
    return lines


def _absence(context: Context, team: Team | None, day: date) -> str:
    """Why no question was due on a day."""
    if team is None:
        return "no team"
    if day.isoweekday() not in team.days:
        return "day off"
    started = team.started_at
    if started is None or day <= started.astimezone(context.reader.zone_info).date():
        return "not started"
    return "still to come" if day == context.today else "not due"
