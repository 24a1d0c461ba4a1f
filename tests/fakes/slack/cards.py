"""What people see: messages, modals and home pages, as they are drawn now."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.slack.blocks import elements_of
from tests.fakes.slack.elements import options_of
from tests.fakes.slack.markup import ANGLES
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Message, View


def shown(text: str) -> str:
    """Slack's markup as it reads: links by their words, `&lt;` as `<`."""
    words = ANGLES.sub(lambda match: match[1].partition("|")[2] or match[1], text)
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _words(piece: Any) -> Iterator[str]:
    if isinstance(piece, list):
        for each in piece:
            yield from _words(each)
    elif isinstance(piece, dict):
        yield from _own_words(piece)
        for name, each in piece.items():
            if name not in {"value", "initial_option", "initial_options", "confirm"} and isinstance(
                each, dict | list
            ):
                yield from _words(each)


def _own_words(piece: Json) -> Iterator[str]:
    text, kind = piece.get("text"), piece.get("type")
    if kind in {"plain_text", "text", "raw_text"} and isinstance(text, str):
        yield text
    elif kind in {"mrkdwn", "markdown"} and isinstance(text, str):
        yield shown(text)
    elif kind == "link":
        yield piece.get("text") or piece["url"]
    for name in ("initial_value", "alt_text"):
        if isinstance(piece.get(name), str):
            yield piece[name]


def _block_words(block: Json) -> str:
    """A block's words. The pieces of one line of rich text belong together."""
    if block["type"] != "rich_text":
        return "\n".join(_words(block))
    lines = []
    for part in block["elements"]:
        inner = part["elements"] if part["type"] == "rich_text_list" else [part]
        lines += ["".join(_words(each["elements"])) for each in inner]
    return "\n".join(lines)


@dataclass(frozen=True)
class Control:
    """Something to press or to fill in, the block it stands in, and its label.

    `option` is one entry of an overflow menu.
    """

    element: Json
    block: Json
    label: str
    option: Json | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The block's id and the action's."""
        return self.block["block_id"], self.element["action_id"]


def _label(element: Json, block: Json) -> str:
    if block["type"] == "input":
        return str(block["label"]["text"])
    if "text" in element:
        return str(element["text"]["text"])
    if "placeholder" in element:
        return str(element["placeholder"]["text"])
    return shown(block["text"]["text"]) if "text" in block else ""


class Surface(ABC):
    """Anything drawn with blocks."""

    key: str

    @property
    @abstractmethod
    def blocks(self) -> list[Json]:
        """The blocks, as Slack keeps them."""

    @property
    def controls(self) -> list[Control]:
        """Whatever can be pressed or filled in, in order; entries of overflow menus each on their own."""
        found = []
        for block in self.blocks:
            for element in elements_of(block):
                if element["type"] == "overflow":
                    entries = element["options"]
                    found += [Control(element, block, each["text"]["text"], each) for each in entries]
                else:
                    found.append(Control(element, block, _label(element, block)))
        return found

    @property
    def words(self) -> str:
        """All that it says, in order, letter for letter."""
        return "\n".join(each for each in map(_block_words, self.blocks) if each)

    @property
    def title(self) -> str:
        """What stands at its head."""
        return self.words.partition("\n")[0]

    @property
    def buttons(self) -> list[str]:
        """The labels of all that can be pressed."""
        return [each.label for each in self.controls if each.element["type"] in {"button", "overflow"}]

    @property
    def inputs(self) -> dict[str, Any]:
        """What can be filled in, by label, and what stands in it at first."""
        fillable = [each for each in self.controls if each.element["type"] not in {"button", "overflow"}]
        return {each.label: initial(each.element) for each in fillable}

    @property
    def options(self) -> dict[str, list[str]]:
        """What can be chosen, by label."""
        choosing = [each for each in self.controls if each.option is None and options_of(each.element)]
        return {each.label: [one["text"]["text"] for one in options_of(each.element)] for each in choosing}


class Card(Surface):
    """A message as it stands now."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.key = f"message:{message.channel.team}:{message.channel.id}:{message.ts}"

    @property
    def blocks(self) -> list[Json]:
        """The blocks as they are now."""
        return self.message.blocks

    @property
    def text(self) -> str:
        """The text, which is what a notification shows."""
        return self.message.text

    @property
    def words(self) -> str:
        """All that it says; the text alone where it has no blocks."""
        return super().words if self.blocks else shown(self.text)

    @property
    def ts(self) -> str:
        """The time stamp that names it in its channel."""
        return self.message.ts

    @property
    def channel(self) -> str:
        """The id of its channel."""
        return self.message.channel.id

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.message.ephemeral_to is not None

    @property
    def is_gone(self) -> bool:
        """Whether it was deleted."""
        return self.message.is_deleted

    def __repr__(self) -> str:
        return f"<Card {self.words!r}>"


class Page(Surface):
    """A modal or a home page as it stands now."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.key = f"view:{view.id}"

    @property
    def blocks(self) -> list[Json]:
        """The blocks as they are now."""
        blocks: list[Json] = self.view.body["blocks"]
        return blocks

    @property
    def title(self) -> str:
        """A modal's title; a home page's first words."""
        titled = self.view.body.get("title")
        return str(titled["text"]) if titled else super().title

    @property
    def errors(self) -> dict[str, str]:
        """What is said beside the fields, by label."""
        labels = {each.block["block_id"]: each.label for each in self.controls}
        return {labels[block]: said for block, said in self.view.errors.items()}

    @property
    def is_open(self) -> bool:
        """Whether it is still to be seen."""
        return self.view.is_open

    def __repr__(self) -> str:
        return f"<Page {self.title!r}: {self.words!r}>"


def initial(element: Json) -> Any:
    """What an element holds before anybody touches it, as a test would write it."""
    if "initial_option" in element:
        return element["initial_option"]["text"]["text"]
    if "initial_options" in element:
        return [each["text"]["text"] for each in element["initial_options"]]
    found = [value for name, value in element.items() if name.startswith("initial_")]
    return found[0] if found else ""
