"""People, as the Web API and events tell of them."""

from __future__ import annotations

from tests.fakes.slack.api.calls import Call, Method, paged
from tests.fakes.slack.api.conversations import channel_payload, listed
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Person, Workspace


def user_payload(person: Person, workspace: Workspace, *, locale: bool = False) -> Json:
    """A user object. A deactivated one has no time zone and no roles, a stranger says that they are one."""
    names = {"real_name": person.real_name, "display_name": person.name, "team": person.team}
    return {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "deleted": person.deleted,
        "profile": {**names, "real_name_normalized": person.real_name, "display_name_normalized": person.name},
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": person.updated,
        **({"is_stranger": True} if person.is_stranger else {}),
        **({"enterprise_user": _of_organisation(person, workspace)} if person.enterprise else {}),
        **({} if person.deleted else _of_active(person)),
        **({"locale": person.locale} if locale and not person.deleted else {}),
    }


def _of_organisation(person: Person, workspace: Workspace) -> Json:
    return {
        "id": person.id,
        "enterprise_id": person.enterprise,
        "enterprise_name": "Organisation",
        "is_admin": False,
        "is_owner": False,
        "teams": [workspace.id],
    }


def _of_active(person: Person) -> Json:
    return {
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": person.tz_offset,
        "is_admin": person.is_admin or person.is_owner,
        "is_owner": person.is_owner,
        "is_primary_owner": False,
        "is_restricted": person.is_guest or person.is_single_channel_guest,
        "is_ultra_restricted": person.is_single_channel_guest,
    }


async def listing(call: Call) -> Json:
    """users.list"""
    workspace = call.workspace()
    locale = call.flag("include_locale")
    people = [each for each in workspace.people.values() if not each.is_stranger]
    every = [user_payload(each, workspace, locale=locale) for each in people]
    return {**paged(call, every, "members", default=1000), "cache_ts": int(call.slack.clock.now().timestamp())}


async def info(call: Call) -> Json:
    """users.info"""
    person = call.person(call.text("user"))
    workspace = call.workspace_of(person)
    return {"ok": True, "user": user_payload(person, workspace, locale=call.flag("include_locale"))}


async def conversations(call: Call) -> Json:
    """users.conversations"""
    workspace = call.workspace()
    person = call.person(call.text("user")) if call.text("user") else call.installation.bot
    theirs = [each for each in listed(call, workspace) if person.id in each.members]
    bot = call.installation.bot.id
    if person.id != bot:
        theirs = [each for each in theirs if not each.is_private or bot in each.members]
    return paged(call, [channel_payload(each, workspace, bot) for each in theirs], "channels")


METHODS = {
    "users.list": Method(listing, "users:read"),
    "users.info": Method(info, "users:read", ("user",)),
    "users.conversations": Method(conversations),
}
