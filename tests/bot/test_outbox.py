"""What an operator sees of messages that were not sent, and may do about them; never their words."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import outbox
from bot.nudges.port import Refused
from bot.outbox import NoOutbox
from bot.settings import Settings, alone
from handlers.messages import MESSAGE, Message
from storage import Store
from storage.backlog import STUCK
from storage.database import Connection
from storage.outbox import MAX_TRIES
from storage.outbox import outbox as table
from tests.test_docs import names
from tests.world import CHANNEL, World

# The same code on both databases: the slower one says for two tests that its answers are the same.
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CANARY = "a canary that somebody wrote"


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of whoever runs the bot."""
    return alone(database_url=database_url)


async def promise(world: World, key: str, *, to_channel: bool = False) -> None:
    """A message to ben or to the channel, due now."""
    body = MESSAGE.dump_json(Message(CANARY)).decode()

    async def work(connection: Connection) -> None:
        store = Store(connection, 1)
        if to_channel:
            channel = await store.directory.channel_called(CHANNEL)
            assert channel
            await store.outbox.put(key, body, world.clock.now(), channel_id=channel.id)
        else:
            ben = await store.directory.person_called("ben")
            assert ben
            await store.outbox.put(key, body, world.clock.now(), person_id=ben.id)
        await store.outbox.make_ready(world.clock.now())

    await world.app.database.write(work)


async def fail(world: World, key: str, failure: Exception, *, to_channel: bool = False) -> int:
    """A message that could not be sent; returns its number."""
    await promise(world, key, to_channel=to_channel)
    world.chat.failures.append(failure)
    await world.app.drain()
    return await number_of(world, key)


async def number_of(world: World, key: str) -> int:
    """The number of the message with a key."""
    async with world.reading() as connection:
        found = await connection.execute(sa.select(table.c.id).where(table.c.key == key))
        return int(found.scalar_one())


def titles(world: World) -> list[str]:
    """What ben was sent."""
    return [message.title for message in world.chat.to("ben")]


async def test_what_is_dead_is_listed_with_kind_place_age_tries_and_the_reason_in_words(
    world: World, settings: Settings
) -> None:
    number = await fail(world, "card:2", Refused("user_disabled"))
    world.clock.set(world.clock.now() + timedelta(hours=3))

    shown = await outbox.listed(settings, world.clock, limit=10)

    line = next(line for line in shown.splitlines() if line.startswith(str(number)))
    assert line.split()[1:8] == ["dead", "personal", "test", "W1", "card:2", "3", "h"]
    assert line.endswith("1      its person was deactivated")


@SQLITE
async def test_what_waits_is_listed_too_and_one_state_alone_may_be_asked_for(
    world: World, settings: Settings
) -> None:
    await fail(world, "card:2", Refused("user_disabled"))
    await promise(world, "card:3")

    everything = await outbox.listed(settings, world.clock, limit=10)
    waiting = await outbox.listed(settings, world.clock, limit=10, state="due")
    elsewhere = await outbox.listed(settings, world.clock, limit=10, workspace="W2")

    assert "card:2" in everything
    assert "card:3" in everything
    assert "card:2" not in waiting
    assert elsewhere == "Nothing waits, and nothing is dead."


@SQLITE
async def test_a_long_list_is_cut_and_says_how_to_see_the_rest(world: World, settings: Settings) -> None:
    for number in range(3):
        await promise(world, f"card:{number}")

    shown = await outbox.listed(settings, world.clock, limit=2)

    assert "card:1" in shown
    assert "card:2" not in shown
    assert "--limit 20" in shown


@SQLITE
async def test_nobodys_words_are_shown(world: World, settings: Settings) -> None:
    number = await fail(world, "card:2", Refused("user_disabled"))

    shown = await outbox.listed(settings, world.clock, limit=10)
    more = await outbox.explained(settings, world.clock, number)

    assert "canary" not in shown + more
    assert "ben" not in shown + more


@SQLITE
async def test_a_dead_message_that_is_requeued_is_sent(world: World, settings: Settings) -> None:
    number = await fail(world, "card:2", Refused("user_disabled"))

    done = await outbox.requeued(settings, world.clock, [number])
    await world.app.drain()

    assert done.all_of_them
    assert done.text == f"{number}: will be sent again."
    assert titles(world).count(CANARY) == 1


