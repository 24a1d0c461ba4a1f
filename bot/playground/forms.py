"""From a form to a dialog of the page, and back to the values that were filled in."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.playground.render import Json, draw
from handlers.messages import Form


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form was opened: the place, and the message whose card its answer takes the place of."""

    place: str
    message: str | None = None
    thread: str | None = None


class BadForm(ValueError):
    """This form is not one that the playground opened. Close it and open it again."""


def to_dialog(form: Form, origin: Origin) -> Json:
    """A form as a dialog. Its id carries where it was opened, so that it outlives a restart."""
    dialog = asdict(form)
    dialog["intro"] = [draw(block) for block in form.intro]
    packed = json.dumps(asdict(origin)).encode()
    return {"form": dialog, "form_id": f"{form.action}|{base64.urlsafe_b64encode(packed).decode()}"}


def to_values(body: Mapping[str, Any]) -> tuple[str, Origin, dict[str, str]]:
    """The action, origin and values of a dialog sent. Raises BadForm for one that is none of ours."""
    action, _, packed = str(body.get("form_id", "")).partition("|")
    try:
        origin = Origin(**json.loads(base64.urlsafe_b64decode(packed)))
    except (binascii.Error, ValueError, TypeError) as wrong:
        raise BadForm(BadForm.__doc__) from wrong
    return action, origin, {**texts(body.get("values")), **texts(body.get("inputs"))}


def texts(values: object) -> dict[str, str]:
    """Names and texts from what the page sent; anything else is left out."""
    if not isinstance(values, dict):
        return {}
    return {str(name): value for name, value in values.items() if isinstance(value, str)}
