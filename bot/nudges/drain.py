"""The drain: sends what was promised, through the port, and settles what became of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.nudges.port import NotSent, Recipient, Refused, Sender
from bot.observer import NOBODY, Observer
from handlers.context import show_leads
from handlers.messages import MESSAGE
from storage import Store
from storage.database import Connection, Database
from storage.outbox import ARCHIVED, SHARED, Parcel, claim, give_back, give_up, is_waiting, postpone, settle

BATCH = 10
RETRY = timedelta(seconds=30)
SEND_DEADLINE_S = 10
# Long enough for the whole batch, one after another, so that nobody takes over what may still be sent.
LEASE = timedelta(seconds=(BATCH + 2) * SEND_DEADLINE_S)

log = structlog.get_logger()


class Drain:
    """Sends what is due to be sent, in the order it was promised. `senders` are by platform.

    Messages of a platform without a sender here stay due, for a process that has one.
    """

    def __init__(
        self, database: Database, clock: Clock, senders: Mapping[str, Sender], observer: Observer = NOBODY
    ) -> None:
        self._observer = observer
        self._database = database
        self._clock = clock
        self._senders = senders
        self._one_at_a_time = asyncio.Lock()
        self._stopping = False

    async def __call__(self) -> int:
        """Send all that is due now. Returns how many messages were tried."""
        tried = 0
        async with self._one_at_a_time:
            while not self._stopping and (parcels := await self._claim()):
                tried += await self._send_each(parcels)
        return tried

    def stop(self) -> None:
        """Begin to send nothing more; what was claimed and not begun goes back at once."""
        self._stopping = True

    async def _send_each(self, parcels: Sequence[tuple[Parcel, str]]) -> int:
        """Send these, one after the other, until told to stop. Returns how many were tried."""
        tried = 0
        try:
            for parcel, token in parcels:
                if self._stopping:
                    break
                tried += 1
                await self._send(parcel, token)
        finally:
            await self._give_back(parcels[tried:])
        return tried

    async def _give_back(self, parcels: Sequence[tuple[Parcel, str]]) -> None:
        if parcels:
            ids, token = [parcel.id for parcel, _ in parcels], parcels[0][1]
            await self._database.write(lambda connection: give_back(connection, ids, token))

    async def _claim(self) -> list[tuple[Parcel, str]]:
        now = self._clock.now()
        if not await self._database.read(lambda connection: is_waiting(connection, now, self._senders)):
            return []
        token = secrets.token_hex(8)
        parcels = await self._database.write(
            lambda connection: claim(connection, token, now, LEASE, BATCH, self._senders)
        )
        return [(parcel, token) for parcel in parcels]

    async def _send(self, parcel: Parcel, token: str) -> None:
        if parcel.astray:
            await self._hold_back(parcel, token)
            return
        now = self._clock.now()
        recipient = Recipient(parcel.workspace, parcel.person, parcel.channel, parcel.thread, parcel.address)
        try:
            async with asyncio.timeout(SEND_DEADLINE_S):
                message = MESSAGE.validate_json(parcel.body)
                address = await self._senders[parcel.platform].send(recipient, message)
        except asyncio.CancelledError:  # this process ends while it is being sent
            await self._unknown(parcel, token, "CancelledError")
            raise
        except NotSent as passing:
            if passing.retry_at:
                self._observer.told_to_wait(parcel.platform)
            self._tell(parcel, "retried")
            await self._postpone(parcel, token, passing.retry_at or now + RETRY, str(passing))
        except Refused as final:
            await self._refused(parcel, token, str(final))
        except Exception as problem:  # noqa: BLE001 - whatever it was, it may have arrived
            await self._unknown(parcel, token, type(problem).__name__)
        else:
            self._tell(parcel, "sent")
            await self._database.write(lambda connection: settle(connection, parcel, token, now, address))

    def _tell(self, parcel: Parcel, outcome: str) -> None:
        kind = "personal" if parcel.person else "channel"
        self._observer.delivered(parcel.platform, kind, outcome)

    async def _refused(self, parcel: Parcel, token: str, error: str) -> None:
        """The platform will not take it. What a whole channel was to read, its team's leads get instead."""
        log.warning("delivery refused", parcel=parcel.id, reason=error)
        self._tell(parcel, "dead")

        async def work(connection: Connection) -> None:
            await give_up(connection, parcel, token, "dead", error)
            if parcel.channel and parcel.address is None and parcel.thread is None:
                await self._show_leads(Store(connection, parcel.workspace_id), parcel, refused=True)

        await self._database.write(work)

    async def _hold_back(self, parcel: Parcel, token: str) -> None:
        """It was promised before its channel was archived or others came to read it, or its person left."""
        log.warning("delivery held back", parcel=parcel.id, reason=parcel.astray)
        self._tell(parcel, "dead")

        async def work(connection: Connection) -> None:
            await give_up(connection, parcel, token, "dead", parcel.astray)
            is_new = parcel.address is None and parcel.thread is None
            if is_new and parcel.astray in (ARCHIVED, SHARED):
                await self._show_leads(Store(connection, parcel.workspace_id), parcel)

        await self._database.write(work)

    async def _show_leads(self, store: Store, parcel: Parcel, *, refused: bool = False) -> None:
        channel = await store.directory.channel_called(parcel.channel or "")
        team = await store.teams.of_channel(channel.id) if channel else None
        if team:
            message = MESSAGE.validate_json(parcel.body)
            await show_leads(store, team, parcel.key, message, self._clock.now(), refused=refused)

    async def _unknown(self, parcel: Parcel, token: str, kind: str) -> None:
        """It may have arrived. To a person it is never sent twice; to a channel it is tried again."""
        log.error("delivery unknown", parcel=parcel.id, kind=kind)
        self._tell(parcel, "unknown")
        if parcel.person:
            await self._give_up(parcel, token, "unknown", kind)
        else:
            await self._postpone(parcel, token, self._clock.now() + RETRY, kind)

    async def _postpone(self, parcel: Parcel, token: str, until: datetime, error: str) -> None:
        await self._database.write(lambda connection: postpone(connection, parcel, token, until, error))

    async def _give_up(self, parcel: Parcel, token: str, state: str, error: str) -> None:
        await self._database.write(lambda connection: give_up(connection, parcel, token, state, error))
