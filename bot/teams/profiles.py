"""What Teams tells of a person or a channel, in the bot's own words; pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from handlers.fields import clean
from handlers.people import ChannelProfile, Profile
from storage.directory import Person, Role

Json = Mapping[str, Any]

GUEST, ANONYMOUS = "guest", "anonymous"
GUESTS_MARK = "#EXT#"  # in the user name of somebody whom another organisation signs in
GENERAL = "General"  # which Teams tells without a name


def person(told: Json, tenant: str, admins: Collection[str]) -> Profile:
    """A member of a roster. Whoever is on the operator's list of admins, by user name or object id, is one."""
    external_id = str(told.get("id") or "")
    full = f"{_line(told.get('givenName'))} {_line(told.get('surname'))}".strip()
    return Profile(
        external_id=external_id,
        name=_line(told.get("name")) or full or external_id,
        does="",
        zone="",
        locale="",
        role=_role(told, tenant, admins),
        is_bot=False,
        is_active=True,
    )


def as_told(known: Person, name: str, zone: str, locale: str) -> Profile:
    """Somebody who is known, with what they were just seen to be called, and where and in which language."""
    return Profile(
        external_id=known.external_id,
        name=_line(name) or known.name,
        does=known.does,
        zone=_zone(zone),
        locale=_locale(locale),
        role=known.role,
        is_bot=known.is_bot,
        is_active=known.is_active,
    )


def channel(told: Json, external_id: str, team: str) -> ChannelProfile:
    """A channel of a team. One of the kind that can be shared with other organisations counts as shared."""
    kind = told.get("type")
    return ChannelProfile(
        external_id=external_id,
        name=_line(told.get("name")) or f"{GENERAL} {team}".strip(),
        is_private=kind == "private",
        is_shared=kind == "shared",
        is_archived=False,
    )


def group(external_id: str, name: str) -> ChannelProfile:
    """A group chat, which whoever is in it may read and nobody else; its name is "" where it has none."""
    return ChannelProfile(external_id, _line(name), is_private=True, is_shared=False, is_archived=False)


def _role(told: Json, tenant: str, admins: Collection[str]) -> Role:
    user, names = str(told.get("userRole") or "").lower(), str(told.get("userPrincipalName") or "")
    home = str(told.get("tenantId") or tenant).lower()
    if user == ANONYMOUS or home != tenant:
        return Role.OUTSIDER
    if user == GUEST or GUESTS_MARK in names.upper():
        return Role.GUEST
    known = {names.lower(), str(told.get("aadObjectId") or told.get("objectId") or "").lower()} - {""}
    return Role.ADMIN if known & set(admins) else Role.MEMBER


def _line(text: object) -> str:
    return " ".join(clean(text).split()) if isinstance(text, str) else ""


def _zone(name: str) -> str:
    return name if name in _zones() else ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _locale(tag: str) -> str:
    """A locale with its territory, such as en_US for Teams' en-US; "" where nobody knows it."""
    language, _, territory = tag.replace("-", "_").partition("_")
    name = f"{language.lower()}_{territory}" if territory else language.lower()
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError, TypeError):
        return ""
    return name
