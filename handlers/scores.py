"""Figures over a team's check-ins as blocks of a message, or the plain reason why there are none."""

from __future__ import annotations

from decimal import Decimal

from handlers.context import Context
from handlers.messages import Bar, Block, Facts, Picture, Text
from handlers.typed.amounts import write_amount
from prompts import Said
from storage.reflections import Figures

SCALE = (5, 4, 3, 2, 1)


def blocks(context: Context, figures: Figures) -> tuple[Block, ...]:
    """Mean, distribution, and means by initiative and by name where they may be shown."""
    said = _said(context, figures)
    if figures.withheld:
        return (Text(said(figures.withheld)),)
    if figures.mean is None:
        return (Text(said.none),)
    subjects = tuple(
        (title, said("about", count=count, value=_written(context, value)))
        for title, count, value in figures.about
    )
    names = tuple((name, _written(context, value)) for name, value in figures.by_name)
    parts = tuple(Facts(rows) for rows in (subjects, names) if rows)
    return (Text(said("people", mean=mean(context, figures))), _distribution(said, figures), *parts)


def mean(context: Context, figures: Figures) -> str:
    """The mean as the reader writes it; "" where it is not shown."""
    return "" if figures.withheld or figures.mean is None else _written(context, figures.mean)


def _distribution(said: Said, figures: Figures) -> Picture:
    counts = [(score, figures.counts[score - 1]) for score in SCALE]
    most = max(count for _, count in counts)
    bars = tuple(Bar(said(f"score_{score}"), count / most, str(count)) for score, count in counts)
    return Picture(said("alt", counts=counts), bars)


def _said(context: Context, figures: Figures) -> Said:
    team = context.team
    payer = team.payer or context.say("retros/answer").whoever_pays
    return context.say("digests/scores", team=team, payer=payer, figures=figures)


def _written(context: Context, value: float) -> str:
    return write_amount(Decimal(f"{value:.1f}"), "", context.reader.locale)
