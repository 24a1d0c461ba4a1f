"""How a row of the catalog becomes a form: its fields, its prompt's words, and what is known already."""

from __future__ import annotations

from collections.abc import Mapping

import prompts
from handlers.fields import Field
from handlers.messages import Choice, Form, Input
from handlers.rows import Opening, Row
from prompts import Reader, Said


def form_of(
    row: Row, opening: Opening, typed: Mapping[str, str], errors: Mapping[str, str], reader: Reader
) -> Form:
    """The row's form, filled with what was typed or is known, with what is wrong beside its field.

    An error of a field that is not shown stands beside the first one that is, so that it is read.
    """
    said = prompts.say(row.form, reader, **opening.facts)
    fields = opening.fields or row.fields
    shown = tuple(field for field in fields if field.shown)
    values = {**opening.known, **typed, **opening.resolved}
    names = {field.name for field in shown}
    beside = {name if name in names else shown[0].name: sentence for name, sentence in errors.items()}
    return Form(
        title=said.title,
        action=row.name,
        inputs=tuple(_input(field, said, opening, values.get(field.name, "")) for field in shown),
        submit=said.submit if "submit" in said else "Save",
        values={name: value for name, value in values.items() if name not in names},
        intro=opening.intro,
        errors=beside,
    )


def _input(field: Field, said: Said, opening: Opening, value: str) -> Input:
    label, hint = f"{field.name}_label", f"{field.name}_hint"  # a field called title has a title_label
    return Input(
        name=field.name,
        label=field.label or said(label if label in said else field.name),
        kind=field.kind,
        value=value,
        optional=field.optional,
        hint=said(hint) if hint in said else field.hint,
        choices=opening.choices.get(field.name) or _choices(field, said),
        limit=field.limit,
    )


def _choices(field: Field, said: Said) -> tuple[Choice, ...]:
    return tuple(Choice(value, said(f"{field.name}_{value}")) for value in field.choices)
