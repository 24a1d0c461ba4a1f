"""What Slack tells of a person or a channel, in the bot's own words; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from bot.slack.installs import Install
from handlers.fields import clean
from handlers.people import ChannelProfile, Profile
from storage.directory import Role

Json = Mapping[str, Any]

SLACKBOT = "USLACKBOT"  # which Slack does not count among the bots
# Spanish of Latin America, which Slack names after Laos.
OWN_LOCALES = {"es_LA": "es_419"}


def person(user: Json, install: Install) -> Profile:
    """A person of Slack's as the bot knows people.

    The zone is the one with a name: an offset would be wrong after the next change of clocks.
    """
    shown = _part(user, "profile")
    names = (shown.get("display_name"), shown.get("real_name"), user.get("real_name"), user.get("name"))
    external_id = str(user["id"])
    return Profile(
        external_id=external_id,
        name=next((name for name in map(_line, names) if name), external_id),
        does=_line(shown.get("title")),
        zone=_zone(user.get("tz")),
        locale=_locale(user.get("locale")),
        role=_role(user, install),
        is_bot=bool(user.get("is_bot") or user.get("is_workflow_bot")) or external_id == SLACKBOT,
        is_active=not user.get("deleted", False),
    )


def channel(told: Json) -> ChannelProfile:
    """A channel of Slack's as the bot knows channels. One that waits for another organisation counts as shared."""
    name = _line(told.get("name")) or str(told["id"])
    return ChannelProfile(
        external_id=str(told["id"]),
        name=f"#{name}",
        is_private=bool(told.get("is_private") or told.get("is_group")),
        is_shared=bool(told.get("is_ext_shared") or told.get("is_pending_ext_shared")),
        is_archived=bool(told.get("is_archived")),
    )


def _role(user: Json, install: Install) -> Role:
    if not _is_home(user, install):
        return Role.OUTSIDER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Role.GUEST
    return Role.ADMIN if _is_admin(user, install) else Role.MEMBER


def _is_home(user: Json, install: Install) -> bool:
    """Whether a person is of the workspace, or of any team of the organisation the bot is installed for."""
    if user.get("is_stranger"):
        return False
    wide = _part(user, "enterprise_user")
    organisations = {user.get("team_id"), user.get("enterprise_id"), wide.get("enterprise_id")}
    if install.is_organisation:
        return install.workspace in organisations
    return install.workspace in (user.get("team_id"), *(wide.get("teams") or ()))


def _is_admin(user: Json, install: Install) -> bool:
    """Who runs the workspace; for an organisation, who runs that rather than one team of it."""
    source = _part(user, "enterprise_user") if install.is_organisation else user
    return any(source.get(flag) for flag in ("is_admin", "is_owner", "is_primary_owner"))


def _part(told: Json, name: str) -> Json:
    found = told.get(name)
    return found if isinstance(found, Mapping) else {}


def _line(text: object) -> str:
    return " ".join(clean(str(text or "")).split())


def _zone(name: object) -> str:
    return name if isinstance(name, str) and name in _zones() else ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _locale(tag: object) -> str:
    """A locale with its territory, such as en_US for Slack's en-US; "" where nobody knows it."""
    name = str(tag or "").replace("-", "_")
    name = OWN_LOCALES.get(name, name)
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return ""
    return name
