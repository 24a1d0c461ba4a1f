"""The drain: sends what was promised, through the port, and settles what became of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.nudges.port import NotSent, Recipient, Refused, Sender
from handlers.messages import MESSAGE
from storage.database import Database
from storage.outbox import Parcel, claim, give_up, is_waiting, postpone, settle

BATCH = 20
LEASE = timedelta(seconds=60)
RETRY = timedelta(seconds=30)
# A time-out of our own: shorter than the lease, so that nobody else takes over while we may still send.
SEND_DEADLINE_S = 10

log = structlog.get_logger()


class Drain:
    """Sends what is due to be sent, in the order it was promised. `senders` are by platform."""

    def __init__(self, database: Database, clock: Clock, senders: Mapping[str, Sender]) -> None:
        self._database = database
        self._clock = clock
        self._senders = senders
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self) -> int:
        """Send all that is due now. Returns how many messages were tried."""
        tried = 0
        async with self._one_at_a_time:
            while parcels := await self._claim():
                for parcel, token in parcels:
                    await self._send(parcel, token)
                tried += len(parcels)
        return tried

    async def _claim(self) -> list[tuple[Parcel, str]]:
        async with self._database.reading() as connection:
            if not await is_waiting(connection, self._clock.now()):
                return []
        token = secrets.token_hex(8)
        async with self._database.unit_of_work() as connection:
            parcels = await claim(connection, token, self._clock.now(), LEASE, BATCH)
        return [(parcel, token) for parcel in parcels]

    async def _send(self, parcel: Parcel, token: str) -> None:
        now = self._clock.now()
        recipient = Recipient(parcel.workspace, parcel.person, parcel.channel, parcel.thread, parcel.address)
        try:
            async with asyncio.timeout(SEND_DEADLINE_S):
                message = MESSAGE.validate_json(parcel.body)
                address = await self._senders[parcel.platform].send(recipient, message)
        except NotSent as passing:
            async with self._database.unit_of_work() as connection:
                until = passing.retry_at or now + RETRY
                await postpone(connection, parcel, token, until, str(passing))
        except Refused as final:
            async with self._database.unit_of_work() as connection:
                await give_up(connection, parcel, token, "dead", str(final))
        except Exception as problem:  # noqa: BLE001 - whatever it was, it may have arrived
            await self._unknown(parcel, token, problem)
        else:
            async with self._database.unit_of_work() as connection:
                await settle(connection, parcel, token, now, address)

    async def _unknown(self, parcel: Parcel, token: str, problem: Exception) -> None:
        """It may have arrived. To a person it is never sent twice; to a channel it is tried again."""
        log.error("delivery unknown", parcel=parcel.id, kind=type(problem).__name__)
        async with self._database.unit_of_work() as connection:
            if parcel.person:
                await give_up(connection, parcel, token, "unknown", type(problem).__name__)
            else:
                until = self._clock.now() + RETRY
                await postpone(connection, parcel, token, until, type(problem).__name__)
