"""What a bot says: activities that are sent, changed and taken away, each held against what Teams takes.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.teams import files
from tests.fakes.teams.calls import Call, tenant_of
from tests.fakes.teams.checking import ADAPTIVE, MESSAGE_BYTES, attached, check_card, is_too_large, size
from tests.fakes.teams.errors import (
    ConnectorError,
    WritesBlocked,
    bad,
    no_activity,
    no_conversation,
    not_in_roster,
    too_large,
)
from tests.fakes.teams.markup import of_markdown, of_plain
from tests.fakes.teams.structure import Json
from tests.fakes.teams.world import Conversation, Message

NAMES = {
    "type", "id", "timestamp", "localTimestamp", "localTimezone", "channelId", "serviceUrl", "from", "recipient",
    "conversation", "replyToId", "text", "textFormat", "summary", "attachments", "attachmentLayout", "entities",
    "channelData", "inputHint", "importance", "locale", "suggestedActions", "deliveryMode", "speak",
}  # fmt: skip


async def create(call: Call) -> Json:
    """Begin a chat with somebody, or a thread in a channel."""
    body = call.object
    bot = body.get("bot") or {}
    if bot and bot.get("id") not in {call.teams.app.account, call.teams.app.id}:
        raise bad("Bot id does not match the token's.")
    channel = (body.get("channelData") or {}).get("channel") or {}
    if body.get("isGroup") or channel:
        return _thread(call, body, str(channel.get("id", "")))
    return _chat(call, body)


def _chat(call: Call, body: Json) -> Json:
    members = body.get("members")
    if not isinstance(members, list) or len(members) != 1:
        raise bad("Incorrect conversation creation parameters: exactly one member is needed.")
    person = call.teams.world.person(str(members[0].get("id")))
    if person is None or not str(members[0].get("id")).startswith("29:"):
        raise bad("Failed to decrypt pairwise id.")
    if tenant_of(body) != person.tenant:
        raise ConnectorError(403, "Forbidden", "The bot is not installed in this tenant.")
    chat = call.teams.world.personal(person)
    shares = [each for each in call.teams.world.teams.values() if each.is_installed and person.id in each.members]
    if person.is_deactivated or not (chat.is_installed or shares):
        raise WritesBlocked
    chat.known.add(chat.id)
    answer: Json = {"id": chat.id}
    if "activity" in body:
        answer["activityId"] = _said(call, chat, body["activity"], None).id
    return answer


def _thread(call: Call, body: Json, channel: str) -> Json:
    place = call.teams.world.conversations.get(channel)
    if place is None or place.is_deleted or place.kind != "channel":
        raise no_conversation()
    if not isinstance(body.get("activity"), dict):
        raise bad("A thread in a channel begins with an activity.")
    _may_write(place)
    made = _said(call, place, body["activity"], None)
    return {"id": f"{place.id};messageid={made.id}", "activityId": made.id}


async def send(call: Call) -> Json:
    """Say something: in a channel below a message where the id of the conversation names one."""
    place = call.conversation
    _may_write(place)
    return {"id": _said(call, place, call.object, _root(place, call.thread)).id}


async def reply(call: Call) -> Json:
    """Say something in answer to an activity."""
    place, answered = call.conversation, call.path["activity"]
    _may_write(place)
    if answered not in place.known and place.find(answered) is None:
        raise no_activity()
    found = place.find(answered)
    root = call.thread or ((found.root or found.id) if found else "")
    return {"id": _said(call, place, call.object, _root(place, root)).id}


async def update(call: Call) -> Json:
    """Change what the bot has said; what single people saw in its place is over."""
    message = _own(call)
    kept = _checked(call, call.object)
    _fill(message, kept)
    message.views.clear()
    message.viewed.clear()
    message.edits += 1
    message.order = call.teams.world.number()
    return {"id": message.id}


async def delete(call: Call) -> Json:
    """Take back what the bot has said."""
    _own(call).is_deleted = True
    return {}


def _own(call: Call) -> Message:
    place = call.conversation
    _may_write(place)
    found = place.find(call.path["activity"])
    if found is None:
        raise no_activity()
    if not found.by_bot:
        raise ConnectorError(403, "Forbidden", "The bot may change what it has said itself, and nothing else.")
    return found


def _may_write(place: Conversation) -> None:
    if place.kind == "personal":
        if place.is_blocked or not (place.is_installed or place.known):
            raise WritesBlocked
        return
    if not place.has_bot:
        raise not_in_roster()
    if place.team and place.team.is_archived:
        raise ConnectorError(403, "Forbidden", "The team is archived.")


def _root(place: Conversation, root: str) -> str | None:
    """The message below which something is to stand, in a channel."""
    if place.kind != "channel":
        if root and place.kind != "personal":
            raise no_conversation()
        return None
    if root and not any(each.id == root for each in place.history):
        raise no_conversation()
    return root or None


def _said(call: Call, place: Conversation, activity: Json, root: str | None) -> Message:
    kept = _checked(call, activity)
    world = call.teams.world
    made = Message(world.message_id(), place, call.teams.app.account, root=root, by_bot=True, order=world.number())
    _fill(made, kept)
    place.history.append(made)
    return made


def _fill(message: Message, activity: Json) -> None:
    message.activity = activity
    message.text, message.summary = activity.get("text") or "", activity.get("summary") or ""
    message.cards = attached(activity)


def _checked(call: Call, activity: Any) -> Json:
    """The activity as it is kept. Raises ConnectorError for what Teams would not take, or not show."""
    if not isinstance(activity, dict) or activity.get("type") != "message":
        raise bad("Activity type is not supported.")
    unknown = sorted(set(activity) - NAMES)
    sender = (activity.get("from") or {}).get("id")
    if unknown:
        raise bad(f"Unknown properties: {', '.join(unknown)}.")
    if sender not in {None, call.teams.app.account, call.teams.app.id}:
        raise bad("An activity is from the bot, or from nobody.")
    if not (activity.get("text") or activity.get("attachments")):
        raise bad("Activity resulted into multiple skype activities, or none: it says nothing.")
    _addressed(call, activity)
    _cards(call, activity)
    _words(call, activity)
    return json.loads(json.dumps(activity))  # type: ignore[no-any-return]


def _addressed(call: Call, activity: Json) -> None:
    """What the activity says of where it goes is where it is sent."""
    said = (activity.get("conversation") or {}).get("id", "").partition(";messageid=")[0]
    if said and call.operation != "create" and said != call.conversation_id:
        raise bad("The activity is for another conversation.")


def _cards(call: Call, activity: Json) -> None:
    if size(activity) > MESSAGE_BYTES:
        raise too_large()
    for each in activity.get("attachments") or []:
        if each.get("contentType") in files.CONTENTS:
            files.check(call, each)
            continue
        if each.get("contentType") != ADAPTIVE:
            raise bad(f"Unknown attachment type {each.get('contentType')!r}.")
        if is_too_large(each.get("content") or {}):
            raise too_large()
        found = check_card(each.get("content"), "message", call.teams.allowed)
        call.teams.traces += found.traces
        if found.problems:
            raise bad(f"The card is not valid: {'; '.join(found.problems)}")


def _words(call: Call, activity: Json) -> None:
    text, summary = activity.get("text") or "", activity.get("summary") or ""
    call.teams.traces += of_plain(summary)
    call.teams.traces += of_plain(text) if activity.get("textFormat") == "plain" else of_markdown(text)
    if any(each.get("type") == "mention" for each in activity.get("entities") or []):
        call.teams.traces += of_plain(f"<at>{json.dumps(activity['entities'])}</at>")
    if activity.get("attachments") and not (summary or text):
        raise bad("A card without a summary: its notification would say nothing.")
