"""Changes to a plan after its work has started: allowed, with a reason, and visible from then on."""

from __future__ import annotations

from collections.abc import Iterable

import prompts
from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.initiatives import plans
from handlers.initiatives.finding import FIELD, by_reference, reference, unknown
from handlers.messages import Button
from storage.initiatives import Criterion, Initiative, Status
from storage.releases import Stage

Change = tuple[str, str, str]


class PlanClosed(HandlerError):
    """{sentence}"""


async def changeable(context: Context, named: str, *, locked: bool = False) -> Initiative:
    """The initiative a button names, if its plan may be changed in the state it is in now.

    Raises Unknown, or PlanClosed with the way on.
    """
    found = await by_reference(context, named, locked=locked)
    if found is None:
        raise unknown(context)
    blocked = await _blocked(context, found)
    if blocked:
        said = context.say("initiatives/refused", initiative=found)
        way_on = Button(said.show, "initiative.show", {FIELD: reference(found.id)})
        raise PlanClosed(way_on, sentence=said(blocked))
    return found


async def for_change(context: Context, named: str, reason: str | None) -> Initiative:
    """As `changeable`, held until the end of the request; a plan that is frozen needs a reason."""
    found = await changeable(context, named, locked=True)
    if found.is_frozen and not reason:
        raise FieldError("reason", context.say("initiatives/refused", initiative=found).frozen_meanwhile)
    return found


async def record(context: Context, initiative: Initiative, reason: str | None, changes: Iterable[Change]) -> None:
    """Keep what was changed in a plan that is frozen; before the start, changes leave no trace."""
    if not initiative.is_frozen:
        return
    for field, before, after in changes:
        if before != after:
            await context.store.initiatives.amend(
                initiative.id,
                context.me.id,
                context.now,
                field=field,
                before=before,
                after=after,
                reason=reason or "",
            )


def of_criterion(context: Context, before: Criterion, after: Criterion) -> list[Change]:
    """What differs between a criterion and itself after a change, in the team's own writing of numbers."""
    was, is_now = _as_words(context, before), _as_words(context, after)
    said = prompts.say("initiatives/amended", context.team_reader, measure=before.measure)
    return [(said(name), was[name], is_now[name]) for name in was]


def of_addition(context: Context, added: Criterion) -> Change:
    """A criterion that came after the start."""
    said = prompts.say("initiatives/amended", context.team_reader)
    field = said.added_guardrail if added.is_guardrail else said.added_measure
    return field, "", plans.criterion_line(added, context.team_reader)


def _as_words(context: Context, criterion: Criterion) -> dict[str, str]:
    reader = context.team_reader
    said = prompts.say("initiatives/amended", reader, criterion=criterion)
    words = {
        "measure": criterion.measure,
        "baseline": plans.value(criterion.baseline, criterion, reader) or said.not_known,
        "target": plans.value(criterion.target, criterion, reader),
        "source": criterion.source,
    }
    return words | ({"bound": said.bound_words} if criterion.is_guardrail else {})


async def _blocked(context: Context, initiative: Initiative) -> str:
    """Why the plan may not be changed, as the name of the sentence that says so; empty where it may."""
    if initiative.status in (Status.DROPPED, Status.JUDGED):
        return str(initiative.status)
    stages = {retro.stage for retro in await context.store.retros.of_initiative(initiative.id)}
    if stages & {Stage.NUMBERS, Stage.OPEN}:
        return "reviewed"
    return "judged_once" if Stage.CLOSED in stages else ""
