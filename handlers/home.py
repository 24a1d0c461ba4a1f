"""A person's home: today's question, what waits for them, what is theirs, and the buttons to change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from handlers import checkins, mine, open_work, periods, schedules, scores
from handlers.checkins import QUESTION
from handlers.context import Context
from handlers.messages import Ask, Block, Button, Divider, Facts, Message, Note, Scale, Text, about_team
from handlers.typed import weekdays
from prompts import Said
from storage.reflections import Period, Reflection

RECENT = 10  # scores in one's own mean

Blocks = tuple[Block, ...]
Row = tuple[str, str]


async def home(context: Context) -> Message:
    """What is today's, what waits, what is mine, and what I am asked and when."""
    own = await _in_own_team(context)
    if own is None:
        return await _without_team(context)
    said = own.say("mine/me", name=own.me.first_name)
    given = await own.store.reflections.get(own.me.id, QUESTION, own.today)
    sections = (
        await _today(own, given),
        await open_work.waiting(own, said),
        await open_work.promised(own, said),
        await open_work.owned(own, said),
        (Facts(tuple(await _facts(own, said, given))), Note(said.only_you)),
    )
    message = Message(said.title, _divided(sections), _buttons(own, said), await _more(own, said))
    return about_team(message, own.team.id)


async def save(context: Context, date: date, **given: Any) -> Message:
    """Save today's score, and show the home as it is then."""
    return await _settled(context, date, await checkins.save(context, date=date, **given))


async def add_sentence(context: Context, date: date, sentence: str) -> Message:
    """Add words to today's answer, and show the home as it is then."""
    return await _settled(context, date, await checkins.add_sentence(context, date, sentence))


async def undo(context: Context, date: date) -> Message:
    """Take today's answer back, and show the home as it is then."""
    return await _settled(context, date, await checkins.undo(context, date))


async def _settled(context: Context, day: date, became: Message) -> Message:
    """The home again; for a page of an earlier day, what became of that day."""
    return await home(context) if day == context.today else became


async def _in_own_team(context: Context) -> Context | None:
    """The case of the team whose home it is: one that the person takes part in, wherever they ask from."""
    team = await mine.own_team(context)
    if team is None or (team == context.found_team and context.membership):
        return context if team else None
    membership = await context.store.teams.membership(team.id, context.me.id)
    return replace(context, found_team=team, membership=membership)


async def _without_team(context: Context) -> Message:
    is_free = context.channel_id is not None and context.found_team is None
    said = context.say("mine/me", name=context.me.first_name, here=is_free)
    setup = (Button(said.setup, "setup", style="main"),) if is_free else ()
    rows = await _own_mean(context, said)
    blocks = (Text(said.no_team), *((Facts(tuple(rows)),) if rows else ()), Note(said.only_you))
    return Message(said.title, blocks, (*setup, Button(said.help, "help"), Button(said.my_data, "my-data")))


async def _today(context: Context, given: Reflection | None) -> Blocks:
    """Today's question with its scale, or what was answered; nothing on a day without a question."""
    if given is None and not _is_asked(context):
        return ()
    card = await checkins.card(context, context.today)
    blocks = (_at_home(context, block) for block in card.blocks if not _is_sentence(block))
    row = (_at_home(context, Scale(card.buttons)),) if card.buttons else ()
    return (Text(card.title), *blocks, *row)


def _is_asked(context: Context) -> bool:
    """Whether today is one of the team's days, after its start, and the person is not away."""
    is_day = context.team.started_at is not None and context.today.isoweekday() in context.team.days
    return is_day and not mine.is_paused(context)


def _is_sentence(block: Block) -> bool:
    """The optional sentence is left to the receipt, where it has a button."""
    return isinstance(block, Ask) and block.input.name == "sentence"


def _at_home(context: Context, block: Block) -> Block:
    """Buttons of the day's card that answer with the home again, so that a tap does not take it away."""
    if not isinstance(block, Scale):
        return block
    names = {button.action: button.action.replace("checkin.", "home.") for button in block.buttons}
    known = {action: name for action, name in names.items() if name in context.catalog.entries}
    return Scale(tuple(replace(each, action=known.get(each.action, each.action)) for each in block.buttons))


async def _facts(context: Context, said: Said, given: Reflection | None) -> list[Row]:
    """What is asked and when, the pause, one's own mean, and the team's where it may be seen."""
    rows = [(said.asked_label, await _asked(context, said, given))]
    if mine.is_paused(context):
        rows.append((said.paused_label, said("paused", until=context.me.paused_until)))
    return [*rows, *await _own_mean(context, said), *await _figures(context, said, given)]


async def _asked(context: Context, said: Said, given: Reflection | None) -> str:
    team = context.team
    at = await schedules.coming(context, context.me.paused_until, team.id)
    if at and given and at.astimezone(context.reader.zone_info).date() == context.today:
        at = None  # today's question will not come any more
    return said("asked", team=team, days=weekdays.write_days(team.days, "en"), at=at)


async def _own_mean(context: Context, said: Said) -> list[Row]:
    latest = await context.store.reflections.latest(context.me.id, QUESTION, RECENT)
    mean = sum(given.score or 0 for given in latest) / len(latest) if latest else 0
    return [(said.scores_label, said("scores", count=len(latest), mean=mean))] if latest else []


async def _figures(context: Context, said: Said, given: Reflection | None) -> list[Row]:
    """The team's mean, after one's own answer of the day: this week's as it was last seen, else last week's."""
    if given is None and await _must_answer_first(context):
        return []
    today = context.team_reader.today
    for label, week in (("this_week", periods.week_of(today)), ("last_week", _week_before(today))):
        figures = await context.store.reflections.figures(context.team, week, context.now, anew=False)
        if mean := scores.mean(context, figures):
            return [(said(label), said("figures", mean=mean, figures=figures))]
    return []


async def _must_answer_first(context: Context) -> bool:
    sent = await context.store.schedules.was_sent(context.me.id, "checkin", context.today)
    return sent or _is_asked(context)


def _week_before(day: date) -> Period:
    return periods.week_of(day - timedelta(days=7))


def _buttons(context: Context, said: Said) -> tuple[Button, ...]:
    halt = Button(said.resume, "resume") if mine.is_paused(context) else Button(said.pause, "pause")
    return halt, Button(said.why, "why"), Button(said.my_data, "my-data")


async def _more(context: Context, said: Said) -> tuple[Button, ...]:
    """What else there is to do, and a button for each other team, so that private messages can be about it."""
    switch = context.say("mine/team", team=None)
    teams = await context.store.teams.of_person(context.me.id)
    others = (each for each in teams if each.id != context.team.id)
    return (
        Button(said.define, "define-success"),
        Button(said.hear, "evidence"),
        Button(said.week, "summary", {"period": "week"}),
        *(Button(switch("switch", team=each), "team.use", {"use": str(each.id)}) for each in others),
    )


def _divided(sections: Iterable[Blocks]) -> Blocks:
    """The sections that there are, with a line between them."""
    lined = [block for section in sections if section for block in (Divider(), *section)]
    return tuple(lined[1:])
