"""What is open for a person: the reviews that wait for them, what they promised, and the work they own."""

from __future__ import annotations

from handlers.context import Context
from handlers.initiatives.finding import FIELD, reference
from handlers.messages import Block, Button, Items, Scale, Text
from handlers.retros import promises
from prompts import Said
from storage.initiatives import OPEN, Initiative
from storage.releases import Retro, Stage

MOST = 5  # of each kind: the page is read in one glance

Blocks = tuple[Block, ...]


async def waiting(context: Context, said: Said) -> Blocks:
    """The reviews that wait for the person's answer or, where they own the work, for its numbers."""
    lines, buttons = [], []
    for retro, kind in (await _reviews(context))[:MOST]:
        initiative = await context.store.initiatives.get(retro.initiative_id)
        if initiative:
            lines.append(said(kind, title=initiative.title, retro=retro))
            values = {"retro": str(retro.id), "team": str(retro.team_id)}
            buttons.append(Button(said(f"open_{kind}", title=initiative.title), "retro.show", values))
    return (Text(said.waiting_head), Items(tuple(lines)), Scale(tuple(buttons))) if lines else ()


async def promised(context: Context, said: Said) -> Blocks:
    """What the person said in reviews that they would do, the next due first."""
    found = (await context.store.retros.promised_by(context.me.id))[:MOST]
    lines = tuple(said("promise", action=each, is_late=promises.is_late(context, each)) for each in found)
    return (Text(said.promised_head), Items(lines), *promises.openers(said, found)) if lines else ()


async def owned(context: Context, said: Said) -> Blocks:
    """The open work that the person owns, a button each."""
    owned = (await _own_work(context))[:MOST]
    buttons = tuple(Button(each.title, "status", {FIELD: reference(each.id)}) for each in owned)
    return (Text(said.owned_head), Scale(buttons)) if buttons else ()


async def _reviews(context: Context) -> list[tuple[Retro, str]]:
    unread = await context.store.retros.of_team(context.team.id, Stage.NUMBERS)
    owned = {each.id for each in await _own_work(context)}
    numbers = [(retro, "numbers") for retro in unread if retro.initiative_id in owned]
    return numbers + [(retro, "retro") for retro in await context.store.retros.waiting_for(context.me.id)]


async def _own_work(context: Context) -> list[Initiative]:
    work = await context.store.initiatives.of_team(context.team.id, *OPEN)
    return [each for each in work if each.owner_id == context.me.id]
