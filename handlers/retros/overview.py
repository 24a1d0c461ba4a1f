"""The retro command: whatever a review needs now, from giving the numbers to reading what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.fields import Field, line
from handlers.initiatives.finding import FIELD, find, pick_once, reference
from handlers.messages import Button, Message, Text
from handlers.retros import actuals, answers, cases, summaries
from handlers.retros.cases import Case
from handlers.rows import Opening
from prompts import Said
from storage.initiatives import ALIVE, Initiative, Status
from storage.releases import Retro, Stage

INITIATIVE = Field(FIELD, line, kind="choice")


class NothingReleased(HandlerError):
    """Nothing has been released yet, so there is nothing to look back on. When something is out, type release."""


async def retro(context: Context, initiative: str) -> Message:
    """The review of an initiative as it stands for this person."""
    try:
        found = await find(context, initiative, Status.RELEASED, Status.JUDGED)
    except FieldError:
        found = await find(context, initiative, *ALIVE)
    latest = _latest(await context.store.retros.of_initiative(found.id))
    if latest is None:
        return _not_out(context, found)
    return await card(context, await cases.load(context, latest.id))


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """The released initiatives to pick from."""
    nothing = NothingReleased(Button(context.say("retros/state").status, "status"))
    return await pick_once(context, typed, (INITIATIVE,), nothing, Status.RELEASED, Status.JUDGED)


async def show(context: Context, retro: int) -> Message:
    """One review as it stands for this person."""
    return await card(context, await cases.load(context, retro))


async def card(context: Context, case: Case) -> Message:
    """What a review needs of this person now."""
    stage = case.retro.stage
    if stage is Stage.CLOSED:
        return await summaries.summary(context, case)
    if stage is Stage.OPEN:
        return await answers.card(context, case)
    if stage is Stage.NUMBERS or case.retro.review_on <= context.team_reader.today:
        return await actuals.card(context, case)
    said = _said(context, case)
    if stage is Stage.CANCELLED:
        return Message(said.cancelled, (Text(said.cancelled_body),))
    early = Button(said.early, "retro.early", case.values, confirm=said.early_confirm)
    date = Button(said.date, "release.date", case.values)
    return Message(said.planned, (Text(said.planned_body),), (early, date))


def _latest(found: list[Retro]) -> Retro | None:
    """The review that needs somebody now; else the newest one."""
    begun = [each for each in found if each.stage in (Stage.NUMBERS, Stage.OPEN)]
    return next(iter(begun or found), None)


def _not_out(context: Context, initiative: Initiative) -> Message:
    said = context.say("retros/state", initiative=initiative)
    release = Button(said.release, "release", {FIELD: reference(initiative.id)})
    return Message(said.not_out, (Text(said.not_out_body),), (release,))


def _said(context: Context, case: Case) -> Said:
    return context.say("retros/state", initiative=case.initiative, retro=case.retro)
