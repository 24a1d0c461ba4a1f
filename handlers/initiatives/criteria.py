"""The measures of success and what must not get worse: added, changed, and until the start removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers.context import Context
from handlers.errors import FieldError
from handlers.fields import Field, line, name, one_of, whole, words
from handlers.forms import form_of
from handlers.initiatives import amendments, cards, measures
from handlers.initiatives.finding import FIELD, unknown
from handlers.initiatives.measures import Values
from handlers.messages import Choice, Form, Message, Note
from handlers.rows import Opening
from handlers.typed.amounts import Amount
from storage.initiatives import Criterion, Initiative
from storage.teams import name_key

MOST = 12

INITIATIVE = Field(FIELD, line, shown=False)
CRITERION = Field("criterion", whole, shown=False)
PICKED = Field("criterion", whole, kind="choice")
REASON = Field("reason", words, kind="text", limit=500)
MEASURE = (
    Field("measure", name),
    Field("baseline", measures.measured_or_unknown, optional=True),
    Field("target", measures.measured),
    Field("source", name),
)
GUARDRAIL = (
    *MEASURE[:2],
    Field("bound", one_of(*measures.BOUNDS), kind="choice", choices=measures.BOUNDS),
    *MEASURE[2:],
)


async def add_measure(
    context: Context,
    initiative: str,
    measure: str,
    baseline: Amount | None,
    target: Amount,
    source: str,
    reason: str | None = None,
) -> Message:
    """Add a measure that the work is to reach."""
    return await _add(
        context, initiative, measures.measure(measure, baseline, target, source, context.reader), reason
    )


async def add_guardrail(
    context: Context,
    initiative: str,
    measure: str,
    baseline: Amount | None,
    bound: str,
    target: Amount,
    source: str,
    reason: str | None = None,
) -> Message:
    """Add a measure that must not get worse."""
    values = measures.guardrail(measure, baseline, bound, target, source, context.reader)
    return await _add(context, initiative, values, reason)


async def change_measure(
    context: Context,
    initiative: str,
    criterion: int,
    measure: str,
    baseline: Amount | None,
    target: Amount,
    source: str,
    reason: str | None = None,
) -> Message:
    """Change a measure; after the start that is an amendment."""
    values = measures.measure(measure, baseline, target, source, context.reader)
    return await _change(context, initiative, criterion, values, reason)


async def change_guardrail(
    context: Context,
    initiative: str,
    criterion: int,
    measure: str,
    baseline: Amount | None,
    bound: str,
    target: Amount,
    source: str,
    reason: str | None = None,
) -> Message:
    """Change what must not get worse; after the start that is an amendment."""
    values = measures.guardrail(measure, baseline, bound, target, source, context.reader)
    return await _change(context, initiative, criterion, values, reason)


async def pick(context: Context, initiative: str, criterion: int) -> Form:
    """The form to change the measure that was picked, filled in as it is now."""
    found = await _criterion(context, await amendments.changeable(context, initiative), criterion)
    row = context.catalog.entries["guardrail.change" if found.is_guardrail else "measure.change"]
    typed = {FIELD: initiative, "criterion": str(criterion)}
    changing = changing_guardrail if found.is_guardrail else changing_measure
    return form_of(row, await changing(context, typed), typed, {}, context.reader)


async def remove(context: Context, initiative: str, criterion: int) -> Message:
    """Remove a measure before the start; afterwards it stays, and the card says what can be done instead."""
    current = await amendments.changeable(context, initiative, locked=True)
    found = await _criterion(context, current, criterion)
    said = context.say("initiatives/done", measure=found.measure)
    if current.is_frozen:
        return await cards.card(context, current.id, said.stays)
    await context.store.initiatives.remove_criterion(found.id)
    return await cards.card(context, current.id, said.removed)


async def adding_measure(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form for a new measure; once the work has started it asks for a reason."""
    current = await amendments.changeable(context, typed.get(FIELD, ""))
    return amended(context, current, Opening(), (INITIATIVE, *MEASURE))


