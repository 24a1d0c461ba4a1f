"""Why: for each of the last days, why a person was asked or was not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from handlers import mine, schedules
from handlers.context import Context
from handlers.messages import Block, Button, Items, Message, Note, Text
from handlers.typed import weekdays
from prompts import Said
from storage.schedules import Occurrence
from storage.teams import Team

LOOK_BACK_DAYS = 7


async def why(context: Context) -> Message:
    """Why a question came or did not, for each of the last days."""
    since = datetime.combine(context.today - timedelta(days=LOOK_BACK_DAYS), time(0), UTC)
    happened = await context.store.schedules.occurrences(context.me.id, since)
    team = await mine.own_team(context)
    last = next((one for one in happened if one.outcome == "sent"), None)
    at = await schedules.coming(context, context.me.paused_until)
    said = context.say("mine/why", last=last, team=team, zone=context.me.zone, at=at)
    days = await _days(context, said, team, happened)
    blocks: list[Block] = [Text(await _because(context, said, last, happened))] if last else []
    blocks += [Items(tuple(days))] if days else []
    blocks += [Note(said.next if team else said.no_team)]
    blocks += [Text(said.archived)] if team and team.channel_is_archived else []
    blocks += [Text(said.following)] if at and team else []
    paused_until = context.me.paused_until
    if paused_until and paused_until > context.today:
        blocks.append(Note(said("paused", until=paused_until)))
        halt = Button(said.resume, "resume")
    else:
        halt = Button(said.pause, "pause")
    return Message(said.title, tuple(blocks), (halt, Button(said.me, "me")))


async def _because(context: Context, said: Said, last: Occurrence, happened: Sequence[Occurrence]) -> str:
    """Why the last one came, by the rules of its own team; no rule of now is given for one of an earlier rule."""
    if last.nudge != "checkin":
        return said.retro
    if any(_is_question(one, last.local_date) and one.due_at < last.due_at for one in happened):
        return said.snoozed
    team = await context.store.teams.get(last.team_id)
    local = last.due_at.astimezone(context.reader.zone_info)
    if team is None or local.time() != team.hour or local.isoweekday() not in team.days:
        return said.ruled_then
    return said("because", team=team, days=weekdays.write_days(team.days, "en"))


async def _days(context: Context, said: Said, team: Team | None, happened: Sequence[Occurrence]) -> list[str]:
    """A line for each of the last days, newest first: what came, or why nothing did."""
    next_at = await schedules.coming(context, context.me.paused_until)
    lines = []
    for back in range(LOOK_BACK_DAYS):
        day = context.today - timedelta(days=back)
        lines += [said(one.outcome, day=day, one=one) for one in happened if one.local_date == day]
        if team and not any(one.nudge == "checkin" and one.local_date == day for one in happened):
            lines.append(said("none", day=day, reason=_absence(context, team, day, happened, next_at)))
    return lines


def _absence(
    context: Context, team: Team, day: date, happened: Sequence[Occurrence], next_at: datetime | None
) -> str:
    """Why no question was due on a day."""
    if day.isoweekday() not in team.days:
        return "day off"
    started = team.started_at
    if started is None or day <= started.astimezone(context.reader.zone_info).date():
        return "not started"
    if day == context.today and mine.is_paused(context):
        return "paused"
    if next_at and next_at.astimezone(context.reader.zone_info).date() == day:
        return "still to come"
    before = next((one for one in happened if one.nudge == "checkin" and one.local_date < day), None)
    return "down" if before and before.reason == "late" else "not due"


def _is_question(one: Occurrence, day: date) -> bool:
    return one.nudge == "checkin" and one.outcome == "sent" and one.local_date == day
