"""Every way in, generated from the catalog: each row with values it could be sent with, and who may send it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from bot.clock import SteppedClock
from bot.dispatch import Dispatcher
from bot.reading import Request
from handlers.catalog import CATALOG
from handlers.fields import Field, numbers, whole
from handlers.messages import Form, Input, Message, Reply
from handlers.rows import Catalog, Row
from handlers.typed.refusals import Refused
from prompts import Reader
from storage.arrivals import Envelope
from tests.bot.rehearsal import Rehearsal

if TYPE_CHECKING:
    from tests.bot.planted import Team

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
WORDS = "Plain words"
# One of these passes each check, and the first that does is what people are taken to have filled in.
PLAUSIBLE = (
    WORDS,
    "4",
    "yes",
    "12 %",
    "30 days",
    "2026-11-23",
    "2026-12-01",
    "09:40",
    "Mon-Fri",
    "Europe/London",
    "8:00-18:00",
    "England",
    "https://example.org/said",
)
# The tables whose numbers a field carries. A field with a number is one of these, or nobody could swap it.
REFERENCES = {
    "initiative": "initiatives",
    "about": "initiatives",
    "criterion": "criteria",
    "retro": "retros",
    "after": "releases",
    "use": "teams",
    "people": "people",
    "assignee": "people",
    "evidence": "evidence",
    "action": "actions",
    "team": "teams",
}
COUNTS = {"page": "2"}  # numbers that are not the number of anything
MARKED = ("initiative", "about")

Kind = Literal["words", "tap", "form"]
Case = Mapping[str, str]


@dataclass(frozen=True)
class Probe:
    """One request that a row of the catalog is for, with values from the planted team."""

    row: Row
    kind: Kind
    values: Case
    rest: str = ""

    def request(self, envelope: Envelope) -> Request:
        """The request as somebody sends it; words are typed in the team's channel."""
        if self.kind == "words":
            return Request(replace(envelope, team=None), "probe", "words", f"{self.row.name} {self.rest}", {})
        return Request(envelope, "probe", self.kind, self.row.name, self.values)

    @property
    def references(self) -> tuple[str, ...]:
        """The fields that carry the number of something, the team's own among them."""
        return tuple(name for name in self.values if name in REFERENCES)


def marked(name: str, number: int) -> str:
    """A number as a field of that name carries it."""
    return f"#{number}" if name in MARKED else str(number)


def plausible(each: Field) -> str:
    """Something that the field's check takes."""
    if each.name in COUNTS:
        return COUNTS[each.name]
    assert each.check not in (whole, numbers), f"say in REFERENCES or COUNTS what {each.name} is the number of"
    reader = Reader("en_GB", "Europe/London", NOW)
    for text in (*each.choices, *PLAUSIBLE):
        try:
            each.check(text, reader)
        except Refused:
            continue
        return text
    raise AssertionError(f"nothing in PLAUSIBLE passes for {each.name}")


def filled(form: Form, row: Row, *, anew: bool = False) -> dict[str, str]:
    """A form as somebody sends it who fills in all that is empty; `anew`, all that is typed."""
    fields = {each.name: each for each in row.fields}
    return {**form.values, **{each.name: _input(each, fields, anew) for each in form.inputs}}


def _input(shown: Input, fields: Mapping[str, Field], anew: bool) -> str:
    if shown.value and not (anew and shown.kind in ("line", "text")):
        return shown.value
    if shown.kind == "many":
        return ",".join(choice.value for choice in shown.choices)
    if shown.choices:
        return shown.choices[0].value
    if shown.name.startswith("value_"):
        return "17 %"
    return plausible(fields[shown.name]) if shown.name in fields else WORDS


@dataclass
class Stage:
    """The bot over a planted database; `reached` is whether the last request came as far as its handler."""

    rehearsal: Rehearsal
    reached: bool = False
    posts: int = 0
    dispatch: Dispatcher = field(init=False)

    def __post_init__(self) -> None:
        catalog = Catalog(
            tuple(self._watched(row) for row in CATALOG.commands),
            tuple(self._watched(row) for row in CATALOG.actions),
            CATALOG.nudges,
        )
        self.dispatch = Dispatcher(self.rehearsal, SteppedClock(NOW), catalog, self._posted, 60.0)

    async def ask(self, request: Request) -> Reply:
        """What the request is answered with."""
        self.reached, self.posts = False, 0
        return (await self.dispatch(request)).reply

    def _posted(self, _workspace: int) -> None:
        self.posts += 1

    def _watched(self, row: Any) -> Any:
        async def run(*given: Any, **arguments: Any) -> Reply:
            self.reached = True
            reply: Reply = await row.run(*given, **arguments)
            return reply

        return replace(row, run=run)


async def probes(stage: Stage, team: Team) -> list[Probe]:
    """Each row of the catalog as the team's lead would send it: as words, as a tap, and as the form that opens."""
    found: list[Probe] = []
    for row in CATALOG.entries.values():
        if row in CATALOG.commands:
            found += _words(row, team.cases)
        for case in _cases(row, team.cases):
            tap = Probe(row, "tap", {**case, **_hidden(row, case), "team": str(team.id)})
            reply = await stage.ask(tap.request(team.envelope(team.people[0], team.channel)))
            found += [tap, *_submitted(reply)]
    return found


def _submitted(reply: Reply) -> Iterator[Probe]:
    if isinstance(reply, Form):
        row = CATALOG.entries[reply.action]
        yield Probe(row, "form", filled(reply, row, anew=True))


def _cases(row: Row, cases: Mapping[str, list[Case]]) -> list[Case]:
    """The planted values that the row's fields could carry, one of each kind of thing there is."""
    names = [each.name for each in row.fields]
    about = next(
        (name for name in ("criterion", "after", "retro", "evidence", "action", "initiative") if name in names), ""
    )
    found = cases[about] if about else [{}]
    others = {name: cases[name][0][name] for name in ("use",) if name in names}
    return [{**{name: value for name, value in case.items() if name in names}, **others} for case in found]


def _hidden(row: Row, case: Case) -> dict[str, str]:
    unseen = [each for each in row.fields if not each.shown and each.name not in case]
    return {each.name: plausible(each) for each in unseen}


def _words(row: Row, cases: Mapping[str, list[Case]]) -> Iterator[Probe]:
    yield Probe(row, "words", {})
    first = next((each for each in row.fields if each.shown), None)
    if first and first.name in cases:
        yield from (Probe(row, "words", {}, case[first.name]) for case in cases[first.name])
    elif first:
        yield Probe(row, "words", {}, WORDS if first.check in (whole, numbers) else plausible(first))


def is_failure(reply: Reply) -> bool:
    """Whether the bot itself failed, which no request may make it do."""
    return isinstance(reply, Message) and reply.title.startswith("That did not work")
