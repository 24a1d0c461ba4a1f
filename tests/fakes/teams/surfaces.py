"""What people see: messages with their cards, and dialogs, as they are drawn now for whoever looks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.teams.elements import INPUTS
from tests.fakes.teams.markup import shown
from tests.fakes.teams.structure import Json
from tests.fakes.teams.world import Conversation, Dialog, Message, Person

INNER = ("body", "items", "columns", "rows", "cells", "facts")


@dataclass(frozen=True)
class Control:
    """An action or an input, which of a message's cards it stands in, and which hidden elements it stands within.

    `cards` are the card and the cards within it that were unfolded on the way: their inputs travel with it.
    """

    element: Json
    label: str
    index: int
    within: tuple[str, ...] = ()
    cards: tuple[Json, ...] = ()

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.element["type"])


def words_of(element: Json) -> Iterator[str]:
    """What an element itself says, letter for letter."""
    kind = element.get("type")
    if kind == "TextBlock":
        yield shown(element["text"])
    elif kind == "RichTextBlock":
        yield "".join(each if isinstance(each, str) else each["text"] for each in element["inlines"])
    elif kind == "FactSet":
        yield from (f"{shown(each['title'])}\n{shown(each['value'])}" for each in element["facts"])
    elif kind == "Image":
        yield element["altText"]
    elif kind in INPUTS:
        yield from _input_words(element)


def _input_words(element: Json) -> Iterator[str]:
    yield from (element[name] for name in ("label", "title", "placeholder") if element.get(name))
    if element["type"] == "Input.ChoiceSet":
        yield from (shown(each["title"]) for each in element["choices"])
    elif element.get("value"):
        yield str(element["value"])


def initial(element: Json) -> str:
    """What stands in an input before anybody touches it."""
    if element["type"] == "Input.Toggle":
        return str(element.get("value", element.get("valueOff", "false")))
    return str(element.get("value", ""))


class Surface(ABC):
    """Anything drawn with cards, as one person has it before them."""

    person: Person

    @property
    @abstractmethod
    def key(self) -> str:
        """Names it among all that this person sees, as it is drawn now."""

    @property
    @abstractmethod
    def cards(self) -> list[Json]:
        """The cards."""

    def _is_hidden(self, element: Json) -> bool:
        named = str(element.get("id", ""))
        return not self.person.toggled.get((self.key, named), element.get("isVisible", True))

    def _elements(self) -> Iterator[tuple[Json, int, tuple[str, ...], tuple[Json, ...]]]:
        """Every element and action, its card, the hidden ones that it is within, and the cards it is within."""
        for index, card in enumerate(self.cards):
            yield from self._within(card, index, (), (card,))

    def _within(
        self, piece: Json, index: int, hidden: tuple[str, ...], cards: tuple[Json, ...]
    ) -> Iterator[tuple[Json, int, tuple[str, ...], tuple[Json, ...]]]:
        if piece.get("type") != "AdaptiveCard":
            hidden = (*hidden, str(piece.get("id", ""))) if self._is_hidden(piece) else hidden
            yield piece, index, hidden, cards
        for name in INNER:
            for each in piece.get(name) or []:
                if name != "facts":
                    yield from self._within(each, index, hidden, cards)
        for action in _actions(piece):
            yield action, index, hidden, cards
            if action["type"] == "Action.ShowCard":
                unfolded = action["card"]
                yield from self._within(unfolded, index, hidden, (*cards, unfolded))

    @property
    def controls(self) -> list[Control]:
        """Whatever can be pressed or filled in, also what is hidden for now."""
        found = []
        for element, index, hidden, cards in self._elements():
            if str(element.get("type", "")).startswith(("Action.", "Input.")):
                label = element.get("label") or element.get("title") or element.get("tooltip") or ""
                found.append(Control(element, label, index, hidden, cards))
        return found

    @property
    def actions(self) -> list[Control]:
        """What can be pressed, hidden or not."""
        return [each for each in self.controls if each.kind.startswith("Action.")]

    @property
    def fields(self) -> list[Control]:
        """What can be filled in, hidden or not."""
        return [each for each in self.controls if each.kind in INPUTS]

    @property
    def words(self) -> str:
        """All that is in sight, in order, letter for letter."""
        said = [text for each, _, hidden, _ in self._elements() if not hidden for text in self._said(each)]
        return "\n".join(each for each in said if each)

    def _said(self, element: Json) -> Iterator[str]:
        if str(element.get("type", "")).startswith("Action."):
            yield str(element.get("title", ""))
        else:
            yield from words_of(element)

    @property
    def title(self) -> str:
        """What stands at its head."""
        return self.words.partition("\n")[0]

    @property
    def buttons(self) -> list[str]:
        """The labels of all that can be pressed now."""
        return [each.label for each in self.actions if not each.within]

    @property
    def inputs(self) -> dict[str, str]:
        """What can be filled in, by id, and what stands in it at first."""
        return {each.element["id"]: initial(each.element) for each in self.fields}

    @property
    def options(self) -> dict[str, list[str]]:
        """What can be chosen, by id."""
        choosing = [each.element for each in self.fields if each.kind == "Input.ChoiceSet"]
        return {each["id"]: [shown(one["title"]) for one in each["choices"]] for each in choosing}


def _actions(piece: Json) -> list[Json]:
    listed = list(piece.get("actions") or [])
    runs = [each for each in piece.get("inlines") or [] if isinstance(each, dict)]
    single = [each["selectAction"] for each in (piece, *runs) if "selectAction" in each]
    return [*listed, *single, *([piece["inlineAction"]] if "inlineAction" in piece else [])]


class Card(Surface):
    """A message as one person sees it now."""

    def __init__(self, message: Message, person: Person) -> None:
        self.message = message
        self.person = person

    @property
    def key(self) -> str:
        """Drawn anew, it is another: what was typed into it is gone."""
        message = self.message
        return f"{message.conversation.id}:{message.id}:{message.edits}:{message.viewed.get(self.person.id, 0)}"

    @property
    def cards(self) -> list[Json]:
        """The message's cards, or what this person sees in their place."""
        views = self.message.views
        return [views.get((self.person.id, index), card) for index, card in enumerate(self.message.cards)]

    @property
    def words(self) -> str:
        """All that it says, its text first."""
        return "\n".join(each for each in (self.message.text, super().words) if each)

    @property
    def summary(self) -> str:
        """What a notification shows."""
        return self.message.summary or self.message.text

    @property
    def order(self) -> int:
        """When it was last drawn for this person."""
        return max(self.message.order, self.message.viewed.get(self.person.id, 0))

    @property
    def conversation(self) -> Conversation:
        """Where it stands."""
        return self.message.conversation

    def __repr__(self) -> str:
        return f"<Card {self.words!r}>"


