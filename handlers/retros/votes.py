"""The people's verdicts as a summary tells them: counts, the widest split, and who said what."""

from __future__ import annotations

from handlers.retros import verdicts
from handlers.retros.cases import Case
from prompts import Said
from storage.releases import VOTES, Outcome, Vote

Row = tuple[str, str]
MOST_NAMES = 3


def facts(said: Said, case: Case, outcome: Outcome) -> tuple[Row, ...]:
    """The verdict by the measures beside the people's, and what else happened."""
    rows = [(said.measures_label, said(case.verdict))]
    if outcome.answered and not outcome.withheld:
        rows += [
            (said.success_label, _counts(said, outcome.success)),
            (said.worth_label, _counts(said, outcome.worth)),
        ]
        rows += [(said.split_label, split) for split in [_widest_split(said, outcome)] if split]
        rows += [(said.answered_label, said.answered)]
    rows += [(said.events_label, case.retro.events)] if case.retro.events else []
    return tuple(rows)


def lines(said: Said, outcome: Outcome) -> tuple[str, ...]:
    """Who said what, a line each; nothing where no names are shown."""
    return tuple(
        said("vote", who=who(said, vote.who, vote.is_late), success=said(vote.success), worth=said(vote.worth))
        for vote in outcome.votes
    )


def who(said: Said, name: str | None, is_late: bool) -> str:
    """Whose words these are; "" where no names are shown."""
    shown = said.gone if name is None else name
    return said("late", who=shown) if is_late else shown


def _counts(said: Said, counts: tuple[int, ...]) -> str:
    return ", ".join(f"{said(vote)} ({count})" for vote, count in zip(VOTES, counts, strict=True) if count)


def _widest_split(said: Said, outcome: Outcome) -> str:
    """Where people are furthest apart: on its worth, or on whether it did what was planned."""
    counted = {"worth": outcome.worth, "success": outcome.success}
    splits = {about: verdicts.split(_given(counts)) for about, counts in counted.items()}
    about = max(splits, key=lambda each: verdicts.distance(splits[each]))  # on its worth, where both are equal
    apart = splits[about]
    if apart is None:
        return ""
    high, low = (_side(said, outcome.votes, about, vote) for vote in apart)
    return said("split", about=about, high=high, low=low)


def _given(counts: tuple[int, ...]) -> list[str]:
    return [vote for vote, count in zip(VOTES, counts, strict=True) if count]


def _side(said: Said, votes: tuple[Vote, ...], about: str, vote: str) -> str:
    """One side of a split: "Ana and Ben: yes", or only "yes" where no names are shown."""
    names = [who(said, each.who, False) for each in votes if getattr(each, about) == vote and not each.is_late]
    return said("side", names=names[:MOST_NAMES], more=len(names[MOST_NAMES:]), vote=said(vote))
