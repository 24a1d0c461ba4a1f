"""Finding the initiative that somebody means, by a button's number or by words."""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz import fuzz, process, utils

from handlers.context import Context
from handlers.errors import FieldError
from handlers.messages import Choice
from handlers.rows import Opening
from storage.initiatives import Initiative, Status

NEAR_ENOUGH = 60
FIELD = "initiative"


def reference(initiative_id: int) -> str:
    """How a button or a choice names an initiative."""
    return f"#{initiative_id}"


async def by_reference(context: Context, text: str) -> Initiative | None:
    """The team's initiative that a button or choice names; None where there is none (any more)."""
    digits = text.removeprefix("#")
    if not (text.startswith("#") and digits.isascii() and digits.isdigit() and len(digits) < 10):
        return None
    found = await context.store.initiatives.get(int(digits))
    return found if found and found.team_id == context.team.id else None


async def choices(context: Context, *statuses: Status) -> tuple[Choice, ...]:
    """The team's initiatives in these states, to pick from."""
    found = await context.store.initiatives.of_team(context.team.id, *statuses)
    return tuple(Choice(reference(initiative.id), initiative.title) for initiative in found)


async def find(context: Context, text: str, *statuses: Status) -> Initiative:
    """The initiative that `text` means: a reference, a title, or enough of one title to tell it apart.

    Titles in these states come first. Raises FieldError with the nearest titles where none or several fit.
    """
    named = await by_reference(context, text) or await context.store.initiatives.titled(context.team.id, text)
    if named:
        return named
    titles = {i.id: i.title for i in await context.store.initiatives.of_team(context.team.id, *statuses)}
    wanted = utils.default_process(text)
    holding = [number for number, title in titles.items() if wanted and wanted in utils.default_process(title)]
    if len(holding) == 1:
        found = await context.store.initiatives.get(holding[0])
        if found:
            return found
    raise _not_found(text, [titles[number] for number in holding], titles)


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
    resolved = {}
    if typed.get(FIELD):
        try:
            resolved = {FIELD: reference((await find(context, typed[FIELD], *statuses)).id)}
        except FieldError:
            resolved = {}  # the handler, or the form's check, says what is wrong with it
    known = {FIELD: offered[0].value} if len(offered) == 1 else {}
    return Opening(known=known, resolved=resolved, choices={FIELD: offered})
