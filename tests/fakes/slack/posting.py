"""Messages on their way into a conversation: what Slack refuses, what it keeps, and what they set off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.slack.blocks import BLOCKS_CHARACTERS, check_blocks, with_ids
from tests.fakes.slack.errors import SlackError, refused
from tests.fakes.slack.markup import of_message
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Message

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

TEXT_CHARACTERS = 40_000


@dataclass
class Draft:
    """The words of a message that has passed all checks. `blocks` of None leaves those of an edited message."""

    text: str
    blocks: list[Json] | None
    parse: str
    link_names: bool
    mrkdwn: bool


def draft_of(slack: FakeSlack, args: Json) -> Draft:
    """Read a message's words, or raise SlackError."""
    blocks, text = args.get("blocks"), args.get("text") or ""
    if not isinstance(text, str):
        raise refused("invalid_arguments", ["must provide a string [json-pointer:/text]"])
    if len(text) > TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    if blocks is not None:
        _check(slack, blocks)
    if args.get("attachments"):
        raise SlackError("invalid_attachments")
    if not blocks and not text.strip():
        raise SlackError("no_text")
    return Draft(
        text,
        None if blocks is None else with_ids(blocks),
        str(args.get("parse", "")),
        args.get("link_names") in (True, "true", "1", 1),
        args.get("mrkdwn") not in (False, "false", "0", 0),
    )


def _check(slack: FakeSlack, blocks: Any) -> None:
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    found = check_blocks(blocks)
    found.problems += [f"invalid slack file {file}" for file in found.files if file not in slack.world.files]
    if found.problems:
        raise refused("invalid_blocks", found.problems)
    if found.characters > BLOCKS_CHARACTERS:
        raise SlackError("msg_blocks_too_long")


def post(slack: FakeSlack, channel: Channel, draft: Draft, user: str, **more: Any) -> Message:
    """Put a message into a conversation."""
    message = Message(
        slack.world.new_ts(), channel, user, draft.text, draft.blocks or [], order=slack.world.number(), **more
    )
    channel.history.append(message)
    _noted(slack, draft, message)
    return message


def redraw(slack: FakeSlack, message: Message, draft: Draft) -> None:
    """Change a message that stands."""
    message.text = draft.text or message.text
    if draft.blocks is not None:
        message.blocks = draft.blocks
    message.edits += 1
    message.order = slack.world.number()
    _noted(slack, draft, message)


def _noted(slack: FakeSlack, draft: Draft, message: Message) -> None:
    slack.traces += of_message(
        draft.text, draft.blocks or [], parse=draft.parse, link_names=draft.link_names, mrkdwn=draft.mrkdwn
    )
    if message.by_app:
        slack.happened()


def as_payload(message: Message, app: str, bot_id: str) -> Json:
    """A message as events, answers and interactions carry it."""
    payload: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": message.channel.team,
    }
    if message.blocks:
        payload["blocks"] = message.blocks
    if message.by_app:
        payload |= {"bot_id": bot_id, "app_id": app}
    if message.thread_ts:
        payload["thread_ts"] = message.thread_ts
    if message.edits:
        payload["edited"] = {"user": message.user, "ts": message.ts}
    if message.files:
        payload["files"] = [{"id": each} for each in message.files]
    return payload
