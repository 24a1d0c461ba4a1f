"""Somebody whom the chat service lets the bot write to no more: admins hear of it, once."""

from __future__ import annotations

from datetime import datetime

import prompts
from handlers.messages import REPLY, Message, Text
from prompts import Reader
from storage import Store
from storage.directory import Role

KEY = "undelivered:"


async def tell_admins(store: Store, external_id: str, now: datetime) -> None:
    """Tell each admin that a person (by the chat service's id) cannot be written to. Once for each person."""
    person = await store.directory.person_called(external_id)
    if person is None:
        return
    for admin in await store.directory.everyone():
        if admin.role is Role.ADMIN and admin.is_askable and admin.id != person.id:
            said = prompts.say("trouble/undelivered", Reader(admin.locale, admin.zone, now), name=person.name)
            body = REPLY.dump_json(Message(said.title, (Text(said.body),))).decode()
            await store.outbox.put_once(f"{KEY}{person.id}:{admin.id}", body, now, person_id=admin.id)
