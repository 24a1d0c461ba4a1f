"""What Slack's requests look like, as far as anything of them is read: what is not so is none of Slack's.

The gate has seen that a request is an object; from here on, whoever reads it may count on what stands in it.
Anything may be missing, for Slack leaves out what a kind of request has not; anything else may be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, TypeAdapter, ValidationError
from typing_extensions import TypedDict

LATEST = 253_402_214_400  # seconds: the last day of the year 9999, the last one that Python knows

Text = str | None
Id = Annotated[str, Field(max_length=128)] | None
Stamp = Annotated[str, Field(pattern=r"^[0-9]{0,11}(\.[0-9]{0,9})?$")] | None  # seconds since 1970, UTC


class Named(TypedDict, total=False):
    """A team, an organisation, a person or a channel."""

    id: Id
    name: Text
    domain: Text
    team_id: Id
    enterprise_id: Id


class Wide(TypedDict, total=False):
    """Where in an organisation a person is."""

    enterprise_id: Id
    teams: list[str] | None


class User(Named, total=False):
    """A person, as Slack tells what has changed about them."""

    tz: Text
    locale: Text
    enterprise_user: Wide | None


class Authorization(TypedDict, total=False):
    """Of the install that an event is for."""

    team_id: Id
    enterprise_id: Id
    is_enterprise_install: bool | None


class Option(TypedDict):
    """What was picked in a menu."""

    value: str


class Element(TypedDict, total=False):
    """A button, or an input with what stands in it."""

    action_id: Text
    value: Text
    selected_option: Option | None
    selected_options: list[Option] | None


class Block(TypedDict, total=False):
    """A block, or a part of one."""

    type: Text
    block_id: Text
    elements: list[Block] | None


class State(TypedDict, total=False):
    """What stands in the inputs of a card or a view, by block and action."""

    values: dict[str, dict[str, Element]] | None


class View(TypedDict, total=False):
    """A modal or a home page."""

    id: str
    type: str
    hash: str
    team_id: Id
    app_installed_team_id: Id
    callback_id: str
    private_metadata: str
    blocks: list[Block]
    state: State | None


class Attachment(TypedDict, total=False):
    """What hangs on a message."""

    text: Text
    fallback: Text


class Message(TypedDict, total=False):
    """A message that somebody wrote, perhaps another app."""

    user: Id
    username: Text
    text: Text
    ts: Stamp
    thread_ts: Stamp
    blocks: list[Block] | None
    attachments: list[Attachment] | None


class Container(TypedDict, total=False):
    """What a tapped button stands in."""

    channel_id: str
    message_ts: str
    thread_ts: Stamp
    is_ephemeral: bool


class Event(TypedDict, total=False):
    """What all events tell that are read."""

    type: str
    subtype: Text
    channel_type: Text
    text: Text
    thread_ts: Stamp
    tab: Text
    team: Id
    team_id: Id
    enterprise_id: Id
    view: View | None
    tokens: dict[str, list[str] | None] | None


class Visit(Event, total=False):
    """Somebody wrote something, or looked at their home page."""

    user: Id
    channel: Id


class Change(Event, total=False):
    """Something is not as it was, and may come whole."""

    user: User | Id
    channel: Named | Id


def _told(event: object) -> str:
    kind = event.get("type") if isinstance(event, Mapping) else None
    return "visit" if kind in ("message", "app_mention", "app_home_opened") else "change"


class Payload(TypedDict, total=False):
    """A command, an interaction or an envelope of an event."""

    type: Text
    command: Text
    text: Text
    challenge: Text
    callback_id: Text
    trigger_id: Text
    response_url: Text
    response_urls: list[dict[str, Any]] | None
    is_enterprise_install: bool | Text
    team_id: Id
    enterprise_id: Id
    user_id: Id
    channel_id: str
    channel_name: Text
    team: Named | None
    enterprise: Named | None
    user: Named | None
    channel: Named | None
    authorizations: list[Authorization] | None
    event_id: Id
    event_time: Annotated[int, Field(ge=0, le=LATEST)] | None
    event: Annotated[Annotated[Visit, Tag("visit")] | Annotated[Change, Tag("change")], Discriminator(_told)]
    actions: Annotated[list[Element], Field(min_length=1)]
    container: Container | None
    message: Message | None
    state: State | None
    view: View | None


_PAYLOAD = TypeAdapter(Payload)


class Unshaped(ValueError):
    """A request is none of Slack's. The text names the field that is not as it must be, never what it holds."""


def check(payload: Mapping[str, Any]) -> None:
    """See that a request is one of Slack's. Raises Unshaped."""
    try:
        _PAYLOAD.validate_python(payload, strict=True)
    except ValidationError as wrong:
        raise Unshaped(wrong.errors(include_input=False)[0]["loc"][0]) from None
