"""Nothing comes and nothing is left out without a sentence that says why."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import prompts
from handlers import backing_off
from handlers.catalog import CATALOG
from handlers.working_days import WorkingDays
from storage.directory import REMOVED, STOPPED
from storage.schedules import Occurrence
from tests.test_docs import quoted, reasons, tables

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
DAY = date(2026, 11, 24)
PERSONAL = [nudge.name for nudge in CATALOG.nudges if nudge.audience == "person"]
IN_CHANNELS = {nudge.name for nudge in CATALOG.nudges if nudge.audience == "team"}


def of_channels() -> set[str]:
    """The reasons for which only what is said in a channel is skipped: no person reads of those."""
    rows = list(tables("nudges.md", "Nudge"))
    told = {True: set[str](), False: set[str]()}
    for cells in rows:
        told[quoted(cells[0])[0] in IN_CHANNELS] |= set(quoted(cells[4]))
    return told[True] - told[False]


def line(reason: str, nudge: str = "checkin") -> str:
    """What `why` says of a nudge that was skipped."""
    one = Occurrence(nudge, 1, 1, DAY, NOW, "skipped", reason, False)
    kind, _, name = reason.partition(": ")
    said = prompts.say("mine/why", prompts.Reader("en_GB", "UTC", NOW), last=None, team=None)
    return said("skipped", day=DAY, one=one, kind=kind, name=name)


@pytest.mark.parametrize("reason", sorted(reasons() - of_channels()))
def test_every_reason_to_leave_a_nudge_out_has_words(reason: str) -> None:
    after = line(reason).partition("did not come: ")[2]

    assert " " in after
    assert after != f"{reason}."


def test_the_reasons_that_code_names_elsewhere_are_among_them() -> None:
    friday_alone = WorkingDays((5,), "", {date(2026, 11, 27): "Offsite"})
    named = {friday_alone.why_off(DAY), friday_alone.why_off(date(2026, 11, 27)).partition(": ")[0]}

    assert {REMOVED, STOPPED, backing_off.ASK, backing_off.UNANSWERED, *named} <= reasons()


@pytest.mark.parametrize("nudge", PERSONAL)
def test_every_nudge_to_a_person_has_a_name_and_a_reason_in_words(nudge: str) -> None:
    said = prompts.say("nudges/why", prompts.Reader("en_GB", "UTC", NOW))

    assert "A note" not in line("late", nudge)
    assert nudge.replace("-", "_") in said
