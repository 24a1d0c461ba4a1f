"""Days and hours on which nobody is disturbed: public holidays, days off, quiet hours, and one's own choice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.messages import Form
from tests.handlers.nudged import TUESDAY, came, choose, decided, only, reason, take_off, why
from tests.handlers.setup import next_question, refused, setup
from tests.world import World, words_of

WEDNESDAY = TUESDAY + timedelta(days=1)
SUNDAY = datetime(2026, 11, 29, 12, tzinfo=UTC)
SAINT_ANDREW = datetime(2026, 11, 30, 20, tzinfo=UTC)  # the Monday that is a holiday in Scotland alone


async def over_saint_andrew(world: World, *who: str) -> None:
    """The first days go by while the bot is down; then it is Monday evening."""
    await only(world, *who)
    world.clock.set(SUNDAY)
    await world.app.tick()
    await world.go_to(SAINT_ANDREW)


async def test_a_public_holiday_of_the_teams_region_spares_everybody(world: World) -> None:
    await setup(world, region="Scotland")

    await over_saint_andrew(world, "ben", "eva")

    assert await came(world) == await came(world, "eva") == []
    assert await reason(world, "Mon 30 Nov") == "public holiday: Saint Andrew's Day"
    assert (await why(world))[0] == (
        "Mon 30 Nov: The question did not come: it was a public holiday, Saint Andrew's Day."
    )


async def test_whoever_keeps_the_holidays_of_another_country_is_spared_alone(world: World) -> None:
    await choose(world, "ben", region="Scotland")

    await over_saint_andrew(world, "ben", "eva")

    assert await came(world) == []
    assert await came(world, "eva") == ["Mon 30 Nov"]


async def test_whoever_keeps_none_is_asked_where_the_others_are_not(world: World) -> None:
    await setup(world, region="Scotland")
    await choose(world, "ben", region="none")

    await over_saint_andrew(world, "ben", "eva")

    assert await came(world) == ["Mon 30 Nov"]
    assert await came(world, "eva") == []


async def test_a_team_day_off_spares_everybody_and_is_named(world: World) -> None:
    shown = await take_off(world, "25 November", "Offsite")

    await only(world, "ben")
    await world.go_to(WEDNESDAY)

    assert "Offsite" in words_of(shown)
    assert await came(world) == ["Tue 24 Nov"]
    assert (await why(world))[1] == "Wed 25 Nov: The question did not come: your team had the day off, Offsite."


async def test_a_day_off_can_be_worked_after_all(world: World) -> None:
    shown = await take_off(world, "25 November")

    await world.press("ana", shown, "Work", channel="checkout")
    await only(world, "ben")
    await world.go_to(WEDNESDAY)

    assert await came(world) == ["Tue 24 Nov", "Wed 25 Nov"]


async def test_own_days_and_an_own_hour_are_kept(world: World) -> None:
    shown = await choose(world, "ben", days="Tuesday, Thursday", hour="14:00")
    await only(world, "ben")

    await world.go_to(TUESDAY + timedelta(days=4))

    assert "Tuesday 24 November at 14:00" in words_of(shown)
    assert await came(world) == ["Tue 24 Nov", "Thu 26 Nov"]
    assert [each.due_at.hour for each in await decided(world) if each.nudge == "checkin"] == [14, 14]
    assert "14:00, the hour you set yourself" in words_of(await world.say("ben", "why"))


async def test_what_is_late_does_not_come_after_the_teams_hours(world: World) -> None:
    await setup(world, hour="16:00")
    await only(world, "ben")
    world.clock.set(TUESDAY.replace(hour=18, minute=10))

    await world.app.tick()

    assert await reason(world, "Tue 24 Nov") == "quiet hours"
    assert "it fell into your quiet hours, or outside of your team's." in (await why(world))[0]


async def test_quiet_at_noon_puts_a_reminder_off_until_it_is_over(world: World) -> None:
    await choose(world, "ben", quiet="14:00-16:00")
    await only(world, "ben")

    await world.go_to(TUESDAY.replace(hour=15, minute=59))
    before = await came(world, nudge="checkin-remind")
    await world.go_to(TUESDAY.replace(hour=16, minute=3))

    assert before == []
    assert await came(world, nudge="checkin-remind") == ["Tue 24 Nov"]


async def test_quiet_over_midnight_covers_the_evening_and_the_morning(world: World) -> None:
    await choose(world, "ben", quiet="14:30-09:00")
    await only(world, "ben")

    await world.go_to(WEDNESDAY)

    assert await came(world) == ["Tue 24 Nov", "Wed 25 Nov"]
    assert await reason(world, "Tue 24 Nov", nudge="checkin-remind") == "quiet hours"


async def test_where_the_teams_new_hour_is_quiet_the_question_comes_when_quiet_ends(world: World) -> None:
    await choose(world, "ben", quiet="07:00-09:00")

    await setup(world, hour="08:30")

    assert await next_question(world, "ben") == TUESDAY.replace(hour=9, minute=0)
    assert await next_question(world, "eva") == TUESDAY.replace(hour=8, minute=30)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("hour", "25:00", "23:00 or 01:00"),
        ("hour", "07:00", "works from 08:00 to 18:00"),
        ("hour", "23:30", "such as 17:00"),
        ("days", "Sunday", "does not work on Sunday. Type some of its days, such as Monday to Friday"),
        ("days", "Moonday", "Do you mean monday?"),
        ("quiet", "07:00-19:00", "cover 09:40, when you are asked"),
        ("quiet", "18:00-10:00", "cover 09:40"),
        ("quiet", "noon-ish", "such as"),
        ("region", "Germny", "Germany"),
        ("region", "Atlantis", "Type "),
        ("cap", "0", "from 1 to 14"),
        ("cap", "15", "from 1 to 14"),
        ("cap", "many", "from 1 to 14"),
    ],
)
async def test_a_choice_that_cannot_be_is_refused_beside_its_field_with_one_that_can(
    world: World, field: str, typed: str, said: str
) -> None:
    again = await choose(world, "ben", **{field: typed})

    assert isinstance(again, Form)
    assert list(again.errors) == [field]
    assert said in again.errors[field]
    assert next(shown.value for shown in again.inputs if shown.name == field) == typed


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("zone", "Europe/Lundon", "Europe/London"),
        ("zone", "Mars", "Type "),
        ("region", "Germny", "Germany"),
        ("region", "London", "Type its country, United Kingdom"),
        ("hour", "25:00", "23:00 or 01:00"),
        ("hour", "19:00", "outside of the hours the team works, 08:00 to 18:00"),
        ("hours", "22:00-06:00", "06:00-22:00"),
        (
            "days",
            "Tuesday to Friday",
            "or, where Monday is off, Tuesday to Friday, no Monday",
        ),
        ("days", "none", "At least one day is needed"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_beside_its_field_with_one_that_can(
    empty_world: World, field: str, typed: str, said: str
) -> None:
    again = await refused(empty_world, **{field: typed})

    assert list(again.errors) == [field]
    assert said in again.errors[field]


@pytest.mark.parametrize(
    ("typed", "said"),
    [("yesterday", "is past. Type a day from today on"), ("30 February", "28"), ("soon", "Type")],
)
async def test_a_day_off_that_cannot_be_is_refused_beside_its_field(world: World, typed: str, said: str) -> None:
    form = await world.form("ana", "days-off", channel="checkout")

    again = await world.submit("ana", form, channel="checkout", dates=typed)

    assert isinstance(again, Form)
    assert said in again.errors["dates"]


async def test_only_a_lead_gives_the_team_days_off(world: World) -> None:
    refusal = await world.say("ben", "days-off", channel="checkout")

    assert "lead" in words_of(refusal)
