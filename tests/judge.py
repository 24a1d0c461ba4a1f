"""Holds what the bot hands to others against their own schemas: python -m tests.judge FOLDER.

Every card is judged that the samples, any way in of a planted company and hostile words are drawn as.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from jsonschema.validators import validator_for

from bot.slack.manifest import manifest
from handlers.messages import Reply
from storage.database import open_database
from storage.migrate import upgrade
from tests.bot.matrix import Stage, probes
from tests.bot.planted import plant
from tests.bot.rehearsal import Rehearsal
from tests.bot.teams.hostile import PLACES, form_of, hostile_text, message_of
from tests.bot.teams.judging import in_chat, in_dialog
from tests.bot.teams.samples import SAMPLES
from tests.bot.test_permissions import each_way_in

SLACK = "slack-manifest.schema.1.0.0.json"
CARDS = "adaptive-card-1.5.0.schema.json"
HOSTILE = 20


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every form of the manifest, with what it is called here."""
    for url, socket, oauth in product(("", "https://bot.example.com"), (False, True), (False, True)):
        if url or (socket and not oauth):
            ways = [way for way, wanted in (("socket", socket), ("oauth", oauth), ("http", not socket)) if wanted]
            yield (
                f"manifest ({', '.join(ways)}{', with an address' if url else ''})",
                manifest(url, socket=socket, oauth=oauth),
            )


def cards() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every card for Teams that is made here, with its name."""
    random = Random(1)  # noqa: S311 - a seed repeats it
    drawn = [[hostile_text(random) for _ in range(PLACES)] for _ in range(HOSTILE)]
    replies = [*SAMPLES.values(), *map(message_of, drawn), *map(form_of, drawn), *said()]
    for number, reply in enumerate(replies):
        for each in (*in_chat(reply), in_dialog(reply)):
            yield f"card {number} ({reply.title[:40]!r})", each


def said() -> list[Reply]:
    """What a planted company answers to each way in."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/planted.db"
        upgrade(url)
        return asyncio.run(_said(url))


async def _said(url: str) -> list[Reply]:
    team = (await plant(url))[0]
    rehearsal = Rehearsal(open_database(url))
    stage, envelope = Stage(rehearsal), team.envelope("lead", team.channel)
    replies = [await stage.ask(probe.request(envelope)) for probe in each_way_in(await probes(stage, team))]
    await rehearsal.close()
    return replies


def complaints(folder: Path) -> Iterator[str]:
    """What the schemas find wrong, a line each."""
    yield from _judged(folder / SLACK, manifests())
    yield from _judged(folder / CARDS, ((name, _without_known(card)) for name, card in cards()))


def _judged(schema: Path, made: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    known = json.loads(schema.read_text())
    judge = validator_for(known)(known)
    for name, each in made:
        for error in judge.iter_errors(each):
            yield f"{name}: {error.json_path}: {error.message[:300]}"


def _without_known(piece: Any) -> Any:
    """A card without what the schema refuses and Teams knows: a list that is searched by typing."""
    if isinstance(piece, list):
        return [_without_known(each) for each in piece]
    if not isinstance(piece, dict):
        return piece
    return {name: _without_known(each) for name, each in piece.items() if (name, each) != ("style", "filtered")}


def main(folder: Path) -> int:
    """Judge everything. Returns 1 where anything is wrong."""
    found = list(complaints(folder))
    sys.stdout.write("\n".join([*found, f"{len(found)} complaints by the schemas in {folder.name}", ""]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
