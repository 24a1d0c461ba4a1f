"""The dispatcher: who may do what, what is said when something is wrong, and that nothing runs twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dispatch import Dispatcher
from bot.reading import Request
from handlers.catalog import CATALOG
from handlers.context import Context
from handlers.fields import Field, words
from handlers.messages import Form, Message, Quote
from handlers.rows import Action, Catalog, Command
from storage import Store
from storage.arrivals import Envelope
from storage.directory import Role
from storage.schema import metadata
from tests.handlers.initiatives.plan import define
from tests.world import CHANNEL, World, words_of


async def change_person(world: World, who: str, **profile: Any) -> None:
    """The chat service tells something new about a person."""
    async with world.writing() as connection:
        directory = Store(connection, 1).directory
        person = await directory.person_called(who)
        assert person
        known = {name: getattr(person, name) for name in ("name", "does", "zone", "locale", "role", "is_active")}
        await directory.keep_person(who, world.clock.now(), **{**known, **profile})


async def rows(world: World, table: str) -> int:
    """How many rows a table has."""
    async with world.reading() as connection:
        query = sa.select(sa.func.count()).select_from(metadata.tables[table])
        return int((await connection.execute(query)).scalar_one())


def with_rows(world: World, *added: Command | Action, deadline_s: float = 2.0) -> Dispatcher:
    """A dispatcher whose catalog has further rows."""
    commands = (*CATALOG.commands, *(row for row in added if isinstance(row, Command)))
    actions = (*CATALOG.actions, *(row for row in added if isinstance(row, Action)))
    catalog = Catalog(commands, actions, CATALOG.nudges)
    return Dispatcher(world.app.database, world.clock, catalog, lambda _workspace: None, deadline_s)


def typed(text: str, key: str = "k") -> Request:
    """Ben types something in private."""
    return Request(Envelope("test", "W1", "ben", None), key, "words", text, {})


@pytest.mark.parametrize("text", ["", "help", "hi", "Hello", "HELP", "/help", "help!", "  help  "])
async def test_help_answers_to_a_greeting_and_to_nothing(world: World, text: str) -> None:
    message = await world.say("ben", text)

    assert message.title == "Checkout: what I can do here"


@pytest.mark.parametrize(
    ("typo", "meant"), [("relaese Checkout retry", "release"), ("chekin", "checkin"), ("staus", "status")]
)
async def test_a_typo_gets_the_nearest_verbs_with_what_followed(world: World, typo: str, meant: str) -> None:
    message = await world.say("ben", typo)

    rest = typo.partition(" ")[2]
    assert f"Did you mean {meant}" in message.title
    assert message.buttons[0].label == f"{meant} {rest}".strip()
    assert message.buttons[-1].label == "All commands"


async def test_the_button_for_a_typo_does_what_was_meant(world: World) -> None:
    message = await world.say("ben", "pausse 2 weeks")

    paused = await world.press("ben", message, "pause 2 weeks")

    assert paused.title == "You are not asked before Monday 7 December"


HOSTILE = ("💥💥", "x" * 40_000, "<script>", "<!channel> <@U1>", "مرحبا", "\x00\x07z", "🙈 help", "{{ 7*7 }}")


@pytest.mark.parametrize("text", HOSTILE)
async def test_words_that_no_verb_knows_get_a_way_on(world: World, text: str) -> None:
    message = await world.say("ben", text)

    assert message.buttons
    assert len(message.title) < 200


@pytest.mark.parametrize("action", ["", "nonsense", "checkin.explode", "__class__"])
async def test_a_button_that_no_row_knows_says_it_is_old(world: World, action: str) -> None:
    message = await world.tap("ben", action)

    assert message.title == "This button is from an earlier version of the card"


@pytest.mark.parametrize("date", ["", "yesterday", "2026-13-45", "0000-00-00", "9" * 5000, "٢٠٢٦-١١-٢٤"])
async def test_a_button_with_values_of_its_own_invention_is_old_too(world: World, date: str) -> None:
    message = await world.tap("ben", "checkin.save", date=date, score="4")

    assert "earlier version" in message.title
    assert await rows(world, "reflections") == 0


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ({"role": Role.GUEST}, "members of this workspace"),
        ({"role": Role.OUTSIDER}, "members of this workspace"),
        ({"is_bot": True}, "members of this workspace"),
        ({"is_active": False}, "not active"),
    ],
)
async def test_guests_outsiders_bots_and_leavers_are_refused_politely(
    world: World, profile: dict[str, Any], said: str
) -> None:
    await change_person(world, "ben", **profile)

    for text in ("checkin 4", "help", "my-data", "setup"):
        assert said in (await world.say("ben", text, channel=CHANNEL)).title
    assert await rows(world, "reflections") == 0


async def test_somebody_unknown_is_told_so_and_nothing_runs(world: World) -> None:
    message = await world.say("stranger", "checkin 4")

    assert message.title == "I do not know you here yet"


async def test_a_member_who_takes_no_part_cannot_act_in_the_team(world: World) -> None:
    form = await world.form("ana", "setup", channel=CHANNEL)
    people = {shown.name: shown.value for shown in form.inputs}["people"].split(",")
    await world.submit("ana", form, channel=CHANNEL, people=",".join(people[:4]))

    message = await world.say("eva", "checkin 4", channel=CHANNEL)

    assert message.title.startswith("You do not take part in Checkout")


async def test_a_member_cannot_change_the_setup_and_an_admin_can(world: World) -> None:
    refused = await world.say("ben", "setup", channel=CHANNEL)
    await change_person(world, "ben", role=Role.ADMIN)

    form = await world.form("ben", "setup", channel=CHANNEL)

    assert refused.title.startswith("Only a lead of the team")
    assert form.title == "Change Checkout"


async def test_a_card_is_about_the_team_it_was_made_for_and_of_no_use_to_others(world: World) -> None:
    other = Envelope("test", "W1", "ben", None, team=999)

    answer = await world.app.dispatch(Request(other, "k", "tap", "checkin.skip", {"date": "2026-11-23"}))

    assert isinstance(answer.reply, Message)
    assert answer.reply.title.startswith("You are in no team")


async def test_a_failure_of_ours_saves_nothing_and_gives_the_words_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    async def breaks(context: Context, wish: str) -> Message:
        await context.store.directory.pause(context.me.id, context.today)
        raise RuntimeError(f"no {wish}")

    row = Command("wish", breaks, (Field("wish", words),), form="mine/pause_form", role=Role.MEMBER, in_team=False)
    answer = await with_rows(world, row)(typed("wish a secret canary"))

    assert isinstance(answer.reply, Message)
    assert answer.reply.title == "That did not work, and nothing was saved"
    assert Quote("a secret canary") in answer.reply.blocks
    assert "reference" in words_of(answer.reply)
    async with world.reading() as connection:
        ben = await Store(connection, 1).directory.person_called("ben")
    assert ben
    assert ben.paused_until is None
    assert "canary" not in "".join(capsys.readouterr())


async def test_a_request_past_its_deadline_saves_nothing_and_says_so(world: World) -> None:
    async def hangs(context: Context) -> Message:
        await context.store.directory.pause(context.me.id, context.today)
        await asyncio.Event().wait()
        raise AssertionError

    answer = await with_rows(world, Command("hang", hangs, role=Role.MEMBER, in_team=False), deadline_s=0.05)(
        typed("hang")
    )

    assert isinstance(answer.reply, Message)
    assert answer.reply.title == "That did not work, and nothing was saved"
    again = await world.say("ben", "resume")
    assert again.title == "You were not paused"


async def test_a_deadline_counts_from_when_the_request_came_in(world: World) -> None:
    arrived = asyncio.get_running_loop().time() - 2.5
    late = await with_rows(world)(typed("pause tomorrow"), arrived)

    assert isinstance(late.reply, Message)
    assert late.reply.title == "That did not work, and nothing was saved"
    assert (await world.say("ben", "resume")).title == "You were not paused"


async def test_who_takes_long_to_be_found_out_is_answered_within_the_deadline(world: World) -> None:
    async def asks_for_ever(_envelope: Envelope) -> bool:
        return await asyncio.Event().wait()

    dispatch = Dispatcher(world.app.database, world.clock, CATALOG, lambda _workspace: None, 0.5, asks_for_ever)
    stranger = Envelope("test", "W1", "nobody", None)
    answer = await dispatch(Request(stranger, "k", "words", "help", {}))

    assert isinstance(answer.reply, Message)  # at all


async def test_the_same_delivery_many_times_at_once_runs_once(world: World) -> None:
    count = 0

    async def counts(context: Context) -> Message:
        nonlocal count
        await context.store.reflections.add(
            team_id=1,
            person_id=context.me.id,
            question="q",
            local_date=context.today,
            promised="private",
            is_late=False,
            created_at=context.now,
        )
        count += 1
        return Message(f"ran {count}")

    counting = with_rows(world, Command("count", counts, role=Role.MEMBER))
    answers = await asyncio.gather(*(counting(typed("count", "same")) for _ in range(10)))

    assert len({answer.reply.title for answer in answers}) == 1
    assert await rows(world, "reflections") == 1


async def test_the_same_form_many_times_at_once_is_answered_alike_though_the_first_left_nothing_to_do(
    world: World,
) -> None:
    card = await define(world)
    form = await world.press("ana", card, "Drop")
    values = {**form.values, "reason": "Nobody asked for it"}
    envelope = Envelope("test", "W1", "ana", None)

    same = Request(envelope, "same", "form", form.action, values)
    answers = await asyncio.gather(*(world.app.dispatch(same) for _ in range(5)))

    assert [answer.reply.title for answer in answers] == ["Checkout retry was dropped"] * 5
    assert sorted(answer.repeat for answer in answers) == [False, True, True, True, True]


async def test_a_corrected_form_is_not_taken_for_a_repeat(world: World) -> None:
    wrong = await world.ask("ben", "pause yesterday", key="first")
    assert isinstance(wrong, Form)
    assert wrong.errors

    right = await world.submit("ben", wrong, until="in 2 weeks")

    assert right.title.startswith("You are not asked before")


async def test_people_of_another_workspace_with_the_same_ids_see_nothing(world: World) -> None:
    await world.say("ben", "checkin 4 a secret")
    async with world.writing() as connection:
        from storage.directory import add_workspace

        other = await add_workspace(connection, "test", "W2", "Other", world.clock.now())
        ben = {"name": "Ben", "zone": "UTC", "locale": "en_GB", "role": Role.ADMIN}
        await Store(connection, other).directory.keep_person("ben", world.clock.now(), **ben)

    envelope = Envelope("test", "W2", "ben", CHANNEL, team=1)
    for kind, name, values in (
        ("words", "me", {}),
        ("words", "checkin", {}),
        ("tap", "checkin.show", {"date": "2026-11-23"}),
        ("tap", "my-data.json", {}),
    ):
        request = Request(envelope, f"{name}", kind, name, values)  # type: ignore[arg-type]
        answer = await world.app.dispatch(request)
        assert "secret" not in words_of(answer.reply)  # type: ignore[arg-type]
        assert "Checkout" not in words_of(replace(answer.reply, title=""))  # type: ignore[arg-type]
