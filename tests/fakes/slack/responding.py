"""Response URLs: five answers in thirty minutes to what somebody did, wherever they did it.

Rules: https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.posting import draft_of, post, redraw
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Channel, Message, Person, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

LIFE = timedelta(minutes=30)
USES = 5
KNOWN = {
    "text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts", "mrkdwn", "parse",
    "link_names", "unfurl_links", "unfurl_media", "metadata", "attachments",
}  # fmt: skip


@dataclass
class ResponseUrl:
    """Where to answer one thing that somebody did. `original` is the message that they did it on."""

    workspace: Workspace
    channel: Channel
    person: Person
    original: Message | None
    given_at: datetime
    uses: int = 0
    thread_ts: str | None = None


def give_url(
    slack: FakeSlack, kind: str, workspace: Workspace, channel: Channel, person: Person, original: Message | None
) -> str:
    """A new response URL; `kind` is `commands` or `actions`."""
    path = f"{kind}/{workspace.id}/{slack.world.number()}/{secrets.token_urlsafe(12)}"
    thread = original.thread_ts if original else None
    slack.response_urls[path] = ResponseUrl(
        workspace, channel, person, original, slack.clock.now(), thread_ts=thread
    )
    return f"{slack.url}/{path}"


def use_url(slack: FakeSlack, path: str, body: Any) -> None:
    """Answer by a response URL, or raise SlackError. A URL that is over answers 404."""
    link = slack.response_urls.get(path)
    if link is None:
        raise SlackError("invalid_url", status=404)
    if slack.clock.now() - link.given_at > LIFE:
        raise SlackError("expired_url", status=404)
    if link.uses >= USES:
        raise SlackError("used_url", status=404)
    if not isinstance(body, dict):
        raise SlackError("invalid_payload", status=400)
    link.uses += 1
    respond(slack, link, body)


def respond(slack: FakeSlack, link: ResponseUrl, body: Json) -> Message | None:
    """Show an answer, or raise SlackError."""
    if unknown := body.keys() - KNOWN:
        raise SlackError("invalid_payload", unknown=sorted(unknown))
    if body.get("delete_original") is True:
        _delete(slack, link)
        return None
    if body.get("replace_original") is True:
        return _replace(slack, link, body)
    kind = body.get("response_type", "ephemeral")
    if kind not in {"ephemeral", "in_channel"}:
        raise SlackError("invalid_response_type")
    return post(
        slack,
        link.channel,
        draft_of(slack, body),
        link.workspace.bot,
        by_app=True,
        ephemeral_to=link.person.id if kind == "ephemeral" else None,
        thread_ts=body.get("thread_ts") or link.thread_ts,
    )


def _standing(link: ResponseUrl) -> Message:
    if link.original is None or link.original.is_deleted or not link.original.by_app:
        raise SlackError("message_not_found", status=404)
    return link.original


def _delete(slack: FakeSlack, link: ResponseUrl) -> None:
    _standing(link).is_deleted = True
    slack.happened()


def _replace(slack: FakeSlack, link: ResponseUrl, body: Json) -> Message:
    draft = draft_of(slack, body)
    message = _standing(link)
    draft.blocks = draft.blocks or []
    message.text = ""
    redraw(slack, message, draft)
    return message
