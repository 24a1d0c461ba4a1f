"""What the rows of the catalog are: commands, actions and nudges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from handlers.fields import Field
from handlers.messages import Block, Choice, Message, Reply
from storage.directory import Role
from storage.schedules import Schedule

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

    The handler gets the context and the schedule that is due. A nudge later than `window` is skipped.
    """

    name: str
    run: Callable[[Context, Schedule], Awaitable[Message | Skipped | Done]]
    audience: Literal["person", "team"] = "person"
    window: timedelta = timedelta(hours=4)


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
    def nudge_called(self) -> dict[str, Nudge]:
        """Each nudge by its name."""
        return {nudge.name: nudge for nudge in self.nudges}
