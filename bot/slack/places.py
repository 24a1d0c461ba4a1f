"""Where in Slack a request came from, and so where its answer belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

URL_LIVES_S = 25 * 60  # Slack says thirty minutes; what is written in the last five may come too late


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer belongs.

    `kind` is the surface: a message that stands in a conversation, one that a single person sees, a modal,
    the home page, or nothing yet (`typed`). `url` answers there until `url_until` (seconds since 1970, UTC).
    `view` and `hash` are the modal's. `is_group` marks the direct messages of several people.
    """

    kind: Literal["typed", "message", "ephemeral", "modal", "home"]
    channel: str = ""
    message: str = ""
    thread: str = ""
    url: str = ""
    url_until: int = 0
    view: str = ""
    hash: str = ""
    is_group: bool = False

    @property
    def is_private(self) -> bool:
        """Whether nobody but the person, or nobody but a few people, is there."""
        return not self.channel or self.channel.startswith("D")

    def lives(self, now: float) -> bool:
        """Whether its address to answer to may still be used."""
        return bool(self.url) and now < self.url_until


_PLACE = TypeAdapter(Place)


def is_group(name: object) -> bool:
    """Whether a conversation of this name is the direct messages of several people."""
    return str(name or "").startswith("mpdm-")


def pack(place: Place) -> dict[str, Any]:
    """A place as it travels in a modal: what is empty stays behind."""
    return {name: value for name, value in asdict(place).items() if value}


def unpack(packed: object) -> Place:
    """A place from a modal. Raises ValueError for what is none."""
    return _PLACE.validate_python(packed)


def of_action(body: Mapping[str, Any], now: float) -> Place:
    """The place of a tapped button."""
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id", "")
    url, until = body.get("response_url") or "", int(now) + URL_LIVES_S
    if view := body.get("view"):
        kind: Literal["home", "modal"] = "home" if view.get("type") == "home" else "modal"
        return Place(kind, view=view.get("id", ""), hash=view.get("hash", ""))
    thread = container.get("thread_ts") or (body.get("message") or {}).get("thread_ts") or ""
    return Place(
        "ephemeral" if container.get("is_ephemeral") else "message",
        channel=channel,
        message=container.get("message_ts", ""),
        thread=thread,
        url=url,
        url_until=until if url else 0,
        is_group=is_group((body.get("channel") or {}).get("name")),
    )


def of_command(body: Mapping[str, Any], now: float) -> Place:
    """The place of a typed command."""
    url = body.get("response_url") or ""
    until = int(now) + URL_LIVES_S if url else 0
    group = is_group(body.get("channel_name"))
    return Place("typed", channel=body.get("channel_id", ""), url=url, url_until=until, is_group=group)


def of_event(event: Mapping[str, Any]) -> Place:
    """The place of words in a conversation."""
    return Place("typed", channel=event.get("channel") or "", thread=event.get("thread_ts") or "")
