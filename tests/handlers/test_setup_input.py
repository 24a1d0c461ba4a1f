"""What people type into the setup form: kept letter for letter, or refused beside its field."""

from __future__ import annotations

import pytest

from handlers.messages import Form, Message
from storage import Store
from storage.directory import Role, add_workspace
from tests.handlers.initiatives.plan import inputs
from tests.handlers.setup import count, facts, join_channel, number, picked, refused, setup, team_of
from tests.world import CHANNEL, PEOPLE, World, words_of

ODD = (
    "<!channel> <@U1> <script>alert(1)</script>",
    "*bold* _it_ ~no~ `code` > quote [a](http://b)",
    "{{ 7*7 }} {% raw %} %s {0} ${x}",
    "فريق الدفع — צוות",
    "‮reversed‬ 👩‍👩‍👧 e\N{COMBINING ACUTE ACCENT}",
    "'; drop table teams; --",
    "null",
)


@pytest.mark.parametrize("words", ODD)
async def test_odd_words_are_kept_and_shown_letter_for_letter(empty_world: World, words: str) -> None:
    preview = await setup(empty_world, name=words, payer=words, pays=words)
    begun = await empty_world.press("ana", preview, "Start", channel=CHANNEL)

    team = await team_of(empty_world)
    assert (team.name, team.payer, team.pays) == (words, words, words)
    assert facts(preview)["Who pays"] == f"{words}. {words}"
    assert begun.title == f"{words} has started"
    assert empty_world.chat.to("ben")[0].title == f"You are in {words}: one question a day"


async def test_what_no_screen_can_show_is_left_out_and_the_rest_kept(empty_world: World) -> None:
    await setup(empty_world, name="Check\x00out\x07 \ud800team", payer="  Shop \n owners\t")

    team = await team_of(empty_world)
    assert (team.name, team.payer) == ("Checkout team", "Shop owners")


FILLED = {
    "name": "Payments",
    "payer": "Shop owners",
    "pays": "€49 a month",
    "days": "mon-thu",
    "hours": "8-6",
    "hour": "10.15am",
    "region": "bavaria",
    "zone": "berlin",
    "visibility": "private",
    "retro_visibility": "by_name",
}


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "needed"),
        ("name", "  \n ", "needed"),
        ("name", "\N{ZERO WIDTH SPACE}\N{RIGHT-TO-LEFT OVERRIDE}", "no letter or sign"),
        ("name", "n" * 40_000, "40,000 characters"),
        ("payer", "p" * 151, "151 characters; 150 fit"),
        ("pays", "p" * 40_000, "40,000 characters"),
        ("people", "", "needed"),
        ("people", ",,,", "Nobody is picked yet"),
        ("people", "999,1000", "Nobody is picked yet"),
        ("people", "-1", "earlier version"),
        ("people", "1 or 1=1", "earlier version"),
        ("people", "9" * 40, "earlier version"),
        ("people", "١,٢", "earlier version"),
        ("days", "", "needed"),
        ("days", "never", "At least one day is needed"),
        ("days", "someday", "days such as"),
        ("days", "1-5", "Type names instead"),
        ("hour", "", "needed"),
        ("hour", "25:00", "A day has 24 hours"),
        ("hour", "soon", "as a time"),
        ("hour", "9:75", "An hour has 60 minutes"),
        ("zone", "", "needed"),
        ("zone", "Lodnon", "Europe/London"),
        ("zone", "CET", "does not say when clocks change"),
        ("zone", "../../etc/passwd", "I know no time zone"),
        ("visibility", "", "needed"),
        ("visibility", "everyone", "pick one of these"),
        ("retro_visibility", "private", "pick one of these"),
    ],
)
async def test_what_cannot_be_taken_is_told_beside_its_field_and_everything_typed_stays(
    empty_world: World, field: str, typed: str, said: str
) -> None:
    people = await picked(empty_world, "ana", "ben")
    filled = {**FILLED, "people": people, field: typed}

    form = await refused(empty_world, **filled)

    assert list(form.errors) == [field]
    assert said in form.errors[field]
    assert inputs(form) == {**filled, field: typed.replace("\x00", "")}
    assert await count(empty_world, "teams") == 0


async def test_all_that_is_wrong_is_told_at_once(empty_world: World) -> None:
    form = await refused(empty_world, name="", days="never", hour="25:00", zone="Lodnon")

    assert set(form.errors) == {"name", "days", "hour", "zone"}


