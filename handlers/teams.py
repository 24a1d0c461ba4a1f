"""Making a channel a team: what it is called, when and whom it asks, and who sees the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers import checkins, weekdays
from handlers.context import Context
from handlers.errors import FieldError, HandlerError, NotAllowed
from handlers.local_time import next_due
from handlers.messages import Block, Button, Choice, Facts, Items, Message, Note, Text
from handlers.rows import Opening
from storage.directory import Person, Role
from storage.teams import ANONYMOUS, BY_NAME, DEFAULT_FLOOR, PRIVATE, Team

VISIBILITIES = (ANONYMOUS, BY_NAME, PRIVATE)
RETRO_VISIBILITIES = (BY_NAME, ANONYMOUS)
WORKDAYS = (1, 2, 3, 4, 5)
HOUR = time(9, 40)
DIGEST_HOUR = time(16, 0)


class NotInAChannel(HandlerError):
    """A team lives in a channel. Type setup in your team's channel, and I show what happens before it starts."""


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """What the setup form starts from: the channel as it is, or the team as it was set up."""
    people = await _candidates(context)
    team = context.found_team
    known = _of_team(context, team) if team else await _of_channel(context)
    taking_part = await context.store.teams.members(team.id) if team else people
    known["people"] = ",".join(str(person.id) for person in taking_part)
    return Opening(known=known, choices={"people": tuple(_choice(person) for person in people)})


async def set_up(
    context: Context,
    name: str,
    zone: str,
    days: tuple[int, ...],
    hour: time,
    people: tuple[int, ...],
    visibility: str,
    retro_visibility: str,
    payer: str | None,
    pays: str | None,
) -> Message:
    """Make the channel a team, or change it, and show who will be asked what and when. Nothing starts yet."""
    channel_id = await _channel_id(context)
    chosen = await _chosen(context, people)
    _check_floor(visibility, retro_visibility, len(chosen))
    team_id = await context.store.teams.set_up(
        channel_id,
        context.now,
        name=name,
        zone=zone,
        locale=context.me.locale if context.found_team is None else context.team.locale,
        days=days,
        hour=hour,
        visibility=visibility,
        retro_visibility=retro_visibility,
        floor=DEFAULT_FLOOR,
    )
    await _keep_payer(context, team_id, payer, pays)
    await _keep_members(context, team_id, chosen)
    team = await context.store.teams.get(team_id)
    if team is None:
        raise LookupError(f"team {team_id} was kept and is not there")
    mine = await context.store.teams.membership(team_id, context.me.id)
    inside = replace(context, found_team=team, membership=mine)
    if team.started_at:
        await _plan(inside, team, chosen)
    return await preview(inside)


async def preview(context: Context) -> Message:
    """Who will be asked what and when, and who sees it."""
    team, members = context.team, await context.store.teams.members(context.team.id)
    others = [p for p in await context.store.directory.members(team.channel_id) if p not in members]
    first = _first(team, context.me, context.now)
    said = context.say(
        "teams/preview",
        team=team,
        days=weekdays.write_days(team.days, "en"),
        first=first,
        members=[person.name for person in members],
        guests=[person.name for person in others if not person.is_askable],
        others=[person.name for person in others if person.is_askable],
        digest_hour=DIGEST_HOUR,
        digest_day=max(team.days),
    )
    facts = ("who", "when", "digest", "sees", "retros", "pays")
    rows = tuple((said(f"{fact}_label"), said(fact)) for fact in facts)
    left_out = (Note(said.left_out),) if said.left_out else ()
    change = Button(said.change, "setup.change")
    if team.started_at:
        return Message(said.changed, (Facts(rows), *left_out), (change,))
    start = Button(said.start, "setup.start", style="main")
    return Message(
        said.title, (Text(said.body), Facts(rows), *left_out), (start, change, Button(said.try_it, "setup.try"))
    )


async def start(context: Context) -> Message:
    """Begin: from now on everybody who takes part is asked."""
    team = context.team
    members = await context.store.teams.members(team.id)
    if await context.store.teams.start(team.id, context.now):
        await _plan(context, team, members)
        for person in members:
            await _welcome(context, person)
    said = context.say("teams/started", team=team, count=len(members), first=_first(team, context.me, context.now))
    buttons = (Button(said.define, "define-success", style="main"), Button(said.help, "help"))
    return Message(said.title, (Text(said.body), Items((said.next_define, said.next_stop))), buttons)


async def try_it(context: Context) -> Message:
    """The first question, now, only to the person who sets up."""
    return await checkins.card(context, context.today)


async def consent(context: Context, answer: str) -> Message:
    """Whether a person's check-ins may be shown to the team with their name."""
    await context.store.teams.consent(context.team.id, context.me.id, answer == "yes")
    said = context.say("teams/consent", answer=answer, channel=context.team.channel_name)
    other = "no" if answer == "yes" else "yes"
    button = Button(said(f"change_to_{other}"), "consent", {"answer": other})
    return Message(said.kept, (Text(said.meaning),), buttons=(button,))


