"""Who takes part in a team: whom its lead can pick, and what is done for those taken in and let go."""

from __future__ import annotations

from collections.abc import Iterable

from handlers import consents, learning, schedules
from handlers.context import Context
from handlers.errors import FieldError
from handlers.messages import Block, Button, Choice, Message, Note, Text
from handlers.weekly_cap import WEEKLY_CAP
from storage import Store
from storage.directory import Person, Role
from storage.teams import BY_NAME


async def candidates(context: Context, channel_id: int) -> list[Person]:
    """Who can be picked: who is in the channel or in the team already, without guests and bots."""
    found = await context.store.directory.members(channel_id)
    if context.channel_id == channel_id:
        found.append(context.me)  # who writes there is there, whatever the copy of its members says
    if context.found_team:
        found += await context.store.teams.members(context.team.id)
    known = {person.id: person for person in found if person.is_askable}
    return sorted(known.values(), key=lambda person: (person.name, person.id))


def choice(person: Person) -> Choice:
    """A person as they are picked from a list."""
    return Choice(str(person.id), f"{person.name}, {person.does}" if person.does else person.name)


def is_among(person: Person, others: Iterable[Person]) -> bool:
    """Whether a person is one of others, whatever has changed about them since they were looked up."""
    return any(person.id == other.id for other in others)


async def picked(context: Context, channel_id: int, numbers: tuple[int, ...]) -> list[Person]:
    """The people of these numbers, each once. Raises FieldError where there is nobody, or nobody who leads."""
    allowed = {person.id: person for person in await candidates(context, channel_id)}
    chosen = [allowed[number] for number in dict.fromkeys(numbers) if number in allowed]
    if not chosen:
        raise FieldError("people", "Nobody is picked yet. Who should be asked? Pick at least one person.")
    leads = (await context.store.teams.leads(context.team.id) if context.found_team else []) or [context.me]
    if context.me.role is not Role.ADMIN and not any(is_among(lead, chosen) for lead in leads):
        raise FieldError(
            "people", "Somebody who takes part has to lead the team, or nobody could change it. Pick yourself too."
        )
    return chosen


async def keep(context: Context, team_id: int, chosen: list[Person]) -> list[Person]:
    """Take in who was chosen and let go who was not; whoever sets the team up leads it,
    and so does whoever changes one that has no lead left.

    Returns those who were not in it before.
    """
    before = await context.store.teams.members(team_id)
    lead = None if await context.store.teams.leads(team_id) else context.me
    for person in chosen:
        await _take_in(context, team_id, person, leads=lead is not None and person.id == lead.id)
    for person in before:
        if not is_among(person, chosen):
            await let_go(context.store, team_id, person)
    return [person for person in chosen if not is_among(person, before)]


async def welcome(context: Context, person: Person) -> None:
    """Tell a new member what they will be asked, when, and who sees it."""
    team = context.team
    theirs = context.seen_by(person)
    first = await schedules.next_question(context, person)
    said = theirs.say(
        "teams/welcome",
        team=team,
        by="" if person.id == context.me.id else context.me.name,
        first=first,
        cap=person.cap or WEEKLY_CAP,
    )
    blocks: list[Block] = [Text(said.body), Text(said.beside), Note(said.sees)]
    buttons = [Button(said.pause, "pause"), Button(said.help, "help")]
    if team.visibility == BY_NAME:
        blocks.append(Text(consents.question(theirs)))
        buttons = [*consents.buttons(theirs), *buttons]
    message = Message(said.title, tuple(blocks), tuple(buttons[:3]), tuple(buttons[3:]))
    await context.tell(f"welcome:{team.id}:{person.id}", person, message, anew=True)
    await learning.plan(context, person)


async def _take_in(context: Context, team_id: int, person: Person, *, leads: bool) -> None:
    store = context.store
    known = await store.teams.membership(team_id, person.id)
    role = Role.LEAD if leads else known.role if known else Role.MEMBER
    await store.teams.join(team_id, person.id, role, context.now)
    if person.team_id is None:
        await store.directory.use_team(person.id, team_id)


async def let_go(store: Store, team_id: int, person: Person) -> None:
    """Ask somebody nothing more; what they type in private is about another of their teams, if any."""
    await store.teams.leave(team_id, person.id)
    await store.retros.excuse(person.id, team_id)
    await store.schedules.cancel_recurring(team_id, person.id)
    if person.team_id == team_id:
        others = await store.teams.of_person(person.id)
        await store.directory.use_team(person.id, others[0].id if others else None)
