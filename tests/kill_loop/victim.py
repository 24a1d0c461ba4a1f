"""A process of the bot that kills itself at a named place, the n-th time it passes it; started with arguments.

`python -m tests.kill_loop.victim serve drain.sent 3`: by its settings like any other, but with short leases.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

from bot import logs
from bot.__main__ import run
from bot.app import build
from bot.settings import load

LEASE_S, SEND_S = 3.0, 1.5
ROLES = {"serve": (True, True), "web": (True, False), "worker": (False, True)}


def crash_at(wanted: str, times: int) -> Callable[[str], None]:
    """Ends this process at once, as a power cut would, when it passes a place for the n-th time."""
    left = times

    def crash(point: str) -> None:
        nonlocal left
        if point == wanted:
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return crash


def main(role: str, point: str, times: int) -> None:
    """Run until killed or told to end."""
    logs.configure()
    listens, works = ROLES[role]
    builds = partial(build, lease_s=LEASE_S, send_s=SEND_S, crash=crash_at(point, times))
    asyncio.run(run(load(), listens=listens, works=works, builds=builds))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
