"""Who is where: members of conversations, whole or in pages, and teams with their channels.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from tests.fakes.teams.calls import Call
from tests.fakes.teams.errors import ConnectorError, bad, no_conversation, not_in_roster
from tests.fakes.teams.structure import Json
from tests.fakes.teams.world import Conversation, Person, Team

LEAST, MOST, USUAL = 50, 500, 200


def account(person: Person) -> Json:
    """Somebody as a roster lists them."""
    given, _, surname = person.real_name.partition(" ")
    handle = f"{person.name}@{person.home_tenant or 'example.org'}"
    return {
        "id": person.id,
        "name": person.real_name,
        "objectId": person.object_id,
        "givenName": given,
        "surname": surname,
        "email": handle,
        "userPrincipalName": handle,
        "tenantId": person.home_tenant or person.tenant,
        "userRole": person.role,
    }


def _roster(call: Call) -> list[Person]:
    place = _visible(call)
    found = (call.teams.world.person(each) for each in place.members)
    return [each for each in found if each and not each.is_deactivated]


def _visible(call: Call) -> Conversation:
    """The conversation, which may be named by its team too."""
    place = call.conversation
    if place.kind == "personal":
        return place
    if not place.has_bot:
        raise not_in_roster()
    return place


async def members(call: Call) -> Any:
    """Everybody at once: on its way out, and not for large teams."""
    return [account(each) for each in _roster(call)]


async def member(call: Call) -> Json:
    """One of them."""
    wanted = call.path["member"]
    for each in _roster(call):
        if wanted in (each.id, each.object_id):
            return account(each)
    raise ConnectorError(404, "MemberNotFoundInConversation", "The member is not found in the conversation.")


async def paged(call: Call) -> Json:
    """A page of them, and where the next one begins."""
    asked = call.query.get("pageSize", "")
    if asked and not asked.isdigit():
        raise bad("pageSize is no number.")
    count = min(max(int(asked or USUAL), LEAST), MOST)
    start = _start(call.query.get("continuationToken", ""))
    everybody = _roster(call)
    page: Json = {"members": [account(each) for each in everybody[start : start + count]]}
    if start + count < len(everybody):
        page["continuationToken"] = base64.b64encode(f"from:{start + count}".encode()).decode()
    return page


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True).decode().removeprefix("from:"))
    except (binascii.Error, ValueError):
        raise bad("The continuation token is not valid.") from None


def _team(call: Call) -> Team:
    found = call.teams.world.teams.get(call.path["team"])
    if found is None or found.is_deleted:
        raise no_conversation()
    if not found.is_installed:
        raise not_in_roster()
    return found


async def team(call: Call) -> Json:
    """A team's name and its group in the directory."""
    found = _team(call)
    return {
        "id": found.id,
        "name": found.name,
        "aadGroupId": found.group_id,
        "tenantId": found.tenant,
        "channelCount": len([each for each in found.channels if not each.is_deleted]),
        "memberCount": len(found.members),
    }


async def channels(call: Call) -> Json:
    """A team's channels. The first one, General, has no name of its own."""
    found = _team(call)
    return {"conversations": [_channel(each, found) for each in found.channels if not each.is_deleted]}


def _channel(place: Conversation, within: Team) -> Json:
    return {"id": place.id, "name": None if place.id == within.id else place.name, "type": place.sharing}
