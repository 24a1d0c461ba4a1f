"""What customers said, as it is read: one note, all of them, or the latest on other cards."""

from __future__ import annotations

from datetime import date

from handlers.context import Context
from handlers.errors import Unknown
from handlers.initiatives.finding import FIELD, by_reference, reference
from handlers.messages import Block, Button, Facts, Message, Note, Quote, Text
from prompts import Said
from storage.evidence import Evidence

LATEST = 3
SHORT = 200
PAGE = 10
LABEL = 40


async def show(context: Context, evidence: int) -> Message:
    """All of what one customer said, and what can be done with it."""
    return await card(context, await find(context, evidence))


async def browse(context: Context, initiative: str | None, page: int | None) -> Message:
    """What customers said about an initiative, or all the team has heard; the latest first."""
    subject = await by_reference(context, initiative) if initiative else None
    if initiative and subject is None:
        raise Unknown(what="that")
    number, skip = subject.id if subject else None, (page or 0) * PAGE
    count = await context.store.evidence.count(context.team.id, number)
    shown = await context.store.evidence.latest(context.team.id, number, limit=PAGE, skip=skip)
    said = context.say("evidence/all", initiative=subject, first=skip + 1, last=skip + len(shown), count=count)
    values = {FIELD: reference(subject.id)} if subject else {}
    older = (Button(said.older, "evidence.all", {**values, "page": str((page or 0) + 1)}),)
    return Message(
        said.title,
        (*await _quotes(context, shown, is_mixed=subject is None), Note(said.range if shown else said.none)),
        (Button(said.log, "evidence.log", values), *(older if count > skip + PAGE else ())),
        tuple(_open(said("open", words=shortened(each.words, LABEL)), each) for each in shown),
    )


async def blocks(context: Context, initiative_id: int, since: date | None = None) -> tuple[Block, ...]:
    """How much was heard about an initiative, on a date or later, and the latest; nothing where nothing was."""
    log, team = context.store.evidence, context.team.id
    count = await log.count(team, initiative_id, since)
    latest = await log.latest(team, initiative_id, since, limit=LATEST) if count else []
    said = context.say("evidence/voices", count=count, shown=len(latest), since=since)
    return (Text(said.head), *(quote(context, each) for each in latest)) if count else ()


async def card(context: Context, found: Evidence, *, is_fresh: bool = False) -> Message:
    """One note with what this person may do with it; `is_fresh` where this very request wrote it."""
    about = await context.store.initiatives.get(found.initiative_id) if found.initiative_id else None
    is_changeable = await may_change(context, found)
    said = context.say(
        "evidence/receipt",
        heard=found,
        about=about.title if about else "",
        is_mine=found.person_id == context.me.id,
        is_fresh=is_fresh,
        may_change=is_changeable,
    )
    everything = Button(said.all, "evidence.all", {FIELD: reference(about.id)} if about else {})
    changing = _changing(said, found, "" if is_fresh else said.confirm) if is_changeable else ()
    blocks = (Quote(found.words, found.said_by), Facts(_facts(found, said)), Note(said.where))
    return Message(said.title, blocks, (*changing, everything))


def quote(context: Context, heard: Evidence, about: str = "") -> Quote:
    """One customer's words, shortened, with who said them, when, and how strong that is."""
    said = context.say("evidence/voices", heard=heard, about=about)
    return Quote(shortened(heard.words, SHORT), said(f"who_{heard.strength}"))


def shortened(text: str, length: int) -> str:
    """A text in one line of so many characters at most; what is cut is marked."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else f"{one_line[: length - 1].rstrip()}…"


async def find(context: Context, number: int, *, locked: bool = False) -> Evidence:
    """One of the team's. Raises Unknown for what is gone or another team's."""
    found = await context.store.evidence.get(number, locked=locked)
    if found is None or found.team_id != context.team.id:
        raise Unknown(what="that")
    return found


async def may_change(context: Context, found: Evidence) -> bool:
    """Whether it is theirs to change: whoever wrote it down, and leads."""
    return found.person_id == context.me.id or await context.leads()


def _facts(found: Evidence, said: Said) -> tuple[tuple[str, str], ...]:
    facts = (
        (said.strength_label, said(f"strength_{found.strength}")),
        (said.date_label, said.date),
        (said.link_label, found.link),
        (said.writer_label, said.writer),
    )
    return tuple((label, value) for label, value in facts if value)


def _changing(said: Said, found: Evidence, confirm: str) -> tuple[Button, ...]:
    values = {"evidence": str(found.id)}
    undo = Button(said.undo, "evidence.remove", values, "danger" if confirm else "plain", confirm)
    return Button(said.edit, "evidence.edit", values), undo


async def _quotes(context: Context, shown: list[Evidence], *, is_mixed: bool) -> tuple[Block, ...]:
    work = {each.id: each.title for each in await context.store.initiatives.of_team(context.team.id)}
    titles = work if is_mixed else {}
    return tuple(quote(context, each, titles.get(each.initiative_id or 0, "")) for each in shown)


def _open(label: str, found: Evidence) -> Button:
    return Button(label, "evidence.show", {"evidence": str(found.id)})
