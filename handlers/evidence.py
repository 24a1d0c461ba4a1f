"""Evidence: what a real customer said or did, written down, shown, changed and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers import fields, voices
from handlers.context import Context
from handlers.errors import FieldError, HandlerError
from handlers.fields import Field
from handlers.initiatives.finding import FIELD, by_reference, reference
from handlers.messages import Button, Choice, Message, Note, Quote
from handlers.rows import Opening
from handlers.typed.links import parse_link
from prompts import Reader
from storage.evidence import STRENGTHS, Evidence
from storage.initiatives import OPEN, Initiative

NONE = "none"
CARRIED = 500  # more words than that are not put into a button

Subject = Initiative | None


class NotYours(HandlerError):
    """Only whoever wrote this down, or a lead of the team, can change it. You can write down one of your own."""


def visible(text: str, reader: Reader) -> str:
    """Words of any length in which there is something to see."""
    fields.name(text, reader)
    return fields.words(text, reader)


def link(text: str, reader: Reader) -> str:
    """The address of a web page."""
    return parse_link(text)


HIDDEN = Field("evidence", fields.whole, shown=False)
ABOUT = Field(FIELD, fields.line, shown=False, optional=True)
PAGE = Field("page", fields.whole, shown=False, optional=True)
FIELDS = (
    Field("words", visible, kind="text", limit=fields.TEXT_LIMIT),
    Field("said_by", fields.name),
    Field(FIELD, fields.line, kind="choice"),
    Field("strength", fields.one_of(*STRENGTHS), kind="choice", choices=STRENGTHS),
    Field("date", fields.date_past),
    Field("link", link, optional=True, limit=2000),
)


async def log(
    context: Context, words: str, said_by: str, initiative: str, strength: str, date: date, link: str | None
) -> Message:
    """Write down what a customer said or did."""
    subject = await _subject(context, initiative)
    values = _values(words, said_by, subject, strength, date, link)
    number = await context.store.evidence.add(context.team.id, context.me.id, context.now, **values)
    return await voices.card(context, await voices.find(context, number), is_fresh=True)


async def edit(
    context: Context,
    evidence: int,
    words: str,
    said_by: str,
    initiative: str,
    strength: str,
    date: date,
    link: str | None,
) -> Message:
    """Change what was written down. Raises NotYours for somebody else's."""
    found = await _changeable(context, evidence)
    subject = await _subject(context, initiative)
    values = _values(words, said_by, subject, strength, date, link)
    await context.store.evidence.change(found.id, context.now, **values)
    return await voices.card(context, await voices.find(context, evidence), is_fresh=True)


async def remove(context: Context, evidence: int) -> Message:
    """Take it back; its words are shown once more, so that they are not lost by a slip."""
    found = await _changeable(context, evidence)
    await context.store.evidence.remove(found.id)
    said = context.say("evidence/receipt")
    about = reference(found.initiative_id) if found.initiative_id else NONE
    kept = {"words": found.words, "said_by": found.said_by, FIELD: about, "date": found.said_on.isoformat()}
    again = (Button(said.again, "evidence.log", kept),) if len(found.words) <= CARRIED else ()
    return Message(said.removed, (Quote(found.words, found.said_by),), again)


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """What the form starts from: today, and the piece of work it is likely to be about."""
    offered = await _choices(context, typed.get(FIELD, ""))
    cut = _cut(typed)
    return Opening(
        known={"date": context.today.isoformat(), **_likely(context, offered)},
        resolved=cut,
        choices={FIELD: offered},
        facts={"is_change": False},
        intro=(Note(context.say("evidence/log").cut),) if cut else (),
    )


def _cut(typed: Mapping[str, str]) -> dict[str, str]:
    """The words of a message too long for the form, shortened when it opens: the link leads to all of them.

    What somebody typed by hand stands nowhere else, so that is never cut but refused beside its field.
    """
    text, is_message = typed.get("words", ""), bool(typed.get("link")) and "strength" not in typed
    return {"words": f"{text[: fields.TEXT_LIMIT - 1]}…"} if is_message and len(text) > fields.TEXT_LIMIT else {}


async def editing(context: Context, typed: Mapping[str, str]) -> Opening:
    """What a change starts from: what is there. Raises NotYours for somebody else's."""
    number = typed.get("evidence", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    found = await _changeable(context, int(number) if is_number else 0)
    about = reference(found.initiative_id) if found.initiative_id else NONE
    known = {
        "words": found.words,
        "said_by": found.said_by,
        FIELD: about,
        "strength": found.strength,
        "date": found.said_on.isoformat(),
        "link": found.link,
    }
    return Opening(known=known, choices={FIELD: await _choices(context, about)}, facts={"is_change": True})


async def _choices(context: Context, named: str) -> tuple[Choice, ...]:
    """The team's open and released work, whatever else a button names, and that it is none of them."""
    offered = await context.store.initiatives.of_team(context.team.id, *OPEN)
    also = await by_reference(context, named)
    offered += [also] if also and also not in offered else []
    none = Choice(NONE, context.say("evidence/log").initiative_none)
    return (*(Choice(reference(each.id), each.title) for each in offered), none)


def _likely(context: Context, offered: tuple[Choice, ...]) -> dict[str, str]:
    """The only one there is to pick, or the one that the person's last check-in was about."""
    if len(offered) <= 2:
        return {FIELD: offered[0].value}
    last = context.membership.about_id if context.membership else None
    known = reference(last) if last else ""
    return {FIELD: known} if known in [each.value for each in offered] else {}


async def _subject(context: Context, picked: str) -> Subject:
    """The initiative that was picked; None for none of them. Raises FieldError for one that is gone."""
    if picked == NONE:
        return None
    found = await by_reference(context, picked)
    if found is None:
        raise FieldError(FIELD, context.say("evidence/log").gone)
    return found


def _values(
    words: str, said_by: str, subject: Subject, strength: str, said_on: date, link: str | None
) -> dict[str, object]:
    return {
        "words": words,
        "said_by": said_by,
        "initiative_id": subject.id if subject else None,
        "strength": strength,
        "said_on": said_on,
        "link": link or "",
    }


async def _changeable(context: Context, number: int) -> Evidence:
    found = await voices.find(context, number, locked=True)
    if not await voices.may_change(context, found):
        raise NotYours(Button(context.say("evidence/all", initiative=None).log, "evidence.log"))
    return found
