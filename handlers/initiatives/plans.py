"""The plan of an initiative as everybody reads it: whom it is for, its measures, and what was changed in them."""

from __future__ import annotations

from decimal import Decimal

import prompts
from handlers.context import Context
from handlers.messages import Block, Items, Text
from handlers.typed import amounts
from prompts import Reader
from storage.initiatives import Criterion, Initiative


async def plan_blocks(context: Context, initiative: Initiative, reader: Reader | None = None) -> tuple[Block, ...]:
    """The planned measures, a line each, and under a head of their own those that must not get worse.

    They are written for `reader`, which is whoever reads the answer unless another one is given.
    """
    reader = reader or context.reader
    said = prompts.say("initiatives/plan", reader)
    criteria = await context.store.initiatives.criteria(initiative.id)
    measures = tuple(criterion_line(each, reader) for each in criteria if not each.is_guardrail)
    guardrails = tuple(criterion_line(each, reader) for each in criteria if each.is_guardrail)
    reached: Block = Items(measures) if measures else Text(said.no_measure)
    return (reached, *((Text(said.guardrails), Items(guardrails)) if guardrails else ()))


def criterion_line(criterion: Criterion, reader: Reader) -> str:
    """One measure in a line: "Failed payments recovered: 12 % → 20 %, read from payments dashboard"."""
    said = prompts.say(
        "initiatives/plan",
        reader,
        criterion=criterion,
        baseline=value(criterion.baseline, criterion, reader),
        target=value(criterion.target, criterion, reader),
    )
    return said.guardrail if criterion.is_guardrail else said.measure


def value(number: Decimal | None, criterion: Criterion, reader: Reader) -> str:
    """A number in the criterion's unit as the reader writes it; nothing where it is not known."""
    return "" if number is None else amounts.write_amount(number, criterion.unit, reader.locale)


async def change_blocks(
    context: Context, initiative: Initiative, reader: Reader | None = None
) -> tuple[Block, ...]:
    """What was changed in the plan after it was frozen, oldest first; nothing where nothing was."""
    reader = reader or context.reader
    amendments = await context.store.initiatives.amendments(initiative.id)
    people = {each.person_id: await _name(context, each.person_id) for each in amendments}
    said = prompts.say("initiatives/plan", reader)
    lines = tuple(said("amendment", amendment=each, who=people[each.person_id]) for each in amendments)
    return (Text(said.amendments), Items(lines)) if lines else ()


async def _name(context: Context, person_id: int | None) -> str:
    found = await context.store.directory.person(person_id) if person_id else None
    return found.name if found else ""
