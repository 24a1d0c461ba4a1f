"""The clockwork: what is due is planned once and sent once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.nudges.drain import Drain
from bot.nudges.port import NotSent, Recipient, Refused
from bot.nudges.sweep import Sweep
from handlers.catalog import CATALOG
from handlers.context import Context
from handlers.messages import MESSAGE, Message
from handlers.rows import Catalog, Nudge, Skipped
from storage import Store
from storage.database import Busy
from storage.installations import use_state
from storage.outbox import MAX_TRIES
from storage.schedules import Schedule
from storage.schema import metadata
from storage.settling import SENT, Outcome, Result, let_go, settle
from tests.bot.workers import LEASE, claimed
from tests.world import CHANNEL, MONDAY, World, words_of

TUESDAY_0942 = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)


def questions(world: World, person: str) -> int:
    """How many morning questions stand in a person's chat."""
    return sum(message.title.startswith("Would ") for message in world.chat.to(person))


async def states(world: World, table: str, column: str) -> list[str]:
    """A column of a table, in the order of its rows."""
    source = metadata.tables[table]
    async with world.reading() as connection:
        query = sa.select(source.c[column]).order_by(*source.primary_key)
        return list((await connection.execute(query)).scalars())


async def outcomes(world: World, outcome: str) -> list[str]:
    """The reasons of what was sent or skipped."""
    source = metadata.tables["occurrences"]
    async with world.reading() as connection:
        query = sa.select(source.c.reason).where(source.c.outcome == outcome, source.c.nudge == "checkin")
        return list((await connection.execute(query)).scalars())


async def test_everybody_is_asked_at_their_own_morning(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(minutes=3))
    early = {who: questions(world, who) for who in ("ana", "ben", "chi", "dev", "eva")}
    await world.go_to(TUESDAY_0942)

    assert early == {"ana": 0, "ben": 0, "chi": 1, "dev": 0, "eva": 0}
    assert [questions(world, who) for who in ("ana", "ben", "chi", "dev", "eva")] == [1, 1, 1, 1, 1]


async def test_two_sweeps_at_once_ask_nobody_twice(world: World) -> None:
    world.clock.set(TUESDAY_0942)

    await asyncio.gather(*(world.app.sweep() for _ in range(4)))
    await asyncio.gather(*(world.app.drain() for _ in range(4)))

    assert [questions(world, who) for who in ("ana", "ben", "chi", "dev", "eva")] == [1, 1, 1, 1, 1]


async def test_a_sweep_again_at_the_same_instant_does_nothing(world: World) -> None:
    await world.go_to(TUESDAY_0942)

    assert await world.app.sweep() == 0
    assert questions(world, "ben") == 1


async def test_weekends_are_left_alone(world: World) -> None:
    await world.go_to(datetime(2026, 11, 29, 20, 0, tzinfo=UTC))

    assert questions(world, "ben") == 4


async def test_three_days_down_bring_todays_question_and_no_burst(world: World) -> None:
    world.clock.set(TUESDAY_0942 + timedelta(days=3, hours=1))

    await world.app.tick()

    assert questions(world, "ben") == 1
    assert await outcomes(world, "skipped") == ["late"] * 5
    assert world.chat.to("ben")[-1].title.endswith("happy to pay for today?")


async def test_three_days_down_until_the_evening_bring_nothing_before_the_next_morning(world: World) -> None:
    world.clock.set(TUESDAY_0942 + timedelta(days=3, hours=9))

    await world.app.tick()
    evening = questions(world, "ben")
    await world.go_to(datetime(2026, 11, 30, 9, 42, tzinfo=UTC))

    assert evening == 0
    assert questions(world, "ben") == 1


async def test_an_hour_down_is_caught_up(world: World) -> None:
    world.clock.set(TUESDAY_0942 + timedelta(hours=1))

    await world.app.tick()

    assert questions(world, "ben") == 1


async def test_somebody_who_paused_is_not_asked_until_the_day_they_named(world: World) -> None:
    await world.say("ben", "pause until Thursday")

    await world.go_to(TUESDAY_0942 + timedelta(days=1, hours=1))
    paused = questions(world, "ben")
    await world.go_to(TUESDAY_0942 + timedelta(days=2, hours=1))

    assert paused == 0
    assert questions(world, "ben") == 1
    assert "paused" in await outcomes(world, "skipped")


async def test_a_question_answered_before_it_comes_does_not_come(world: World) -> None:
    world.clock.set(TUESDAY_0942 - timedelta(hours=2))
    await world.say("ben", "checkin 4")

    await world.go_to(TUESDAY_0942)

    assert questions(world, "ben") == 0


