"""Messages that are promised to somebody, or to the channel, without anybody having asked for them."""

from __future__ import annotations

from handlers.messages import MESSAGE, Message
from storage import Store
from storage.database import Connection
from storage.directory import workspace_called
from tests.bot.slack.office import Office
from tests.world import CHANNEL


async def promised(opened: Office, message: Message, to: str, *, thread: str | None = None) -> None:
    """Promise a message and try to send it; the same title again takes the place of what stands."""

    async def work(connection: Connection) -> None:
        workspace = await workspace_called(connection, "slack", opened.slack.workspace().id)
        store = Store(connection, workspace or 0)
        person = await store.directory.person_called(opened.person(to).id) if to != CHANNEL else None
        channel = await store.directory.channel_called(opened.slack.channel(CHANNEL).id)
        assert channel
        recipient = {"person_id": person.id} if person else {"channel_id": channel.id, "thread": thread}
        body = MESSAGE.dump_json(message).decode()
        await store.outbox.put(f"{message.title}:{to}", body, opened.clock.now(), **recipient)
        await store.outbox.make_ready(opened.clock.now())

    await opened.app.database.write(work)
    await opened.tick()
