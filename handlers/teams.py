"""Making a channel a team: what it is called, when and whom it asks, and who sees the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time

from handlers import checkins, consents, digests, fields, members, schedules, shared_channels
from handlers.context import Context
from handlers.errors import FieldError, HandlerError, NotAllowed
from handlers.fields import Field, one_of
from handlers.messages import Button, Facts, Items, Message, Note, Text
from handlers.rows import Opening
from handlers.typed import regions, weekdays
from handlers.weekly_cap import WEEKLY_CAP
from storage.directory import Person
from storage.teams import ANONYMOUS, BY_NAME, DEFAULT_FLOOR, PRIVATE, Team

VISIBILITIES = (ANONYMOUS, BY_NAME, PRIVATE)
RETRO_VISIBILITIES = (BY_NAME, ANONYMOUS)
WORKDAYS = (1, 2, 3, 4, 5)
HOUR = time(9, 40)
WORKS = (time(8), time(18))

FIELDS = (
    Field("name", fields.name),
    Field("payer", fields.line, optional=True),
    Field("pays", fields.line, optional=True),
    Field("people", fields.numbers, kind="many", limit=20_000),
    Field("days", fields.team_weekdays),
    Field("hours", fields.hours),
    Field("hour", fields.hour),
    Field("zone", fields.zone),
    Field("region", fields.region),
    Field("visibility", one_of(*VISIBILITIES), kind="choice", choices=VISIBILITIES),
    Field("retro_visibility", one_of(*RETRO_VISIBILITIES), kind="choice", choices=RETRO_VISIBILITIES),
)


class NotInAChannel(HandlerError):
    """A team lives in a channel. Type setup in your team's channel; to one that is private, invite me first."""


class SetUpMeanwhile(HandlerError):
    """Somebody else has just made this channel a team. Type setup to see it; its lead can change it."""


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """What the setup form starts from: the channel as it is, or the team as it was set up."""
    channel_id = await _channel_id(context)
    people = await members.candidates(context, channel_id)
    team = context.found_team
    known = _of_team(team) if team else await _of_channel(context, channel_id)
    taking_part = await context.store.teams.members(team.id) if team else people
    known["people"] = ",".join(str(person.id) for person in taking_part)
    running = team.name if team and team.started_at else ""
    choices = {"people": tuple(members.choice(person) for person in people)}
    return Opening(known=known, choices=choices, facts={"running": running})


async def set_up(
    context: Context,
    name: str,
    zone: str,
    days: tuple[int, ...],
    hours: tuple[time, time],
    hour: time,
    region: str,
    people: tuple[int, ...],
    visibility: str,
    retro_visibility: str,
    payer: str | None,
    pays: str | None,
) -> Message:
    """Make the channel a team, or change it, and show who will be asked what and when. Nothing starts yet."""
    channel_id = await _channel_id(context)
    chosen = await members.picked(context, channel_id, people)
    _check_floor(visibility, retro_visibility, len(chosen))
    _check_payer(payer, pays)
    _check_hour(hour, hours)
    if context.found_team is None and await context.store.teams.of_channel(channel_id):
        raise SetUpMeanwhile  # a form that names no team, or another one, must not take over the one that is here
    team_id = await context.store.teams.set_up(
        channel_id,
        context.now,
        name=name,
        zone=zone,
        locale=context.found_team.locale if context.found_team else context.me.locale,
        days=days,
        hour=hour,
        works_from=hours[0],
        works_until=hours[1],
        region=region,
        visibility=visibility,
        retro_visibility=retro_visibility,
        floor=DEFAULT_FLOOR,
    )
    if context.found_team is None and await context.store.teams.members(team_id):
        raise SetUpMeanwhile
    await _keep_payer(context, team_id, payer, pays)
    new = await members.keep(context, team_id, chosen)
    inside = await _inside(context, team_id)
    if inside.team.started_at:
        await _change_course(inside, chosen, new, had_names=context.team.visibility == BY_NAME)
    return await preview(inside)


async def preview(context: Context) -> Message:
    """Who will be asked what and when, and who sees it."""
    team, taking_part = context.team, await context.store.teams.members(context.team.id)
    others = [
        p for p in await context.store.directory.members(team.channel_id) if not members.is_among(p, taking_part)
    ]
    said = context.say(
        "teams/preview",
        team=team,
        days=weekdays.write_days(team.days, "en"),
        first=await _next(context, taking_part),
        region=regions.region_name(team.region, context.me.locale),
        days_off=list(await context.store.teams.days_off(team.id)),
        members=[person.name for person in taking_part],
        guests=[person.name for person in others if person.is_active and not person.is_askable],
        others=[person.name for person in others if person.is_askable],
        cap=WEEKLY_CAP,
        digest_hour=digests.HOUR,
        digest_day=weekdays.write_days((schedules.last_of_the_week(team.days),), "en"),
    )
    facts = ("who", "when", "beside", "holidays", "digest", "sees", "retros", "pays")
    left_out = (Note(said.left_out),) if said.left_out else ()
    shared, open_or_close = await shared_channels.shown(context)
    rows = (Facts((*((said(f"{fact}_label"), said(fact)) for fact in facts), *shared)), *left_out)
    change = Button(said.change, "setup.change")
    if team.started_at:
        return Message(said.changed, rows, (change,), more=open_or_close)
    start, try_it = Button(said.start, "setup.start", style="main"), Button(said.try_it, "setup.try")
    return Message(said.title, (Text(said.body), *rows), (start, change, try_it), more=open_or_close)


