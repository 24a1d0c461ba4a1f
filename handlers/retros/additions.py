"""What somebody adds after a review has closed: marked as later, read in the thread, counted nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta

from handlers.context import Context
from handlers.fields import Field, words
from handlers.messages import Button, Message, Note
from handlers.retros import cases, readings, summaries
from handlers.retros.answers import THOUGHTS, VERDICTS
from handlers.retros.cases import Case, NotNow
from handlers.rows import Opening
from storage.releases import WORDS, Answer, Stage
from storage.teams import BY_NAME

DAYS = 14

MORE = Field("more", words, kind="text", limit=1000)


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form: all the questions for somebody who gave no answer in time, else one for what they would add."""
    case = await cases.of_button(context, typed)
    _check(context, case)
    given = await context.store.retros.answer_of(case.retro.id, context.me.id)
    said = context.say("retros/late", customer=cases.customer(context, case))
    is_in_time = given is not None and not _is_late(case, given)
    known = {name: getattr(given, name) for name in ("success", "worth", *WORDS)} if given else {}
    return Opening(
        known={} if is_in_time else known,
        facts={"customer": cases.customer(context, case)},
        intro=(*cases.results(case, context.reader), Note(said.who_sees)),
        fields=(readings.RETRO, MORE) if is_in_time else (readings.RETRO, *VERDICTS, *THOUGHTS),
    )


async def add(context: Context, retro: int, more: str | None = None, **typed: str | None) -> Message:
    """Keep what is added, and draw the thread anew. A verdict given blind stays as it was."""
    case = await cases.load(context, retro, locked=True)
    _check(context, case)
    given = await context.store.retros.answer_of(retro, context.me.id)
    said = context.say("retros/late", initiative=case.initiative)
    if given and more:
        text = said("added", day=context.today, text=more)
        typed = {**_values(given), "learned": "\n\n".join(filter(None, (given.learned, text)))}
    # Later than the closing by the clock of the record too, where a clock stands still meanwhile.
    at = max(context.now, (case.retro.closed_at or context.now) + timedelta(microseconds=1))
    kept = {name: text or "" for name, text in typed.items()}
    await context.store.retros.answer(retro, context.me.id, at, **kept)
    await summaries.publish(context, case)
    return Message(said.saved, buttons=(Button(said.see, "retro.show", case.values),))


def _check(context: Context, case: Case) -> None:
    """Raises NotNow unless something may be added."""
    if case.retro.stage is not Stage.CLOSED or case.retro.closed_at is None:
        raise cases.not_now(context, case)
    said = context.say("retros/late", initiative=case.initiative, retro=case.retro, days=DAYS)
    see = Button(said.see, "retro.show", case.values)
    if case.retro.visibility != BY_NAME:
        raise NotNow(see, sentence=said.anonymous)
    if context.now > case.retro.closed_at + timedelta(days=DAYS):
        raise NotNow(see, sentence=said.too_late)


def _is_late(case: Case, given: Answer) -> bool:
    return case.retro.closed_at is not None and given.created_at > case.retro.closed_at


def _values(given: Answer) -> dict[str, str | None]:
    kept = asdict(given)
    return {name: kept[name] for name in ("success", "worth", *WORDS)}
