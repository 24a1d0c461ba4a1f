"""What a message of Slack's says, when and where, as fields of evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.text import read

Json = Mapping[str, Any]


def quoted(body: Json, author: str, zone: str) -> dict[str, str]:
    """The fields that a message fills, for somebody in a time zone: a day that is theirs, not UTC's."""
    message = body.get("message") or {}
    stamp = str(message.get("ts") or "").partition(".")[0]
    said_at = datetime.fromtimestamp(int(stamp), UTC) if stamp.isdigit() else None
    return {
        "words": _words(message),
        "said_by": author or str(message.get("username") or ""),
        "link": _link(body, message),
        "date": said_at.astimezone(ZoneInfo(zone)).date().isoformat() if said_at else "",
    }


def _words(message: Json) -> str:
    """A message's words: its text, or what its blocks or attachments say where it has none."""
    if text := read(str(message.get("text") or "")).strip():
        return text
    attached = message.get("attachments") or ()
    said = [_block(each) for each in message.get("blocks") or ()]
    said += [read(str(each.get("text") or each.get("fallback") or "")) for each in attached]
    return "\n".join(filter(None, said)).strip()


def _block(block: Json) -> str:
    """The words of one block. The pieces of a line of rich text belong together."""
    if block.get("type") != "rich_text":
        return "\n".join(_pieces(block))
    return "\n".join("".join(_pieces(line)) for part in block.get("elements") or () for line in _lines(part))


def _lines(part: Json) -> list[Json]:
    return list(part.get("elements") or ()) if part.get("type") == "rich_text_list" else [part]


def _pieces(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _pieces(each)
    elif isinstance(part, Mapping):
        text = part.get("text") or part.get("url") or part.get("alt_text")
        if isinstance(text, str):
            yield read(text) if part.get("type") == "mrkdwn" else text
        yield from _pieces([part.get(name) for name in ("title", "text", "fields", "elements")])


def _link(body: Json, message: Json) -> str:
    """Where the message stands, as Slack's own links are made; a reply's link names its thread."""
    domain, stamp = (body.get("team") or {}).get("domain"), str(message.get("ts") or "")
    if not (domain and stamp):
        return ""
    channel, thread = (body.get("channel") or {}).get("id", ""), message.get("thread_ts")
    under = f"?thread_ts={thread}&cid={channel}" if thread and thread != stamp else ""
    return f"https://{domain}.slack.com/archives/{channel}/p{stamp.replace('.', '')}{under}"
