"""What a piece of Block Kit may look like: small checks that are put together, and what they find wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Findings:
    """What is wrong with a message or a view, and what was seen on the way."""

    surface: str
    problems: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    focused: int = 0
    characters: int = 0

    def add(self, problem: str, path: str) -> None:
        """Something is wrong at a JSON pointer, in the words Slack answers with."""
        self.problems.append(f"{problem} [json-pointer:{path}]")


Check = Callable[[Any, str, Findings], None]


def string(most: int, least: int = 1, *, pattern: str = "") -> Check:
    """Text of so many characters."""

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, str):
            found.add("must provide a string", path)
        elif len(value) > most:
            found.add(f"must be less than {most + 1} characters", path)
        elif len(value) < least:
            found.add(f"must be more than {least - 1} characters", path)
        elif pattern and not re.fullmatch(pattern, value):
            found.add("failed to match the required pattern", path)

    return check


def flag(value: Any, path: str, found: Findings) -> None:
    """True or false."""
    if not isinstance(value, bool):
        found.add("must provide a boolean", path)


def integer(least: int, most: int) -> Check:
    """A whole number in a range."""

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            found.add("must provide a number", path)
        elif not least <= value <= most:
            found.add(f"must be between {least} and {most}", path)

    return check


def one_of(*values: str) -> Check:
    """One of a few words."""

    def check(value: Any, path: str, found: Findings) -> None:
        if value not in values:
            found.add("must be a valid enum value", path)

    return check


def array(item: Check, most: int, least: int = 1) -> Check:
    """A list of so many."""

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, list):
            found.add("must provide an array", path)
            return
        if len(value) > most:
            found.add(f"no more than {most} items allowed", path)
        if len(value) < least:
            found.add(f"no fewer than {least} items allowed", path)
        for index, each in enumerate(value):
            item(each, f"{path}/{index}", found)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, dict):
            found.add("must provide an object", path)
            return
        for name in required:
            if name not in value:
                found.add(f"missing required field: {name}", path)
        for name, each in value.items():
            if name in known:
                known[name](each, f"{path}/{name}", found)
            elif name != "type":
                found.add(f"invalid additional property: {name}", path)

    return check


def by_type(kinds: Mapping[str, Check], what: str) -> Check:
    """An object whose `type` says which check it must pass."""

    def check(value: Any, path: str, found: Findings) -> None:
        if not isinstance(value, dict):
            found.add("must provide an object", path)
        elif value.get("type") not in kinds:
            found.add(f"unsupported {what}: {value.get('type')}", f"{path}/type")
        else:
            kinds[value["type"]](value, path, found)

    return check


def every(*checks: Check) -> Check:
    """All of these."""

    def check(value: Any, path: str, found: Findings) -> None:
        for each in checks:
            each(value, path, found)

    return check


def anything(value: Any, path: str, found: Findings) -> None:
    """Whatever it is."""
