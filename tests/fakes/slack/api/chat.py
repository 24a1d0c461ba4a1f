"""Messages."""

from __future__ import annotations

from tests.fakes.slack.api.calls import Call, Method
from tests.fakes.slack.api.conversations import direct
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.posting import Draft, as_payload, draft_of, post, redraw
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Message

CUSTOMIZING = ("username", "icon_url", "icon_emoji")


def _draft(call: Call) -> Draft:
    if any(call.args.get(name) for name in CUSTOMIZING):
        call.need("chat:write.customize")
    given = {**call.args, "blocks": call.parsed("blocks"), "attachments": call.parsed("attachments")}
    return draft_of(call.slack, given)


def _destination(call: Call) -> Channel:
    """Where to post: a channel that the bot is in, or somebody's direct messages by their user id."""
    named = call.text("channel")
    if named[:1] in {"U", "W"}:
        person = call.person(named, "channel_not_found")
        if person.is_bot:
            raise SlackError("cannot_dm_bot")
        if person.is_stranger:
            raise SlackError("channel_not_found")
        return direct(call, person)
    channel = call.channel(named)
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.installation.bot.id not in channel.members:
        if channel.is_shared:
            raise SlackError("not_in_channel")
        if "chat:write.public" not in call.installation.scopes:
            raise SlackError("not_in_channel")
    return channel


def _thread(call: Call, channel: Channel) -> str | None:
    """The thread that is meant: its first message must stand."""
    ts = call.text("thread_ts")
    if not ts:
        return None
    parent = channel.find(ts)
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.thread_ts and parent.thread_ts != parent.ts:
        raise SlackError("cannot_reply_to_message")
    return ts


def _payload(call: Call, message: Message) -> Json:
    return as_payload(message, call.slack.app.id, call.installation.bot_id)


async def post_message(call: Call) -> Json:
    """chat.postMessage"""
    channel = _destination(call)
    draft = _draft(call)
    thread = _thread(call, channel)
    call.slack.faults.pace(call.slack.clock.now(), channel)
    message = post(
        call.slack,
        channel,
        draft,
        call.installation.bot.id,
        by_app=True,
        thread_ts=thread,
        broadcast=call.flag("reply_broadcast"),
    )
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": _payload(call, message)}


async def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral"""
    channel = call.channel(call.text("channel"))
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.installation.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    person = call.person(call.text("user"), "user_not_in_channel")
    if person.id not in channel.members or person.deleted:
        raise SlackError("user_not_in_channel")
    message = post(
        call.slack,
        channel,
        _draft(call),
        call.installation.bot.id,
        by_app=True,
        ephemeral_to=person.id,
        thread_ts=_thread(call, channel),
    )
    return {"ok": True, "message_ts": message.ts}


async def update(call: Call) -> Json:
    """chat.update: an ephemeral message cannot be found, somebody else's not be changed."""
    channel = call.channel(call.text("channel"))
    message = channel.find(call.text("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != call.installation.bot.id:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    redraw(call.slack, message, _draft(call))
    return {
        "ok": True,
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": _payload(call, message),
    }


async def delete(call: Call) -> Json:
    """chat.delete"""
    channel = call.channel(call.text("channel"))
    message = channel.find(call.text("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != call.installation.bot.id:
        raise SlackError("cant_delete_message")
    message.is_deleted = True
    call.slack.happened()
    return {"ok": True, "channel": channel.id, "ts": message.ts}


async def permalink(call: Call) -> Json:
    """chat.getPermalink"""
    channel = call.channel(call.text("channel"))
    message = channel.find(call.text("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    domain = call.home_of(channel).domain
    address = f"https://{domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"ok": True, "channel": channel.id, "permalink": address}


METHODS = {
    "chat.postMessage": Method(post_message, "chat:write", ("channel",), takes_json=True),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write", ("channel", "user"), takes_json=True),
    "chat.update": Method(update, "chat:write", ("channel", "ts"), takes_json=True),
    "chat.delete": Method(delete, "chat:write", ("channel", "ts"), takes_json=True),
    "chat.getPermalink": Method(permalink, required=("channel", "message_ts")),
}
