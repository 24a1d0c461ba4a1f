"""Actions as they are read: one of them with what can be said about it, or all there are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from handlers.context import Context
from handlers.messages import Ask, Block, Button, Input, Items, Message, Note, Quote, Scale, Text
from handlers.voices import shortened
from prompts import Said
from storage.releases import SHOWN, Action

MOST = 10
OPENED = 5
LABEL = 40
LOOK_BACK = timedelta(days=90)

Blocks = tuple[Block, ...]


async def card(context: Context, action: Action) -> Message:
    """One action as it is now, with what can be said about it."""
    said, values = await _said(context, action), {"action": str(action.id)}
    review = Button(said.see, "retro.show", {"retro": str(action.retro_id)})
    blocks = (Text(said.promise), *_became(said, action, values), Note(said.origin))
    if action.is_open:
        return Message(said.title, blocks, _to_do(said, values), (review,))
    reopen = Button(said.undo if action.done_at else said.reopen, "action.reopen", values)
    return Message(said.title, blocks, (reopen, review))


async def part(context: Context, action: Action, day: date) -> Blocks:
    """The same inside the card of a day."""
    said, values = await _said(context, action), {"action": str(action.id), "date": day.isoformat()}
    if action.is_open:
        return Text(said.title), Text(said.promise), Scale(_to_do(said, values))
    undo = Button(said.undo if action.done_at else said.reopen, "action.reopen", values)
    return Text(said.title), *_became(said, action, values), Scale((undo,))


async def listed(context: Context) -> Message:
    """What is to be done: one's own first, then the team's, and how much of what was due was done."""
    every = await context.store.retros.to_do(context.team.id)
    mine = [each for each in every if each.assignee_id == context.me.id]
    others = [each for each in every if each.assignee_id != context.me.id]
    since = context.today - LOOK_BACK
    kept, count = await context.store.retros.kept(context.team.id, since, context.today - timedelta(days=1))
    late = sum(is_late(context, each) for each in every)
    said = context.say("retros/actions", team=context.team, count=len(every), late=late)
    blocks = (
        *await _group(context, said.mine_head, mine),
        *await _group(context, said.others_head, others),
        *(() if every else (Text(said.none),)),
        *((Note(said("kept", kept=kept, count=count, days=LOOK_BACK.days)),) if count else ()),
    )
    return Message(said.title, blocks, (Button(said.status, "status"), Button(said.me, "me")))


async def lines(context: Context, found: Iterable[Action]) -> tuple[str, ...]:
    """A sentence for each: who does what by when."""
    names = {person.id: person.name for person in await context.store.directory.everyone()}
    said = context.say("retros/actions")
    return tuple(
        said("line", action=each, who=_who(context, said, each, names), is_late=is_late(context, each))
        for each in found
    )


def is_late(context: Context, action: Action) -> bool:
    """Whether its day is over and it is still to be done."""
    return action.is_open and action.due_on is not None and action.due_on < context.today


def openers(said: Said, found: Iterable[Action]) -> Blocks:
    """A button each that opens it beside what is read."""
    buttons = tuple(
        Button(
            said("open_action", title=shortened(each.deed, LABEL)),
            "action.show",
            {"action": str(each.id), "team": str(each.team_id)},
        )
        for each in found
    )
    return (Scale(buttons),) if buttons else ()


async def _group(context: Context, head: str, found: list[Action]) -> Blocks:
    if not found:
        return ()
    said = context.say("retros/actions", more=len(found) - MOST)
    more = (Note(said.and_more),) if len(found) > MOST else ()
    return Text(head), Items(await lines(context, found[:MOST])), *openers(said, found[:OPENED]), *more


def _who(context: Context, said: Said, action: Action, names: dict[int, str]) -> str:
    return (
        said.you
        if action.assignee_id == context.me.id
        else names.get(action.assignee_id or 0, "") or said.somebody
    )


def _to_do(said: Said, values: dict[str, str]) -> tuple[Button, ...]:
    return (
        Button(said.done, "action.done", values, style="main"),
        Button(said.drop, "action.drop", values),
        Button(said.date, "action.date", values),
    )


def _became(said: Said, action: Action, values: dict[str, str]) -> Blocks:
    """What became of it: whether it is done, whether the sign showed, and what happened."""
    if action.is_open:
        return (Text(said.sign),)
    words = (Quote(action.outcome),) if action.outcome else ()
    if action.dropped_at:
        return Text(said.dropped), *words
    told = (Text(said.shown_line), *words) if action.shown else ()
    if action.shown in ("yes", "no"):
        return Text(said.done_line), *told
    asked = Ask(Input("outcome", said.outcome, "line", optional=True, limit=500))
    scale = Scale(tuple(Button(said(f"shown_{each}"), "action.sign", {**values, "shown": each}) for each in SHOWN))
    return Text(said.done_line), *told, Text(said.question), asked, scale


async def _said(context: Context, action: Action) -> Said:
    people = {person.id: person.name for person in await context.store.directory.everyone()}
    retro = await context.store.retros.get(action.retro_id)
    initiative = retro and await context.store.initiatives.get(retro.initiative_id)
    return context.say(
        "retros/followup",
        action=action,
        who=people.get(action.assignee_id or 0, ""),
        by="" if action.closed_by == context.me.id else people.get(action.closed_by or 0, ""),
        initiative=initiative.title if initiative else "",
        is_late=is_late(context, action),
        is_today=action.due_on == context.today,
    )
