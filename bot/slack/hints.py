"""What Slack's events hint at: each says where to look, and what is found there is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.slack import profiles
from bot.slack.lookups import Lookups
from bot.slack.register import Register
from handlers import people
from storage.directory import Role

Event = Mapping[str, Any]
Hint = Callable[[Register, Lookups, Event], Awaitable[None]]


async def person(register: Register, lookups: Lookups, event: Event) -> None:
    """Somebody joined, or something about them changed: mostly their status, which is none of ours."""
    told = event.get("user")
    if not isinstance(told, Mapping) or not _id(told):
        return
    hinted = profiles.person(told, lookups.install)
    known, _ = await register.known(lookups.install, hinted.external_id, "")
    if known is None and hinted.role is Role.OUTSIDER:
        return
    if known is None or not people.is_as_told(known, hinted):
        await register.person(lookups, hinted.external_id)


async def member(register: Register, lookups: Lookups, event: Event) -> None:
    """Somebody came into a channel or left it; the bot itself, perhaps, and then the channel is a new one."""
    channel, who = _id(event.get("channel")), _id(event.get("user"))
    if not channel or not who:
        return
    person_known, channel_known = await register.known(lookups.install, who, channel)
    if channel_known is None:
        if who == lookups.install.bot:
            await register.new_channel(lookups, channel)
        return
    if person_known is None or event.get("type") == "member_left_channel":
        await register.person(lookups, who)  # whose account has ended is out of every channel, and left no team
    await register.channel_with_members(lookups, channel)


async def channel(register: Register, lookups: Lookups, event: Event) -> None:
    """A channel was renamed, archived, deleted, shared or closed to the bot."""
    external_id = _id(event.get("channel"))
    if external_id and await _is_known(register, lookups, external_id):
        await register.channel(lookups, external_id)


async def shared(register: Register, lookups: Lookups, event: Event) -> None:
    """Something happened in a channel that others read: the event that told of them may never have come."""
    external_id = _id(event.get("channel"))
    _, known = await register.known(lookups.install, "", external_id)
    if known and not known.is_shared:
        await register.channel(lookups, external_id)


async def opened(register: Register, lookups: Lookups, event: Event) -> None:
    """A channel goes on, perhaps with other people in it."""
    external_id = _id(event.get("channel"))
    if external_id and await _is_known(register, lookups, external_id):
        await register.channel_with_members(lookups, external_id)


async def renumbered(register: Register, lookups: Lookups, event: Event) -> None:
    """A channel has another id now; it is believed once Slack knows the new one."""
    old, new = _id(event.get("old_channel_id")), _id(event.get("new_channel_id"))
    if old and new and old != new and await _is_known(register, lookups, old):
        told = await lookups.channel(new)
        await register.write(lookups.install, lambda store: people.renumber_channel(store, old, told.external_id))
        await register.channel(lookups, told.external_id)


# The events there are to subscribe to; being made private is a message that only a channel's history has.
HINTS: Mapping[str, Hint] = {
    "team_join": person,
    "user_change": person,
    "member_joined_channel": member,
    "member_left_channel": member,
    "channel_rename": channel,
    "channel_archive": channel,
    "channel_unarchive": opened,
    "channel_deleted": channel,
    "channel_left": channel,
    "channel_shared": channel,
    "channel_unshared": channel,
    "channel_id_changed": renumbered,
    "group_rename": channel,
    "group_archive": channel,
    "group_unarchive": opened,
    "group_deleted": channel,
    "group_left": channel,
}


async def _is_known(register: Register, lookups: Lookups, channel: str) -> bool:
    _, known = await register.known(lookups.install, "", channel)
    return known is not None


def _id(told: object) -> str:
    """The id in an event, which has either that alone or the whole object."""
    found = told.get("id") if isinstance(told, Mapping) else told
    return found if isinstance(found, str) else ""
