"""Erasing what is mine: said first, done on the second tap, and then nothing of it is left."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage import Store
from storage.directory import Role, add_workspace
from storage.outbox import deliveries
from tests.handlers.initiatives.plan import define, lines
from tests.handlers.setup import count, erase, erasing, number, picked, questions, schedules, setup
from tests.world import CHANNEL, PEOPLE, World, words_of


async def test_the_preview_lists_what_goes_what_stays_without_the_name_and_what_stays(world: World) -> None:
    await world.say("ben", "checkin 4")
    await define(world, "ben", title="Wallet")

    message = await erasing(world)

    said = lines(message)
    assert message.title == "Erase what is yours: this is what would happen"
    assert said.index("This goes for good:") < said.index(
        "Your check-ins and pulses, scores and sentences (1 entry)"
    )
    part = said.index("Of this, only what is named first goes; the rest stays with the team:")
    assert said[part + 1] == "Your name as owner of initiatives; the initiatives stay with the team (1 entry)"
    assert said[part + 2 :] == [
        "This stays:",
        "Figures already published, in which your answers are part of a mean or a count",
        "What stands in the chat's own history; retro summaries are drawn anew without your name and words",
        "Your name, zone and role, which the chat service tells me again each time you write",
    ]
    assert [button.label for button in message.buttons] == ["Erase it all", "Export it first", "Keep it"]
    assert message.buttons[0].confirm == "Erase everything listed? It cannot be brought back."


async def test_nothing_is_erased_before_the_second_tap(world: World) -> None:
    await world.say("ben", "checkin 4 canary")

    kept = await world.press("ben", await erasing(world), "Keep it")

    assert kept.title.startswith("Ben: what you are asked")
    assert await count(world, "reflections") == 1
    assert len(await schedules(world, "ben")) == 2


async def test_the_person_is_asked_no_more_and_is_out_of_the_team(world: World) -> None:
    await world.pass_days(1.2)
    card = world.chat.to("ben")[-1]
    await world.press("ben", card, "In an hour")

    done = await erase(world)
    before = len(world.chat.to("ben"))
    await world.pass_days(8)

    assert done.title == "Erased"
    assert "A lead can take you into a team again with setup." in words_of(done)
    assert len(world.chat.to("ben")) == before
    assert (await world.press("ben", card, "4")).title.startswith("You do not take part in Checkout")
    assert (await world.say("ben", "checkin 4")).title.startswith("You are in no team")
    assert await schedules(world, "ben") == []


async def test_after_erasing_only_the_profile_is_held(world: World) -> None:
    await world.say("ben", "checkin 4")
    await world.say("ben", "pause 2 weeks")

    await erase(world)

    async with world.reading() as connection:
        store = Store(connection, 1)
        held = await store.belongings.holdings(await number(world, "ben"))
        person = await store.directory.person_called("ben")
    assert [one.table for one in held] == ["people"]
    assert person
    assert (person.paused_until, person.team_id) == (None, None)


async def test_who_is_taken_in_again_starts_from_nothing(world: World) -> None:
    await world.say("ben", "checkin 4 canary")
    await erase(world)

    await setup(world, people=await picked(world, *PEOPLE))
    await world.pass_days(1.2)

    assert questions(world, "ben") == 1
    assert "Your check-ins" not in words_of(await world.say("ben", "me"))


async def test_figures_that_were_published_stay_as_they_were(world: World) -> None:
    for who, score in zip(PEOPLE, "12345", strict=True):
        await world.say(who, f"checkin {score}")
    await world.press("ana", await world.say("ana", "summary week"), "Post")
    before = words_of(world.chat.posted()[0])

    await erase(world)

    assert "3 of 5 on average, from 5 answers of 5 people" in before
    assert "3 of 5 on average, from 5 answers of 5 people" in words_of(await world.say("ana", "summary week"))
    assert await count(world, "reflections") == 4


async def test_another_persons_rows_are_untouched(world: World) -> None:
    await world.say("eva", "checkin 5 evas words")
    before = await world.press("eva", await world.say("eva", "my-data"), "Export as JSON")

    await erase(world)

    assert await world.press("eva", await world.say("eva", "my-data"), "Export as JSON") == before
    await world.pass_days(1.2)
    assert questions(world, "eva") == 1


async def test_erasing_twice_is_as_erasing_once(world: World) -> None:
    await world.say("ben", "checkin 4")
    card = await erasing(world)

    first = await world.press("ben", card, "Erase it all")
    second = await world.press("ben", card, "Erase it all")

    assert (first.title, second.title) == ("Erased", "Erased")
    assert await count(world, "reflections") == 0


async def test_a_person_with_the_same_id_in_another_workspace_loses_nothing(world: World) -> None:
    async with world.writing() as connection:
        other = await add_workspace(connection, "test", "W2", "Other", world.clock.now())
        store = Store(connection, other)
        profile = {"name": "Ben", "zone": "UTC", "locale": "en_GB", "role": Role.MEMBER}
        theirs = await store.directory.keep_person("ben", world.clock.now(), **profile)
        channel = await store.directory.keep_channel(CHANNEL, name="#checkout")
        await store.directory.set_members(channel, [theirs])
        await store.directory.pause(theirs, (world.clock.now() + timedelta(days=9)).date())
        kept = {"key": "same key", "answer": '{"their": "answer"}', "created_at": world.clock.now()}
        await connection.execute(sa.insert(deliveries).values(workspace_id=other, person_id=theirs, **kept))

    await erase(world)

    async with world.reading() as connection:
        person = await Store(connection, other).directory.person_called("ben")
        answers = (await connection.execute(sa.select(deliveries.c.answer))).scalars().all()
    assert person
    assert person.paused_until
    assert '{"their": "answer"}' in answers
