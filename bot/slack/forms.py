"""From a form to a modal, and back to the values that were filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from slack_sdk.models import blocks as kit

from bot.slack.inputs import draw_input, filled_in
from bot.slack.places import Place, pack, unpack
from bot.slack.render import MENU_VALUE, draw, draw_block, packed, title
from bot.slack.text import plain, trim
from handlers.messages import Ask, Button, Choice, Form, Input, Message, Note, Scale
from handlers.messages import Block as Part

Json = dict[str, Any]

# Slack's limits, in characters unless said otherwise.
TITLE = 24
METADATA = 3_000
BLOCKS = 100
CHARACTERS = 200_000  # of JSON; Slack says 250 KB

TAP = "tap"
CLOSE = "Close"
LOADING = Message("One moment", (Note("I am opening this. It takes longer than usual."),))
CUT = Note("There is more than Slack shows in one place; the rest is left out here.")


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
    for asked in form.inputs:
        blocks += [*_beside(form.errors.get(asked.name, "")), *draw_input(asked, f"{form.action}.")]
    return _modal(form.title, blocks, form.action, form.values, place, form.submit)


def to_page(message: Message, place: Place) -> Json:
    """A message as a modal.

    Slack takes inputs in a modal only with a button that sends them, so a message with inputs becomes a
    form: the buttons that its inputs travel with become the choice of what is sent.
    """
    taps = _taps(message) if any(isinstance(block, Ask) for block in message.blocks) else ()
    hidden = {TAP: packed(taps[0].action, taps[0].values, MENU_VALUE)} if len(taps) == 1 else {}
    submit = taps[0].label if len(taps) == 1 else "Save" if taps else ""
    blocks = draw(_as_form(message, taps) if taps else message)
    return _modal(message.title, blocks if len(message.title) > TITLE else blocks[1:], TAP, hidden, place, submit)


def to_home(message: Message) -> Json:
    """A message as somebody's home page."""
    return {"type": "home", "blocks": _fitting(draw(message))}


def read_modal(view: Mapping[str, Any]) -> Filled:
    """What a modal that was sent says. Raises BadForm for one that is none of ours."""
    try:
        metadata = json.loads(view["private_metadata"])
        place, hidden = unpack(metadata["place"]), texts(metadata["values"])
        action, values = str(view["callback_id"]), {**hidden, **filled_in(view.get("state"))}
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


def errors_beside(form: Form, view: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, beside the inputs of the modal that stands open; nothing where it has to be drawn anew."""
    standing = {block.get("block_id") for block in view.get("blocks", ()) if block.get("type") == "input"}
    asked = {each.name for each in form.inputs}
    return dict(form.errors) if standing == asked and form.errors.keys() <= standing else {}


def first_input(view: Mapping[str, Any]) -> str:
    """The name of a modal's first input, "" where it has none."""
    blocks = view.get("blocks", ())
    return next((str(block["block_id"]) for block in blocks if block.get("type") == "input"), "")


def _taps(message: Message) -> Sequence[Button]:
    """The buttons that a message's inputs travel with: its only scale's, else those in sight."""
    scales = [block for block in message.blocks if isinstance(block, Scale)]
    return scales[0].buttons if len(scales) == 1 else message.buttons


def _as_form(message: Message, taps: Sequence[Button]) -> Message:
    """The message with its taps as a choice, where the scale stood or at the end."""
    choices = tuple(Choice(packed(tap.action, tap.values, MENU_VALUE), tap.label) for tap in taps)
    picked: tuple[Part, ...] = (
        (Ask(Input(TAP, "Your answer", "choice", choices=choices)),) if len(taps) > 1 else ()
    )
    blocks: list[Part] = []
    for block in message.blocks:
        blocks += picked if isinstance(block, Scale) and block.buttons == taps else (block,)
    if message.buttons == taps:
        return replace(message, blocks=(*blocks, *picked), buttons=())
    return replace(message, blocks=tuple(blocks))


def _modal(
    name: str, blocks: list[Json], callback: str, values: Mapping[str, str], place: Place, submit: str
) -> Json:
    view = {
        "type": "modal",
        "title": plain(trim(name, TITLE)).to_dict(),
        "close": plain("Cancel" if submit else CLOSE).to_dict(),
        "callback_id": callback,
        "private_metadata": _metadata(values, place),
        "blocks": _fitting(blocks),
    }
    return {**view, "submit": plain(trim(submit, TITLE)).to_dict()} if submit else view


def _metadata(values: Mapping[str, str], place: Place) -> str:
    """What a modal carries unseen; what is too long for that is left out, and then asked for again."""
    kept = dict(values)
    while True:
        text = json.dumps({"values": kept, "place": pack(place)}, ensure_ascii=False, separators=(",", ":"))
        if len(text) <= METADATA or not kept:
            return text
        del kept[max(kept, key=lambda name: len(kept[name]))]


def _fitting(blocks: list[Json]) -> list[Json]:
    """As many blocks as Slack takes in one view, and a word where there are more."""
    fit, room = 0, CHARACTERS
    for block in blocks[:BLOCKS]:
        room -= len(json.dumps(block, ensure_ascii=False))
        fit += room >= 0
    if fit == len(blocks):
        return blocks
    return [*blocks[: min(fit, BLOCKS - 1)], *draw_block(CUT, count())]


def _beside(error: str) -> list[Json]:
    """What is wrong with an input, above it: Slack shows errors beneath only in answer to a sent modal."""
    if not error:
        return []
    words = kit.RichTextElementParts.Text(text=error, style=kit.RichTextElementParts.TextStyle(bold=True))
    return [kit.RichTextBlock(elements=[kit.RichTextSectionElement(elements=[words])]).to_dict()]