@SQLITE
async def test_a_message_to_a_person_that_may_have_arrived_is_never_sent_again(
    world: World, settings: Settings
) -> None:
    number = await fail(world, "card:2", TimeoutError())

    done = await outbox.requeued(settings, world.clock, [number])
    every = await outbox.requeued_all(settings, world.clock)
    await world.app.drain()

    assert not done.all_of_them
    assert "may have arrived" in done.text
    assert every == "There is nothing that may be sent again."
    assert CANARY not in titles(world)


@SQLITE
async def test_a_message_that_was_sent_or_waits_already_or_never_was_stays_as_it_is(
    world: World, settings: Settings
) -> None:
    await promise(world, "card:1")
    await world.app.drain()
    await promise(world, "card:2")
    sent, waits = await number_of(world, "card:1"), await number_of(world, "card:2")

    done = await outbox.requeued(settings, world.clock, [sent, waits, 999])

    assert [line.partition(": ")[2][:24] for line in done.text.splitlines()] == [
        "stays as it is, because ",
        "stays as it is, because ",
        "there is no such message",
    ]
    assert titles(world).count(CANARY) == 1


async def test_all_that_is_dead_goes_again_at_once_of_one_workspace_or_of_all(
    world: World, settings: Settings
) -> None:
    await fail(world, "card:1", Refused("user_disabled"))
    await fail(world, "card:2", Refused("user_disabled"))

    other = await outbox.requeued_all(settings, world.clock, "W2")
    mine = await outbox.requeued_all(settings, world.clock, "W1")
    await world.app.drain()

    assert other == "There is nothing that may be sent again."
    assert mine == "2 messages will be sent again."
    assert titles(world).count(CANARY) == 2


@SQLITE
async def test_what_is_requeued_has_all_its_tries_again(world: World, settings: Settings) -> None:
    number = await fail(world, "card:2", Refused("user_disabled"))
    await outbox.requeued(settings, world.clock, [number])
    world.chat.failures += [ConnectionResetError()]
    await world.app.drain()

    told = await outbox.explained(settings, world.clock, number)

    assert MAX_TRIES > 1
    assert "after 1 try" in told


@SQLITE
async def test_one_message_is_explained_with_the_way_on(world: World, settings: Settings) -> None:
    number = await fail(world, "card:2", Refused("user_disabled"))

    told = await outbox.explained(settings, world.clock, number)

    assert "Why: its person was deactivated" in told
    assert "Monday 2026-11-23 08:00 UTC" in told
    assert told.endswith(f"Again: python -m bot outbox requeue {number}")


@SQLITE
async def test_where_there_is_no_database_that_is_said(tmp_path: Path, world: World) -> None:
    with pytest.raises(NoOutbox, match="There is no database"):
        await outbox.listed(alone(database_url=f"sqlite:///{tmp_path / 'none.db'}"), world.clock, limit=10)


def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot outbox …`, until it ends."""
    command = [sys.executable, "-m", "bot", "outbox", *arguments]
    environment = {**os.environ, "DATABASE_URL": url}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@SQLITE
async def test_the_command_line_lists_explains_and_requeues(world: World) -> None:
    number = await fail(world, "card:2", Refused("user_disabled"))
    maybe = await fail(world, "card:3", TimeoutError())

    shown = run(world.url)
    refused = run(world.url, "requeue", str(maybe))
    again = run(world.url, "requeue", str(number))

    assert "its person was deactivated" in shown.stdout
    assert (shown.returncode, refused.returncode, again.returncode) == (0, 1, 0)
    assert again.stdout == f"{number}: will be sent again.\n"


def test_every_reason_is_on_the_page_of_operations_and_no_other() -> None:
    assert sorted(names("operations.md", "Error")) == sorted(outbox.REASONS)


@SQLITE
async def test_what_is_stuck_is_counted_without_looking_through_what_was_sent(world: World) -> None:
    query = f"explain query plan select count(*) from outbox where {STUCK.text}"  # noqa: S608 - words of our own

    async with world.reading() as connection:
        plan = (await connection.execute(sa.text(query))).all()

    assert "ix_outbox_stuck" in str(plan)