async def test_a_corrected_form_is_taken_with_all_that_was_typed_before(empty_world: World) -> None:
    people = await picked(empty_world, "ana", "ben")
    form = await refused(empty_world, **{**FILLED, "people": people, "zone": "Lodnon"})

    preview = await empty_world.submit("ana", form, channel=CHANNEL, zone="London")

    assert isinstance(preview, Message)
    team = await team_of(empty_world)
    assert (team.name, team.payer, team.days, team.zone) == (
        "Payments",
        "Shop owners",
        (1, 2, 3, 4),
        "Europe/London",
    )


@pytest.mark.parametrize("field", ["visibility", "retro_visibility"])
async def test_answers_without_names_from_fewer_than_four_are_refused_beside_the_choice(
    empty_world: World, field: str
) -> None:
    three = await picked(empty_world, "ana", "ben", "chi")
    filled = {**FILLED, "people": three, field: "anonymous"}

    form = await refused(empty_world, **filled)

    assert list(form.errors) == [field]
    assert form.errors[field].startswith(
        "Answers without names need at least 4 people, or everybody could guess; 3 would take part."
    )
    assert inputs(form) == filled


async def test_the_same_person_picked_four_times_is_one(empty_world: World) -> None:
    ana = await picked(empty_world, *["ana"] * 4)

    form = await refused(empty_world, people=ana, visibility="anonymous")

    assert "1 would take part" in form.errors["visibility"]


@pytest.mark.parametrize("visibility", ["by_name", "private"])
async def test_a_small_team_can_choose_names_or_to_be_private(empty_world: World, visibility: str) -> None:
    preview = await setup(empty_world, people=await picked(empty_world, "ana", "ben"), visibility=visibility)

    told = {
        "by_name": "The team, by name, once everyone has agreed; each person is asked first",
        "private": "Nobody but the person",
    }
    assert facts(preview)["Who sees check-ins"] == told[visibility]


async def test_guests_bots_and_people_elsewhere_are_not_taken_in_by_their_numbers(empty_world: World) -> None:
    await join_channel(empty_world, "sam", name="Sam Guest", role=Role.GUEST)
    await join_channel(empty_world, "bot", name="Build bot", is_bot=True)
    async with empty_world.writing() as connection:
        known = {"name": "Away", "zone": "UTC", "locale": "en_GB", "role": Role.MEMBER}
        away = await Store(connection, 1).directory.keep_person("away", empty_world.clock.now(), **known)
        other = await add_workspace(connection, "test", "W2", "Other", empty_world.clock.now())
        theirs = await Store(connection, other).directory.keep_person("zoe", empty_world.clock.now(), **known)
    strangers = [str(await number(empty_world, who)) for who in ("sam", "bot")] + [str(away), str(theirs)]

    people = ",".join([await picked(empty_world, *PEOPLE), *strangers])
    preview = await setup(empty_world, people=people)
    await empty_world.press("ana", preview, "Start", channel=CHANNEL)

    assert await count(empty_world, "memberships") == 5
    told = {sent.recipient.person for sent in empty_world.chat.sent}
    assert told == set(PEOPLE)


async def test_what_they_pay_needs_somebody_who_pays(empty_world: World) -> None:
    form = await refused(empty_world, payer="", pays="€49 a month")

    assert form.errors == {"payer": "Who pays that? A name is enough, such as Shop owners."}
    assert inputs(form)["pays"] == "€49 a month"


async def test_a_channel_of_hundreds_can_be_a_team(empty_world: World) -> None:
    async with empty_world.writing() as connection:
        directory = Store(connection, 1).directory
        channel = await directory.channel_called(CHANNEL)
        assert channel
        known = {"zone": "UTC", "locale": "en_GB", "role": Role.MEMBER}
        crowd = [
            await directory.keep_person(f"p{each}", empty_world.clock.now(), name=f"Person {each}", **known)
            for each in range(1000, 1600)
        ]
        await directory.set_members(channel.id, [(await directory.members(channel.id))[0].id, *crowd])

    form = await empty_world.form("ana", "setup", channel=CHANNEL)
    again = await empty_world.submit("ana", form, channel=CHANNEL, name="")

    assert isinstance(again, Form)
    assert list(again.errors) == ["name"]
    assert len(inputs(again)["people"].split(",")) == 601


async def test_a_value_for_a_field_that_the_form_does_not_have_is_let_be(empty_world: World) -> None:
    form = await empty_world.form("ana", "setup", channel=CHANNEL)
    form.values["floor"] = "1"
    form.values["started_at"] = "2020-01-01"

    preview = await empty_world.submit("ana", form, channel=CHANNEL)

    assert preview.title.endswith("this is what will happen")
    team = await team_of(empty_world)
    assert (team.floor, team.started_at) == (4, None)
    assert "2020" not in words_of(preview)
