"""Whether a team posts in its channel although another organisation reads there: an admin decides."""

from __future__ import annotations

from handlers.context import ALLOW_SHARED, Context
from handlers.messages import Button, Message, Text
from prompts import Said
from storage.directory import Role

CLOSE_SHARED = "shared.close"


async def allow(context: Context) -> Message:
    """From now on it posts there; the leads are told who said so."""
    return await _decide(context, allows=True)


async def close(context: Context) -> Message:
    """From now on it posts nothing there, and the leads get it in private."""
    return await _decide(context, allows=False)


async def _decide(context: Context, *, allows: bool) -> Message:
    await context.store.teams.allow_shared(context.team.id, allows, context.me.id, context.now)
    for lead in await context.store.teams.leads(context.team.id):
        if lead.id != context.me.id:
            inside = context.seen_by(lead)
            told = _told(inside, context.me.name, allows)
            await context.tell(f"shared:{context.team.id}:{lead.id}", lead, told, anew=True)
    return _told(context, "", allows)


def _told(context: Context, who: str, allows: bool) -> Message:
    """What holds from now on, with the way back for whoever may go it."""
    said = context.say("teams/shared", channel=context.team.channel_name, who=who)
    buttons = () if who else (_other(said, allows),)
    return Message(said.allowed if allows else said.closed, (Text(said.by if who else said.body),), buttons)


def _other(said: Said, allows: bool) -> Button:
    if allows:
        return Button(said.close, CLOSE_SHARED)
    return Button(said.allow, ALLOW_SHARED, confirm=said.confirm)


async def shown(context: Context) -> tuple[tuple[tuple[str, str], ...], tuple[Button, ...]]:
    """A line of a team's facts, and for an admin the button that changes it; nothing where nobody else reads."""
    channel = await context.store.directory.channel(context.team.channel_id)
    if channel is None or not channel.is_shared:
        return (), ()
    name, at = await context.store.teams.who_allowed_shared(context.team.id) or ("", None)
    said = context.say("teams/shared", channel=context.team.channel_name, name=name, at=at)
    buttons = (_other(said, at is not None),) if context.me.role is Role.ADMIN else ()
    return ((said.label, said.open if at else said.shut),), buttons
