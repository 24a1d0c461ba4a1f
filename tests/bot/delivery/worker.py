"""A worker in a process of its own, for tests that kill or stop it; what it sends is a line in a file each."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import datetime, timedelta

from bot.clock import SystemClock
from bot.nudges.drain import Drain
from bot.nudges.port import Address, Recipient
from handlers.messages import Message
from storage.database import open_database


class OffClock(SystemClock):
    """The machine's clock, so many seconds off."""

    def __init__(self, seconds: float) -> None:
        self._off = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The instant, as a machine whose clock is wrong has it."""
        return super().now() + self._off


class Ledger:
    """A chat service that takes a while, and writes each message it took into a file."""

    def __init__(self, path: str, takes_s: float) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._takes_s = takes_s

    async def send(self, recipient: Recipient, message: Message) -> Address:
        os.write(self._file, f"{recipient.workspace}:{recipient.person or recipient.channel}\n".encode())
        await asyncio.sleep(self._takes_s)
        return {"at": 1}


async def work(url: str, path: str, off_s: float, lease_s: float, takes_s: float) -> None:
    """Send until killed."""
    drain = Drain(
        open_database(url), OffClock(off_s), {"test": Ledger(path, takes_s)}, lease_s=lease_s, send_s=lease_s / 3
    )
    await drain.run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], *(float(each) for each in sys.argv[3:6])))