async def start(context: Context) -> Message:
    """Begin: from now on everybody who takes part is asked."""
    team = context.team
    taking_part = await context.store.teams.members(team.id)
    if await context.store.teams.start(team.id, context.now):
        await schedules.plan_team(context)
        for person in taking_part:
            await schedules.plan_member(context, person)
            await members.welcome(context, person)
    said = context.say("teams/started", team=team, count=len(taking_part), first=await _next(context, taking_part))
    buttons = (Button(said.define, "define-success", style="main"), Button(said.help, "help"))
    return Message(said.title, (Text(said.body), Items((said.next_define, said.next_stop))), buttons)


async def try_it(context: Context) -> Message:
    """The first question, now, only to the person who sets up."""
    return await checkins.card(context, context.today)


async def _next(context: Context, taking_part: list[Person]) -> datetime | None:
    """When whoever reads this is asked next, where they take part."""
    return (
        await schedules.next_question(context, context.me) if members.is_among(context.me, taking_part) else None
    )


async def _inside(context: Context, team_id: int) -> Context:
    """The context in the team as it is kept by now."""
    team = await context.store.teams.get(team_id)
    if team is None:
        raise LookupError(f"team {team_id} was kept and is not there")
    mine = await context.store.teams.membership(team_id, context.me.id)
    return replace(context, found_team=team, membership=mine)


async def _change_course(context: Context, chosen: list[Person], new: list[Person], *, had_names: bool) -> None:
    """Let a change take effect in a team that has started: when people are asked, and what they must know."""
    await schedules.plan_team(context)
    for person in chosen:
        await schedules.plan_member(context, person)
        if members.is_among(person, new):
            await members.welcome(context, person)
        elif context.team.visibility == BY_NAME and not had_names:
            await consents.ask(context, person)


async def _channel_id(context: Context) -> int:
    """The channel of the team, or the one that is to become a team. Raises NotAllowed, NotInAChannel.

    A team is changed by its leads; one that has none left, by any member, who then leads it.
    """
    if context.found_team:
        if not await context.leads():
            raise NotAllowed(who="a lead")
        return context.found_team.channel_id
    if context.channel_id is None:
        raise NotInAChannel
    return context.channel_id


async def _of_channel(context: Context, channel_id: int) -> dict[str, str]:
    channel = await context.store.directory.channel(channel_id)
    return {
        "name": channel.name.lstrip("#").capitalize() if channel else "",
        "zone": context.me.zone,
        "days": weekdays.write_days(WORKDAYS, "en"),
        "hours": f"{WORKS[0]:%H:%M}-{WORKS[1]:%H:%M}",
        "hour": f"{HOUR:%H:%M}",
        "region": regions.region_name(_guess(context.me), "en_GB") or regions.NONE,
        "visibility": ANONYMOUS,
        "retro_visibility": BY_NAME,
    }


def _of_team(team: Team) -> dict[str, str]:
    return {
        "name": team.name,
        "zone": team.zone,
        "days": _written_days(team.days),
        "hours": f"{team.works_from:%H:%M}-{team.works_until:%H:%M}",
        "hour": f"{team.hour:%H:%M}",
        "region": regions.region_name(team.region, "en_GB") or regions.NONE,
        "visibility": team.visibility,
        "retro_visibility": team.retro_visibility,
        "payer": team.payer,
        "pays": team.pays,
    }


def _guess(person: Person) -> str:
    """The region whose public holidays are probably kept: that of the person's zone, else of their language."""
    return regions.region_of_zone(person.zone)


def _written_days(days: tuple[int, ...]) -> str:
    """Days as the form takes them."""
    written = weekdays.write_days(days, "en")
    return written if 1 in days else f"{written}, no Monday"


def _check_hour(hour: time, hours: tuple[time, time]) -> None:
    since, until = hours
    if not since <= hour < until:
        nearest = since if hour < since else max(since, time((until.hour - 1) % 24))
        raise FieldError(
            "hour",
            f"That is outside of the hours the team works, {since:%H:%M} to {until:%H:%M}. Type a time within "
            f"them, such as {nearest:%H:%M}, or change the hours.",
        )


def _check_floor(visibility: str, retro_visibility: str, count: int) -> None:
    sentence = (
        f"Answers without names need at least {DEFAULT_FLOOR} people, or everybody could guess; "
        f"{count} would take part. Pick “by name” or “private”, or take more people in."
    )
    if count < DEFAULT_FLOOR and visibility == ANONYMOUS:
        raise FieldError("visibility", sentence)
    if count < DEFAULT_FLOOR and retro_visibility == ANONYMOUS:
        raise FieldError("retro_visibility", sentence.replace(" or “private”", ""))


def _check_payer(payer: str | None, pays: str | None) -> None:
    if pays and not payer:
        raise FieldError("payer", "Who pays that? A name is enough, such as Shop owners.")


async def _keep_payer(context: Context, team_id: int, payer: str | None, pays: str | None) -> None:
    customer = await context.store.teams.keep_customer(team_id, payer, pays or "") if payer else None
    await context.store.teams.serve(team_id, customer)
