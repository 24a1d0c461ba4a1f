"""The app package: all that Teams has to know about the bot, with its icons, as the file that is uploaded."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import prompts
from bot import about
from bot.teams import icons
from prompts import Reader

SCHEMA = "1.30"
VERSION = "1.0.0"  # grows with every change of what is in the package, so that Teams takes the new one
EVIDENCE = "evidence"

# Which of the commands Teams suggests, in this order: it shows at most twelve in a place.
IN_PRIVATE = (
    "checkin", "me", "why", "define-success", "release", "pulse", "evidence", "actions", "schedule", "pause",
    "my-data", "help",
)  # fmt: skip
IN_A_TEAM = (
    "setup", "define-success", "start", "status", "release", "retro", "pulse", "evidence", "actions", "summary",
    "checkin", "help",
)  # fmt: skip

_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same package twice is the same to the byte

Manifest = dict[str, Any]


def manifest(app_id: str, url: str) -> Manifest:
    """The manifest as Microsoft's schema has it.

    `app_id` is the bot's Microsoft app ID, `url` its public address without a slash at its end.
    """
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": VERSION,
        "id": app_id,
        "developer": {"name": about.NAME, "websiteUrl": url, "privacyUrl": url, "termsOfUseUrl": url},
        "name": {"short": about.NAME, "full": f"{about.NAME}: is it worth it to the people who pay for it?"},
        "description": {"short": f"{about.QUESTION}.", "full": about.LONG_DESCRIPTION},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": about.COLOUR,
        "bots": [_bot(app_id)],
        "composeExtensions": [_menu(app_id)],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [urlsplit(url).hostname],
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
    }


def package(app_id: str, url: str) -> bytes:
    """The file that is uploaded to Teams: the manifest and the two icons it names."""
    written = json.dumps(manifest(app_id, url), indent=2, ensure_ascii=False).encode()
    files = {"manifest.json": written, "color.png": icons.colour(), "outline.png": icons.outline()}
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name, _LONG_AGO), content, ZIP_DEFLATED)
    return packed.getvalue()


def is_app_id(text: str) -> bool:
    """Whether this looks like an app ID of Microsoft's."""
    return bool(_GUID.fullmatch(text))


def _bot(app_id: str) -> Manifest:
    return {
        "botId": app_id,
        "scopes": ["personal", "team", "groupChat"],
        "isNotificationOnly": False,
        "supportsFiles": True,
        "commandLists": [
            {"scopes": ["personal"], "commands": _commands(IN_PRIVATE)},
            {"scopes": ["team", "groupChat"], "commands": _commands(IN_A_TEAM)},
        ],
    }


def _commands(names: Sequence[str]) -> list[dict[str, str]]:
    said = prompts.say("help/verbs", Reader("en_GB", "UTC", datetime(2000, 1, 1, tzinfo=UTC)))
    return [{"title": name, "description": said(name.replace("-", "_"))} for name in names]


def _menu(app_id: str) -> Manifest:
    """What stands in the menu of a message."""
    action = {
        "id": EVIDENCE,
        "type": "action",
        "title": about.EVIDENCE,
        "description": about.ABOUT_EVIDENCE,
        "context": ["message"],
        "fetchTask": True,
    }
    return {"botId": app_id, "composeExtensionType": "botBased", "commands": [action]}
