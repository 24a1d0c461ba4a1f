"""What the rows of the catalog are: commands, actions and nudges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from handlers.fields import Field
from handlers.local_time import Rule
from handlers.messages import Block, Choice, Message, Reply
from storage.directory import Person, Role
from storage.schedules import Schedule
from storage.teams import Team

if TYPE_CHECKING:
    from handlers.context import Context


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known when a form opens: values to start from, choices, and facts for its words.

    `known` values start where nothing was typed; `resolved` ones replace what was typed, such as the
    number of the initiative that a few typed letters meant. `fields` replace the row's own.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    resolved: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
    intro: tuple[Block, ...] = ()
    fields: tuple[Field, ...] = ()


Run = Callable[..., Awaitable[Reply]]
# When something comes again and again in a team: to a member, or to the channel where there is none.
Recurs = Callable[[Team, Person | None], Rule]
# What a nudge about a subject looks like within the card of a day, asked or answered; nothing where it is over.
DrawPart = Callable[["Context", int | None, date], Awaitable[tuple[Block, ...]]]
Open = Callable[["Context", Mapping[str, str]], Awaitable[Opening]]


@dataclass(frozen=True, slots=True)
class Row:
    """A way in: its name, its handler, and what must be known before the handler runs.

    `form` is the prompt with the words of its fields; `role`, which no row may leave out, the least it
    needs, in the team where the row is about a team (`in_team`), else in the workspace. A row that
    `writes` nothing keeps no answer for repeats, because running it twice does no harm.
    """

    name: str
    run: Run
    fields: tuple[Field, ...] = ()
    form: str = ""
    opening: Open | None = None
    role: Role = field(kw_only=True)
    in_team: bool = True
    writes: bool = True


@dataclass(frozen=True, slots=True)
class Command(Row):
    """A verb that people type. `read` splits what follows it; otherwise all of it is the first field."""

    aliases: tuple[str, ...] = ()
    read: Callable[[str], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Action(Row):
    """A button, or a form sent. Its answer takes the place of the card it stood on, unless `keeps_card`."""

    keeps_card: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why a nudge was not sent; `why` explains the reason to the person."""

    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was due is done, and the handler has sent itself whatever there was to send."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """Something said when its time comes, to a person or to a team's channel.

    `run` gets the context and the schedule that is due, and says it as a message of its own; `key` is the one
    it is kept under, where that is not made of its name, subject, person and day. `rule` is when it comes again
    and again; without one, some handler plans it when something happens.

    A person gets one card a day. What has the place "card" is that card and takes in others; what has the place
    "part" comes within it, drawn by `part` from its subject and the day, or is the card where there is none.
    What stands "beside" it is a message of its own. The lower its `priority`, the earlier it is chosen, and the
    later dropped for want of room. One that is `asked_for` by the person knows no limits.

    `reminder` is the nudge that follows the same afternoon, once, where this one is not answered. One that
    `backs_off` comes less often to whoever does not react. One later than `window` is skipped.
    """

    name: str
    run: Callable[[Context, Schedule], Awaitable[Message | Skipped | Done]]
    audience: Literal["person", "team"] = "person"
    window: timedelta = timedelta(hours=4)
    rule: Recurs | None = None
    place: Literal["card", "part", "beside"] = "beside"
    part: DrawPart | None = None
    key: Callable[[Schedule, Person], str] | None = None
    priority: int = 5
    reminder: str = ""
    backs_off: bool = False
    asked_for: bool = False


@dataclass(frozen=True)
class Catalog:
    """All the rows there are, looked up by name."""

    commands: tuple[Command, ...]
    actions: tuple[Action, ...]
    nudges: tuple[Nudge, ...]

    @cached_property
    def verbs(self) -> dict[str, Command]:
        """Each verb and alias with its command."""
        return {name: command for command in self.commands for name in (command.name, *command.aliases)}

    @cached_property
    def entries(self) -> dict[str, Row]:
        """Each command and action by its own name; a button or form may run either."""
        return {row.name: row for row in (*self.commands, *self.actions)}

    @cached_property
    def card(self) -> Nudge:
        """The nudge that is the card of a day."""
        return next(nudge for nudge in self.nudges if nudge.place == "card")

    @cached_property
    def nudge_called(self) -> dict[str, Nudge]:
        """Each nudge by its name."""
        return {nudge.name: nudge for nudge in self.nudges}
