"""Files in a personal chat: the question whether one may be stored, the upload, and the file that stands there.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import web

from tests.fakes.teams.calls import Call
from tests.fakes.teams.errors import bad
from tests.fakes.teams.structure import Findings, Json, anything, number, shape, words

if TYPE_CHECKING:
    from tests.fakes.teams.server import FakeTeams

CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
CONTENTS = {
    CONSENT: shape(
        {"sizeInBytes": number}, {"description": words, "acceptContext": anything, "declineContext": anything}
    ),
    INFO: shape({"uniqueId": words, "fileType": words}),
}
RANGE = re.compile(r"bytes 0-(\d+)/(\d+)")


def check(call: Call, attachment: Json) -> None:
    """Whether Teams would take it. Raises ConnectorError where not."""
    kind, found = attachment["contentType"], Findings()
    CONTENTS[kind](attachment.get("content"), "$", found)
    if not attachment.get("name") or (kind == INFO and not attachment.get("contentUrl")):
        raise bad("A file without a name or a place.")
    if found.problems:
        raise bad(f"The card is not valid: {'; '.join(found.problems)}")
    if call.conversation.kind != "personal" or not call.teams.takes_files:
        raise bad("Files are for personal chats of apps that support them.")


def answered(teams: FakeTeams, attachment: Json, *, accept: bool, upload: str = "") -> Json:
    """The value of the invoke that tells what somebody said."""
    told: Json = {"type": "fileUpload", "action": "accept" if accept else "decline"}
    told["context"] = attachment["content"]["acceptContext" if accept else "declineContext"]
    if accept:
        name, unique = attachment["name"], teams.world.guid()
        told["uploadInfo"] = {
            "contentUrl": f"https://sample.sharepoint.com/personal/Documents/{name}",
            "name": name,
            "uploadUrl": upload or f"{teams.url}/upload/{unique}/{name}?guid='1'&overwrite=True",
            "uniqueId": unique,
            "fileType": name.rpartition(".")[2],
        }
    return told


async def take(teams: FakeTeams, request: web.Request) -> web.Response:
    """The upload: all of a file in one piece, with no token but what is in the address."""
    content = await request.read()
    said = RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if teams.upload_status != 201:
        return web.Response(status=teams.upload_status, headers={"Location": f"{teams.url}/upload/x/elsewhere"})
    if "Authorization" in request.headers or not said or (int(said[1]) + 1, int(said[2])) != (len(content),) * 2:
        return web.Response(status=400)
    teams.files[request.match_info["name"]] = content.decode()
    return web.json_response({"id": request.match_info["unique"]}, status=201)
