"""Holds what the bot hands to others against their own schemas: python -m tests.judge FOLDER."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from jsonschema.validators import validator_for

from bot.slack.manifest import manifest

SLACK = "slack-manifest.schema.1.0.0.json"


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every form of the manifest, with what it is called here."""
    for url, socket, oauth in product(("", "https://bot.example.com"), (False, True), (False, True)):
        if url or (socket and not oauth):
            ways = [way for way, wanted in (("socket", socket), ("oauth", oauth), ("http", not socket)) if wanted]
            yield (
                f"manifest ({', '.join(ways)}{', with an address' if url else ''})",
                manifest(url, socket=socket, oauth=oauth),
            )


def complaints(folder: Path) -> Iterator[str]:
    """What the schemas find wrong, a line each."""
    schema = json.loads((folder / SLACK).read_text())
    judge = validator_for(schema)(schema)
    for name, made in manifests():
        for error in judge.iter_errors(made):
            yield f"{name}: {error.json_path}: {error.message}"


def main(folder: Path) -> int:
    """Judge everything. Returns 1 where anything is wrong."""
    found = list(complaints(folder))
    sys.stdout.write("\n".join([*found, f"{len(found)} complaints by the schemas in {folder.name}", ""]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
