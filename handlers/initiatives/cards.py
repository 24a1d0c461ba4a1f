"""The card of one initiative as it is now: its plan, what was changed in it, and what can be done next."""

from __future__ import annotations

from handlers import voices
from handlers.context import Context
from handlers.initiatives import plans
from handlers.initiatives.finding import FIELD, reference, unknown
from handlers.messages import Block, Button, Facts, Message, Note, Text
from handlers.pulses import figures
from prompts import Said
from storage.initiatives import Criterion, Initiative, Status
from storage.releases import Retro, Stage

# The buttons that fit a state, the main one first: label and action.
START = (("start", "initiative.start"), ("add_measure", "measure.add"), ("add_guardrail", "guardrail.add"))
BUILD = (("release", "release"), ("change", "success.change"), ("add_measure", "measure.add"))
REVIEW = (("retro", "retro"), ("change", "success.change"))
CHANGE = (("change", "success.change"), ("pick", "criterion.pick"))
DROP = (("drop", "initiative.drop"), ("why", "success.why"))
HEARD = (("heard", "evidence.all"), ("hear", "evidence.log"))
Offered = tuple[tuple[str, str], ...]


async def card(context: Context, initiative_id: int, lead: str = "") -> Message:
    """The initiative as it is now; `lead` says first what has just become of it.

    Raises Unknown where there is none of that number.
    """
    initiative = await context.store.initiatives.get(initiative_id)
    if initiative is None:
        raise unknown(context)
    criteria = await context.store.initiatives.criteria(initiative_id)
    measures = [each for each in criteria if not each.is_guardrail]
    retro = await _retro(context, initiative)
    owner = initiative.owner_id and await context.store.directory.person(initiative.owner_id)
    said = context.say(
        "initiatives/card",
        initiative=initiative,
        has_measure=bool(measures),
        is_unknown=any(each.baseline is None for each in measures),
        owner=owner.name if owner else "",
        review_on=retro.review_on if retro else None,
        stage=retro.stage if retro else "",
    )
    heard = await voices.blocks(context, initiative_id)
    first, more = _offered(initiative, criteria, retro)
    return Message(
        said(f"title_{initiative.status}"),
        (
            *await _blocks(context, initiative, criteria, said, lead),
            *heard,
            *await _pulse(context, initiative),
            Note(said(f"next_{initiative.status}")),
        ),
        _buttons(said, initiative, first),
        _buttons(said, initiative, (*(HEARD[:1] if heard else ()), *more, HEARD[1])),
    )


async def _blocks(
    context: Context, initiative: Initiative, criteria: list[Criterion], said: Said, lead: str
) -> tuple[Block, ...]:
    purpose = context.say("initiatives/plan", initiative=initiative).purpose
    is_unguarded = not any(each.is_guardrail for each in criteria)
    can_be_guarded = is_unguarded and initiative.status in (Status.IDEA, Status.CHOSEN)
    return (
        *((Text(lead),) if lead else ()),
        *((Text(purpose),) if purpose else ()),
        *await plans.plan_blocks(context, initiative),
        *((Note(said.unguarded),) if can_be_guarded else ()),
        Facts(_facts(initiative, said)),
        *await plans.change_blocks(context, initiative),
    )


async def _pulse(context: Context, initiative: Initiative) -> tuple[Block, ...]:
    """What the team says of it week by week, while it is being built."""
    told = await figures.lines(context, [initiative] if initiative.status is Status.BUILDING else [])
    return tuple(Text(line) for line in told.get(initiative.id, ()))


def _facts(initiative: Initiative, said: Said) -> tuple[tuple[str, str], ...]:
    is_dropped = initiative.status is Status.DROPPED
    facts = (
        (said.stop_label, initiative.stop_line),
        (said.review_label, "" if is_dropped or initiative.status is Status.JUDGED else said.review),
        (said.owner_label, said.owner),
        (said.started_label, said.started if initiative.started_at and initiative.is_frozen else ""),
        (said.dropped_label, said.dropped if initiative.dropped_at else ""),
        (said.reason_label, initiative.drop_reason),
        (said.revisit_label, said.revisit if is_dropped else ""),
    )
    return tuple((label, value) for label, value in facts if value)


def _offered(initiative: Initiative, criteria: list[Criterion], retro: Retro | None) -> tuple[Offered, Offered]:
    """What the buttons in sight and those behind "More" do, in the state the initiative is in."""
    has_measure = any(not each.is_guardrail for each in criteria)
    removing: Offered = (("remove", "criterion.remove"),) if criteria else ()
    if initiative.status in (Status.IDEA, Status.CHOSEN):
        return START[0 if has_measure else 1 :], (*(CHANGE if criteria else CHANGE[:1]), *removing, *DROP)
    if initiative.status is Status.BUILDING:
        return BUILD, (START[2], CHANGE[1], *DROP)
    if initiative.status is Status.RELEASED:
        has_begun = retro is not None and retro.stage is not Stage.PLANNED
        return (REVIEW[:1], ()) if has_begun else (REVIEW, (*START[1:], CHANGE[1], DROP[1]))
    if initiative.status is Status.JUDGED:
        return REVIEW[:1], ()
    return (("revisit_button", "initiative.revisit"),), ()


def _buttons(said: Said, initiative: Initiative, offered: Offered) -> tuple[Button, ...]:
    values = {FIELD: reference(initiative.id)}
    return tuple(
        Button(said(label), action, values, "main" if label in ("start", "release") else "plain")
        for label, action in offered
    )


async def _retro(context: Context, initiative: Initiative) -> Retro | None:
    """The review that is under way or planned for what was released last."""
    found = await context.store.retros.of_initiative(initiative.id)
    alive = (each for each in found if each.stage is not Stage.CANCELLED)
    return next(alive, None) if initiative.status in (Status.RELEASED, Status.JUDGED) else None
