"""What follows from a review: if … then who does what by when; we will know by …"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers.context import Context
from handlers.errors import FieldError
from handlers.fields import Field, date_ahead, line, whole
from handlers.messages import Button, Choice, Items, Message, Text
from handlers.retros import cases, followups, summaries
from handlers.rows import Opening
from storage.releases import Stage

FIELDS = (
    Field("trigger", line, limit=300),
    Field("assignee", whole, kind="choice"),
    Field("deed", line, limit=300),
    Field("due", date_ahead),
    Field("sign", line, limit=300),
)
ADDABLE = (Stage.OPEN, Stage.CLOSED)


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form for an action. Raises NotNow where there is no review to add it to."""
    case = await cases.of_button(context, typed)
    if case.retro.stage not in ADDABLE:
        raise cases.not_now(context, case)
    members = await context.store.teams.members(context.team.id)
    choices = tuple(Choice(str(person.id), person.name) for person in members)
    return Opening(known={"assignee": str(context.me.id)}, choices={"assignee": choices})


async def add(
    context: Context, retro: int, trigger: str, assignee: int, deed: str, due: date, sign: str
) -> Message:
    """Keep an action, tell whoever is to do it, and show it in the summary where that is posted."""
    case = await cases.load(context, retro, locked=True)
    if case.retro.stage not in ADDABLE:
        raise cases.not_now(context, case)
    members = {person.id: person for person in await context.store.teams.members(context.team.id)}
    if assignee not in members:
        raise FieldError("assignee", context.say("retros/action").gone)
    clauses = {"trigger": _clause(trigger, "if "), "deed": _clause(deed), "sign": _clause(sign)}
    values = {**clauses, "assignee_id": assignee, "due_on": due}
    number = await context.store.retros.add_action(retro, context.team.id, context.now, **values)
    await followups.plan(context, number, members[assignee], due)
    if case.retro.stage is Stage.CLOSED:
        await summaries.publish(context, case)
    if assignee != context.me.id:
        theirs = context.seen_by(members[assignee])
        message = await _card(theirs, retro, number, by=context.me.name)
        await context.tell(f"action:{number}", members[assignee], message)
    return await _card(context, retro, number)


def _clause(text: str, said_already: str = "") -> str:
    """Typed words as a part of the sentence: without the word that comes before them, and its full stop."""
    without = text[len(said_already) :] if text.casefold().startswith(said_already) else text
    return without.strip(" .,;") or text


async def _card(context: Context, retro: int, number: int, by: str = "") -> Message:
    case = await cases.load(context, retro)
    is_closed = case.retro.stage is Stage.CLOSED
    said = context.say(
        "retros/action",
        initiative=case.initiative,
        is_closed=is_closed,
        by=by,
    )
    lines = await summaries.action_lines(context, case, number)
    another = () if by else (Button(said.another, "retro.action", case.values),)
    title = said.told if by else said.saved
    return Message(
        title, (Items(lines), Text(said.where)), (*another, Button(said.see, "retro.show", case.values))
    )
