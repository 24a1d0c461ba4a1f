"""Channels and direct messages."""

from __future__ import annotations

from tests.fakes.slack.api.calls import Call, Method, paged
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.events import deliver, member_event
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Person, Workspace

SCOPES = {
    "public_channel": "channels:read",
    "private_channel": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}


def kind_of(channel: Channel) -> str:
    """A conversation's kind, as `types` names it."""
    if channel.kind == "im":
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def channel_payload(channel: Channel, workspace: Workspace, bot: str) -> Json:
    """A conversation object, as the bot sees it."""
    if channel.kind == "im":
        return {
            "id": channel.id,
            "is_im": True,
            "is_archived": channel.is_archived,
            "is_org_shared": False,
            "user": channel.with_person,
            "context_team_id": workspace.id,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": False,
        "is_shared": channel.is_shared,
        "is_ext_shared": channel.is_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "shared_team_ids": [workspace.id, *sorted(channel.shared_with)],
        "is_member": bot in channel.members,
        "context_team_id": workspace.id,
        "previous_names": channel.previous_names,
        "num_members": len(channel.members),
    }


def listed(call: Call, workspace: Workspace) -> list[Channel]:
    """The conversations of the kinds that were asked for; each kind needs its own scope."""
    kinds = call.text("types", "public_channel").replace(" ", "").split(",")
    for kind in kinds:
        if kind not in SCOPES:
            raise SlackError("invalid_types")
        call.need(SCOPES[kind])
    found = [each for each in workspace.channels.values() if kind_of(each) in kinds]
    return [each for each in found if not (call.flag("exclude_archived") and each.is_archived)]


async def listing(call: Call) -> Json:
    """conversations.list"""
    workspace = call.workspace()
    bot = call.installation.bot.id
    seen = [each for each in listed(call, workspace) if not each.is_private or bot in each.members]
    return paged(call, [channel_payload(each, workspace, bot) for each in seen], "channels")


async def info(call: Call) -> Json:
    """conversations.info"""
    channel = call.channel(call.text("channel"))
    call.need(SCOPES[kind_of(channel)])
    payload = channel_payload(channel, call.home_of(channel), call.installation.bot.id)
    if not call.flag("include_num_members"):
        payload.pop("num_members", None)
    return {"ok": True, "channel": payload}


async def members(call: Call) -> Json:
    """conversations.members"""
    channel = call.channel(call.text("channel"))
    call.need(SCOPES[kind_of(channel)])
    return paged(call, list(channel.members), "members")


def direct(call: Call, person: Person) -> Channel:
    """The direct conversation between the bot and somebody, begun where there was none."""
    workspace = call.workspace_of(person)
    return call.slack.direct(workspace, person, call.installation.bot.id)


async def open_(call: Call) -> Json:
    """conversations.open"""
    if call.text("channel"):
        return {"ok": True, "channel": {"id": call.channel(call.text("channel")).id}}
    named = [each.strip() for each in call.text("users").split(",") if each.strip()]
    if not named:
        raise SlackError("users_list_not_supplied")
    if len(named) > 1:
        call.need("mpim:write")
        raise SlackError("not_enough_users")
    person = call.person(named[0])
    if person.deleted:
        raise SlackError("user_disabled")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    if person.is_stranger:
        raise SlackError("user_not_visible")
    channel = direct(call, person)
    whole = channel_payload(channel, call.home_of(channel), call.installation.bot.id)
    return {"ok": True, "channel": whole if call.flag("return_im") else {"id": channel.id}}


async def join(call: Call) -> Json:
    """conversations.join"""
    channel = call.channel(call.text("channel"))
    if channel.kind != "channel" or channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    bot = call.installation.bot.id
    already = bot in channel.members
    if not already:
        channel.members.append(bot)
        workspace = call.home_of(channel)
        event = member_event("member_joined_channel", channel, bot, workspace.id)
        call.slack.later(deliver(call.slack, workspace, event, channel))
    payload = channel_payload(channel, call.home_of(channel), bot)
    return {"ok": True, "channel": payload, **({"warning": "already_in_channel"} if already else {})}


METHODS = {
    "conversations.list": Method(listing),
    "conversations.info": Method(info, required=("channel",)),
    "conversations.members": Method(members, required=("channel",)),
    "conversations.open": Method(open_, "im:write", takes_json=True),
    "conversations.join": Method(join, "channels:join", ("channel",), takes_json=True),
}
