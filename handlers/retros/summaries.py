"""The summary of a review: one message in the team's channel, its details in the thread, redrawn in place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from handlers.context import Context
from handlers.initiatives import plans
from handlers.messages import Block, Button, Facts, Items, Message, Note, Text
from handlers.retros import cases, records, votes
from handlers.retros.cases import Case
from prompts import Said
from storage.releases import Outcome, Retro, Stage
from storage.teams import BY_NAME


def key(retro: Retro) -> str:
    """The key of a review's summary in the channel."""
    return f"retro:{retro.id}"


async def publish(context: Context, case: Case) -> None:
    """Post the summary and its thread; what stands there already is replaced."""
    inside = context.seen_by_team()
    await inside.post(key(case.retro), await summary(inside, case))
    await _post_thread(inside, case)


async def summary(context: Context, case: Case) -> Message:
    """The summary of a closed review, for whoever reads this answer."""
    outcome = await context.store.retros.outcome(case.retro.id, context.team.floor)
    said = _said(context, case, outcome)
    actions = await action_lines(context, case)
    blocks: list[Block] = [
        *cases.results(case, context.reader),
        *cases.pictures(case, context.reader),
        Facts(votes.facts(said, case, outcome)),
        *_silence(said, outcome),
        *records.first_words(said, outcome),
        *((Text(said.actions), Items(actions)) if actions else ()),
        *((Note(said.rest),) if records.is_shortened(outcome) else ()),
    ]
    return Message(said.title, tuple(blocks), _buttons(said, case))


def closed_card(context: Context, case: Case) -> Message:
    """What a participant's card becomes once the review is closed."""
    said = _said(context, case, None)
    see = Button(said.see, "retro.show", case.values, style="main")
    blocks = (*cases.results(case, context.reader), Text(said.closed))
    return Message(said.title, blocks, (see,), _buttons(said, case))


async def action_lines(context: Context, case: Case, number: int | None = None) -> tuple[str, ...]:
    """What follows from a review, a sentence each; only the one of that number, where one is given."""
    names = {person.id: person.name for person in await context.store.directory.everyone()}
    found = await context.store.retros.actions(case.retro.id)
    said = context.say("retros/summary")
    return tuple(
        said("action", action=each, who=names.get(each.assignee_id or 0, ""))
        for each in found
        if number in (None, each.id)
    )


async def read_all(context: Context, retro: int) -> Message:
    """Every answer, to whoever asks, once the review is closed."""
    case = await cases.load(context, retro)
    if case.retro.stage is not Stage.CLOSED:
        raise cases.not_now(context, case)
    outcome = await context.store.retros.outcome(case.retro.id, context.team.floor)
    said = _said(context, case, outcome)
    blocks = records.everything(said, outcome) or [*_silence(said, outcome), Note(said.wordless)]
    return Message(said("thread", number=1), tuple(blocks), _buttons(said, case)[1:])


@asynccontextmanager
async def redraw_summaries_of(context: Context, person_id: int) -> AsyncIterator[None]:
    """Draw anew, after the block, the summaries that carried a person's answers or name before it.

    Their retros are looked up first, because after erasing nothing says any more which they were.
    """
    named = await context.store.retros.naming(person_id)
    yield
    for retro in named:
        inside = replace(context, found_team=await context.store.teams.get(retro.team_id))
        case = await cases.load(inside, retro.id)
        await publish(inside, case)
        if await inside.is_shared():
            await _withdraw(inside.seen_by_team(), case)


async def _withdraw(context: Context, case: Case) -> None:
    """Leave nobody's words in what stands in a channel that others read by now, where nothing new is posted."""
    said = _said(context, case, None)
    await context.redraw(key(case.retro), closed_card(context, case))
    await _empty_thread(context, case, said, 1)


async def _post_thread(context: Context, case: Case) -> None:
    """The details as replies; a reply that is not needed any more keeps no words."""
    outcome = await context.store.retros.outcome(case.retro.id, context.team.floor)
    said = _said(context, case, outcome)
    blocks = [*await plans.change_blocks(context, case.initiative), *records.everything(said, outcome)]
    number = 0
    for number, part in enumerate(records.parts(blocks), start=1):
        message = Message(said("thread", number=number), part)
        await context.post(f"{key(case.retro)}:{number}", message, thread=key(case.retro))
    if not await context.is_shared():
        await _empty_thread(context, case, said, number + 1)


async def _empty_thread(context: Context, case: Case, said: Said, number: int) -> None:
    """Empty the replies from a number on."""
    while await context.redraw(f"{key(case.retro)}:{number}", Message(said.emptied)):
        number += 1


def _said(context: Context, case: Case, outcome: Outcome | None) -> Said:
    return context.say(
        "retros/summary",
        initiative=case.initiative,
        verdict=case.verdict,
        customer=cases.customer(context, case),
        outcome=outcome,
        floor=context.team.floor,
    )


def _silence(said: Said, outcome: Outcome) -> tuple[Block, ...]:
    """Why there is nothing from people, where there is nothing."""
    if outcome.withheld == "floor" and outcome.answered:
        return (Text(said.floor),)
    return () if outcome.answered else (Text(said.nobody),)


def _buttons(said: Said, case: Case) -> tuple[Button, ...]:
    add = (Button(said.add, "retro.add", case.values),) if case.retro.visibility == BY_NAME else ()
    return (
        Button(said.read, "retro.read", case.values),
        Button(said.add_action, "retro.action", case.values),
        *add,
    )
