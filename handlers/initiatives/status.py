"""How the team's work stands: what is out and never judged first, then what is in hand, or one initiative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from handlers.context import Context
from handlers.initiatives import cards
from handlers.initiatives.finding import FIELD, find, pick, reference
from handlers.messages import Block, Button, Items, Message, Note, Text
from handlers.pulses import figures
from handlers.rows import Opening
from prompts import Said
from storage.initiatives import Initiative, Status
from storage.releases import Retro, Stage

IN_SIGHT = 3
OPENED = 20
LINES = 10
JUDGED = 5


@dataclass(frozen=True, slots=True)
class _Group:
    """Initiatives in one state, in the order in which they are listed, with the instants that order them."""

    name: str
    initiatives: list[Initiative]
    since: Mapping[int, datetime | date | None]


async def status(context: Context, initiative: str | None) -> Message:
    """The team's initiatives, or the one that is meant."""
    if initiative is None:
        return await _overview(context)
    return await show(context, initiative)


async def show(context: Context, initiative: str) -> Message:
    """One initiative as it is now."""
    return await cards.card(context, (await find(context, initiative)).id)


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """What there is to pick from where what was typed fits nothing."""
    return await pick(context, typed) if typed.get(FIELD) else Opening()


async def _overview(context: Context) -> Message:
    found = await context.store.initiatives.of_team(context.team.id)
    said = context.say("initiatives/overview", team=context.team)
    define = Button(said.define, "define-success")
    heard = (Button(said.heard, "evidence.all"),) if await context.store.evidence.count(context.team.id) else ()
    if not found:
        return Message(said.none, (Text(said.none_yet),), (define, *heard))
    groups = [group for group in await _groups(context, found) if group.initiatives]
    reviews = await _reviews(context, Stage.PLANNED, Stage.NUMBERS, Stage.OPEN)
    pulses = await figures.lines(
        context, next((each.initiatives for each in groups if each.name == "building"), ())
    )
    blocks: list[Block] = []
    for group in groups:
        blocks += _listed(said, group, reviews, pulses)
    dropped = sum(each.status is Status.DROPPED for each in found)
    blocks += [Note(said("dropped", count=dropped))] if dropped else []
    buttons = list(_open_buttons(groups))
    more = (*buttons[IN_SIGHT:OPENED], *heard, define)
    return Message(_headline(context, groups, said), tuple(blocks), tuple(buttons[:IN_SIGHT]), more)


def _headline(context: Context, groups: list[_Group], said: Said) -> str:
    """Value debt: how much is out and was never judged, and for how long."""
    debt = groups[0] if groups and groups[0].name == "debt" else None
    if debt is None:
        return said.no_debt
    oldest = debt.since[debt.initiatives[0].id]
    since = oldest.astimezone(context.reader.zone_info).date() if isinstance(oldest, datetime) else context.today
    return said("debt_title", count=len(debt.initiatives), days=(context.today - since).days)


async def _groups(context: Context, found: list[Initiative]) -> list[_Group]:
    """What matters most first: value debt, work in hand, ideas, what was judged last, what to look at again."""
    unjudged = await context.store.releases.unjudged(context.team.id)
    judged = await _judged(context)
    due = [each for each in found if each.revisit_on and each.revisit_on <= context.today]
    ideas = _in(found, Status.IDEA, Status.CHOSEN)
    last = sorted(_in(found, Status.JUDGED), key=lambda each: judged.get(each.id, each.created_at), reverse=True)
    building = {each.id: each.started_at for each in found}
    return [
        _Group(
            "debt",
            sorted(_in(found, Status.RELEASED), key=lambda each: unjudged.get(each.id, context.now)),
            unjudged,
        ),
        _Group("building", _in(found, Status.BUILDING), building),
        _Group("ideas", ideas, {each.id: each.created_at for each in ideas}),
        _Group("judged", last[:JUDGED], judged),
        _Group("again", due, {each.id: each.revisit_on for each in due}),
    ]


def _in(found: list[Initiative], *statuses: Status) -> list[Initiative]:
    return [each for each in found if each.status in statuses]


async def _reviews(context: Context, *stages: Stage) -> dict[int, Retro]:
    """The review to come or going on by the initiative's number, the latest where there are several."""
    return {each.initiative_id: each for each in await context.store.retros.of_team(context.team.id, *stages)}


async def _judged(context: Context) -> dict[int, datetime]:
    """When the last review ended, by the initiative's number."""
    closed = await context.store.retros.of_team(context.team.id, Stage.CLOSED)
    ended = sorted((each.closed_at, each.initiative_id) for each in closed if each.closed_at)
    return {initiative_id: at for at, initiative_id in ended}


def _listed(
    said: Said, group: _Group, reviews: Mapping[int, Retro], pulses: Mapping[int, tuple[str, ...]]
) -> Iterator[Block]:
    shown = group.initiatives[:LINES]
    yield Text(said(f"{group.name}_head"))
    yield Items(
        tuple(
            said(
                group.name,
                initiative=each,
                since=group.since.get(each.id),
                review=reviews.get(each.id),
                pulse=" ".join(pulses.get(each.id, ())),
            )
            for each in shown
        )
    )
    if len(shown) < len(group.initiatives):
        yield Note(said("and_more", count=len(group.initiatives) - len(shown)))


def _open_buttons(groups: list[_Group]) -> Iterator[Button]:
    for group in groups:
        for each in group.initiatives[:LINES]:
            yield Button(each.title, "status", {FIELD: reference(each.id)})
