"""An admin's switch: all that the bot says by itself stops at once in the whole workspace, and goes on again."""

from __future__ import annotations

from handlers.context import Context
from handlers.messages import Button, Facts, Message, Text


async def admin(context: Context) -> Message:
    """Whether the bot asks and posts by itself here, and the switch for it."""
    at = await context.store.directory.stopped_at()
    teams = await context.store.teams.started()
    said = context.say("teams/admin", at=at, teams=teams)
    switch = (
        Button(said.go_on, "admin.go-on", style="main")
        if at
        else Button(said.stop, "admin.stop", style="danger", confirm=said.confirm)
    )
    return Message(said.title, (Text(said.body), Facts(((said.teams_label, said.teams),))), (switch,))


async def stop(context: Context) -> Message:
    """Ask nobody and post nothing from now on; what was on its way and had not been sent is not sent."""
    if await context.store.directory.stopped_at() is None:
        await context.store.directory.stop(context.now)
        await context.store.outbox.withdraw()
    return await admin(context)


async def go_on(context: Context) -> Message:
    """Ask and post again, each thing when it is next due; nothing is made up for."""
    await context.store.directory.stop(None)
    return await admin(context)