async def adding_guardrail(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form for one more thing that must not get worse."""
    current = await amendments.changeable(context, typed.get(FIELD, ""))
    return amended(context, current, Opening(known={"bound": measures.BOUNDS[0]}), (INITIATIVE, *GUARDRAIL))


async def changing_measure(context: Context, typed: Mapping[str, str]) -> Opening:
    """What the form for a change starts from: the measure as it is. Raises Unknown for a guardrail."""
    return await _changing(context, typed, MEASURE, is_guardrail=False)


async def changing_guardrail(context: Context, typed: Mapping[str, str]) -> Opening:
    """What the form for a change starts from: what must not get worse. Raises Unknown for a measure."""
    return await _changing(context, typed, GUARDRAIL, is_guardrail=True)


async def picking(context: Context, typed: Mapping[str, str]) -> Opening:
    """The measures to pick from; a single one is picked already."""
    current = await amendments.changeable(context, typed.get(FIELD, ""))
    found = await context.store.initiatives.criteria(current.id)
    if not found:
        raise unknown(context)
    only = {"criterion": str(found[0].id)} if len(found) == 1 else {}
    choices = tuple(Choice(str(each.id), each.measure) for each in found)
    return Opening(resolved=only, choices={"criterion": choices}, facts={"initiative": current})


async def removing(context: Context, typed: Mapping[str, str]) -> Opening:
    """The measures to pick one from that goes; a single one is asked about all the same."""
    opening = await picking(context, typed)
    return replace(opening, known=opening.resolved, resolved={})


def amended(context: Context, current: Initiative, opening: Opening, fields: tuple[Field, ...]) -> Opening:
    """A form about a plan: once it is frozen, with the question why it changes."""
    facts = {"initiative": current, **opening.facts}
    if not current.is_frozen:
        return replace(opening, fields=fields, facts=facts)
    note = Note(context.say("initiatives/done", initiative=current).frozen)
    return replace(opening, fields=(*fields, REASON), facts=facts, intro=(note,))


async def replace_values(
    context: Context, current: Initiative, criterion: Criterion, values: Values, reason: str | None
) -> None:
    """Change a criterion of an initiative held for the change, and keep what differs where it is frozen."""
    await _refuse_double(context, current, values, criterion.id)
    await context.store.initiatives.change_criterion(criterion.id, **values)
    changed = await _criterion(context, current, criterion.id)
    await amendments.record(context, current, reason, amendments.of_criterion(context, criterion, changed))


async def add_values(context: Context, current: Initiative, values: Values, reason: str | None) -> None:
    """Add a criterion to an initiative held for the change, and keep that it is new where it is frozen."""
    await _refuse_double(context, current, values)
    number = await context.store.initiatives.add_criterion(current.id, **values)
    added = await _criterion(context, current, number)
    await amendments.record(context, current, reason, [amendments.of_addition(context, added)])


async def _add(context: Context, initiative: str, values: Values, reason: str | None) -> Message:
    current = await amendments.for_change(context, initiative, reason)
    await add_values(context, current, values, reason)
    return await cards.card(context, current.id)


async def _change(
    context: Context, initiative: str, criterion: int, values: Values, reason: str | None
) -> Message:
    current = await amendments.for_change(context, initiative, reason)
    await replace_values(context, current, await _criterion(context, current, criterion), values, reason)
    return await cards.card(context, current.id)


async def _changing(
    context: Context, typed: Mapping[str, str], fields: tuple[Field, ...], *, is_guardrail: bool
) -> Opening:
    current = await amendments.changeable(context, typed.get(FIELD, ""))
    found = await _criterion(context, current, _number(typed.get("criterion", "")))
    if found.is_guardrail is not is_guardrail:
        raise unknown(context)
    known = Opening(known=measures.typed(found, context.reader))
    return amended(context, current, known, (INITIATIVE, CRITERION, *fields))


async def _criterion(context: Context, initiative: Initiative, number: int) -> Criterion:
    found = await context.store.initiatives.criterion(number)
    if found is None or found.initiative_id != initiative.id:
        raise unknown(context)
    return found


def _number(text: str) -> int:
    """The number that a hidden field carries; 0, which is nobody's, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


async def _refuse_double(context: Context, current: Initiative, values: Values, but: int | None = None) -> None:
    """Two lines of one name could not be told apart when they are judged; a form sent twice adds one."""
    others = [each for each in await context.store.initiatives.criteria(current.id) if each.id != but]
    said = context.say("initiatives/refused", measure=values["measure"], count=MOST)
    if any(name_key(each.measure) == name_key(str(values["measure"])) for each in others):
        raise FieldError("measure", said.same_measure)
    if but is None and len(others) >= MOST:
        raise FieldError("measure", said.too_many)
