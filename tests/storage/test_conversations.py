"""Where the bot may write: kept once, followed when the chat service moves, closed and opened again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from storage import Store
from storage.conversations import Conversations
from storage.database import Connection, Database
from storage.directory import Role, add_workspace

T = TypeVar("T")

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OLD, NEW = "https://old.example/50%_\"'\\/", "https://new.example/"


async def within(
    database: Database, work: Callable[[Conversations, int], Awaitable[T]], workspace: str = "T1"
) -> T:
    """Work with the conversations of a workspace that has one person in it."""

    async def run(connection: Connection) -> T:
        number = await add_workspace(connection, "teams", workspace, "", NOW)
        profile = {"name": "Ana", "does": "", "zone": "UTC", "locale": "en_GB", "role": Role.MEMBER}
        person = await Store(connection, number).directory.keep_person("29:ana", NOW, **profile)
        return await work(Conversations(connection, number), person)

    return await database.write(run)


async def test_a_conversation_is_kept_once_and_reached_as_it_was_told_last(database: Database) -> None:
    async def work(known: Conversations, person: int) -> Any:
        for service in (OLD, NEW):
            await known.meet("a:1", {"service": service}, person, NOW)
        return await known.of_person("29:ana"), len(await known.of_channels())

    found, others = await within(database, work)

    assert found.notes == {"service": NEW}
    assert others == 0


async def test_of_several_with_a_person_the_one_seen_last_counts(database: Database) -> None:
    async def work(known: Conversations, person: int) -> Any:
        await known.meet("a:2", {}, person, NOW + timedelta(minutes=1))
        await known.meet("a:1", {}, person, NOW)
        return await known.of_person("29:ana"), await known.latest()

    found, latest = await within(database, work)

    assert found.external_id == latest.external_id == "a:2"


async def test_who_moves_takes_along_all_that_were_at_the_same_place(database: Database) -> None:
    async def begin(known: Conversations, person: int) -> None:
        await known.meet("a:1", {"service": OLD, "bot": OLD}, person, NOW)
        await known.meet("19:c", {"service": OLD}, None, NOW)
        await known.meet("19:d", {"service": f"{OLD}x"}, None, NOW)

    async def move(known: Conversations, _person: int) -> list[object]:
        await known.move({"service": OLD}, {"service": NEW})
        return [dict(each.notes) for name in ("a:1", "19:c", "19:d") if (each := await known.called(name))]

    async def elsewhere(known: Conversations, _person: int) -> Any:
        found = await known.called("a:1")
        return found and found.notes["service"]

    await within(database, begin)
    await within(database, begin, "T2")

    assert await within(database, move) == [{"service": NEW, "bot": OLD}, {"service": NEW}, {"service": f"{OLD}x"}]
    assert await within(database, elsewhere, "T2") == OLD


async def test_what_is_closed_is_open_again_once_somebody_speaks_there(database: Database) -> None:
    async def work(known: Conversations, person: int) -> list[object]:
        await known.meet("a:1", {}, person, NOW)
        await known.close("a:1", NOW)
        await known.close("a:1", NOW + timedelta(days=1))
        closed = await known.called("a:1")
        await known.meet("a:1", {}, person, NOW)
        opened = await known.called("a:1")
        return [closed and closed.closed_at, opened and opened.closed_at]

    assert await within(database, work) == [NOW, None]


async def test_a_welcome_is_given_once(database: Database) -> None:
    async def work(known: Conversations, person: int) -> list[bool]:
        before = await known.welcome("a:1", NOW)
        await known.meet("a:1", {}, person, NOW)
        return [before, await known.welcome("a:1", NOW), await known.welcome("a:1", NOW)]

    assert await within(database, work) == [False, True, False]
