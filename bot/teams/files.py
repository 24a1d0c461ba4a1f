"""Files in somebody's own chat: the card that asks whether one may go to their OneDrive, and the upload.

As "Send and receive files through the bot", in Microsoft's documentation, has it. The file is made anew once they
have allowed it: the card carries only its name and that of the button that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from botbuilder.schema import Activity, ActivityTypes, Attachment
from yarl import URL

from bot.teams.activities import part
from bot.teams.hosts import FileHosts
from bot.teams.http import Http
from bot.teams.kit import Json
from handlers.messages import File, Message

CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
MOST_NAME = 100
MOST_BYTES = 4_000_000  # of a file that is sent in one piece, well below what OneDrive takes

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody has allowed: the file of this name, which this action makes, at this address."""

    action: str
    name: str
    upload: Mapping[str, Any]


def files_of(message: Message) -> list[File]:
    """The files of a message."""
    return [block for block in message.blocks if isinstance(block, File)]


def question(file: File, action: str, words: str) -> Activity:
    """Ask whether a file may be put into the person's OneDrive; `words` say what it is."""
    context = {"action": action, "file": file.name}
    content: Json = {
        "description": words,
        "sizeInBytes": len(file.content.encode()),
        "acceptContext": context,
        "declineContext": context,
    }
    attachment = Attachment(content_type=CONSENT, name=file.name[:MOST_NAME], content=content)
    return Activity(type=ActivityTypes.message, summary=words, attachments=[attachment])


def allowed(value: object) -> Allowed | None:
    """What the answer to such a card allows; None where it allows nothing."""
    told = part(value)
    context, upload = part(told.get("context")), part(told.get("uploadInfo"))
    action, name = context.get("action"), context.get("file")
    if told.get("action") != "accept" or not isinstance(action, str) or not isinstance(name, str):
        return None
    return Allowed(action, name, upload)


def standing(upload: Mapping[str, Any], name: str) -> Activity | None:
    """The file as it stands in the chat now; None where Teams did not tell where it is."""
    link, unique, kind = (upload.get(each) for each in ("contentUrl", "uniqueId", "fileType"))
    if not (isinstance(link, str) and isinstance(unique, str) and isinstance(kind, str)):
        return None
    content = {"uniqueId": unique, "fileType": kind}
    attachment = Attachment(content_type=INFO, name=name[:MOST_NAME], content_url=link, content=content)
    return Activity(type=ActivityTypes.message, summary=name, attachments=[attachment])


class Uploads:
    """Puts files where somebody has allowed it. The bot's token is never shown there."""

    def __init__(self, http: Http, hosts: FileHosts) -> None:
        self._http = http
        self._hosts = hosts

    async def put(self, url: object, text: str) -> bool:
        """Put a file there, and say whether it stands now. No other address is called than one for files."""
        content = text.encode()
        if not isinstance(url, str) or not self._hosts.allows(url) or not 0 < len(content) <= MOST_BYTES:
            return False
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}",
        }
        try:
            request = self._http.request("PUT", URL(url, encoded=True), data=content, headers=headers)
            async with request as answer:
                done = answer.status in (200, 201)
        except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
            log.error("file not taken", kind=type(problem).__name__)
            return False
        if not done:
            log.error("file not taken", status=answer.status)
        return done
