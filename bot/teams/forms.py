"""From a form to a dialog, or to a card where none can open, and back to the values that were filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.letters import line, trim
from bot.teams.buttons import OURS, carried, label, submit
from bot.teams.fitting import Frugality, Part, one_card
from bot.teams.inputs import allotted, draw_input, filled_in
from bot.teams.kit import Json, action_set, paragraph
from bot.teams.render import TITLE, draw, heading, parts, pen_for, where
from handlers.messages import Ask, Form, Message

NAME = 60  # characters of a dialog's name
SAVE = "Save"
HIDDEN = 8_000  # bytes that a form carries unseen


def dialog(form: Form) -> Json:
    """A form as the card inside a dialog, which Teams calls a task module."""
    return one_card(lambda frugality: _parts(form, frugality, is_dialog=True), _words(form))


def title(form: Form) -> str:
    """What a dialog is called, for its head."""
    return trim(line(form.title), NAME)


def input_card(form: Form) -> Json:
    """A form as a card in the chat, for where no dialog can open."""
    return one_card(lambda frugality: _parts(form, frugality, is_dialog=False), _words(form))


def page(message: Message) -> Json:
    """A message as the card inside a dialog, such as the answer to a form that was sent."""
    return one_card(lambda frugality: parts(message, frugality, is_dialog=True), trim(line(message.title), TITLE))


def read(data: Mapping[str, Any]) -> tuple[str, dict[str, str], bool]:
    """What came back with a tap: the action's name, its values with what was filled in, whether it was a form.

    What is none of ours has no name. On a form what was filled in counts; at a tap what the button carries.
    """
    ours = data.get(OURS)
    if not isinstance(ours, dict) or not isinstance(ours.get("action"), str):
        return "", {}, False
    hidden, filled = texts(ours.get("values")), filled_in(data, _listed(ours, "asks"), _listed(ours, "picks"))
    is_form = ours.get("form") is True
    return ours["action"], {**hidden, **filled} if is_form else {**filled, **hidden}, is_form


def texts(values: object) -> dict[str, str]:
    """Names and texts out of what came back; anything else is left out."""
    if not isinstance(values, dict):
        return {}
    return {str(name): value for name, value in values.items() if isinstance(value, str)}


def _listed(ours: Mapping[str, object], what: str) -> list[str]:
    named = ours.get(what)
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def _words(form: Form) -> str:
    return trim(line(form.title), TITLE)


def _parts(form: Form, frugality: Frugality, *, is_dialog: bool) -> Iterator[Part]:
    """All of a form: its title where no dialog shows all of it, its intro, its fields, and what sends it."""
    if not is_dialog or len(form.title) > NAME:
        yield from heading(form.title)
    yield from draw(form.intro, pen_for(form.intro, frugality, is_dialog=is_dialog))
    asked_for = {asked.name for asked in form.inputs}
    for name, error in form.errors.items():
        if name not in asked_for:
            yield Part((paragraph(error, color="attention"),), acts=True)
    asks = [*(block.input for block in form.intro if isinstance(block, Ask)), *form.inputs]
    place = where(asks, frugality, is_dialog=is_dialog)
    for asked in allotted(asks, frugality.room)[len(asks) - len(form.inputs) :]:
        error = form.errors.get(asked.input.name, "")
        yield Part(tuple(draw_input(asked, error, is_needed=not asked.input.optional)), acts=True)
    data = carried(form.action, form.values, place, form=True)
    yield Part(
        (action_set([submit(label(form.submit or SAVE), form.action, data, place, style="positive")]),), acts=True
    )