async def _welcome(context: Context, person: Person) -> None:
    team = context.team
    theirs = context.seen_by(person)
    said = theirs.say("teams/welcome", team=team, by=context.me.name, first=_first(team, person, context.now))
    buttons = [Button(said.pause, "pause"), Button(said.help, "help")]
    blocks: list[Block] = [Text(said.body), Note(said.sees)]
    if team.visibility == BY_NAME:
        asked = theirs.say("teams/consent", channel=team.channel_name)
        blocks.append(Text(asked.ask))
        yes, no = (Button(asked(answer), "consent", {"answer": answer}) for answer in ("yes", "no"))
        buttons = [yes, no, *buttons]
    await context.tell(
        f"welcome:{team.id}:{person.id}", person, Message(said.title, tuple(blocks), tuple(buttons))
    )


async def _plan(context: Context, team: Team, members: list[Person]) -> None:
    """One schedule for each person's daily question, and one for the team's week."""
    for person in members:
        await context.store.schedules.put(
            checkin_key(person.id, team.id),
            nudge="checkin",
            team_id=team.id,
            person_id=person.id,
            days=team.days,
            hour=team.hour,
            zone=person.zone,
            next_due_at=_first(team, person, context.now),
        )
    last_day = (max(team.days),)
    await context.store.schedules.put(
        f"digest:{team.id}",
        nudge="digest",
        team_id=team.id,
        days=last_day,
        hour=DIGEST_HOUR,
        zone=team.zone,
        next_due_at=next_due(last_day, DIGEST_HOUR, team.zone, context.now),
    )


def checkin_key(person_id: int, team_id: int) -> str:
    """The key of the schedule of a person's daily question."""
    return f"checkin:{team_id}:{person_id}"


def _first(team: Team, person: Person, now: datetime) -> datetime:
    """When a person is asked next: a team that starts asks from tomorrow on, so that nobody is surprised."""
    if team.started_at and team.started_at != now:
        return next_due(team.days, team.hour, person.zone, now)
    tomorrow = now.astimezone(ZoneInfo(person.zone)).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(0), ZoneInfo(person.zone))
    return next_due(team.days, team.hour, person.zone, midnight - timedelta(seconds=1))


async def _candidates(context: Context) -> list[Person]:
    channel_id = await _channel_id(context)
    return [p for p in await context.store.directory.members(channel_id) if p.is_askable]


async def _channel_id(context: Context) -> int:
    if context.found_team and context.role < Role.LEAD:
        raise NotAllowed(who="a lead")
    channel_id = context.channel_id or (context.found_team and context.found_team.channel_id)
    if not channel_id:
        raise NotInAChannel
    return channel_id


async def _of_channel(context: Context) -> dict[str, str]:
    channel = await context.store.directory.channel(await _channel_id(context))
    days = weekdays.write_days(WORKDAYS, "en")
    return {
        "name": channel.name.lstrip("#").capitalize() if channel else "",
        "zone": context.me.zone,
        "days": days,
        "hour": f"{HOUR:%H:%M}",
        "visibility": ANONYMOUS,
        "retro_visibility": BY_NAME,
    }


def _of_team(context: Context, team: Team) -> dict[str, str]:
    return {
        "name": team.name,
        "zone": team.zone,
        "days": weekdays.write_days(team.days, "en"),
        "hour": f"{team.hour:%H:%M}",
        "visibility": team.visibility,
        "retro_visibility": team.retro_visibility,
        "payer": team.payer,
        "pays": team.pays,
    }


def _choice(person: Person) -> Choice:
    return Choice(str(person.id), f"{person.name}, {person.does}" if person.does else person.name)


async def _chosen(context: Context, numbers: tuple[int, ...]) -> list[Person]:
    allowed = {person.id: person for person in await _candidates(context)}
    if context.found_team:
        allowed |= {person.id: person for person in await context.store.teams.members(context.team.id)}
    chosen = [allowed[number] for number in numbers if number in allowed]
    if not chosen:
        raise FieldError("people", "Nobody is picked yet. Who should be asked? Pick at least one person.")
    return chosen


def _check_floor(visibility: str, retro_visibility: str, count: int) -> None:
    sentence = (
        f"Answers without names need at least {DEFAULT_FLOOR} people, or everybody could guess; "
        f"{count} would take part. Pick “by name” or “private”, or take more people in."
    )
    if count < DEFAULT_FLOOR and visibility == ANONYMOUS:
        raise FieldError("visibility", sentence)
    if count < DEFAULT_FLOOR and retro_visibility == ANONYMOUS:
        raise FieldError("retro_visibility", sentence.replace(" or “private”", ""))


async def _keep_payer(context: Context, team_id: int, payer: str | None, pays: str | None) -> None:
    customer = await context.store.teams.keep_customer(team_id, payer, pays or "") if payer else None
    await context.store.teams.serve(team_id, customer)


async def _keep_members(context: Context, team_id: int, chosen: list[Person]) -> None:
    """Take in who was chosen and let go who was not; whoever sets the team up leads it."""
    store = context.store
    before = {person.id: person for person in await store.teams.members(team_id)}
    for person in chosen:
        known = await store.teams.membership(team_id, person.id)
        leads = person.id == context.me.id and context.found_team is None
        role = Role.LEAD if leads else known.role if known else Role.MEMBER
        await store.teams.join(team_id, person.id, role, context.now)
        if person.team_id is None:
            await store.directory.use_team(person.id, team_id)
    for person_id in before.keys() - {person.id for person in chosen}:
        await store.teams.leave(team_id, person_id)
        await store.schedules.cancel(checkin_key(person_id, team_id))
