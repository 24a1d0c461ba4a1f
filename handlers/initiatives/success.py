"""Saying what success will be, before the work begins: for whom, by which measure, from where to where."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.fields import Field, line, name, span, words
from handlers.initiatives import amendments, cards, criteria, measures
from handlers.initiatives.amendments import Change
from handlers.initiatives.finding import FIELD, reference
from handlers.messages import Button, Items, Message, Text
from handlers.rows import Opening
from handlers.typed.amounts import Amount
from storage.initiatives import Criterion, Initiative, Status
from storage.teams import name_key

REVIEW = "30 days"
SHOWN_CUSTOMERS = 8

TITLE = Field("title", name)
REVIEW_DAYS = Field("review_days", span)
FIELDS = (
    TITLE,
    Field("who", name),
    Field("change", words, kind="text", limit=1000),
    *criteria.MEASURE,
    Field("stop_line", line, optional=True, limit=300),
    REVIEW_DAYS,
)


class Exists(HandlerError):
    """{sentence}"""


async def define(
    context: Context,
    title: str,
    who: str,
    change: str,
    measure: str,
    baseline: Amount | None,
    target: Amount,
    source: str,
    stop_line: str | None,
    review_days: int,
) -> Message:
    """Add an initiative with its first measure. Whoever defines it owns it."""
    values = measures.measure(measure, baseline, target, source, context.reader)
    number = await context.store.initiatives.add(
        context.team.id,
        title,
        context.now,
        customer_id=await _customer(context, who),
        change=change,
        stop_line=stop_line or "",
        review_days=review_days,
        owner_id=context.me.id,
    )
    if number is None:
        raise await _taken(context, title)
    await context.store.initiatives.add_criterion(number, **values)
    return await cards.card(context, number)


async def change(
    context: Context,
    initiative: str,
    title: str,
    who: str,
    change: str,
    measure: str,
    baseline: Amount | None,
    target: Amount,
    source: str,
    stop_line: str | None,
    review_days: int | None = None,
    reason: str | None = None,
) -> Message:
    """Change what was planned; after the start each difference is an amendment with its reason.

    Without `review_days`, which a released initiative no longer has on its form, they stay.
    """
    current = await amendments.for_change(context, initiative, reason)
    values = measures.measure(measure, baseline, target, source, context.reader)
    changed = await context.store.initiatives.change(
        current.id,
        title=title,
        customer_id=await _customer(context, who),
        change=change,
        stop_line=stop_line or "",
        review_days=review_days or current.review_days,
    )
    if not changed:
        raise await _taken(context, title)
    first = await _first_measure(context, current)
    if first:
        await criteria.replace_values(context, current, first, values, reason)
    else:
        await criteria.add_values(context, current, values, reason)
    await amendments.record(context, current, reason, await _differences(context, current))
    return await cards.card(context, current.id)


async def defining(context: Context, typed: Mapping[str, str]) -> Opening:
    """What the form starts from. A title typed that exists already is told before the form is filled in."""
    named = await context.store.initiatives.titled(context.team.id, typed.get("title", ""))
    if named and "target" not in typed:
        said = context.say("initiatives/refused", initiative=named)
        show = Button(said.show, "status", {FIELD: reference(named.id)})
        raise Exists(show, Button(said.another, "define-success"), sentence=said.exists)
    known = {"who": context.team.payer, "review_days": REVIEW}
    return Opening(known=known, facts=await _facts(context))


async def changing(context: Context, typed: Mapping[str, str]) -> Opening:
    """What the form to change a plan starts from: the plan."""
    current = await amendments.changeable(context, typed.get(FIELD, ""))
    first = await _first_measure(context, current)
    known = {
        "title": current.title,
        "who": current.customer,
        "change": current.change,
        "stop_line": current.stop_line,
        "review_days": f"{current.review_days} days",
        **(measures.typed(first, context.reader) if first else {}),
    }
    fields = FIELDS if current.status is not Status.RELEASED else FIELDS[:-1]
    opening = Opening(known=known, facts={**await _facts(context), "is_change": True})
    return criteria.amended(context, current, opening, (criteria.INITIATIVE, *fields))


async def why(context: Context) -> Message:
    """What each question of the form is good for."""
    said = context.say("success/why")
    reasons = ("who", "change", "measure", "baseline", "source", "guardrail", "stop_line", "review")
    define = Button(said.define, "define-success")
    return Message(said.title, (Text(said.body), Items(tuple(said(reason) for reason in reasons))), (define,))


async def _facts(context: Context) -> dict[str, object]:
    known = await context.store.teams.customers(context.team.id)
    return {"customers": [name for _, name in known[:SHOWN_CUSTOMERS]], "is_change": False}


async def _customer(context: Context, who: str) -> int:
    """The customer the team knows by that name, spelled as they are, or a new one."""
    known = await context.store.teams.customers(context.team.id)
    found = next((number for number, name in known if name_key(name) == name_key(who)), None)
    return found or await context.store.teams.keep_customer(context.team.id, who)


async def _taken(context: Context, title: str) -> FieldError:
    named = await context.store.initiatives.titled(context.team.id, title)
    return FieldError("title", context.say("initiatives/refused", initiative=named).taken)


async def _first_measure(context: Context, initiative: Initiative) -> Criterion | None:
    found = await context.store.initiatives.criteria(initiative.id)
    return next((each for each in found if not each.is_guardrail), None)


async def _differences(context: Context, before: Initiative) -> list[Change]:
    """What the initiative is now, beside what it was."""
    after = await context.store.initiatives.get(before.id) or before
    said = context.say("initiatives/amended")
    return [
        (said.title, before.title, after.title),
        (said.who, before.customer, after.customer),
        (said.change, before.change, after.change),
        (said.stop_line, before.stop_line, after.stop_line),
        (said.review_days, str(before.review_days), str(after.review_days)),
    ]
