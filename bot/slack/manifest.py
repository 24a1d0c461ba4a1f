"""The app manifest: all that Slack has to know about the bot, made from what the bot uses."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from bot.slack import people
from bot.slack.listeners import CHECK_IN, EVIDENCE
from bot.slack.oauth import REDIRECT
from bot.slack.scopes import NAMES

NAME = "Worthwhile"
COMMAND = "/value"
EVENTS_PATH = "/slack/events"
NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="

Manifest = dict[str, Any]

# What is said to the bot, and whether it may still be there; who is where comes from the directory.
OWN_EVENTS = ("app_home_opened", "app_mention", "message.im", "app_uninstalled", "tokens_revoked")
EVENTS: tuple[str, ...] = (*OWN_EVENTS, *people.EVENTS)

DESCRIPTION = "Is what we build worth it to the people who pay for it? One question a day, and a look back."
LONG_DESCRIPTION = (
    "Worthwhile keeps a team honest about one thing: is what we build worth it to the people who pay for it? "
    "It asks one question a day, answered in one tap, has success defined before work starts, and after the "
    "release sets the plan against what happened.\n\n"
    "It keeps what people give it and never reads a channel's history. Check-ins are shown to the team without "
    "names, and only once enough people have answered. Everybody can see, export and erase what is theirs."
)


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
            "name": NAME,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": "#1f3d36",
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


def is_callable(url: str) -> bool:
    """Whether Slack would call this address: https, a host, and nothing after it."""
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not (parts.path or parts.query or parts.fragment)


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
        "bot_user": {"display_name": NAME, "always_online": True},
        "shortcuts": [
            _shortcut("global", CHECK_IN, "Check in", "Answer today's question"),
            _shortcut(
                "message", EVIDENCE, "Log as customer evidence", "Keep what a customer said or did, with its link"
            ),
        ],
        "slash_commands": [{**command, **({"url": called} if called else {})}],
    }


def _shortcut(kind: str, callback: str, name: str, description: str) -> Manifest:
    return {"type": kind, "callback_id": callback, "name": name, "description": description}


def _redirects(url: str) -> Manifest:
    return {"redirect_urls": [url + REDIRECT]} if url else {}


def _request_url(called: str) -> Manifest:
    return {"request_url": called} if called else {}
