"""Who may make a channel a team, and change or start it."""

from __future__ import annotations

import asyncio

from handlers.messages import Form, Message
from storage.directory import Role
from tests.handlers.setup import asked, count, facts, join_channel, picked, questions, setup, team_of
from tests.world import CHANNEL, World, words_of

OTHERS = ("chi", "dev", "eva")


async def test_setup_in_private_without_a_team_says_where_to_type_it(empty_world: World) -> None:
    reply = await empty_world.say("ana", "setup")

    assert reply.title.startswith("A team lives in a channel. Type setup in your team's channel")
    assert await count(empty_world, "teams") == 0


async def test_a_member_who_does_not_lead_cannot_change_or_start_anything(empty_world: World) -> None:
    preview = await setup(empty_world)

    for reply in (
        await empty_world.ask("ben", "setup", channel=CHANNEL),
        await empty_world.ask("ben", "setup"),
        await empty_world.press("ben", preview, "Start", channel=CHANNEL),
        await empty_world.press("ben", preview, "Change", channel=CHANNEL),
    ):
        assert isinstance(reply, Message)
        assert reply.title.startswith("Only a lead of the team")
    assert (await team_of(empty_world)).started_at is None


async def test_of_two_who_set_up_the_same_channel_one_after_the_other_the_first_leads(empty_world: World) -> None:
    anas = await empty_world.form("ana", "setup", channel=CHANNEL)
    bens = await empty_world.form("ben", "setup", channel=CHANNEL)

    await empty_world.submit("ana", anas, channel=CHANNEL, name="Anas team")
    late = await empty_world.submit("ben", bens, channel=CHANNEL, name="Bens team")

    assert isinstance(late, Message)
    assert late.title.startswith("Only a lead of the team")
    assert "Bens team" in words_of(late)
    assert (await team_of(empty_world)).name == "Anas team"


async def test_of_two_who_set_up_the_same_channel_at_the_same_moment_one_leads(empty_world: World) -> None:
    forms = {who: await empty_world.form(who, "setup", channel=CHANNEL) for who in ("ana", "ben")}
    sent = {who: {"name": f"Of {who}", "people": await picked(empty_world, who, *OTHERS)} for who in forms}

    replies = await asyncio.gather(
        *(empty_world.submit(who, form, channel=CHANNEL, **sent[who]) for who, form in forms.items())
    )

    won = [reply for reply in replies if isinstance(reply, Message) and reply.title.endswith("what will happen")]
    leads = [who for who in forms if isinstance(await empty_world.ask(who, "setup", channel=CHANNEL), Form)]
    assert len(won) == 1
    assert len(leads) == 1
    assert (await team_of(empty_world)).name == f"Of {leads[0]}"
    assert await count(empty_world, "memberships") == 4


async def test_a_form_about_another_team_changes_that_one_and_never_the_channel_it_came_from(world: World) -> None:
    form = await world.form("ana", "setup", channel=CHANNEL)

    preview = await world.submit("ana", form, channel="elsewhere", name="Renamed")

    assert preview.title == "Renamed: this is what happens from now on"
    assert (await team_of(world)).name == "Renamed"
    assert await count(world, "teams") == 1


async def test_a_form_about_a_team_that_never_was_cannot_take_over_the_channels_team(world: World) -> None:
    form = await world.form("ana", "setup", channel=CHANNEL)
    form.values["team"] = "999"

    reply = await world.submit("ben", form, channel=CHANNEL, name="Mine now")

    assert isinstance(reply, Form)
    assert any("just made this channel a team" in sentence for sentence in reply.errors.values())
    assert (await team_of(world)).name == "Checkout"


async def test_whoever_sets_a_team_up_leads_it_and_so_takes_part(empty_world: World) -> None:
    form = await empty_world.form("ana", "setup", channel=CHANNEL)

    again = await empty_world.submit(
        "ana", form, channel=CHANNEL, people=await picked(empty_world, "ben", "chi", "dev", "eva")
    )

    assert isinstance(again, Form)
    assert "Pick yourself too" in again.errors["people"]
    assert await count(empty_world, "teams") == 0


async def test_an_admin_can_set_up_a_team_of_others(empty_world: World) -> None:
    await join_channel(empty_world, "ada", name="Ada", role=Role.ADMIN)
    four = await picked(empty_world, "ben", "chi", "dev", "eva")

    preview = await setup(empty_world, "ada", people=four)
    begun = await empty_world.press("ada", preview, "Start", channel=CHANNEL)
    await empty_world.pass_days(1.2)

    assert facts(preview)["When"] == "Monday to Friday, at 09:40 in each person's own time"
    assert begun.title == "Checkout has started"
    assert asked(empty_world) == ["ben", "chi", "dev", "eva"]
    assert questions(empty_world, "ada") == 0


async def test_a_team_whose_only_lead_has_gone_is_led_by_the_member_who_takes_it_over(world: World) -> None:
    preview = await world.say("ana", "my-data")
    await world.press("ana", await world.press("ana", preview, "Erase…"), "Erase it all")

    form = await world.form("ben", "setup", channel=CHANNEL)
    changed = await world.submit("ben", form, channel=CHANNEL, hour="10:30")
    refused = await world.say("chi", "setup", channel=CHANNEL)

    assert isinstance(changed, Message)
    assert refused.title.startswith("Only a lead of the team")
