"""From a form to a modal, and back to the values that were filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from bot.letters import line, literal, pieces, trim, whole
from bot.slack.buttons import BUTTON_VALUE, MENU_VALUE, packed
from bot.slack.fitting import named, unique, view
from bot.slack.inputs import ROOM_OF_A_VIEW, draw_input, filled_in, menus
from bot.slack.kit import bold, plain, rich, section
from bot.slack.places import Place, pack, unpack
from bot.slack.render import draw, draw_block, title
from handlers.messages import Ask, Button, Choice, Facts, Form, Input, Message, Note, Scale
from handlers.messages import Block as Part

Json = dict[str, Any]

# Slack's limits, in characters unless said otherwise.
TITLE = 24
METADATA = 3_000
ERROR = 2_000

TAP = "tap"
CLOSE, SAVE = "Close", "Save"
LOADING = Message("One moment", (Note("I am opening this. It takes longer than usual."),))


class BadForm(ValueError):
    """This form is not one that I can read any more. Close it and open it again."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A modal that was sent: what it runs, what was filled in, and where its answer belongs."""

    action: str
    values: dict[str, str]
    place: Place


def to_modal(form: Form, place: Place) -> Json:
    """A form as a modal. It carries where it was opened, so that it outlives a restart."""
    numbers = count()
    blocks = list(title(form.title)) if len(form.title) > TITLE else []
    for block in form.intro:
        blocks += draw_block(block, numbers)
    asked_for = {asked.name for asked in form.inputs}
    for name, error in form.errors.items():
        blocks += [] if name in asked_for else _beside(error)
    room = ROOM_OF_A_VIEW // max(1, menus(form.inputs))
    for asked in form.inputs:
        blocks += [*_beside(form.errors.get(asked.name, "")), *draw_input(asked, f"{form.action}.", room)]
    submit = form.submit or (SAVE if any(block["type"] == "input" for block in blocks) else "")
    return _modal(form.title, unique(blocks), form.action, form.values, place, submit)


def to_page(message: Message, place: Place) -> Json:
    """A message as a modal.

    Slack takes inputs in a modal only with a button that sends them, so a message with inputs becomes a
    form: the buttons that its inputs travel with become the choice of what is sent.
    """
    taps = _taps(message) if any(isinstance(block, Ask) for block in message.blocks) else ()
    hidden = {TAP: packed(taps[0].action, taps[0].values, BUTTON_VALUE)} if len(taps) == 1 else {}
    submit = taps[0].label or SAVE if len(taps) == 1 else SAVE if taps else ""
    blocks = draw(_as_form(message, taps) if taps else _as_it_stands(message), ROOM_OF_A_VIEW)
    return _modal(message.title, blocks if len(message.title) > TITLE else blocks[1:], TAP, hidden, place, submit)


def to_home(message: Message) -> Json:
    """A message as somebody's home page."""
    return {"type": "home", "blocks": view(draw(message, ROOM_OF_A_VIEW))}


def read_modal(sent: Mapping[str, Any]) -> Filled:
    """What a modal that was sent says. Raises BadForm for one that is none of ours."""
    try:
        metadata = json.loads(sent["private_metadata"])
        place, hidden = unpack(metadata["place"]), texts(metadata["values"])
        action, values = str(sent["callback_id"]), {**hidden, **filled_in(sent.get("state"))}
        if action == TAP:
            action, tapped = json.loads(values.pop(TAP))
            values = {**values, **texts(tapped)}
    except (KeyError, TypeError, ValueError) as wrong:
        raise BadForm(BadForm.__doc__) from wrong
    return Filled(action, values, place)


def texts(values: object) -> dict[str, str]:
    """Names and texts out of what came back; anything else is left out."""
    if not isinstance(values, dict):
        return {}
    return {str(name): value for name, value in values.items() if isinstance(value, str)}


def errors_beside(form: Form, standing: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, beside the inputs of the modal that stands open; nothing where it has to be drawn anew."""
    inputs = {block.get("block_id") for block in standing.get("blocks", ()) if block.get("type") == "input"}
    same = {named(str(block_id)) for block_id in inputs} == {each.name for each in form.inputs}
    return dict(form.errors) if same and form.errors.keys() <= inputs else {}


def first_input(standing: Mapping[str, Any]) -> str:
    """The name of a modal's first input, "" where it has none."""
    blocks = standing.get("blocks", ())
    return next((str(block["block_id"]) for block in blocks if block.get("type") == "input"), "")


def _taps(message: Message) -> Sequence[Button]:
    """The buttons that a message's inputs travel with: its only scale's, else those in sight, else any."""
    scales = [block for block in message.blocks if isinstance(block, Scale)]
    if len(scales) == 1 and scales[0].buttons:
        return scales[0].buttons
    return message.buttons or tuple(button for scale in scales for button in scale.buttons) or message.more


def _as_form(message: Message, taps: Sequence[Button]) -> Message:
    """The message with its taps as a choice, where the scale stood or at the end."""
    picked = _choice(taps)
    scale = next((block for block in message.blocks if isinstance(block, Scale) and block.buttons == taps), None)
    blocks = [part for block in message.blocks for part in (picked if block is scale else (block,))]
    buttons = () if message.buttons == taps else message.buttons
    more = () if message.more == taps else message.more
    return replace(message, blocks=(*blocks, *(() if scale else picked)), buttons=buttons, more=more)


def _choice(taps: Sequence[Button]) -> tuple[Part, ...]:
    """What is sent, to be picked where it is one of several."""
    choices = tuple(Choice(packed(tap.action, tap.values, MENU_VALUE), tap.label) for tap in taps)
    return (Ask(Input(TAP, "Your answer", "choice", choices=choices)),) if len(taps) > 1 else ()


def _as_it_stands(message: Message) -> Message:
    """A message without a button, as what its inputs hold: nothing could send them."""
    return replace(message, blocks=tuple(_read_only(block) for block in message.blocks))


def _read_only(block: Part) -> Part:
    return Facts(((block.input.label, block.input.value),)) if isinstance(block, Ask) else block


def _modal(
    name: str, blocks: list[Json], callback: str, values: Mapping[str, str], place: Place, submit: str
) -> Json:
    drawn = {
        "type": "modal",
        "title": plain(trim(line(name), TITLE)).to_dict(),
        "close": plain("Cancel" if submit else CLOSE).to_dict(),
        "callback_id": callback,
        "private_metadata": _metadata(values, place),
        "blocks": view(blocks or list(title(name))),
    }
    return {**drawn, "submit": plain(trim(line(submit), TITLE)).to_dict()} if submit else drawn


def _metadata(values: Mapping[str, str], place: Place) -> str:
    """What a modal carries unseen; what is too long for that is left out, and then asked for again."""
    kept = dict(values)
    while True:
        packed_up = {"values": kept, "place": pack(place)}
        text = whole(json.dumps(packed_up, ensure_ascii=False, separators=(",", ":")))
        if len(text) <= METADATA or not kept:
            return text
        del kept[max(kept, key=lambda name: len(kept[name]))]


def _beside(error: str) -> list[Json]:
    """What is wrong with an input, above it: Slack shows errors beneath only in answer to a sent modal."""
    return [rich(section(bold(piece))) for piece in pieces(literal(error), ERROR)] if error else []
