"""A team that started with an earlier version: what it is asked from now on besides is planned, once."""

from __future__ import annotations

from datetime import timedelta

from handlers import schedules
from handlers.context import Context
from handlers.initiatives import staleness
from handlers.local_time import A_DAY
from handlers.retros import followups
from storage.directory import Person
from storage.initiatives import Status

LATELY = timedelta(days=30)  # what was promised longer ago is listed by `actions`, and asked about no more


async def plan(context: Context) -> None:
    """Plan what this version brings of itself. Nobody is asked anything more today, and nobody is new here."""
    members = {person.id: person for person in await context.store.teams.members(context.team.id)}
    await schedules.plan_missing(context)
    await _plan_actions(context, members)
    for initiative in await context.store.initiatives.of_team(context.team.id, Status.BUILDING):
        if owner := members.get(initiative.owner_id or 0):
            await staleness.plan(context, initiative.id, owner)


async def _plan_actions(context: Context, members: dict[int, Person]) -> None:
    for action in await context.store.retros.to_do(context.team.id):
        assignee = members.get(action.assignee_id or 0)
        if assignee is None or action.due_on is None:
            continue
        today = context.seen_by(assignee).today
        if today - action.due_on <= LATELY:
            await followups.plan(context, action.id, assignee, max(action.due_on, today + A_DAY))
