"""What is called of Slack to show something: posts, changes, whispers, views and files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.places import Place
from bot.slack.render import Page
from handlers.messages import File

Json = dict[str, Any]

log = structlog.get_logger()

# Nothing in the notification's text is read as markup, and no link is unfolded.
LITERAL: Json = {
    "mrkdwn": False,
    "parse": "none",
    "link_names": False,
    "unfurl_links": False,
    "unfurl_media": False,
}


async def post(
    client: AsyncWebClient, channel: str, pages: Sequence[Page], thread: str = ""
) -> tuple[str, list[str]]:
    """Post pages one after the other; the later ones as replies to the first. Returns the channel and their times.

    `channel` may be a member's id: then it is their direct messages. Once the first stands, the message is
    sent: where a later one is refused, it is left out, because all of it again would stand there twice.
    """
    first, *others = pages
    posted = await _post(client, channel, first, thread)
    channel, stamps = posted["channel"], [posted["ts"]]
    for page in others:
        try:
            stamps.append((await _post(client, channel, page, thread or stamps[0]))["ts"])
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as problem:
            log.error("the rest of a long message was not taken", kind=type(problem).__name__)
            break
    return channel, stamps


async def _post(client: AsyncWebClient, channel: str, page: Page, thread: str) -> Any:
    shown = {"text": page.text, "blocks": page.blocks, **LITERAL, **({"thread_ts": thread} if thread else {})}
    return await client.chat_postMessage(channel=channel, **shown)


async def redraw(client: AsyncWebClient, channel: str, stamps: Sequence[str], pages: Sequence[Page]) -> list[str]:
    """Put pages in the place of those that stand. Returns their times: more where there are more pages now."""
    for stamp, page in zip(stamps, pages, strict=False):
        await client.chat_update(
            channel=channel, ts=stamp, text=page.text, blocks=page.blocks, parse="none", link_names=False
        )
    for surplus in stamps[len(pages) :]:
        with suppress(SlackApiError):  # deleted already, by an earlier try
            await client.chat_delete(channel=channel, ts=surplus)
    if len(pages) <= len(stamps):
        return list(stamps[: len(pages)])
    _, added = await post(client, channel, pages[len(stamps) :], stamps[0])
    return [*stamps, *added]


async def whisper(
    client: AsyncWebClient, channel: str, person: str, pages: Sequence[Page], thread: str = ""
) -> None:
    """Show pages to one person in a channel."""
    for page in pages:
        await client.chat_postEphemeral(
            channel=channel,
            user=person,
            text=page.text,
            blocks=page.blocks,
            thread_ts=thread or None,
            parse="none",
            link_names=False,
        )


class BadAddress(ValueError):
    """An address to answer to that is not Slack's."""


class Answers:
    """Answers to the addresses that come with requests: only where Slack itself listens, and following nobody.

    Slack takes five answers at one address, within thirty minutes.
    """

    def __init__(self, api_url: str) -> None:
        api = urlsplit(api_url)
        self._scheme = api.scheme
        self._host = f"hooks.{api.hostname}" if api.scheme == "https" else api.netloc

    async def __call__(
        self, session: aiohttp.ClientSession, place: Place, pages: Sequence[Page], *, replaces: bool
    ) -> int:
        """Show pages at a place, the first in place of the card there. Returns how many of them Slack took."""
        self._check(place.url)
        for number, page in enumerate(pages):
            body = {
                "text": page.text,
                "blocks": page.blocks,
                "response_type": "ephemeral",
                "replace_original": replaces and number == 0,
                **({"thread_ts": place.thread} if place.thread else {}),
            }
            async with session.post(place.url, json=body, allow_redirects=False) as answer:
                if answer.status != 200:
                    return number
        return len(pages)

    def _check(self, url: str) -> None:
        parsed = urlsplit(url)
        if parsed.scheme != self._scheme or parsed.netloc != self._host:
            raise BadAddress(BadAddress.__doc__)


async def upload(client: AsyncWebClient, person: str, files: Sequence[File]) -> None:
    """Send files to a person's direct messages."""
    opened = await client.conversations_open(users=person)
    for file in files:
        content = file.content.encode()
        place = await client.files_getUploadURLExternal(filename=file.name, length=len(content))
        session = client.session
        if session is None:
            raise LookupError("a client without a session")
        async with session.post(place["upload_url"], data=content, allow_redirects=False) as answer:
            answer.raise_for_status()
        await client.files_completeUploadExternal(
            files=[{"id": place["file_id"], "title": file.name}], channel_id=opened["channel"]["id"]
        )
