"""What a piece of a card may look like: small checks that are put together, and what they find wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.teams.markup import Trace

Json = dict[str, Any]


@dataclass
class Findings:
    """What is wrong with a card, and what was seen on the way.

    `surface` is where it is to stand: a `message` or a `dialog`. `allowed` are what addresses may begin with.
    """

    surface: str = "message"
    allowed: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    traces: list[Trace] = field(default_factory=list)

    def add(self, problem: str, path: str) -> None:
        """Something is wrong at a path into the card."""
        self.problems.append(f"{path}: {problem}")


Check = Callable[[Any, str, Findings], None]


def text(value: Any, path: str, found: Findings) -> None:
    """Any text."""
    if not isinstance(value, str):
        found.add("is not a string", path)


def words(value: Any, path: str, found: Findings) -> None:
    """Text that says something."""
    text(value, path, found)
    if value == "":
        found.add("is empty", path)


def pattern(regex: str) -> Check:
    """Text of one form."""

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, str) or not re.fullmatch(regex, value):
            found.add(f"{value!r} is not of the form {regex}", path)

    return check


def flag(value: Any, path: str, found: Findings) -> None:
    """True or false."""
    if not isinstance(value, bool):
        found.add("is not true or false", path)


def number(value: Any, path: str, found: Findings) -> None:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        found.add("is not a number", path)


def one_of(*values: str) -> Check:
    """One of a few words, in any case."""

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, str) or value.lower() not in {each.lower() for each in values}:
            found.add(f"{value!r} is none of {', '.join(values)}", path)

    return check


def array(item: Check, *, least: int = 0, most: int | None = None) -> Check:
    """A list of so many."""

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, list):
            found.add("is not a list", path)
            return
        if len(value) < least or (most is not None and len(value) > most):
            found.add(f"has {len(value)} entries", path)
        for index, each in enumerate(value):
            item(each, f"{path}[{index}]", found)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and no others; `type` is known already."""
    known = {**required, **(optional or {})}

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, dict):
            found.add("is not an object", path)
            return
        for name in required:
            if name not in value:
                found.add(f"{name} is missing", path)
        for name, each in value.items():
            if name in known:
                known[name](each, f"{path}.{name}", found)
            elif name != "type":
                found.add(f"{name} is not known", path)

    return check


def by_type(kinds: Mapping[str, Check], what: str) -> Check:
    """An object whose `type` says which check it must pass."""

    def check(value: Any, path: str, found: Findings) -> None:
        kind = str(value.get("type")) if isinstance(value, dict) else ""
        if kind not in kinds:
            found.add(f"{kind!r} is no {what}", path)
        else:
            kinds[kind](value, path, found)

    return check


def either(first: Check, second: Check) -> Check:
    """Text by the first check, anything else by the second."""

    def check(value: Any, path: str, found: Findings) -> None:
        (first if isinstance(value, str) else second)(value, path, found)

    return check


def every(*checks: Check) -> Check:
    """All of these."""

    def check(value: Any, path: str, found: Findings) -> None:
        for each in checks:
            each(value, path, found)

    return check


def anything(value: Any, path: str, found: Findings) -> None:
    """Whatever it is."""
