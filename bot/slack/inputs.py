"""Inputs as Slack draws them, on a card or in a modal, and their values on the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models import blocks as kit

from bot.slack.text import is_seen, pieces, plain, trim
from handlers.messages import Choice, Input

Json = dict[str, Any]

# Slack's limits, in characters unless said otherwise.
LABEL, HINT = 2_000, 2_000
WRITTEN = 3_000
OPTION = 75
OPTION_VALUE = 150
OPTIONS = 100  # in a menu, or in a group of one
GROUPS = 100


def draw_input(asked: Input, prefix: str = "") -> list[Json]:
    """One input, and beneath it what was typed and is more than fits in. `prefix` makes its action its own."""
    action, rest = f"{prefix}{asked.name}", ""
    if asked.choices and all(len(choice.value) <= OPTION_VALUE for choice in asked.choices):
        element: Any = _menu(asked, action)
    else:
        element, rest = _written(asked, action), asked.value[WRITTEN:]
    drawn = kit.InputBlock(
        label=plain(trim(asked.label, LABEL)),
        hint=plain(trim(asked.hint, HINT)) if is_seen(asked.hint) else None,
        element=element,
        block_id=asked.name,
        optional=asked.optional,
    )
    return [drawn.to_dict(), *_left_over(rest)]


def filled_in(state: object) -> dict[str, str]:
    """The values of a card's or modal's inputs by name, as Slack sends its `state`; nothing filled in is ""."""
    found: dict[str, str] = {}
    blocks = state.get("values") if isinstance(state, Mapping) else None
    for name, elements in (blocks or {}).items():
        for element in elements.values():
            found[name] = _value(element)
    return found


def _value(element: Mapping[str, Any]) -> str:
    if picked := element.get("selected_options"):
        return ",".join(option["value"] for option in picked)
    if option := element.get("selected_option"):
        return str(option["value"])
    return str(element.get("value") or "")


def _written(asked: Input, action: str) -> kit.PlainTextInputElement:
    # What is longer than it may be stays as it was typed, and is refused in a sentence when it is sent.
    longest = min(WRITTEN, max(asked.limit, len(asked.value)))
    return kit.PlainTextInputElement(
        action_id=action,
        multiline=asked.kind == "text",
        initial_value=asked.value[:WRITTEN] or None,
        max_length=longest,
    )


def _left_over(text: str) -> list[Json]:
    """What was typed and does not fit into Slack's field: shown, so that it can be copied."""
    quotes = (
        kit.RichTextQuoteElement(elements=[kit.RichTextElementParts.Text(text=p)]) for p in pieces(text, WRITTEN)
    )
    return [kit.RichTextBlock(elements=[quote]).to_dict() for quote in quotes] if text else []


def _menu(asked: Input, action: str) -> Any:
    options = _unique(asked.choices)
    picked = set(asked.value.split(",") if asked.kind == "many" else [asked.value])
    initial = [_option(choice) for choice in options if choice.value in picked]
    listed: dict[str, Any] = {"action_id": action}
    if len(options) <= OPTIONS:
        listed["options"] = [_option(choice) for choice in options]
    else:
        listed["option_groups"] = _groups(options)
    if asked.kind == "many":
        return kit.StaticMultiSelectElement(**listed, initial_options=initial or None)
    return kit.StaticSelectElement(**listed, initial_option=initial[0] if initial else None)


def _option(choice: Choice) -> kit.Option:
    return kit.Option(text=plain(trim(choice.label or choice.value, OPTION)), value=choice.value)


def _unique(choices: Sequence[Choice]) -> list[Choice]:
    """The choices Slack can take: each value once, and no more than ten thousand."""
    return list({choice.value: choice for choice in choices}.values())[: OPTIONS * GROUPS]


def _groups(choices: Sequence[Choice]) -> list[kit.OptionGroup]:
    """A long list in groups, each called by its first and its last, so that people find theirs."""
    groups = [choices[start : start + OPTIONS] for start in range(0, len(choices), OPTIONS)]
    return [
        kit.OptionGroup(label=_group_label(group), options=[_option(choice) for choice in group])
        for group in groups
    ]


def _group_label(group: Sequence[Choice]) -> Any:
    half = OPTION // 2 - 2
    return plain(f"{trim(group[0].label, half)} – {trim(group[-1].label, half)}")
