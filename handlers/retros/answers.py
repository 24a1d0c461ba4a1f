"""The participants' answers: given blind, changed until the review closes, closing it with the last one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from handlers.context import Context
from handlers.fields import TEXT_LIMIT, Field, one_of, words
from handlers.messages import Block, Button, Message, Note, Scale, Text
from handlers.retros import cases, closing
from handlers.retros.cases import Case, card_key
from handlers.rows import Opening, Skipped
from storage.directory import Person
from storage.releases import VOTES, WORDS, Answer, Stage
from storage.schedules import Schedule

VERDICTS = tuple(Field(name, one_of(*VOTES), kind="choice", choices=VOTES) for name in ("success", "worth"))
THOUGHTS = tuple(Field(name, words, kind="text", optional=True, limit=TEXT_LIMIT) for name in WORDS)


async def due(context: Context, schedule: Schedule) -> Message | Skipped:
    """Ask a participant, or remind them once, unless they have answered."""
    case = await cases.load(context, schedule.subject_id or 0)
    if case.retro.stage is not Stage.OPEN or cases.is_over(case, context.now):
        return Skipped("closed")
    if await context.store.retros.answer_of(case.retro.id, context.me.id):
        return Skipped("answered")
    return await card(context, case, is_reminder=schedule.nudge == "retro-remind")


def key_of(schedule: Schedule, person: Person) -> str:
    """The key of a participant's card, whichever nudge brings it."""
    return f"retro-ask:{schedule.subject_id}:{person.id}"


async def part(context: Context, subject_id: int | None, day: date) -> tuple[Block, ...]:
    """The question of a review inside the card of a day, or that it is answered; nothing once it has closed."""
    case = await cases.load(context, subject_id or 0)
    if case.retro.stage is not Stage.OPEN or cases.is_over(case, context.now):
        return ()
    said = context.say("retros/answer", initiative=case.initiative, closes_at=case.retro.closes_at)
    if await context.store.retros.answer_of(case.retro.id, context.me.id):
        return (Note(said.saved),)
    return Text(said.in_a_card), Scale((Button(said.answer, "retro.show", case.values),))


async def card(context: Context, case: Case, *, is_reminder: bool = False, is_giver: bool = False) -> Message:
    """A participant's card: the question with planned against actual, or the receipt of their answer."""
    given = await context.store.retros.answer_of(case.retro.id, context.me.id)
    if given:
        return await _receipt(context, case, given)
    answered, asked = await context.store.retros.progress(case.retro.id)
    said = context.say(
        "retros/answer",
        initiative=case.initiative,
        closes_at=case.retro.closes_at,
        is_reminder=is_reminder,
        is_giver=is_giver,
        asked=asked,
        **_promise(context, case),
    )
    results = (*cases.results(case, context.reader), *await cases.heard(context, case))
    blocks = (Text(said.body), *results, Note(said.who_sees))
    first = Button(said.answer, "retro.answer", case.values, style="main")
    return Message(said.title, blocks, (first, _add_action(context, case)), _more(context, case, answered, asked))


async def opening(context: Context, typed: Mapping[str, str]) -> Opening:
    """The form for an answer, filled with the one that is there. Raises NotNow where the review is not open."""
    case = await cases.of_button(context, typed)
    if case.retro.stage is not Stage.OPEN:
        raise cases.not_now(context, case)
    facts = {
        "initiative": case.initiative,
        "customer": cases.customer(context, case),
        **_promise(context, case),
    }
    said = context.say("retros/answer", **facts)
    given = await context.store.retros.answer_of(case.retro.id, context.me.id)
    intro = (*cases.results(case, context.reader), Note(said.who_sees))
    return Opening(known=_known(given), facts=facts, intro=intro)


async def save(
    context: Context,
    retro: int,
    success: str,
    worth: str,
    why: str | None,
    learned: str | None,
    differently: str | None,
) -> Message:
    """Keep an answer, or change it while the review is open; the last one closes it."""
    case = await cases.load(context, retro, locked=True)
    if case.retro.stage is not Stage.OPEN:
        raise cases.not_now(context, case)
    answer = {"success": success, "worth": worth, "why": why, "learned": learned, "differently": differently}
    kept = {name: said or "" for name, said in answer.items()}
    await context.store.retros.ask(retro, context.me.id)
    await context.store.retros.answer(retro, context.me.id, context.now, **kept)
    await context.store.schedules.finish(retro, "retro-ask", "retro-remind", person_id=context.me.id)
    answered, asked = await context.store.retros.progress(retro)
    if answered >= asked or cases.is_over(case, context.now):
        return await closing.finish(context, case)
    message = await card(context, case)
    await context.redraw(card_key(case, context.me), message)
    return message


async def _receipt(context: Context, case: Case, given: Answer) -> Message:
    answered, asked = await context.store.retros.progress(case.retro.id)
    said = context.say(
        "retros/answer",
        initiative=case.initiative,
        closes_at=case.retro.closes_at,
        answered=answered,
        asked=asked,
        customer=cases.customer(context, case),
        edited_at=given.edited_at,
        **_promise(context, case),
    )
    words = {"success_words": said(f"success_{given.success}"), "worth_words": said(f"worth_{given.worth}")}
    results = cases.results(case, context.reader)
    blocks = (Text(said.progress), Text(said("yours", **words)), *results, Note(said.who_sees))
    buttons = (Button(said.edit, "retro.answer", case.values), _add_action(context, case))
    return Message(said.saved, blocks, buttons, _more(context, case, answered, asked))


def _more(context: Context, case: Case, answered: int, asked: int) -> tuple[Button, ...]:
    said = context.say("retros/answer", answered=answered, asked=asked, channel=context.team.channel_name)
    numbers = (Button(said.numbers, "retro.numbers", case.values),) if case.criteria else ()
    if not closing.may_close(context, case):
        return numbers
    return (*numbers, Button(said.close, "retro.close", case.values, style="danger", confirm=said.close_confirm))


def _add_action(context: Context, case: Case) -> Button:
    return Button(context.say("retros/answer").action, "retro.action", case.values)


def _promise(context: Context, case: Case) -> dict[str, object]:
    """Who will see the answers, as it was promised when the review opened."""
    return {"visibility": case.retro.visibility, "floor": context.team.floor}


def _known(given: Answer | None) -> dict[str, str]:
    names = ("success", "worth", "why", "learned", "differently")
    return {name: getattr(given, name) for name in names} if given else {}
