"""Help: what the bot can do here, now, for this person, in the order they are likely to want it."""

from __future__ import annotations

from handlers import learning, mine
from handlers.checkins import QUESTION
from handlers.context import Context
from handlers.messages import Block, Button, Facts, Items, Message, Note, Text
from handlers.retros import promises
from handlers.voices import shortened
from storage.directory import Role
from storage.initiatives import Status
from storage.releases import Action as Promise
from storage.releases import Retro, Stage

MOST_WAITING = 3


async def show(context: Context, what: str | None) -> Message:
    """What is waiting, and what can be done next; with `all`, every verb there is."""
    if what:
        return _everything(context)
    if context.found_team is None or context.membership is None:
        return _without_team(context)
    return await _in_team(context)


def _everything(context: Context) -> Message:
    said = context.say("help/verbs")
    rows = tuple((command.name, said(command.name.replace("-", "_"))) for command in context.catalog.commands)
    return Message(said.title, (Facts(rows), Note(said.note)))


def _without_team(context: Context) -> Message:
    here = context.channel_id is not None
    said = context.say("help/here", here=here, team=context.found_team, waiting=0)
    if context.found_team:
        return Message(said.title, (Text(said.outside),), (Button(said.all, "help", {"what": "all"}),))
    buttons = [Button(said.setup, "setup", style="main")] if here else []
    return Message(said.title, (Text(said.no_team),), (*buttons, Button(said.all, "help", {"what": "all"})))


async def _in_team(context: Context) -> Message:
    lines, buttons = await _waiting(context)
    said = context.say("help/here", here=context.channel_id is not None, team=context.team, waiting=len(lines))
    verbs = await _verbs(context)
    waiting: tuple[Block, ...] = (Items(tuple(lines)),) if lines else (Text(said.nothing_waiting),)
    facts = Facts(tuple((said(f"{verb}_label"), said(verb)) for verb in verbs))
    more = (Button(said.all_button, "help", {"what": "all"}), Button(said.me_button, "me"))
    return Message(said.title, (*waiting, facts, Note(said.note)), tuple(buttons[:MOST_WAITING]), more)


async def _waiting(context: Context) -> tuple[list[str], list[Button]]:
    """What waits for the person, a line each, and the buttons that do it."""
    said = context.say("help/waiting")
    lines, buttons = [], []
    if await _is_asked_today(context):
        lines.append(said.question)
        buttons.append(Button(said.answer_question, "checkin", style="main"))
    for retro, kind in await _retros(context):
        initiative = await context.store.initiatives.get(retro.initiative_id)
        if initiative:
            lines.append(said(kind, title=initiative.title, retro=retro))
            values = {"retro": str(retro.id), "team": str(retro.team_id)}
            buttons.append(Button(said(f"open_{kind}", title=initiative.title), "retro.show", values))
    for action in await _due_actions(context):
        lines.append(said("action", action=action, is_late=promises.is_late(context, action)))
        label = said("open_action", title=shortened(action.deed, promises.LABEL))
        buttons.append(Button(label, "action.show", {"action": str(action.id)}))
    return lines, buttons


async def _due_actions(context: Context) -> list[Promise]:
    """What the person is to have done by today."""
    found = await context.store.retros.promised_by(context.me.id, context.team.id)
    return [each for each in found if each.due_on and each.due_on <= context.today]


async def _is_asked_today(context: Context) -> bool:
    """Whether today's question is the person's to answer: a team's day, after its start, not paused, no answer."""
    team = context.team
    began = team.started_at and team.started_at.astimezone(context.reader.zone_info).date() < context.today
    if not began or context.today.isoweekday() not in team.days or mine.is_paused(context):
        return False
    return await context.store.reflections.get(context.me.id, QUESTION, context.today) is None


async def _retros(context: Context) -> list[tuple[Retro, str]]:
    """The retros that wait for the person's answer or, where they own the work, for its numbers."""
    waiting = [(retro, "retro") for retro in await context.store.retros.waiting_for(context.me.id)]
    numbers = []
    for retro in await context.store.retros.of_team(context.team.id, Stage.NUMBERS):
        initiative = await context.store.initiatives.get(retro.initiative_id)
        if initiative and initiative.owner_id == context.me.id:
            numbers.append((retro, "numbers"))
    return numbers + waiting


async def _verbs(context: Context) -> list[str]:
    """The verbs worth naming now: what moves the team's present work on comes first."""
    statuses = {i.status for i in await context.store.initiatives.of_team(context.team.id)}
    building = ["release", "pulse"] if Status.BUILDING in statuses else []
    ideas = ["start"] if statuses & {Status.IDEA, Status.CHOSEN} else []
    released = ["retro"] if Status.RELEASED in statuses else []
    leading = ["days_off"] if context.role >= Role.LEAD else []
    new = ["learn"] if await learning.is_planned(context) else []
    return [*building, *released, *ideas, "define", "summary", *leading, *new, "mine"]
