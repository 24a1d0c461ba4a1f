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
from tests.test_docs import reasons

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
DAY = date(2026, 11, 24)
PERSONAL = [nudge.name for nudge in CATALOG.nudges if nudge.audience == "person"]
# What is said in a channel, or to nobody, is skipped for these; no person reads of it.
OF_CHANNELS = {"nothing to say", "posted"}


def line(reason: str, nudge: str = "checkin") -> str:
    """What `why` says of a nudge that was skipped."""
    one = Occurrence(nudge, 1, 1, DAY, NOW, "skipped", reason, False)
    kind, _, name = reason.partition(": ")
    said = prompts.say("mine/why", prompts.Reader("en_GB", "UTC", NOW), last=None, team=None)
    return said("skipped", day=DAY, one=one, kind=kind, name=name)


@pytest.mark.parametrize("reason", sorted(reasons() - OF_CHANNELS))
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