async def test_one_nudge_that_fails_does_not_hold_up_the_others(world: World) -> None:
    async def fails_for_ben(context: Context, _schedule: Schedule) -> Message | Skipped:
        if context.me.external_id == "ben":
            raise RuntimeError
        return Message("asked")

    catalog = Catalog(CATALOG.commands, CATALOG.actions, (Nudge("checkin", fails_for_ben),))
    world.clock.set(TUESDAY_0942)

    await Sweep(world.app.database, world.clock, catalog)()
    await world.app.drain()

    assert sum(message.title == "asked" for message in world.chat.to("ana")) == 1
    assert await outcomes(world, "skipped") == ["failed"]


async def test_where_two_waited_for_each_other_nobodys_question_is_lost(world: World) -> None:
    is_held = True

    async def waits_for_a_lock(_context: Context, _schedule: Schedule) -> Message | Skipped:
        if is_held:
            raise Busy("select", {}, Exception("deadlock detected"))
        return Message("asked")

    catalog = Catalog(CATALOG.commands, CATALOG.actions, (Nudge("checkin", waits_for_a_lock, place="card"),))
    sweep = Sweep(world.app.database, world.clock, catalog)
    world.clock.set(TUESDAY_0942)
    with pytest.raises(Busy):
        await sweep()
    is_held = False

    await sweep()
    await world.app.drain()

    assert world.chat.to("ben")[-1].title == "asked"


async def test_what_is_due_only_once_is_tried_again_after_a_failure_of_ours(world: World) -> None:
    failing = True

    async def fails_at_first(_context: Context, _schedule: Schedule) -> Message | Skipped:
        if failing:
            raise RuntimeError
        return Message("asked after all")

    async with world.writing() as connection:
        await Store(connection, 1).schedules.put(
            "once", nudge="once", team_id=1, person_id=2, zone="UTC", next_due_at=MONDAY, local_date=MONDAY.date()
        )
    catalog = Catalog(CATALOG.commands, CATALOG.actions, (Nudge("once", fails_at_first),))
    sweep = Sweep(world.app.database, world.clock, catalog)
    await sweep()
    failing = False
    world.clock.set(MONDAY + timedelta(minutes=15))

    await sweep()
    await world.app.drain()

    assert [message.title for message in world.chat.to("ben")][-1] == "asked after all"


async def test_a_workspace_in_which_the_bot_is_told_to_wait_waits_as_a_whole_and_gets_everything_once(
    world: World,
) -> None:
    world.clock.set(TUESDAY_0942)
    world.chat.failures = [NotSent("busy", TUESDAY_0942 + timedelta(minutes=3))]
    await world.app.tick()
    early = sum(questions(world, who) for who in ("ana", "ben", "chi", "dev", "eva"))

    world.clock.set(TUESDAY_0942 + timedelta(minutes=3))
    await world.app.tick()

    assert early == 0
    assert sum(questions(world, who) for who in ("ana", "ben", "chi", "dev", "eva")) == 5


async def test_a_message_refused_again_and_again_is_given_up(world: World) -> None:
    await world.go_to(TUESDAY_0942 - timedelta(hours=2))
    world.chat.failures = [NotSent("busy") for _ in range(100)]

    for step in range(30):
        world.clock.set(TUESDAY_0942 + timedelta(minutes=5 * step))
        await world.app.tick()

    tries = await states(world, "outbox", "tries")
    assert (await states(world, "outbox", "state")).count("dead") == 5
    assert {int(tried) for tried in tries} == {1, MAX_TRIES}


async def test_a_message_refused_for_good_is_not_tried_again(world: World) -> None:
    world.clock.set(TUESDAY_0942)
    world.chat.failures = [Refused("the person blocked the bot")]

    await world.app.tick()
    await world.app.tick()

    assert (await states(world, "outbox", "state")).count("dead") == 1


async def test_what_a_channel_does_not_take_goes_to_the_teams_leads(world: World) -> None:
    preview = await world.say("ana", "summary week", channel=CHANNEL)
    world.chat.failures = [Refused("not in the channel")]

    await world.press("ana", preview, "Post to #checkout", channel=CHANNEL)
    await world.app.settle()

    assert world.chat.posted() == []
    assert "I may not post in #checkout" in words_of(world.chat.to("ana")[-1])


async def test_a_question_that_may_have_arrived_is_never_sent_again(world: World) -> None:
    world.clock.set(TUESDAY_0942)
    world.chat.failures = [TimeoutError()]

    await world.app.tick()
    world.clock.set(TUESDAY_0942 + timedelta(hours=2))
    await world.app.tick()

    assert (await states(world, "outbox", "state")).count("unknown") == 1
    assert sum(questions(world, who) for who in ("ana", "ben", "chi", "dev", "eva")) == 4


