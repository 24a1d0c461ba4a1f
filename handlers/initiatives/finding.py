"""Finding the initiative that somebody means, by a button's number or by words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rapidfuzz import fuzz, process, utils

from handlers.context import Context
from handlers.errors import FieldError, HandlerError, Unknown
from handlers.fields import LINE_LIMIT, Field
from handlers.messages import Button, Choice, Text
from handlers.rows import Opening
from storage.initiatives import Initiative, Status
from storage.teams import name_key

NEAR_ENOUGH = 60
FIELD = "initiative"


def reference(initiative_id: int) -> str:
    """How a button or a choice names an initiative."""
    return f"#{initiative_id}"


async def by_reference(context: Context, text: str, *, locked: bool = False) -> Initiative | None:
    """The team's initiative that a button or choice names; None where there is none (any more).

    `locked` holds off others who would change it, until the end of the request.
    """
    if not _is_reference(text):
        return None
    found = await context.store.initiatives.get(int(text.removeprefix("#")), locked=locked)
    return found if found and found.team_id == context.team.id else None


async def choices(context: Context, *statuses: Status) -> tuple[Choice, ...]:
    """The team's initiatives in these states, to pick from."""
    found = await context.store.initiatives.of_team(context.team.id, *statuses)
    return tuple(Choice(reference(initiative.id), initiative.title) for initiative in found)


async def find(context: Context, text: str, *statuses: Status) -> Initiative:
    """The initiative that `text` means: a reference, a title, or enough of one title to tell it apart.

    Titles in these states come first. Raises FieldError with the nearest titles where none or several fit,
    and Unknown for the reference of one that is gone.
    """
    named = await by_reference(context, text) or await context.store.initiatives.titled(context.team.id, text)
    if named:
        return named
    if _is_reference(text):
        raise unknown(context)
    every = await context.store.initiatives.of_team(context.team.id)
    first = [each for each in every if not statuses or each.status in statuses]
    holding = _holding(text, first) or _holding(text, every)
    if len(holding) == 1:
        return holding[0]
    raise _not_found(text, [each.title for each in holding], {each.id: each.title for each in first})


def _holding(text: str, offered: list[Initiative]) -> list[Initiative]:
    """Those of that very title, the newest where one was dropped; else all whose titles hold the words."""
    called = [each for each in offered if name_key(each.title) == name_key(text)]
    wanted = utils.default_process(text)
    return called[:1] or [each for each in offered if wanted and wanted in utils.default_process(each.title)]


def unknown(context: Context) -> Unknown:
    """What somebody reads whose button means an initiative or a measure that is gone."""
    return Unknown(Button(context.say("initiatives/refused").status, "status"), what="that")


def _is_reference(text: str) -> bool:
    digits = text.removeprefix("#")
    return text.startswith("#") and digits.isascii() and digits.isdigit() and len(digits) < 10


def _not_found(text: str, holding: list[str], titles: Mapping[int, str]) -> FieldError:
    near = holding or [
        title
        for title, _, _ in process.extract(
            text, list(titles.values()), scorer=fuzz.WRatio, limit=3, score_cutoff=NEAR_ENOUGH
        )
    ]
    if holding:
        return FieldError(FIELD, f"Several fit “{text}”: {'; '.join(holding[:5])}. Which one is it?")
    meant = f"Did you mean {' or '.join(near)}?" if near else "Pick one from the list."
    return FieldError(FIELD, f"There is no initiative called “{text}” here. {meant}")


async def pick(context: Context, typed: Mapping[str, str], *statuses: Status) -> Opening:
    """What a form that asks for an initiative starts from: the choices, and the one that was meant."""
    offered = await choices(context, *statuses)
    found, _ = await _meant(context, typed, statuses)  # what is wrong with it, the handler or the check says
    return Opening(
        known={FIELD: offered[0].value} if len(offered) == 1 else {},
        resolved={FIELD: reference(found.id)} if found else {},
        choices={FIELD: offered},
    )


async def pick_once(
    context: Context,
    typed: Mapping[str, str],
    fields: tuple[Field, ...],
    nothing: HandlerError,
    *statuses: Status,
) -> Opening:
    """As `pick`, for a form of these fields, which does not ask for an initiative that is clear already.

    What was typed and fits none is told above the choices. Raises `nothing` where there is none to pick.
    """
    opening = await pick(context, typed, *statuses)
    found, problem = await _meant(context, typed, statuses)
    if found:
        hidden = tuple(replace(field, shown=field.shown and field.name != FIELD) for field in fields)
        return replace(opening, fields=hidden, facts={"initiative": found})
    if not opening.choices[FIELD]:
        raise nothing
    opening = replace(opening, fields=fields, facts={"initiative": None})
    return replace(opening, intro=(Text(problem),), resolved={FIELD: ""}) if problem else opening


async def _meant(
    context: Context, typed: Mapping[str, str], statuses: tuple[Status, ...]
) -> tuple[Initiative | None, str]:
    """The initiative that was typed, or what is wrong with it; neither where nothing was."""
    text = typed.get(FIELD, "")
    if not 0 < len(text) <= LINE_LIMIT:
        return None, ""
    try:
        return await find(context, text, *statuses), ""
    except FieldError as unfound:
        return None, str(unfound)
