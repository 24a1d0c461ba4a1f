"""What the release command answers: the day to look back, or why this cannot be released."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers.context import Context
from handlers.initiatives.finding import FIELD, reference
from handlers.messages import Button, Message, Note, Quote, Text
from handlers.retros import cases
from storage.initiatives import Initiative
from storage.releases import Stage


async def planned(context: Context, retro_id: int, moment: str) -> Message:
    """The release with its day to look back; `moment` is the prompt that tells it."""
    case = await cases.load(context, retro_id)
    owner_id = case.initiative.owner_id
    owner = await context.store.directory.person(owner_id) if owner_id else None
    released_on = case.release.released_at.astimezone(ZoneInfo(context.team.zone)).date()
    said = context.say(
        moment,
        initiative=case.initiative,
        days=(case.retro.review_on - released_on).days,
        review_on=case.retro.review_on,
        owner="" if owner is None else owner.name,
        is_mine=owner_id == context.me.id,
    )
    date = Button(said.date, "release.date", case.values)
    undo = Button(said.undo, "release.undo", case.values)
    without = () if case.measures else (Note(said.no_measure),)
    return Message(said.title, (Text(said.body), *without), (date, undo))


async def out_already(context: Context, initiative: Initiative) -> Message:
    """It is out: since when, what became of that release, and the way to release it again."""
    latest = (await context.store.releases.of_initiative(initiative.id))[-1]
    retros = await context.store.retros.of_initiative(initiative.id)
    retro = next((each for each in retros if each.stage is not Stage.CANCELLED), None)
    said = context.say("releases/out_already", initiative=initiative, since=latest.released_at, retro=retro)
    values = _values(initiative)
    again = Button(said.again, "release.again", {**values, "after": str(latest.id)})
    review = (Button(said.retro, "retro", values),) if retro else ()
    return Message(said.title, (Text(said.body),), (again, *review))


def not_started(context: Context, initiative: Initiative) -> Message:
    """It was never started, so nothing was agreed on that it could be held against."""
    said = context.say("releases/not_started", initiative=initiative)
    start = Button(said.start, "initiative.start", _values(initiative), style="main")
    return Message(said.title, (Text(said.body),), (start,))


def dropped(context: Context, initiative: Initiative) -> Message:
    """It was decided against, with the reason."""
    said = context.say("releases/dropped", initiative=initiative)
    reason = (Quote(initiative.drop_reason),) if initiative.drop_reason else ()
    revisit = Button(said.revisit, "initiative.revisit", _values(initiative))
    return Message(said.title, (Text(said.body), *reason), (revisit,))


def begun(context: Context, initiative: Initiative) -> Message:
    """Its review has begun, so the release stays."""
    said = context.say("releases/begun", initiative=initiative)
    return Message(said.title, (Text(said.body),), (Button(said.retro, "retro", _values(initiative)),))


def undone(context: Context, initiative: Initiative, *, is_out: bool) -> Message:
    """The release is taken back; `is_out` where an earlier one stands."""
    said = context.say("releases/undone", initiative=initiative, is_out=is_out)
    buttons = () if is_out else (Button(said.release, "release", _values(initiative)),)
    return Message(said.title, (Text(said.body),), buttons)


def _values(initiative: Initiative) -> dict[str, str]:
    return {FIELD: reference(initiative.id)}