class Page(Surface):
    """A dialog as it stands now."""

    def __init__(self, dialog: Dialog, person: Person) -> None:
        self.dialog = dialog
        self.person = person

    @property
    def key(self) -> str:
        """Drawn anew, it is another."""
        return f"dialog:{self.dialog.order}"

    @property
    def cards(self) -> list[Json]:
        """Its one card."""
        return [self.dialog.card]

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.dialog.title

    @property
    def order(self) -> int:
        """When it was last drawn."""
        return self.dialog.order

    @property
    def conversation(self) -> Conversation:
        """Where it was opened."""
        return self.dialog.conversation

    @property
    def is_open(self) -> bool:
        """Whether it is still to be seen."""
        return any(each is self.dialog for each in self.person.dialogs)

    def __repr__(self) -> str:
        return f"<Page {self.title!r}: {self.words!r}>"


def find_field(surface: Surface, named: str) -> Control:
    """An input by its id, its label, or the id's last part."""
    fields: list[Any] = surface.fields
    found = [each for each in fields if named in (each.element["id"], each.label)]
    found = found or [each for each in fields if str(each.element["id"]).endswith(f".{named}")]
    assert found, f"no input {named!r} among {[(each.element['id'], each.label) for each in fields]}"
    made: Control = found[0]
    return made
