"""A SQLite database that stands still: nobody reads or writes, as where its disk hangs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Whoever reads or writes takes one of these five locks first: WAL_READ_LOCK(0) to (4), at their bytes of the
# index of SQLite's journal (https://sqlite.org/walformat.html#wal_locks). A process of its own holds them: a
# process's locks keep out others only. Whoever waits looks again every tenth of a second, for ten seconds.
HOLD = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    fcntl.lockf(index, fcntl.LOCK_EX, 5, 123)
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def standing_still(url: str) -> Iterator[None]:
    """Let the database stand still, until this ends."""
    index = f"{url.removeprefix('sqlite:///')}-shm"
    holder = subprocess.Popen(
        [sys.executable, "-S", "-c", HOLD, index], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        yield
