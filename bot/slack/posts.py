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

from bot.nudges.port import Address, Partly
from bot.slack.failures import error_of
from bot.slack.places import Place
from bot.slack.render import Page
from handlers.messages import File

Json = dict[str, Any]

log = structlog.get_logger()

CALL_FAILED = (SlackApiError, aiohttp.ClientError, TimeoutError)

# Nothing in the notification's text is read as markup, and no link is unfolded.
LITERAL: Json = {
    "mrkdwn": False,
    "parse": "none",
    "link_names": False,
    "unfurl_links": False,
    "unfurl_media": False,
}


async def post(client: AsyncWebClient, channel: str, pages: Sequence[Page], thread: str = "") -> Address:
    """Post pages one after the other; the later ones as replies to the first. Returns where they stand.

    `channel` may be a member's id: then it is their direct messages. Raises Partly where a later page was not
    taken: once the first stands, all of it again would stand there twice.
    """
    posted = await _post(client, channel, pages[0], thread)
    return await _go_on(client, posted["channel"], [posted["ts"]], pages, thread)


async def _go_on(
    client: AsyncWebClient, channel: str, stamps: Sequence[str], pages: Sequence[Page], thread: str
) -> Address:
    """Post those pages that do not stand yet, after those that do. Raises Partly where one was not taken."""
    stands = [*stamps]
    for page in pages[len(stamps) :]:
        try:
            stands.append((await _post(client, channel, page, thread or stands[0]))["ts"])
        except CALL_FAILED as problem:
            log.error("the rest of a long message was not taken", kind=type(problem).__name__)
            raise Partly({"channel": channel, "stamps": stands}, problem) from problem
    return {"channel": channel, "stamps": stands}


async def _post(client: AsyncWebClient, channel: str, page: Page, thread: str) -> Any:
    shown = {"text": page.text, "blocks": page.blocks, **LITERAL, **({"thread_ts": thread} if thread else {})}
    return await client.chat_postMessage(channel=channel, **shown)


async def redraw(
    client: AsyncWebClient, channel: str, stamps: Sequence[str], pages: Sequence[Page], thread: str = ""
) -> Address:
    """Put pages in the place of those that stand; where they are more now, after them. Returns where they stand.

    Raises Partly where one that comes after them was not taken; to change the others again does no harm.
    """
    for stamp, page in zip(stamps, pages, strict=False):
        await client.chat_update(
            channel=channel, ts=stamp, text=page.text, blocks=page.blocks, parse="none", link_names=False
        )
    for surplus in stamps[len(pages) :]:
        with suppress(SlackApiError):  # deleted already, by an earlier try
            await client.chat_delete(channel=channel, ts=surplus)
    return await _go_on(client, channel, stamps[: len(pages)], pages, thread)


async def whisper(
    client: AsyncWebClient, channel: str, person: str, pages: Sequence[Page], thread: str = ""
) -> int:
    """Show pages to one person in a channel. Returns how many of them Slack took."""
    for number, page in enumerate(pages):
        try:
            await client.chat_postEphemeral(
                channel=channel,
                user=person,
                text=page.text,
                blocks=page.blocks,
                thread_ts=thread or None,
                parse="none",
                link_names=False,
            )
        except SlackApiError as refused:
            log.info("not shown in the channel", error=error_of(refused))
            return number
    return len(pages)


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


async def upload(client: AsyncWebClient, channel: str, file: File) -> None:
    """Send a file to a conversation."""
    content = file.content.encode()
    place = await client.files_getUploadURLExternal(filename=file.name, length=len(content))
    session = client.session
    if session is None:
        raise LookupError("a client without a session")
    async with session.post(place["upload_url"], data=content, allow_redirects=False) as answer:
        answer.raise_for_status()
    await client.files_completeUploadExternal(
        files=[{"id": place["file_id"], "title": file.name}], channel_id=channel
    )