async def test_what_may_have_arrived_is_not_sent_again_as_the_receipt_of_its_answer(world: World) -> None:
    world.clock.set(TUESDAY_0942)
    world.chat.failures = [TimeoutError() for _ in range(5)]
    await world.app.tick()
    before = len(world.chat.sent)

    await world.say("ben", "checkin 4")

    assert len(world.chat.sent) == before


async def test_a_message_for_a_platform_this_process_has_not_waits_for_one_that_has(world: World) -> None:
    world.clock.set(TUESDAY_0942)
    await world.app.sweep()
    elsewhere = Drain(world.app.database, world.clock, {"another": world.chat})

    tried = await elsewhere()
    await world.app.drain()

    assert tried == 0
    assert questions(world, "ben") == 1


async def test_somebody_in_two_teams_gets_one_question_a_day(world: World) -> None:
    async with world.writing() as connection:
        store = Store(connection, 1)
        channel = await store.directory.keep_channel("other", name="#other")
        ben = await store.directory.person_called("ben")
        assert ben
        await store.directory.set_members(channel, [ben.id])
    await world.start_team("ben", "other", hour="11:00", visibility="private")

    await world.go_to(TUESDAY_0942 + timedelta(hours=3))

    assert questions(world, "ben") == 1
    assert "asked by another team" in await outcomes(world, "skipped")


async def test_a_card_answered_while_it_is_being_sent_is_sent_once_and_then_replaced(world: World) -> None:
    world.clock.set(TUESDAY_0942)
    await world.app.sweep()
    async with world.writing() as connection:
        load = (await claimed(connection, TUESDAY_0942, token="a slow worker")).loads[0]
    theirs = next(parcel for parcel in load.parcels if parcel.person == "ben")

    await world.say("ben", "checkin 4")
    before = len(world.chat.sent)
    address = await world.chat.send(Recipient("W1", "ben", None), MESSAGE.validate_json(theirs.body))
    async with world.writing() as connection:
        result = Result(load, [Outcome(theirs, SENT, address)])
        await settle(connection, result.outcomes, "a slow worker", TUESDAY_0942)
        await let_go(connection, [result], TUESDAY_0942)
    await world.app.drain()

    assert len(world.chat.sent) == before + 1
    assert world.chat.to("ben")[-1].title == "Saved: 4 of 5"
    assert questions(world, "ben") == 0


async def test_a_process_killed_while_sending_leaves_personal_messages_unknown(world: World) -> None:
    world.clock.set(TUESDAY_0942)
    await world.app.sweep()
    async with world.writing() as connection:
        await claimed(connection, TUESDAY_0942, token="of a process that was killed")

    world.clock.set(TUESDAY_0942 + LEASE + timedelta(seconds=1))
    await world.app.tick()

    assert (await states(world, "outbox", "state")).count("unknown") == 5
    assert questions(world, "ben") == 0


async def test_what_was_sent_keeps_no_words_in_the_outbox(world: World) -> None:
    await world.go_to(TUESDAY_0942)

    assert set(await states(world, "outbox", "body")) == {""}


async def test_answers_kept_for_repeats_are_dropped_after_a_week(world: World) -> None:
    await world.say("ben", "checkin 4")
    deliveries = metadata.tables["deliveries"]

    await world.pass_days(10)

    async with world.reading() as connection:
        left = (await connection.execute(sa.select(deliveries.c.key))).all()
    assert left == []


async def test_that_an_install_came_to_its_end_is_forgotten_within_the_hour(world: World) -> None:
    now = world.clock.now()
    await world.app.tick()
    ends = now + timedelta(minutes=10)
    await world.app.database.write(lambda connection: use_state(connection, "state", "browser", now, ends))

    await world.go_to(now + timedelta(minutes=9))
    await world.app.tick()
    early = await states(world, "install_states", "state")
    await world.go_to(now + timedelta(hours=1, minutes=10))

    assert early == ["state"]
    await world.app.tick()
    assert await states(world, "install_states", "state") == []


@pytest.mark.parametrize("nudge", [nudge.name for nudge in CATALOG.nudges])
def test_every_nudge_has_a_name_that_people_read(nudge: str) -> None:
    import prompts

    said = prompts.say("help/nudges", prompts.Reader("en_GB", "UTC", TUESDAY_0942))

    assert said(nudge.replace("-", "_"))
