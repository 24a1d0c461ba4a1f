"""The app manifest: all that Slack has to know about the bot, made from what the bot uses."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from bot import about
from bot.slack import people
from bot.slack.listeners import CHECK_IN, EVIDENCE
from bot.slack.oauth import REDIRECT
from bot.slack.scopes import NAMES

COMMAND = "/value"
EVENTS_PATH = "/slack/events"
NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="

Manifest = dict[str, Any]

# What is said to the bot, and whether it may still be there; who is where comes from the directory.
OWN_EVENTS = (
    "app_home_opened",
    "app_mention",
    "message.im",
    "app_uninstalled",
    "tokens_revoked",
    "team_access_granted",
    "team_access_revoked",
)
EVENTS: tuple[str, ...] = (*OWN_EVENTS, *people.EVENTS)


def manifest(url: str, *, socket: bool = False, oauth: bool = False) -> Manifest:
    """The manifest as Slack's schema has it.

    `url` is the bot's public address without a slash at its end; "" is enough over a `socket`, where Slack
    is not given any address to call. `oauth` is for many workspaces: their tokens then expire and are
    exchanged, which Slack does not let an app undo.
    """
    called = "" if socket else url + EVENTS_PATH
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": about.NAME,
            "description": about.DESCRIPTION,
            "long_description": about.LONG_DESCRIPTION,
            "background_color": about.COLOUR,
        },
        "features": _features(called),
        "oauth_config": {**_redirects(url), "scopes": {"bot": list(NAMES)}},
        "settings": {
            "event_subscriptions": {**_request_url(called), "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **_request_url(called)},
            "org_deploy_enabled": True,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": oauth,
        },
    }


def written(made: Manifest) -> str:
    """A manifest as JSON to read and to paste."""
    return json.dumps(made, indent=2, ensure_ascii=False)


def link(made: Manifest) -> str:
    """An address that opens Slack's page for a new app with this manifest filled in."""
    return NEW_APP + quote(json.dumps(made, separators=(",", ":"), ensure_ascii=False), safe="")


def _features(called: str) -> Manifest:
    command = {
        "command": COMMAND,
        "description": "Check in, define success, release, look back",
        "usage_hint": "help, checkin, define-success, release, status …",
        "should_escape": False,
    }
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": about.NAME, "always_online": True},
        "shortcuts": [
            _shortcut("global", CHECK_IN, "Check in", "Answer today's question"),
            _shortcut("message", EVIDENCE, about.EVIDENCE, about.ABOUT_EVIDENCE),
        ],
        "slash_commands": [{**command, **({"url": called} if called else {})}],
    }


def _shortcut(kind: str, callback: str, name: str, description: str) -> Manifest:
    return {"type": kind, "callback_id": callback, "name": name, "description": description}


def _redirects(url: str) -> Manifest:
    return {"redirect_urls": [url + REDIRECT]} if url else {}


def _request_url(called: str) -> Manifest:
    return {"request_url": called} if called else {}
