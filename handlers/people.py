"""Who is there, as a chat service tells it: what becomes of people, channels and memberships."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from handlers import members, schedules
from storage import Store
from storage.directory import Channel, Person, Role

SOMEWHERE, SOME_LANGUAGE = "UTC", "en_GB"


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as the chat service tells of them. `zone` and `locale` are "" where it tells of none."""

    external_id: str
    name: str
    does: str
    zone: str
    locale: str
    role: Role
    is_bot: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class ChannelProfile:
    """A channel as the chat service tells of it."""

    external_id: str
    name: str
    is_private: bool
    is_shared: bool
    is_archived: bool


async def keep(store: Store, profiles: Iterable[Profile], now: datetime) -> int:
    """Add these people, or bring them up to date. Returns how many were new or had changed.

    Whoever moved to another zone is asked there from now on. For whoever may not be asked any more nobody
    waits; they keep their place in their teams, should they come back.
    """
    told = {profile.external_id: profile for profile in profiles}
    known = await store.directory.called(told)
    changed = 0
    for external_id, profile in told.items():
        before = known.get(external_id)
        if before and is_as_told(before, profile):
            continue
        after = _merged(profile, before)
        changed += 1
        await store.directory.keep_person(external_id, now, **after)
        if before:
            await _follow(store, before, after, now)
    return changed


def is_as_told(person: Person, profile: Profile) -> bool:
    """Whether a chat service tells nothing new of a person."""
    return all(getattr(person, name) == value for name, value in _merged(profile, person).items())


def _merged(profile: Profile, before: Person | None) -> dict[str, object]:
    """What is kept of a person: what the chat service is silent about stays as it was."""
    told = asdict(profile)
    del told["external_id"]
    return {
        **told,
        "zone": profile.zone or (before.zone if before else SOMEWHERE),
        "locale": profile.locale or (before.locale if before else SOME_LANGUAGE),
        "role": _role(profile.role, before),
    }


def _role(told: Role, before: Person | None) -> Role:
    """The chat service says who is an admin, a guest or an outsider; who leads is not its to take away."""
    return Role.LEAD if told is Role.MEMBER and before and before.role is Role.LEAD else told


async def _follow(store: Store, before: Person, after: Mapping[str, object], now: datetime) -> None:
    if after["zone"] != before.zone:
        await schedules.move(store, before, str(after["zone"]), now)
    present = await store.directory.person(before.id)
    if before.is_askable and present and not present.is_askable:
        await _excuse(store, present)


async def _excuse(store: Store, person: Person) -> None:
    """Wait for nothing from somebody any more, in any of their teams."""
    for team in await store.teams.of_person(person.id):
        await store.retros.excuse(person.id, team.id)


async def retire(store: Store, present: Collection[str], asked_at: datetime) -> int:
    """Ask nothing more of whoever is not among these (chat service ids), the whole list when it was `asked_at`.

    Returns how many there were. Who belongs to another organisation is on nobody's list, and stays; so does
    whoever came after the list was asked for.
    """
    gone = await missing(store, present, asked_at)
    await store.directory.retire([person.id for person in gone])
    for person in gone:
        await _excuse(store, person)
    return len(gone)


async def missing(store: Store, present: Collection[str], asked_at: datetime) -> list[Person]:
    """Who is active by the directory and not among these (chat service ids), as told when it was `asked_at`."""
    active = await store.directory.active_numbers(asked_at)
    gone = await store.directory.called([each for each in active if each not in present])
    return list(gone.values())


async def keep_channel(store: Store, told: ChannelProfile) -> int:
    """Add a channel, or bring it up to date where it has changed. Returns its number."""
    known = await store.directory.channel_called(told.external_id)
    profile = asdict(told)
    del profile["external_id"]
    if known and all(getattr(known, name) == value for name, value in profile.items()):
        return known.id
    return await store.directory.keep_channel(told.external_id, **profile)


async def lose_channel(store: Store, external_id: str) -> None:
    """A channel was deleted, or is out of the bot's reach: nothing is asked or posted for its team."""
    known = await store.directory.channel_called(external_id)
    if known and not known.is_archived:
        await store.directory.keep_channel(external_id, name=known.name, is_archived=True)


async def renumber_channel(store: Store, old: str, new: str) -> None:
    """The chat service calls a channel by another id: its team and all that belongs to it stay with it.

    A channel met under the new id meanwhile takes the old one, which nobody uses any more; unless it has
    become a team of its own, which then keeps its place.
    """
    known, newer = await store.directory.channel_called(old), await store.directory.channel_called(new)
    if known is None or (newer and await store.teams.of_channel(newer.id)):
        return
    if newer:
        await _step_aside(store, newer)
    await store.directory.renumber_channel(known.id, new)
    if newer:
        await store.directory.renumber_channel(newer.id, old)
        await lose_channel(store, old)


async def _step_aside(store: Store, channel: Channel) -> None:
    """Leave an id to another channel, with one for the moment that nothing else has."""
    await store.directory.renumber_channel(channel.id, f"was:{channel.id}")


async def enter(store: Store, channel_id: int, arrived: Collection[str]) -> None:
    """These people (chat service ids) are in a channel now too, as far as the directory knows them."""
    known = await store.directory.called(arrived)
    await store.directory.enter(channel_id, [person.id for person in known.values()])


async def gather(store: Store, channel_id: int, present: Collection[str], asked_at: datetime) -> None:
    """Who is in a channel (chat service ids), as it was told when it was `asked_at`, in full.

    Whoever has left the channel has left its team; whoever comes back is taken in again by its lead.
    Somebody who was taken in since then is left alone, and whose account has ended keeps their place, because
    the chat service takes them out of every channel. Those whom the directory does not know are left out.
    """
    before = await store.directory.member_numbers(channel_id)
    await enter(store, channel_id, [each for each in present if each not in before])
    gone = {number for external_id, number in before.items() if external_id not in present}
    await store.directory.depart(channel_id, gone)
    await _end_memberships(store, channel_id, gone, asked_at)


async def _end_memberships(store: Store, channel_id: int, gone: Collection[int], asked_at: datetime) -> None:
    team = await store.teams.of_channel(channel_id) if gone else None
    if team is None:
        return
    for person in await store.teams.everybody(team.id, asked_at):
        if person.is_active and person.id in gone:
            await members.let_go(store, team.id, person)
