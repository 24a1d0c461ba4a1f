"""The form for the numbers: what each criterion reached and where that was read, or that nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import prompts
from handlers.context import Context
from handlers.errors import FieldError
from handlers.fields import Check, Field, amount, date_past, line, whole, words
from handlers.initiatives import measures, plans
from handlers.messages import Text
from handlers.retros import cases
from handlers.retros.cases import Case
from handlers.rows import Opening
from handlers.typed.amounts import Amount
from handlers.typed.refusals import Refused
from prompts import Reader
from storage.initiatives import Criterion

CANNOT_TELL = {"cannot tell", "can't tell", "can not tell", "cant tell", "not known", "no idea", "unclear"}

RETRO = Field("retro", whole, shown=False)
READ_ON = Field("read_on", date_past)
EVENTS = Field("events", words, kind="text", optional=True, limit=1000)


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """The inputs for this review's criteria, filled with what is known. Raises NotNow where it is over."""
    case = await cases.of_button(context, typed)
    if case.retro.stage not in cases.GOING:
        raise cases.not_now(context, case)
    others = await cases.others(context, case)
    said = context.say("retros/review", others=others)
    fields = [field for criterion in case.criteria for field in _fields(criterion, context.reader)]
    return Opening(
        known=_known(case, context.reader),
        fields=(RETRO, *fields, READ_ON, EVENTS),
        intro=(Text(said.others),) if others else (),
    )


async def keep(context: Context, case: Case, typed: Mapping[str, Amount | str | None], read_on: date) -> None:
    """Keep what was typed for each criterion. Raises FieldError beside a source that is missing."""
    for criterion in case.criteria:
        reached, source = typed.get(f"value_{criterion.id}"), typed.get(f"source_{criterion.id}")
        value = reached.value if isinstance(reached, Amount) else None
        if value is not None and not source:
            raise FieldError(f"source_{criterion.id}", context.say("retros/numbers").no_source)
        await context.store.retros.keep_actual(
            case.retro.id,
            criterion.id,
            value=value,
            source=source or "",
            read_on=read_on if value is not None else None,
            person_id=context.me.id,
        )


def _fields(criterion: Criterion, reader: Reader) -> tuple[Field, Field]:
    said = prompts.say(
        "retros/numbers",
        reader,
        criterion=criterion,
        baseline=plans.value(criterion.baseline, criterion, reader),
        target=plans.value(criterion.target, criterion, reader),
    )
    hint = said.guardrail_hint if criterion.is_guardrail else said.measure_hint
    value = Field(f"value_{criterion.id}", _value_of(criterion), optional=True, label=said.value, hint=hint)
    return value, Field(f"source_{criterion.id}", line, optional=True, label=said.source)


def _value_of(criterion: Criterion) -> Check:
    """A check that takes the criterion's own unit where none is typed, and refuses another one."""

    def check(text: str, reader: Reader) -> Amount | None:
        said = text.strip().casefold().replace("’", "'").rstrip(".!")
        if said in measures.UNKNOWN | CANNOT_TELL:
            return None
        typed = amount(text, reader)
        if typed.unit and not _is_same(typed.unit, criterion.unit):
            refusal = prompts.say("retros/numbers", reader, unit=criterion.unit, typed=typed.unit)
            raise Refused(refusal.other_unit)
        return typed

    return check


def _is_same(typed: str, unit: str) -> bool:
    """Whether two units are one: "ticket" and "tickets", "EUR" and "EUR per seat"."""
    one, other = (each.casefold().removesuffix("s") for each in (typed, unit))
    return one == other or unit.casefold().startswith(f"{typed.casefold()} ")


def _known(case: Case, reader: Reader) -> dict[str, str]:
    """What is there already: numbers given before, the planned sources, today."""
    known = {"read_on": reader.today.isoformat(), "events": case.retro.events}
    for criterion in case.criteria:
        actual = case.actuals.get(criterion.id)
        value = actual.value if actual else None
        known[f"value_{criterion.id}"] = measures.as_typed(value, criterion.unit, reader)
        known[f"source_{criterion.id}"] = (actual.source if actual else "") or criterion.source
        if actual and actual.read_on:
            known["read_on"] = actual.read_on.isoformat()
    return known
