"""Why: for each of the last days, why a person was asked or was not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from handlers import calendars, mine, schedules
from handlers.context import Context
from handlers.messages import Block, Button, Items, Message, Note, Text
from handlers.typed import weekdays
from handlers.weekly_cap import WEEKLY_CAP
from prompts import Said
from storage.schedules import Occurrence
from storage.teams import Team

LOOK_BACK_DAYS = 7


async def why(context: Context) -> Message:
    """Why a question came or did not, for each of the last days."""
    since = datetime.combine(context.today - timedelta(days=LOOK_BACK_DAYS), time(0), UTC)
    happened = await context.store.schedules.occurrences(context.me.id, since)
    team = await mine.own_team(context)
    last = next((one for one in happened if one.outcome == "sent" and not one.rode), None)
    at = await schedules.coming(context, context.me.paused_until)
    stopped = await context.store.directory.stopped_at()
    said = context.say("mine/why", last=last, team=team, at=at, stopped=stopped, **await _week(context))
    days = await _days(context, said, team, happened)
    blocks: list[Block] = [Text(said.stopped)] if stopped else []
    blocks += [Text(await _because(context, last)), Text(said.week)] if last else []
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
    change = (Button(said.change, "schedule"),) if team else ()
    return Message(said.title, tuple(blocks), (*change, halt, Button(said.me, "me")))


async def _week(context: Context) -> dict[str, int]:
    """How many nudges came this week, of how many that may."""
    monday = context.today - timedelta(days=context.today.weekday())
    sent = await context.store.schedules.sent_between(context.me.id, monday, monday + timedelta(days=6))
    return {"sent": sent, "cap": context.me.cap or WEEKLY_CAP}


async def _because(context: Context, last: Occurrence) -> str:
    """Why the last one came, by the rules of its own team; no rule of now is given for one of an earlier rule."""
    team, me = await context.store.teams.get(last.team_id), context.me
    if team is None:
        return context.say("nudges/why").ruled_then
    hour, days = calendars.asked_hour(team, me), calendars.asked_days(team, me)
    local = last.due_at.astimezone(context.reader.zone_info)
    said = context.say(
        "nudges/why",
        team=team,
        days=weekdays.write_days(days, "en"),
        hour=hour,
        own_hour=me.own_hour == hour,
        at=last.due_at,
        zone=me.zone,
    )
    is_of_now = local.time().replace(second=0) == hour and local.isoweekday() in days
    is_question = last.nudge == context.catalog.card.name
    return said.ruled_then if is_question and not is_of_now else said(last.nudge.replace("-", "_"))


async def _days(context: Context, said: Said, team: Team | None, happened: Sequence[Occurrence]) -> list[str]:
    """A line for each of the last days, newest first: what came, or why nothing did."""
    next_at = await schedules.coming(context, context.me.paused_until)
    lines = []
    for back in range(LOOK_BACK_DAYS):
        day = context.today - timedelta(days=back)
        that_day = (one for one in happened if one.local_date == day and not _goes_without_saying(context, one))
        lines += [said(one.outcome, day=day, one=one, **_parts(one.reason)) for one in that_day]
        if team and not any(one.nudge == "checkin" and one.local_date == day for one in happened):
            absence = await _absence(context, team, day, happened, next_at)
            lines.append(said("none", day=day, **_parts(absence)))
    return lines


def _goes_without_saying(context: Context, one: Occurrence) -> bool:
    """Whether it is a reminder of what was answered before it came."""
    return one.reason == "answered" and one.nudge == context.catalog.card.reminder


def _parts(reason: str) -> dict[str, str]:
    """A reason such as "public holiday: Boxing Day" as its kind, and the name of what it was as it is read."""
    kind, _, name = reason.partition(": ")
    return {"kind": kind, "name": f", {name}" if name else ""}


async def _absence(
    context: Context, team: Team, day: date, happened: Sequence[Occurrence], next_at: datetime | None
) -> str:
    """Why no question was due on a day."""
    off = (await calendars.of_member(context.store, team, context.me)).why_off(day)
    if off:
        return off
    started = team.started_at
    if started is None or day <= started.astimezone(context.reader.zone_info).date():
        return "not started"
    if await context.store.directory.stopped_at():
        return "stopped"
    if day == context.today and mine.is_paused(context):
        return "paused"
    if next_at and next_at.astimezone(context.reader.zone_info).date() == day:
        return "still to come"
    before = next((one for one in happened if one.nudge == "checkin" and one.local_date < day), None)
    return "down" if before and before.reason == "late" else "not due"
