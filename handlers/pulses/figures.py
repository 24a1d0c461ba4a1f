"""What may be said about pulses: of one week in its summary, and of the last weeks where the work is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from handlers.context import Context
from handlers.pulses import turns
from handlers.pulses.cards import ANSWERS
from prompts import Said
from storage.initiatives import Initiative
from storage.reflections import Figures, pulse
from storage.teams import BY_NAME

WEEKS = 4  # this one and those before it in which figures are looked for

Row = tuple[str, str]


async def publish(context: Context, week: date) -> None:
    """Freeze the figures of the week of a Monday, for each piece of work that anybody answered about."""
    for number in await context.store.reflections.pulsed(context.team.id, week):
        await context.store.reflections.publish(context.team, turns.period(number, week), context.now)


async def rows(context: Context, week: date) -> list[Row]:
    """A line for each piece of work whose figures of that week may be shown."""
    told = []
    for number in await context.store.reflections.pulsed(context.team.id, week):
        found = await context.store.initiatives.get(number)
        if found and not await _must_answer_first(context, found, week):
            figures = await context.store.reflections.figures(
                context.team, turns.period(number, week), context.now
            )
            said = _said(context, figures, week)
            told += [(said("label", title=found.title), said.counts)] if _is_shown(figures) else []
    return told


async def lines(context: Context, initiatives: Iterable[Initiative]) -> Mapping[int, tuple[str, ...]]:
    """For each of these by number: the latest figures let out, and an alarm where two weeks say it drifts."""
    return {each.id: await _lines(context, each) for each in initiatives}


async def _lines(context: Context, initiative: Initiative) -> tuple[str, ...]:
    weeks = await _let_out(context, initiative)
    if not weeks:
        return ()
    latest = max(weeks)
    said = _said(context, weeks[latest], latest)
    return said.latest, *((said.drift,) if _drifts(weeks) else ())


async def _let_out(context: Context, initiative: Initiative) -> dict[date, Figures]:
    """The figures of the last weeks that were let out, by their Monday; nothing is counted anew.

    Blind first: those of this week, before they are published, only to whoever has answered.
    """
    this = turns.monday(context.team_reader.today)
    found = {}
    for back in range(WEEKS):
        week = this - back * turns.WEEK
        period = turns.period(initiative.id, week)
        is_out = await context.store.reflections.is_published(context.team.id, period)
        if back or is_out or await _has_answered(context, initiative, week):
            found[week] = await context.store.reflections.figures(context.team, period, context.now, anew=False)
    return {week: figures for week, figures in found.items() if _is_shown(figures)}


def _drifts(weeks: Mapping[date, Figures]) -> bool:
    """Whether in each of two weeks in a row, the latest known among them, fewer than half said yes."""
    latest = max(weeks)
    pair = [weeks.get(latest), weeks.get(latest - turns.WEEK)]
    return all(each is not None and 2 * _said_by(each, "yes") < each.answers for each in pair)


def _said_by(figures: Figures, word: str) -> int:
    return figures.counts[ANSWERS[word] - 1]


def _is_shown(figures: Figures) -> bool:
    return not figures.withheld and figures.answers > 0


async def _must_answer_first(context: Context, initiative: Initiative, week: date) -> bool:
    """Blind first: where few may stand behind a figure, nobody reads it before answering."""
    is_open = context.person is not None and context.team.visibility == BY_NAME
    return is_open and not await _has_answered(context, initiative, week)


async def _has_answered(context: Context, initiative: Initiative, week: date) -> bool:
    return await context.store.reflections.get(context.me.id, pulse(initiative.id), week) is not None


def _said(context: Context, figures: Figures, week: date) -> Said:
    counts = {word: _said_by(figures, word) if figures.counts else 0 for word in ANSWERS}
    return context.say("pulses/figures", counts=counts, count=figures.answers, week=week)
