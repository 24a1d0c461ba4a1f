"""What a message of Slack's says, when and where, as fields of evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.text import escape, read

Json = Mapping[str, Any]

# What stands in rich text for a mention or a sign, as markup: the name of what is in it, and what is around that.
POINTING = {
    "user": ("user_id", "<@", ">"),
    "channel": ("channel_id", "<#", ">"),
    "usergroup": ("usergroup_id", "<!subteam^", ">"),
    "broadcast": ("range", "<!", ">"),
    "emoji": ("name", ":", ":"),
}


def quoted(body: Json, names: Mapping[str, str], author: str, zone: str, address: str) -> dict[str, str]:
    """The fields that a message fills, for somebody in a time zone: a day that is theirs, not UTC's.

    `names` are those of whom and what it mentions, by id; `address` is where the workspace is on the web.
    """
    message = body.get("message") or {}
    stamp = str(message.get("ts") or "").partition(".")[0]
    said_at = datetime.fromtimestamp(int(stamp), UTC) if stamp.isdigit() else None
    return {
        "words": read(markup(message), names),
        "said_by": author or str(message.get("username") or ""),
        "link": _link(body, message, address),
        "date": said_at.astimezone(ZoneInfo(zone)).date().isoformat() if said_at else "",
    }


def address_in(body: Json) -> str:
    """Where the workspace is on the web, as a request tells; "" where it names none, as of an organisation."""
    domain = (body.get("team") or {}).get("domain")
    return f"https://{domain}.slack.com" if domain else ""


def markup(message: Json) -> str:
    """A message in Slack's markup: its text, or what its blocks or attachments say where it has none."""
    if text := str(message.get("text") or "").strip():
        return text
    attached = message.get("attachments") or ()
    said = [_block(each) for each in message.get("blocks") or ()]
    said += [str(each.get("text") or each.get("fallback") or "") for each in attached]
    return "\n".join(filter(None, said))


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
        kind = str(part.get("type"))
        text = part.get("text") or part.get("url") or part.get("alt_text")
        if isinstance(text, str):
            yield text if kind == "mrkdwn" else escape(text)
        if kind in POINTING:
            name, before, after = POINTING[kind]
            yield f"{before}{part.get(name, '')}{after}"
        yield from _pieces([part.get(name) for name in ("title", "text", "fields", "elements")])


def _link(body: Json, message: Json, address: str) -> str:
    """Where the message stands, as Slack's own links are made; a reply's link names its thread."""
    stamp = str(message.get("ts") or "")
    if not (address and stamp):
        return ""
    channel, thread = (body.get("channel") or {}).get("id", ""), message.get("thread_ts")
    under = f"?thread_ts={thread}&cid={channel}" if thread and thread != stamp else ""
    return f"{address}/archives/{channel}/p{stamp.replace('.', '')}{under}"
