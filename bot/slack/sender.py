"""The port to Slack: messages to people's direct messages and to channels."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.nudges.pace import Pace, Rate
from bot.nudges.port import Address, NotSent, Partly, Recipient, Refused
from bot.slack import failures, posts
from bot.slack.clients import Clients
from bot.slack.guard import Guard
from bot.slack.installs import Install, Installs
from bot.slack.lookups import Lookups, Removed
from bot.slack.render import render
from handlers.messages import File, Message


class SlackSender:
    """Sends messages to wherever the bot is installed."""

    # One message a second in a channel, and "several hundred" a minute in a workspace, as chat.postMessage says.
    pace = Pace(recipient=(Rate(1, 1),), workspace=(Rate(300, 60),))

    def __init__(self, installs: Installs, clients: Clients, clock: Clock, guard: Guard) -> None:
        self._installs = installs
        self._clients = clients
        self._clock = clock
        self._guard = guard

    def pieces(self, address: Address) -> int:
        """As how many messages one was posted."""
        return len(address["stamps"])

    async def send(self, recipient: Recipient, message: Message) -> Address:
        """Post the message, or put it in the place of the one it replaces.

        Raises NotSent, with the time that Slack told us to wait until, Refused, and Astray for something new in
        a channel that others read or that is archived; what may have arrived is raised as it came. Where a part
        of it stands, any of these is the rest of Partly.
        """
        try:
            install = await self._installs.of(recipient.workspace)
        except (SlackApiError, aiohttp.ClientError) as problem:
            raise NotSent("no token just now") from problem
        if install is None:
            raise Refused("the bot is not installed there any more")
        client = self._clients(install.token)
        if recipient.channel and not recipient.replacing:
            await self._look(client, install, recipient.channel)
        try:
            return await _show(client, recipient, message)
        except Partly as part:
            raise Partly(part.address, await self._meaning(install, part.rest)) from part
        except posts.CALL_FAILED as problem:
            meaning = await self._meaning(install, problem)
            if recipient.replacing and not isinstance(meaning, (NotSent, Refused)):
                raise NotSent("changing it again does no harm") from problem
            raise meaning from problem

    async def _meaning(self, install: Install, problem: Exception) -> Exception:
        if isinstance(problem, SlackApiError) and failures.is_removed(problem):
            await self._installs.removed(install.workspace, token=install.token)
        return failures.meaning(problem, self._clock.now())

    async def _look(self, client: AsyncWebClient, install: Install, channel: str) -> None:
        """Nothing new is posted in a channel unasked."""
        try:
            await self._guard(Lookups(client, install, self._clock), channel)
        except Removed as removed:
            await self._installs.removed(install.workspace, token=install.token)
            raise Refused(str(removed)) from removed


async def _show(client: AsyncWebClient, recipient: Recipient, message: Message) -> Address:
    pages, standing = render(message), recipient.replacing
    thread = recipient.thread["stamps"][0] if recipient.thread else ""
    if standing:
        address = await posts.redraw(client, standing["channel"], standing["stamps"], pages, thread)
    else:
        address = await posts.post(client, recipient.person or recipient.channel or "", pages, thread)
    files = [block for block in message.blocks if isinstance(block, File)]
    return await _send_files(client, files, address, standing or {}) if recipient.person and files else address


async def _send_files(client: AsyncWebClient, files: Sequence[File], address: Address, before: Address) -> Address:
    """Send those files of a message that were not sent before; how many were stands in its address."""
    sent = int(before.get("files", 0))
    for number, file in enumerate(files[sent:], sent):
        try:
            await posts.upload(client, address["channel"], file)
        except posts.CALL_FAILED as problem:
            raise Partly({**address, "files": number}, problem) from problem
    return {**address, "files": len(files)}
