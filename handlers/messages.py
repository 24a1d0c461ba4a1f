"""What the bot says, in no platform's language: messages, forms and the blocks they are made of.

Every string here is plain text. Nothing is markup: a renderer escapes all of it, so that people's words
appear letter for letter. Limits of length and number belong to the renderers too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, TypeVar

from pydantic import Field as Tagged
from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a person can pick: `value` comes back, `label` is read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Input:
    """One thing a person can fill in, on a form or on a card. Its value always comes back as text.

    `line` is one line, `text` several, `choice` one of `choices`, `many` any number of them
    (their values joined by commas, both in `value` and in the answer).
    """

    name: str
    label: str
    kind: Literal["line", "text", "choice", "many"] = "line"
    value: str = ""
    optional: bool = False
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    limit: int = 3000


@dataclass(frozen=True, slots=True)
class Button:
    """A tap away: the catalog action it runs and the values that go with it.

    The inputs of the same card travel along. `confirm` is a question asked before the tap counts.
    """

    label: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    style: Literal["plain", "main", "danger"] = "plain"
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph in the bot's voice."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: who will see this, what was left out."""

    text: str
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Quote:
    """A person's own words, and whose they are where that may be said."""

    text: str
    who: str = ""
    kind: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value, one pair a row."""

    rows: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Items:
    """A list, one sentence an item."""

    items: tuple[str, ...]
    kind: Literal["items"] = "items"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; every row is as long as the head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture: `share` of the longest bar, 0 to 1, and the value as people read it."""

    label: str
    share: float
    value: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A bar chart as data; `alt` says the same in a sentence, for whoever cannot see it."""

    alt: str
    bars: tuple[Bar, ...]
    kind: Literal["picture"] = "picture"


@dataclass(frozen=True, slots=True)
class Divider:
    """A line between two parts of a message."""

    kind: Literal["divider"] = "divider"


@dataclass(frozen=True, slots=True)
class Scale:
    """Buttons that belong in one row, from least to most."""

    buttons: tuple[Button, ...]
    kind: Literal["scale"] = "scale"


@dataclass(frozen=True, slots=True)
class Ask:
    """An input on the card itself; its value travels with whichever button is tapped."""

    input: Input
    kind: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class File:
    """A file to keep: its name, its media type and its text."""

    name: str
    media_type: str
    content: str
    kind: Literal["file"] = "file"


Block = Annotated[
    Text | Note | Quote | Facts | Items | Table | Picture | Divider | Scale | Ask | File,
    Tagged(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class Message:
    """One card. `title` alone tells what it is: it is also the notification.

    `buttons` are in sight, the main one first and three at the most; `more` are behind "More".
    """

    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    more: tuple[Button, ...] = ()
    kind: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class Form:
    """Questions to fill in together. `action` receives the inputs and the hidden `values`.

    `errors` holds a sentence for each refused input by its name, beside what was typed.
    """

    title: str
    action: str
    inputs: tuple[Input, ...]
    submit: str = "Save"
    values: dict[str, str] = field(default_factory=dict)
    intro: tuple[Block, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    kind: Literal["form"] = "form"


Reply = Message | Form
R = TypeVar("R", bound=Reply)


def about_team(reply: R, team_id: int) -> R:
    """The same message or form with the team's number on all that comes back from it.

    A card is about the team it was made for, wherever it is read and whatever team is used last by then.
    A button that names a team already, such as for a retro of another one, keeps it.
    """
    if isinstance(reply, Form):
        return replace(reply, values={**reply.values, "team": str(team_id)})
    blocks = tuple(
        replace(block, buttons=_marked(block.buttons, team_id)) if isinstance(block, Scale) else block
        for block in reply.blocks
    )
    buttons, more = _marked(reply.buttons, team_id), _marked(reply.more, team_id)
    return replace(reply, blocks=blocks, buttons=buttons, more=more)


def _marked(buttons: tuple[Button, ...], team_id: int) -> tuple[Button, ...]:
    return tuple(replace(button, values={"team": str(team_id), **button.values}) for button in buttons)


MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Tagged(discriminator="kind")])
