"""When I am asked: my own hour, days, quiet hours, holidays and cap, within what my team allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time

from handlers import calendars, fields, schedules
from handlers.context import Context
from handlers.errors import FieldError
from handlers.fields import Field
from handlers.messages import Button, Facts, Message, Note
from handlers.quiet import Quiet
from handlers.rows import Opening
from handlers.typed import regions, weekdays
from handlers.weekly_cap import WEEKLY_CAP
from storage.directory import Person
from storage.teams import Team

FIELDS = (
    Field("hour", fields.hour),
    Field("days", fields.weekdays),
    Field("quiet", fields.quiet_hours, optional=True),
    Field("region", fields.region, optional=True),
    Field("cap", fields.weekly_cap, optional=True),
)


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """When the person is asked at present, and what else they have chosen; what is left to their team is empty."""
    me, team = context.me, context.team
    known = {
        "hour": f"{calendars.asked_hour(team, me):%H:%M}",
        "days": weekdays.write_days(calendars.asked_days(team, me), "en"),
        "quiet": f"{me.quiet_from:%H:%M}-{me.quiet_until:%H:%M}" if me.quiet_from and me.quiet_until else "",
        "region": _written(me.region, me.locale),
        "cap": str(me.cap or ""),
    }
    facts = {
        "team": team,
        "days": weekdays.write_days(team.days, "en"),
        "region": regions.region_name(team.region, me.locale),
        "cap": WEEKLY_CAP,
    }
    return Opening(known=known, facts=facts)


def _written(region: str | None, locale: str) -> str:
    """A region as it is typed: nothing where it is left to the team."""
    if region is None:
        return ""
    return regions.region_name(region, locale) if region else "none"


async def keep(
    context: Context,
    hour: time,
    days: tuple[int, ...],
    quiet: Quiet | None,
    region: str | None,
    cap: int | None,
) -> Message:
    """Keep what the person chose, and ask them by it from the next question on."""
    team = context.team
    _check_days(team, days)
    _check_hour(team, hour)
    _check_quiet(team, quiet, hour)
    chosen = {
        "own_hour": None if hour == team.hour else hour,
        "own_days": None if days == team.days else days,
        "quiet_from": quiet.since if quiet else None,
        "quiet_until": quiet.until if quiet else None,
        "region": region,
        "cap": cap,
    }
    await context.store.directory.prefer(context.me.id, **chosen)
    inside = replace(context, person=replace(context.me, **chosen))  # type: ignore[arg-type]
    await schedules.replan(inside, inside.me)
    return await shown(inside)


async def shown(context: Context) -> Message:
    """When the person is asked, and which of it they chose themselves."""
    me, team = context.me, context.team
    said = context.say(
        "mine/schedule",
        team=team,
        me=me,
        days=weekdays.write_days(calendars.asked_days(team, me), "en"),
        hour=calendars.asked_hour(team, me),
        region=regions.region_name(_region(team, me), me.locale),
        cap=me.cap or WEEKLY_CAP,
        at=await schedules.coming(context, me.paused_until),
    )
    names = ("asked", "quiet", "holidays", "cap", "next")
    rows = Facts(tuple((said(f"{name}_label"), said(name)) for name in names if said(name)))
    buttons = (Button(said.change, "schedule"), Button(said.pause, "pause"), Button(said.why, "why"))
    return Message(said.title, (rows, Note(said.only_you)), buttons)


def _region(team: Team, me: Person) -> str:
    return team.region if me.region is None else me.region


def _check_days(team: Team, days: tuple[int, ...]) -> None:
    beyond = tuple(day for day in days if day not in team.days)
    if beyond:
        raise FieldError(
            "days",
            f"{team.name} does not work on {weekdays.write_days(beyond, 'en')}. "
            f"Type some of its days, such as {weekdays.write_days(team.days, 'en')}.",
        )


def _check_hour(team: Team, hour: time) -> None:
    if not calendars.works_at(team, hour):
        raise FieldError(
            "hour",
            f"{team.name} works from {team.works_from:%H:%M} to {team.works_until:%H:%M}. Type a time within "
            f"that, such as {_nearest(team, hour):%H:%M} or its own, {team.hour:%H:%M}.",
        )


def _nearest(team: Team, hour: time) -> time:
    """The hour within a team's own that is nearest to another, on the full hour."""
    if hour < team.works_from:
        return team.works_from
    last = team.works_until
    return time(last.hour) if last.minute else time(last.hour - 1)


def _check_quiet(team: Team, quiet: Quiet | None, hour: time) -> None:
    if quiet is None:
        return
    if quiet.covers(hour):
        raise FieldError(
            "quiet",
            f"Those hours cover {hour:%H:%M}, when you are asked. Type hours before or after it, such as "
            f"{team.works_until:%H:%M}-{min(hour, team.works_from):%H:%M}, or another time to be asked above.",
        )
