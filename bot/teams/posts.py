"""What is called of Teams to show a message: new cards, changed cards, and the files that come with them."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
import structlog
from botbuilder.schema import Activity, ActivityTypes, Attachment, ChannelAccount, ConversationParameters

from bot.nudges.port import NotSent, Partly
from bot.teams import render
from bot.teams.connectors import Connector
from bot.teams.failures import CallFailed
from bot.teams.kit import CONTENT_TYPE, Json
from handlers.messages import File, Message, Text

FAILED = (CallFailed, NotSent, aiohttp.ClientError, TimeoutError)

log = structlog.get_logger()


def activities(message: Message) -> list[Activity]:
    """A message as activities: one card each, and as few of them as take all of it."""
    summary = render.summary(message)
    return [activity(card, summary) for card in render.cards(message)]


def activity(card: Json, summary: str) -> Activity:
    """A card as an activity; `summary` is what a notification says."""
    attachment = Attachment(content_type=CONTENT_TYPE, content=card)
    return Activity(type=ActivityTypes.message, summary=summary, attachments=[attachment])


def text(words: str) -> Activity:
    """A plain sentence of the bot's own: nothing in it is read as Markdown."""
    return Activity(type=ActivityTypes.message, text=words, text_format="plain", summary=words)


def word_for_word(files: Sequence[File]) -> list[Activity]:
    """Files as cards with all that is in them, for where a bot may not put any into the chat."""
    return [each for file in files for each in activities(Message(file.name, (Text(file.content),)))]


async def post(connector: Connector, conversation: str, shown: Sequence[Activity]) -> list[str]:
    """Post activities one after the other. Returns their ids.

    Raises Partly where a later one was not taken: once the first stands, all of it again would stand there twice.
    """
    posted = [await _post(connector, conversation, shown[0])]
    return await _go_on(connector, conversation, posted, shown)


async def begin_thread(
    connector: Connector, channel: str, tenant: str, bot: str, shown: Sequence[Activity]
) -> tuple[str, list[str]]:
    """Post to a channel as a thread of its own. Returns its conversation and the ids. Raises as `post` does."""
    parameters = ConversationParameters(
        is_group=True,
        bot=ChannelAccount(id=bot),
        tenant_id=tenant,
        channel_data={"channel": {"id": channel}, "tenant": {"id": tenant}},
        activity=shown[0],
    )
    begun = await connector.conversations.create_conversation(parameters)
    posted = [begun.activity_id or begun.id.partition(";messageid=")[2]]
    return begun.id, await _go_on(connector, begun.id, posted, shown)


async def redraw(
    connector: Connector, conversation: str, standing: Sequence[str], shown: Sequence[Activity]
) -> list[str]:
    """Put activities in the place of those that stand. Returns their ids: more where there are more now.

    Raises Partly where one that comes after them was not taken; to change the others again does no harm.
    """
    for name, each in zip(standing, shown, strict=False):
        await connector.conversations.update_activity(conversation, name, each)
    for surplus in standing[len(shown) :]:
        try:
            await connector.conversations.delete_activity(conversation, surplus)
        except CallFailed as gone:
            log.info("not there any more", status=gone.status)
    return await _go_on(connector, conversation, standing[: len(shown)], shown)


async def _go_on(
    connector: Connector, conversation: str, standing: Sequence[str], shown: Sequence[Activity]
) -> list[str]:
    """Post those that do not stand yet, after those that do. Raises Partly where one was not taken."""
    stands = [*standing]
    for each in shown[len(standing) :]:
        try:
            stands.append(await _post(connector, conversation, each))
        except FAILED as problem:
            log.error("the rest of a long message was not taken", kind=type(problem).__name__)
            raise Partly({"conversation": conversation, "activities": stands}, problem) from problem
    return stands


async def _post(connector: Connector, conversation: str, shown: Activity) -> str:
    return str((await connector.conversations.send_to_conversation(conversation, shown)).id)
