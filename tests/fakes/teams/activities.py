"""The activities of what people do, as Teams writes them.

Shapes: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference and
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from tests.fakes.teams.structure import Json
from tests.fakes.teams.world import Conversation, Message, Person, Team

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams


def conversation(place: Conversation, root: str | None = None) -> Json:
    """Where it is: in a channel, with the message that its thread begins with."""
    group = {} if place.kind == "personal" else {"isGroup": True}
    thread = f";messageid={root}" if root and place.kind == "channel" else ""
    return {**group, "conversationType": place.kind, "tenantId": place.tenant, "id": f"{place.id}{thread}"}


def channel_data(place: Conversation) -> Json:
    """Teams' own part: the tenant, and in a channel the channel and its team."""
    tenant = {"tenant": {"id": place.tenant}}
    if place.team is None:
        return tenant
    return {
        "teamsChannelId": place.id,
        "teamsTeamId": place.team.id,
        "channel": {"id": place.id},
        "team": {"id": place.team.id},
        **tenant,
    }


def _around(teams: FakeTeams, kind: str, person: Person, place: Conversation, root: str | None = None) -> Json:
    return {
        "type": kind,
        "id": f"f:{teams.world.guid()}",
        "timestamp": teams.world.stamp(),
        "channelId": "msteams",
        "serviceUrl": teams.service_url,
        "from": {"id": person.id, "aadObjectId": person.object_id},
        "conversation": conversation(place, root),
        "recipient": {"id": teams.app.account, "name": teams.app.name},
        "channelData": channel_data(place),
    }


def _client(person: Person) -> Json:
    """What the client tells of itself."""
    zone = {"timezone": person.timezone} if person.sends_zone else {}
    country = person.locale.partition("-")[2]
    return {"type": "clientInfo", "locale": person.locale, "country": country, "platform": "Web", **zone}


def done(teams: FakeTeams, kind: str, person: Person, place: Conversation, root: str | None = None) -> Json:
    """Something that somebody did with their client."""
    zone = {"localTimezone": person.timezone} if person.sends_zone else {}
    around = _around(teams, kind, person, place, root)
    around["from"] = {"id": person.id, "name": person.real_name, "aadObjectId": person.object_id}
    return {**around, **zone, "locale": person.locale, "entities": [_client(person)]}


def said(teams: FakeTeams, person: Person, message: Message, *mentioned: Person) -> Json:
    """Something that somebody wrote. `mentioned` are people; the bot is mentioned where the text names it."""
    activity = done(teams, "message", person, message.conversation, message.root or message.id)
    activity |= {"id": message.id, "text": message.text, "textFormat": "plain"}
    activity["attachments"] = [{"contentType": "text/html", "content": f"<div>{_as_html(message.text)}</div>"}]
    tag = f"<at>{teams.app.name}</at>"
    if tag in message.text:
        activity["entities"].append(_mention(teams.app.account, teams.app.name))
    activity["entities"] += [_mention(each.id, each.real_name) for each in mentioned]
    return activity


def _mention(account: str, name: str) -> Json:
    return {"type": "mention", "mentioned": {"id": account, "name": name}, "text": f"<at>{name}</at>"}


def _as_html(text: str) -> str:
    return html.escape(text).replace("\n", "<br>").replace("&lt;at&gt;", "<at>").replace("&lt;/at&gt;", "</at>")


def edited(teams: FakeTeams, person: Person, message: Message, event: str) -> Json:
    """A message of theirs was changed or taken back."""
    kind = "messageDelete" if event == "softDeleteMessage" else "messageUpdate"
    activity = said(teams, person, message) | {"type": kind}
    activity["channelData"]["eventType"] = event
    if kind == "messageDelete":
        del activity["text"], activity["attachments"]
    return activity


def submitted(teams: FakeTeams, person: Person, message: Message, value: Json) -> Json:
    """An Action.Submit on a message's card: a message with a value and without a text."""
    activity = done(teams, "message", person, message.conversation, message.root or message.id)
    activity["channelData"]["source"] = {"name": "message"}
    return {**activity, "replyToId": message.id, "value": value}


def invoked(
    teams: FakeTeams, person: Person, place: Conversation, name: str, value: Json, message: Message | None = None
) -> Json:
    """An invoke: something that the client waits for the answer of."""
    root = (message.root or message.id) if message else None
    activity = done(teams, "invoke", person, place, root)
    activity["channelData"]["source"] = {"name": "message" if message else "compose"}
    answering = {"replyToId": message.id} if message else {}
    return {**activity, **answering, "name": name, "value": value}


def executed(action: Json, data: Json, trigger: str) -> Json:
    """The value of an Action.Execute."""
    named = {name: action[name] for name in ("id", "title", "verb") if name in action}
    return {"action": {"type": "Action.Execute", **named, "data": data}, "trigger": trigger}


def from_message(command: str, message: Message, sender: Person | None, app: str) -> Json:
    """The value of a message extension's action that was taken from a message."""
    identity: Json = {"application": {"id": app, "displayName": app}, "user": None}
    if sender:
        identity = {
            "application": None,
            "user": {"userIdentityType": "aadUser", "id": sender.object_id, "displayName": sender.real_name},
        }
    link = f"https://teams.microsoft.com/l/message/{message.conversation.id}/{message.id}"
    return {
        "commandId": command,
        "commandContext": "message",
        "context": {"theme": "default"},
        "messagePayload": {
            "id": message.id,
            "replyToId": message.root,
            "createdDateTime": message.activity.get("timestamp"),
            "deleted": False,
            "importance": "normal",
            "locale": "en-us",
            "linkToMessage": link,
            "from": identity,
            "body": {"contentType": "html", "content": f"<div>{_as_html(message.text)}</div>"},
            "attachments": [],
            "mentions": [],
            "reactions": [],
        },
    }


def installed(teams: FakeTeams, person: Person, place: Conversation, action: str) -> Json:
    """The app came into a place, or went."""
    activity = _around(teams, "installationUpdate", person, place)
    activity |= {"action": action, "locale": person.locale}
    activity["entities"] = [{"type": "clientInfo", "locale": person.locale}]
    activity["channelData"] |= {"source": {"name": "message"}, "settings": {"selectedChannel": {"id": place.id}}}
    if place.team:
        activity["channelData"]["team"] = _team(place.team)
    return activity


def changed(teams: FakeTeams, person: Person, place: Conversation, **more: Any) -> Json:
    """A conversation is no longer what it was: `membersAdded`, `membersRemoved`."""
    activity = {**_around(teams, "conversationUpdate", person, place), **more}
    if place.team:
        event = "teamMemberRemoved" if "membersRemoved" in more else "teamMemberAdded"
        tenant = {"id": place.tenant}
        activity["channelData"] = {"tenant": tenant, "team": _team(place.team), "eventType": event}
    return activity


def team_event(
    teams: FakeTeams, person: Person, team: Team, event: str, channel: Conversation | None = None
) -> Json:
    """Something happened to a team, or to one of its channels."""
    activity = _around(teams, "conversationUpdate", person, team.channels[0])
    data: Json = {"eventType": event, "tenant": {"id": team.tenant}, "team": _team(team)}
    if channel:
        data["channel"] = {"id": channel.id, "name": channel.name}
    return {**activity, "channelData": data}


def _team(team: Team) -> Json:
    return {"id": team.id, "name": team.name, "aadGroupId": team.group_id}
