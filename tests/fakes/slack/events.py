"""Events: which of them the app is sent, and the envelope they come in.

Envelope: https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.slack.delivery import Reply
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Installation, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

SCOPES = {
    "app_mention": "app_mentions:read",
    "message": "im:history",
    "team_join": "users:read",
    "user_change": "users:read",
    "channel_rename": "channels:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_left": "channels:read",
    "channel_shared": "channels:read",
    "channel_unshared": "channels:read",
    "group_rename": "groups:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "group_left": "groups:read",
}
FAREWELLS = frozenset({"app_uninstalled", "tokens_revoked"})


def _scope(event: Json, channel: Channel | None) -> str:
    if event["type"] in {"member_joined_channel", "member_left_channel"}:
        return "groups:read" if channel and channel.is_private else "channels:read"
    return SCOPES.get(event["type"], "")


def _is_sent(slack: FakeSlack, here: Installation | None, event: Json, channel: Channel | None) -> bool:
    if here is None or not slack.is_connected:
        return False
    subscribed = slack.app.events is None or event["type"] in slack.app.events
    if here.is_removed:
        return subscribed and event["type"] in FAREWELLS
    scope = _scope(event, channel)
    return subscribed and (not scope or scope in here.scopes)


def envelope(slack: FakeSlack, workspace: Workspace, event: Json, channel: Channel | None) -> Json:
    """An event as it is delivered."""
    here = workspace.installation
    assert here
    wide = here.is_organisation
    return {
        "token": slack.app.verification_token,
        "team_id": workspace.id,
        **({"enterprise_id": workspace.enterprise} if workspace.enterprise else {}),
        "context_team_id": workspace.id,
        "context_enterprise_id": workspace.enterprise,
        "api_app_id": slack.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": slack.world.new_id("Ev"),
        "event_time": int(slack.clock.now().timestamp()),
        "authorizations": [
            {
                "enterprise_id": here.enterprise,
                "team_id": None if wide else workspace.id,
                "user_id": here.bot.id,
                "is_bot": True,
                "is_enterprise_install": wide,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_shared),
        "event_context": f"4-{slack.world.number()}",
    }


async def deliver(
    slack: FakeSlack, workspace: Workspace, event: Json, channel: Channel | None = None
) -> Reply | None:
    """Send an event, where the app subscribes to it and may see it. None where it is not sent."""
    if not _is_sent(slack, workspace.installation, event, channel):
        return None
    stamped = {**event, "event_ts": event.get("event_ts") or slack.world.new_ts()}
    return await slack.delivery.event(envelope(slack, workspace, stamped, channel))


async def verify_url(slack: FakeSlack) -> Reply:
    """The challenge that Slack sends when an address is entered on the app's page."""
    challenge = {"token": slack.app.verification_token, "challenge": "fake-challenge", "type": "url_verification"}
    return await slack.delivery.send("events_api", challenge)


def member_event(kind: str, channel: Channel, person: str, team: str) -> Json:
    """Somebody came into a channel, or left it."""
    letter = "G" if channel.is_private else "C"
    return {"type": kind, "user": person, "channel": channel.id, "channel_type": letter, "team": team}
