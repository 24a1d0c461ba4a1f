"""Files: an address to upload to, and the upload's completion, which may share it."""

from __future__ import annotations

from tests.fakes.slack.api.calls import Call, Method
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.posting import draft_of, post
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel

ALT_CHARACTERS = 1000


async def upload_url(call: Call) -> Json:
    """files.getUploadURLExternal"""
    if not call.text("length").isdigit() or int(call.text("length")) == 0:
        raise SlackError("invalid_arguments")
    if len(call.text("alt_txt")) > ALT_CHARACTERS:
        raise SlackError("alt_txt_too_large")
    named = call.slack.world.new_id("F")
    call.slack.uploads[named] = {
        "id": named,
        "name": call.text("filename"),
        "length": int(call.text("length")),
        "alt_txt": call.text("alt_txt"),
        "team": call.installation.workspaces[0].id,
        "bytes": None,
    }
    return {"ok": True, "upload_url": f"{call.slack.url}/upload/v1/{named}", "file_id": named}


def _place(call: Call) -> tuple[Channel | None, str | None]:
    if not call.text("channel_id"):
        return None, None
    channel = call.channel(call.text("channel_id"))
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.installation.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    thread = call.text("thread_ts") or None
    if thread and channel.find(thread) is None:
        raise SlackError("thread_not_found")
    return channel, thread


async def complete(call: Call) -> Json:
    """files.completeUploadExternal"""
    listed = call.parsed("files")
    if not isinstance(listed, list) or not listed:
        raise SlackError("invalid_arguments")
    channel, thread = _place(call)
    files = [_completed(call, each) for each in listed]
    if channel:
        words = call.text("initial_comment") or ", ".join(each["title"] for each in files)
        post(
            call.slack,
            channel,
            draft_of(call.slack, {"text": words}),
            call.installation.bot.id,
            by_app=True,
            thread_ts=thread,
            files=[each["id"] for each in files],
        )
    return {"ok": True, "files": [{"id": each["id"], "title": each["title"]} for each in files]}


def _completed(call: Call, listed: Json) -> Json:
    upload = call.slack.uploads.get(listed.get("id", ""))
    if upload is None or upload["bytes"] is None:
        raise SlackError("file_not_found")
    upload["title"] = listed.get("title") or upload["name"]
    call.slack.world.files[upload["id"]] = upload
    return upload


METHODS = {
    "files.getUploadURLExternal": Method(upload_url, "files:write", ("filename", "length")),
    "files.completeUploadExternal": Method(complete, "files:write", ("files",), takes_json=True),
}
