"""A retro together with what it is about: the work, its plan, and what was reached, as everybody reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import prompts
from handlers import voices
from handlers.context import Context
from handlers.errors import HandlerError, Unknown
from handlers.initiatives import plans
from handlers.messages import Bar, Block, Button, Items, Note, Picture, Text
from handlers.retros import verdicts
from handlers.retros.verdicts import Guard, Reading, Verdict
from prompts import Reader
from storage.directory import Person
from storage.initiatives import Amendment, Criterion, Initiative
from storage.releases import Actual, Release, Retro, Stage

MOST_PICTURES = 3
GOING = (Stage.PLANNED, Stage.NUMBERS, Stage.OPEN)


class NotNow(HandlerError):
    """{sentence}"""


@dataclass(frozen=True, slots=True)
class Case:
    """One review: of which release of what, by which criteria, and what was read of them so far."""

    retro: Retro
    initiative: Initiative
    release: Release
    criteria: tuple[Criterion, ...]
    actuals: Mapping[int, Actual]
    amendments: tuple[Amendment, ...]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Each criterion with what it reached."""
        return tuple(Reading(each, self._value(each)) for each in self.criteria)

    @property
    def measures(self) -> tuple[Reading, ...]:
        """What was to be reached."""
        return tuple(each for each in self.readings if not each.criterion.is_guardrail)

    @property
    def guardrails(self) -> tuple[Reading, ...]:
        """What was not to get worse."""
        return tuple(each for each in self.readings if each.criterion.is_guardrail)

    @property
    def verdict(self) -> Verdict:
        """Whether it was a success by its measures."""
        return verdicts.overall(self.readings)

    @property
    def values(self) -> dict[str, str]:
        """What a button about this review carries."""
        return {"retro": str(self.retro.id)}

    def _value(self, criterion: Criterion) -> Decimal | None:
        actual = self.actuals.get(criterion.id)
        return actual.value if actual else None


async def load(context: Context, retro_id: int, *, locked: bool = False) -> Case:
    """A review of the team by its number. `locked` holds off others who would move it on.

    Raises Unknown for one that is gone or another team's.
    """
    store = context.store
    retro = await store.retros.get(retro_id)
    if retro is None or retro.team_id != context.team.id:
        raise Unknown(what="that review")
    # Always in this order, so that two who hold both never wait for each other.
    initiative = await store.initiatives.get(retro.initiative_id, locked=locked)
    retro = await store.retros.get(retro_id, locked=locked)
    release = await store.releases.get(retro.release_id) if retro else None
    if retro is None or initiative is None or release is None:
        raise Unknown(what="that review")
    criteria = await store.initiatives.criteria(initiative.id)
    amendments = await store.initiatives.amendments(initiative.id)
    actuals = await store.retros.actuals(retro.id)
    return Case(retro, initiative, release, tuple(criteria), actuals, tuple(amendments))


async def of_button(context: Context, typed: Mapping[str, str]) -> Case:
    """The review that a button or form carries the number of. Raises Unknown for none."""
    number = typed.get("retro", "")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    return await load(context, int(number) if is_number else 0)


def card_key(case: Case, person: Person) -> str:
    """The key of a participant's card."""
    return f"retro-ask:{case.retro.id}:{person.id}"


def numbers_key(case: Case) -> str:
    """The key of the card that asks the owner for the numbers."""
    return f"numbers:{case.retro.id}"


def is_over(case: Case, now: datetime) -> bool:
    """Whether the time for answers is up, closed or not yet."""
    return case.retro.closes_at is not None and case.retro.closes_at <= now


def not_now(context: Context, case: Case) -> NotNow:
    """What became of a review, for a button or form that is older than that."""
    said = context.say("retros/state", retro=case.retro, initiative=case.initiative)
    stage = case.retro.stage
    label = said.see if stage is Stage.CLOSED else said.see_review
    return NotNow(Button(label, "retro.show", case.values), sentence=said(f"not_now_{stage}"))


async def others(context: Context, case: Case) -> list[str]:
    """What else the team released since, which may have moved the same numbers."""
    found = await context.store.releases.between(context.team.id, case.release.released_at, context.now)
    mine = (case.initiative.title, case.release.released_at)
    said = context.say("retros/review")
    return [said("other", title=title, on=on) for title, on in found if (title, on) != mine]


async def heard(context: Context, case: Case) -> tuple[Block, ...]:
    """What customers said and did since the release, so that a review hears them too."""
    since = case.release.released_at.astimezone(context.team_reader.zone_info).date()
    return await voices.blocks(context, case.initiative.id, since)


def customer(context: Context, case: Case) -> str:
    """Whom it was for, as a sentence names them."""
    return case.initiative.customer or context.team.payer or context.say("retros/answer").whoever_pays


def results(case: Case, reader: Reader) -> tuple[Block, ...]:
    """Planned against actual, a line each with its arithmetic and its source; and what the plan was before."""
    said = prompts.say("retros/measure", reader)
    measures = tuple(_line(case, each, reader) for each in case.measures)
    guardrails = tuple(_line(case, each, reader) for each in case.guardrails)
    first: Block = Items(measures) if measures else Text(said.none)
    changed = _changed(case, reader)
    return (first, *((Text(said.guardrails), Items(guardrails)) if guardrails else ()), *changed)


def _changed(case: Case, reader: Reader) -> tuple[Block, ...]:
    """What was changed in the plan after it was frozen, so that nobody takes a lowered target for the first."""
    said = prompts.say("initiatives/plan", reader)
    lines = tuple(said("amendment", amendment=each, who="") for each in case.amendments)
    return (Note(said.amendments), Items(lines)) if lines else ()


def _line(case: Case, reading: Reading, reader: Reader) -> str:
    criterion, actual = reading.criterion, case.actuals.get(reading.criterion.id)
    said = prompts.say(
        "retros/measure",
        reader,
        criterion=criterion,
        baseline=plans.value(criterion.baseline, criterion, reader),
        target=plans.value(criterion.target, criterion, reader),
        actual=plans.value(reading.actual, criterion, reader),
        reach=verdicts.reach(reading),
        percent=verdicts.percent(reading),
        is_held=verdicts.guard(reading) is Guard.HELD,
        source=actual.source if actual and actual.source else criterion.source,
        read_on=actual.read_on if actual else None,
    )
    return said.guardrail if criterion.is_guardrail else said.measure


def pictures(case: Case, reader: Reader) -> tuple[Picture, ...]:
    """A picture of each measure that can be told: from, planned, reached."""
    told = [each for each in case.measures if each.actual is not None]
    return tuple(_picture(each, reader) for each in told[:MOST_PICTURES])


def _picture(reading: Reading, reader: Reader) -> Picture:
    criterion = reading.criterion
    known = {"from": criterion.baseline, "planned": criterion.target, "reached": reading.actual}
    numbers = {name: number for name, number in known.items() if number is not None}
    words = {name: plans.value(number, criterion, reader) for name, number in known.items()}
    said = prompts.say("retros/measure", reader, criterion=criterion, words=words)
    drawn = zip(numbers, verdicts.bars(list(numbers.values())), strict=True)
    return Picture(said.alt, tuple(Bar(said(name), share, words[name]) for name, share in drawn))
