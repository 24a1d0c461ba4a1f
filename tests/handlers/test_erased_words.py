"""What was erased is nowhere any more: not in a free page, a copy kept for a repeat, or a posted summary."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa

from bot.nudges.port import Refused
from storage.outbox import deliveries, outbox
from tests.handlers.initiatives.plan import lines
from tests.handlers.retros.review import (
    DEADLINE,
    REVIEW_DAY,
    answer,
    numbers,
    opened,
    opened_from_the_days_card,
    released,
    summary_of,
    thread,
)
from tests.handlers.setup import erase, setup
from tests.storage.planting import words_kept
from tests.world import CHANNEL, PEOPLE, World, words_of


async def whole_database(world: World) -> str:
    """All that the database holds, free pages included: the bytes of SQLite's files, PostgreSQL's rows."""
    url = sa.make_url(world.url)
    if url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(url.database))
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.close()
        names = [f"{url.database}{ending}" for ending in ("", "-wal")]
        return "".join(_bytes(name) for name in names)
    async with world.reading() as rows:
        return await words_kept(rows)


def _bytes(name: str) -> str:
    return Path(name).read_bytes().decode("latin-1") if Path(name).exists() else ""


async def leave_words(world: World, canaries: list[str]) -> None:
    """Ben leaves each of twenty words somewhere: in answers, in what they were before, in messages on the way."""
    words = iter(canaries)
    await released(world)
    for _ in range(6):
        await world.say("ben", f"checkin 4 {next(words)}")
        await world.say("ben", f"checkin 3 {next(words)}")
        await world.pass_days(1)
    await world.go_to(REVIEW_DAY)
    await numbers(world, await opened_from_the_days_card(world, "ana", "Look back"))
    await answer(world, "ben", why=next(words), learned=next(words), differently=next(words))
    card = await world.say("ben", "retro Checkout retry")
    edited = {"why": next(words), "learned": next(words), "differently": next(words)}
    await world.submit("ben", await world.press("ben", card, "Edit"), **edited)
    for who in ("ana", "chi", "dev", "eva"):
        await answer(world, who)
    form = await world.press("ben", summary_of(world), "Something to add?", channel=CHANNEL)
    await world.submit("ben", form, channel=CHANNEL, more=next(words))
    for who in PEOPLE:
        await world.say(who, "retro Checkout retry")  # what Ben said is in the answers kept for repeats, too
    world.chat.failures = [Refused("blocked")] * 3
    await world.say("ben", f"checkin 4 {next(words)}")
    world.chat.failures = []


async def test_of_twenty_words_left_anywhere_none_is_in_the_database_afterwards(world: World) -> None:
    canaries = [f"canary{each}x" for each in range(20)]
    await leave_words(world, canaries)
    planted = await whole_database(world)

    await erase(world)
    await world.app.tick()

    left = await whole_database(world)
    assert all(canary in planted for canary in (*canaries[1:12:2], *canaries[15:]))
    assert [canary for canary in canaries if canary in left] == []
    shown = words_of(summary_of(world)) + thread(world)
    assert [canary for canary in canaries if canary in shown] == []


async def test_the_retros_summary_is_drawn_anew_without_the_name(world: World) -> None:
    await opened(world)
    for who in PEOPLE:
        await answer(world, who, why=f"{who} knows why")
    before = thread(world)

    await erase(world)

    assert "Ben Okafor" in before
    assert "ben knows why" in before
    after = thread(world) + words_of(summary_of(world))
    assert "Ben Okafor" not in after
    assert "ben knows why" not in after
    assert "ana knows why" in after
    assert "Answered: 5 of 5" in lines(summary_of(world))


async def test_a_repeat_of_an_earlier_delivery_is_not_done_again_and_quotes_nobody(world: World) -> None:
    await world.ask("ben", "checkin 4 canary", key="bens")
    await world.ask("ana", "pause 2 weeks", key="anas")

    await erase(world)
    again = await world.ask("ana", "pause 2 weeks", key="anas")

    assert again.title.startswith("That was done.")
    async with world.reading() as connection:
        rows = (await connection.execute(sa.select(deliveries.c.key, deliveries.c.answer))).all()
    kept = {row.key: row.answer for row in rows}
    assert "bens" not in kept
    assert "canary" not in "".join(kept.values())


async def test_a_message_that_never_arrived_does_not_keep_the_name(world: World) -> None:
    await setup(world, visibility="by_name")
    for who in PEOPLE:
        await world.press(who, world.chat.to(who)[-1], "Yes")
        await world.say(who, "checkin 4")
    world.chat.failures = [Refused("the channel is archived")]
    await world.press("ana", await world.say("ana", "summary week"), "Post")
    before = await bodies(world)

    await erase(world)

    assert "Ben Okafor" in before
    assert "Ben Okafor" not in await bodies(world)


async def bodies(world: World) -> str:
    """The text of all that was to be sent and is still kept."""
    async with world.reading() as connection:
        return "".join((await connection.execute(sa.select(outbox.c.body))).scalars())


async def test_who_erases_while_a_retro_is_open_still_counts_and_is_not_waited_for(world: World) -> None:
    await opened(world)
    await answer(world, "ben", why="canary")

    await erase(world)
    for who in ("ana", "chi", "dev", "eva"):
        await answer(world, who)

    assert "Answered: 5 of 5" in lines(summary_of(world))
    assert "canary" not in thread(world)
    assert world.clock.now() < DEADLINE
