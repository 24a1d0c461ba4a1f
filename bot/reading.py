"""From a request to the row of the catalog that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

import prompts
from handlers.fields import clean
from handlers.messages import Button, Message, Text
from handlers.rows import Catalog, Command, Row
from prompts import Reader
from storage.arrivals import Envelope

LONGEST_VERB = 3
NEAR_ENOUGH = 62
SHOWN_OF_A_TYPO = 40
CARRIED_BY_A_BUTTON = 500


@dataclass(frozen=True, slots=True)
class Request:
    """One thing a verified person did. `key` is the delivery's own: the same key again is a repeat.

    `words`: `name` is what they typed after the bot's name. `tap` and `form`: `name` is the action of the
    button or form, `values` what it carries and what was filled in. An answer that `posts` becomes a
    message of its own, so that a repeat of the delivery must not be answered twice, whatever the row.
    """

    envelope: Envelope
    key: str
    kind: Literal["words", "tap", "form"]
    name: str
    values: Mapping[str, str]
    posts: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read: the row it is for and what was typed for its fields."""

    request: Request
    row: Row
    typed: Mapping[str, str]


def read(request: Request, catalog: Catalog) -> Asked | None:
    """The row a request is for; None where there is no such row."""
    if request.kind == "words":
        return _read_words(request, clean(request.name).split(), catalog)
    row = catalog.entries.get(request.name)
    if row is None:
        return None
    return Asked(request, row, {name: clean(value) for name, value in request.values.items()})


def _read_words(request: Request, words: list[str], catalog: Catalog) -> Asked | None:
    if not words:
        return Asked(request, catalog.verbs["help"], {})
    for length in range(min(LONGEST_VERB, len(words)), 0, -1):
        command = catalog.verbs.get("-".join(words[:length]).casefold().strip("/!?.,"))
        if command:
            rest = clean(request.name).split(maxsplit=length)[length:]
            return Asked(request, command, _typed(command, rest[0].strip() if rest else ""))
    return None


def _typed(command: Command, rest: str) -> Mapping[str, str]:
    if command.read:
        return command.read(rest)
    first = next((field.name for field in command.fields if field.shown), None)
    return {first: rest} if first and rest else {}


def unknown(request: Request, catalog: Catalog, reader: Reader) -> Message:
    """The answer to a verb or button that no row knows, with the nearest verbs as a way on."""
    if request.kind != "words":
        said = prompts.say("trouble/old_button", reader)
        return Message(said.title, (Text(said.body),), (Button(said.help, "help"),))
    verb, _, rest = clean(request.name).strip().partition(" ")
    near = process.extract(
        verb.casefold(), list(catalog.verbs), scorer=fuzz.ratio, limit=3, score_cutoff=NEAR_ENOUGH
    )
    commands = list(dict.fromkeys(catalog.verbs[name] for name, _, _ in near))[:2]
    said = prompts.say("trouble/unknown_verb", reader, verb=verb[:SHOWN_OF_A_TYPO], near=commands)
    rest = rest if len(rest) <= CARRIED_BY_A_BUTTON else ""  # more stays where it was typed
    buttons = [Button(f"{c.name} {rest}".strip(), c.name, dict(_typed(c, rest.strip()))) for c in commands]
    return Message(said.title, (Text(said.body),), (*buttons, Button(said.all, "help", {"what": "all"})))
