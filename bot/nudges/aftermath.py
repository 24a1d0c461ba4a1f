"""What follows when a message cannot be delivered: whoever can mend it is told, once."""

from __future__ import annotations

from datetime import datetime

from handlers import undelivered
from handlers.context import show_leads
from handlers.messages import MESSAGE
from storage import Store
from storage.database import Connection
from storage.delivery import ARCHIVED, SHARED, Parcel
from storage.directory import halted_among
from storage.settling import Outcome


async def tell(connection: Connection, outcome: Outcome, now: datetime) -> None:
    """What a whole channel was to read its team's leads get instead; what the platform refused, admins hear of.

    What somebody was just answered comes as a new message, where the card that was to show it cannot be changed.
    """
    store, parcel = Store(connection, outcome.parcel.workspace_id), outcome.parcel
    is_new = parcel.address is None and parcel.thread is None
    if parcel.channel and is_new and (outcome.refused or parcel.astray in (ARCHIVED, SHARED)):
        await _show_leads(store, parcel, now, refused=outcome.refused)
    elif outcome.refused and parcel.person and not parcel.key.startswith(undelivered.KEY):
        if await halted_among(connection, {parcel.workspace_id}):
            return  # nobody there can be told
        if parcel.address is None:
            await undelivered.tell_admins(store, parcel.person, now)
        else:
            await _show_anew(store, parcel, parcel.person, now)


async def _show_anew(store: Store, parcel: Parcel, external_id: str, now: datetime) -> None:
    person = await store.directory.person_called(external_id)
    if person and await store.outbox.has_answered(person.id, parcel.body):
        await store.outbox.put(parcel.key, parcel.body, now, person_id=person.id, address="")


async def _show_leads(store: Store, parcel: Parcel, now: datetime, *, refused: bool) -> None:
    channel = await store.directory.channel_called(parcel.channel or "")
    team = await store.teams.of_channel(channel.id) if channel else None
    if team:
        message = MESSAGE.validate_json(parcel.body)
        await show_leads(store, team, parcel.key, message, now, refused=refused)
