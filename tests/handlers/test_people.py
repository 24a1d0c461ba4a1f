"""What becomes of people, channels and memberships as a chat service tells of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from handlers import people
from handlers.local_time import next_due
from handlers.people import ChannelProfile, Profile
from handlers.schedules import APART, moved
from storage import Store
from storage.directory import Channel, Person, Role, workspaces
from storage.schedules import Schedule
from tests.handlers.retros.review import DEADLINE, REVIEW_DAY, answer, asked, opened, released, summaries
from tests.handlers.setup import join_channel, next_question, picked, schedules, setup, team_of
from tests.world import CHANNEL, PEOPLE, World, words_of

TUESDAY_0942 = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
WEDNESDAY_0942 = TUESDAY_0942 + timedelta(days=1)
EVERYBODY = frozenset(PEOPLE)
QUESTION = "happy to pay"
OPEN = ChannelProfile(CHANNEL, f"#{CHANNEL}", is_private=False, is_shared=False, is_archived=False)
ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London", "Asia/Kolkata", "America/St_Johns")

T = TypeVar("T")


async def within(world: World, work: Callable[[Store], Awaitable[T]]) -> T:
    """What the chat service told, kept in one transaction."""
    async with world.writing() as connection:
        return await work(Store(connection, 1))


async def person(world: World, who: str = "ben") -> Person:
    """Somebody as the directory has them."""
    found = await within(world, lambda store: store.directory.person_called(who))
    assert found
    return found


async def channel(world: World, external_id: str = CHANNEL) -> Channel | None:
    """A channel as the directory has it."""
    return await within(world, lambda store: store.directory.channel_called(external_id))


async def tell(world: World, who: str = "ben", **changes: Any) -> int:
    """The chat service tells of somebody; all but the changes is as it was."""
    known = asdict(await person(world, who))
    profile = Profile(**{name: known[name] for name in Profile.__dataclass_fields__})
    return await within(world, lambda store: people.keep(store, [replace(profile, **changes)], world.clock.now()))


async def tell_channel(world: World, **changes: Any) -> None:
    """The chat service tells of the team's channel."""
    await within(world, lambda store: people.keep_channel(store, replace(OPEN, **changes)))


async def there(world: World, *who: str, asked_at: datetime | None = None) -> None:
    """The chat service tells who is in the team's channel."""
    found = await channel(world)
    assert found
    at = asked_at or world.clock.now()
    await within(world, lambda store: people.gather(store, found.id, frozenset(who), at))


def asks(world: World, who: str) -> int:
    """How often somebody was asked the day's question."""
    return sum(QUESTION in message.title for message in world.chat.to(who))


async def takes_part(world: World, who: str) -> bool:
    """Whether somebody has a place in the team."""
    number = (await person(world, who)).id
    return await within(world, lambda store: store.teams.membership(1, number)) is not None


async def test_somebody_new_is_kept_with_what_the_chat_service_tells(world: World) -> None:
    told = Profile("fay", "Fay Moreau", "Designer", "Europe/Paris", "fr_FR", Role.MEMBER, False, True)

    changed = await within(world, lambda store: people.keep(store, [told], world.clock.now()))

    kept = asdict(await person(world, "fay"))
    assert changed == 1
    assert {name: kept[name] for name in asdict(told)} == asdict(told)


async def test_what_the_chat_service_is_silent_about_stays_as_it_was(world: World) -> None:
    changed = await tell(world, "chi", zone="", locale="")

    kept = await person(world, "chi")
    assert changed == 0
    assert (kept.zone, kept.locale) == ("Europe/Berlin", "de_DE")


async def test_somebody_new_of_whom_no_zone_is_told_is_asked_by_universal_time(world: World) -> None:
    told = Profile("fay", "Fay", "", "", "", Role.MEMBER, False, True)

    await within(world, lambda store: people.keep(store, [told], world.clock.now()))

    assert ((await person(world, "fay")).zone, (await person(world, "fay")).locale) == ("UTC", "en_GB")


async def test_telling_the_same_again_changes_nothing(world: World) -> None:
    assert [await tell(world, who) for who in PEOPLE] == [0] * len(PEOPLE)


@pytest.mark.parametrize(
    ("given_here", "told", "kept"),
    [
        (Role.LEAD, Role.MEMBER, Role.LEAD),
        (Role.LEAD, Role.ADMIN, Role.ADMIN),
        (Role.LEAD, Role.GUEST, Role.GUEST),
        (Role.ADMIN, Role.MEMBER, Role.MEMBER),
        (Role.GUEST, Role.MEMBER, Role.MEMBER),
    ],
)
async def test_who_leads_stays_a_lead_and_an_admin_is_one_as_long_as_the_chat_service_says_so(
    world: World, given_here: Role, told: Role, kept: Role
) -> None:
    before = await person(world)
    profile = {"name": before.name, "zone": before.zone, "locale": before.locale, "role": given_here}
    await within(world, lambda store: store.directory.keep_person("ben", world.clock.now(), **profile))

    await tell(world, role=told)

    assert (await person(world)).role is kept


async def test_whoever_moves_is_asked_at_the_same_hour_of_the_new_zone(world: World) -> None:
    await world.go_to(TUESDAY_0942)

    await tell(world, zone="America/New_York")

    assert {planned.zone for planned in await schedules(world, "ben")} == {"America/New_York"}
    assert await next_question(world, "ben") == datetime(2026, 11, 25, 14, 40, tzinfo=UTC)


async def test_nobody_is_asked_again_within_eight_hours_of_a_move(world: World) -> None:
    await tell(world, zone="America/Los_Angeles")
    await world.go_to(datetime(2026, 11, 24, 17, 45, tzinfo=UTC))
    assert asks(world, "ben") == 1

    await tell(world, zone="Asia/Tokyo")  # where Wednesday's hour is seven hours away

    assert await next_question(world, "ben") == datetime(2026, 11, 26, 0, 40, tzinfo=UTC)


async def test_the_first_question_still_waits_for_the_day_it_was_planned_for(world: World) -> None:
    await tell(world, zone="America/New_York")  # where Monday's hour is still to come

    assert await next_question(world, "ben") == datetime(2026, 11, 24, 14, 40, tzinfo=UTC)


async def test_a_question_put_off_for_an_hour_comes_in_an_hour_wherever_one_is(world: World) -> None:
    await world.go_to(TUESDAY_0942)
    await world.press("ben", world.chat.to("ben")[-1], "In an hour")

    await tell(world, zone="America/New_York")
    await world.go_to(TUESDAY_0942 + timedelta(hours=1))

    assert asks(world, "ben") == 2


async def test_a_review_comes_on_its_own_day_in_the_new_zone(world: World) -> None:
    await asked(world)
    await tell(world, "ana", zone="America/New_York")

    reminder = next(each for each in await schedules(world, "ana") if each.nudge == "review-remind")

    assert reminder.next_due_at
    assert f"{reminder.next_due_at.astimezone(ZoneInfo('America/New_York')):%a %H:%M}" == "Tue 09:40"


@given(st.lists(st.tuples(st.integers(1, 40 * 60), st.sampled_from(ZONES)), min_size=1, max_size=40))
def test_however_often_somebody_moves_no_date_is_asked_twice_and_no_two_questions_are_close(
    moves: list[tuple[int, str]],
) -> None:
    traveller = Traveller()

    for minutes, zone in moves:
        traveller.live(timedelta(minutes=minutes))
        traveller.move(zone)

    dates, times = traveller.dates, traveller.times
    assert len(set(dates)) == len(dates)
    assert all(later - earlier >= APART for earlier, later in pairwise(times))


class Traveller:
    """Somebody who is asked every day at 09:40, wherever they are."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.dates: list[date] = []
        self.times: list[datetime] = []
        first = next_due(range(1, 8), time(9, 40), "Europe/London", self.now)
        rule = (tuple(range(1, 8)), time(9, 40), "Europe/London")
        self.schedule = Schedule(1, 1, "checkin:1:1", "checkin", 1, 1, None, *rule, None, first)

    def live(self, span: timedelta) -> None:
        """Let time pass, and be asked what is due."""
        end = self.now + span
        while (due := self.schedule.next_due_at) and due <= end:
            assert self.schedule.hour
            self.times.append(due)
            self.dates.append(due.astimezone(ZoneInfo(self.schedule.zone)).date())
            following = next_due(range(1, 8), self.schedule.hour, self.schedule.zone, due)
            self.schedule = replace(self.schedule, next_due_at=following)
        self.now = end

    def move(self, zone: str) -> None:
        """Be somewhere else from now on."""
        last = self.times[-1] if self.times else None
        due = moved(self.schedule, zone, last, self.now)
        self.schedule = replace(self.schedule, zone=zone, next_due_at=due)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.GUEST}, {"is_bot": True}])
async def test_who_may_not_be_asked_any_more_is_spared_and_goes_on_when_they_may(
    world: World, change: dict[str, Any]
) -> None:
    back = {name: getattr(await person(world), name) for name in change}
    await tell(world, **change)
    await world.go_to(TUESDAY_0942)
    spared = asks(world, "ben")

    await tell(world, **back)
    await world.go_to(WEDNESDAY_0942)

    assert (spared, asks(world, "ben")) == (0, 1)


async def test_a_review_does_not_wait_for_somebody_whose_account_ends(world: World) -> None:
    await opened(world)
    await tell(world, "eva", is_active=False)

    for who in ("ana", "ben", "chi", "dev"):
        await answer(world, who)

    assert summaries(world)


async def test_leaving_the_channel_is_leaving_the_team_and_loses_no_answer(world: World) -> None:
    await world.say("ben", "checkin 4")

    await there(world, *EVERYBODY - {"ben"})
    await world.go_to(TUESDAY_0942)

    async with world.reading() as connection:
        kept = (await connection.execute(sa.text("select count(*) from reflections"))).scalar_one()
    assert (asks(world, "ben"), asks(world, "dev"), kept) == (0, 1, 1)
    assert not await takes_part(world, "ben")


async def test_a_review_does_not_wait_for_who_left_the_channel(world: World) -> None:
    await opened(world)
    await there(world, *EVERYBODY - {"eva"})

    for who in ("ana", "ben", "chi", "dev"):
        await answer(world, who)

    assert summaries(world)


async def test_a_team_whose_last_lead_has_left_can_be_changed_by_any_member(world: World) -> None:
    await there(world, *EVERYBODY - {"ana"})

    preview = await setup(world, "ben", name="Payments")

    assert "Payments" in preview.title
    assert (await team_of(world)).name == "Payments"


async def test_who_comes_back_to_the_channel_is_not_asked_before_a_lead_takes_them_in(world: World) -> None:
    await there(world, *EVERYBODY - {"ben"})
    await there(world, *EVERYBODY)
    before = await takes_part(world, "ben")

    await setup(world, "ana", people=await picked(world, *PEOPLE))

    assert (before, await takes_part(world, "ben")) == (False, True)


async def test_who_was_taken_in_after_the_chat_service_was_asked_stays(world: World) -> None:
    asked_at = world.clock.now()
    await world.go_to(TUESDAY_0942)
    await join_channel(world, "fay", name="Fay Moreau")
    await setup(world, people=await picked(world, *PEOPLE, "fay"))

    await there(world, *EVERYBODY, asked_at=asked_at)

    assert await takes_part(world, "fay")


async def test_whose_account_has_ended_keeps_their_place_though_no_channel_has_them(world: World) -> None:
    await tell(world, is_active=False)

    await there(world, *EVERYBODY - {"ben"}, asked_at=world.clock.now() + timedelta(hours=1))

    assert await takes_part(world, "ben")


async def test_who_is_active_again_has_their_place_though_not_in_the_channel_yet(world: World) -> None:
    await tell(world, is_active=False)
    await there(world, *EVERYBODY - {"ben"})
    await tell(world, is_active=True)

    await there(world, *EVERYBODY - {"ben"})

    assert await takes_part(world, "ben")


async def test_only_those_in_the_channel_are_kept_as_being_there(world: World) -> None:
    await there(world, "ana", "eva", "nobody the bot knows")

    found = await channel(world)
    assert found
    members = await within(world, lambda store: store.directory.members(found.id))
    assert [member.external_id for member in members] == ["ana", "eva"]


async def test_who_is_on_the_list_no_more_is_inactive_and_who_came_since_is_not(world: World) -> None:
    asked_at = world.clock.now() + timedelta(minutes=1)
    await world.go_to(asked_at + timedelta(minutes=1))
    await join_channel(world, "fay", name="Fay Moreau")

    gone = await within(world, lambda store: people.retire(store, EVERYBODY - {"ben"}, asked_at))

    active = {who: (await person(world, who)).is_active for who in ("ana", "ben", "fay")}
    assert gone == 1
    assert active == {"ana": True, "ben": False, "fay": True}


async def test_somebody_of_another_organisation_is_on_nobodys_list_and_stays(world: World) -> None:
    await tell(world, role=Role.OUTSIDER)

    gone = await within(
        world, lambda store: people.retire(store, EVERYBODY - {"ben"}, world.clock.now() + timedelta(hours=1))
    )

    assert gone == 0


async def test_a_renamed_channel_is_called_by_its_new_name(world: World) -> None:
    await tell_channel(world, name="#payments", is_private=True)

    found = await channel(world)
    assert (await team_of(world)).channel_name == "#payments"
    assert found
    assert found.is_private


async def test_in_an_archived_channel_nobody_is_asked_and_why_says_so(world: World) -> None:
    await tell_channel(world, is_archived=True)
    await world.go_to(TUESDAY_0942)

    said = words_of(await world.say("ben", "why"))

    assert asks(world, "ben") == 0
    assert "your team's channel was archived, or I could not reach it" in said
    assert "#checkout is archived, or I can no longer reach it" in said
    assert "The next one comes" not in said


async def test_when_a_channel_is_unarchived_its_team_goes_on(world: World) -> None:
    await tell_channel(world, is_archived=True)
    await world.go_to(TUESDAY_0942)
    await tell_channel(world)

    await world.go_to(WEDNESDAY_0942)

    assert asks(world, "ben") == 1


async def test_what_was_promised_for_a_day_is_done_once_the_channel_is_open_again(world: World) -> None:
    await opened(world)
    await tell_channel(world, is_archived=True)
    await world.go_to(DEADLINE + timedelta(days=4))
    meanwhile = len(summaries(world))
    await tell_channel(world)

    await world.go_to(DEADLINE + timedelta(days=6))

    assert (meanwhile, len(summaries(world))) == (0, 1)


async def test_a_channel_out_of_reach_is_left_alone_and_keeps_its_name(world: World) -> None:
    await within(world, lambda store: people.lose_channel(store, CHANNEL))

    found = await channel(world)
    assert found
    assert (found.name, found.is_archived) == ("#checkout", True)


async def test_where_the_bot_was_removed_nothing_comes_until_it_is_back(world: World) -> None:
    await removed(world, world.clock.now())
    await world.go_to(TUESDAY_0942)
    spared = asks(world, "ben")
    await removed(world, None)
    said = words_of(await world.say("ben", "why"))

    await world.go_to(WEDNESDAY_0942)

    assert (spared, asks(world, "ben")) == (0, 1)
    assert "I had been removed from your workspace" in said


async def test_a_review_that_came_due_while_the_bot_was_removed_is_asked_for_when_it_is_back(world: World) -> None:
    await released(world)
    await removed(world, world.clock.now())
    await world.go_to(REVIEW_DAY + timedelta(hours=1))
    meanwhile = asked_for_numbers(world)
    await removed(world, None)

    await world.go_to(REVIEW_DAY + timedelta(days=1, hours=1))

    assert (meanwhile, asked_for_numbers(world)) == (False, True)


def asked_for_numbers(world: World) -> bool:
    """Whether the owner was asked what the release reached."""
    return any("what did it reach?" in words_of(message) for message in world.chat.to("ana"))


async def removed(world: World, at: datetime | None) -> None:
    """The bot is removed from the workspace, or installed again."""
    async with world.writing() as connection:
        await connection.execute(sa.update(workspaces).values(removed_at=at))


async def test_a_channel_with_another_id_keeps_its_team(world: World) -> None:
    await within(world, lambda store: people.renumber_channel(store, CHANNEL, "new"))

    assert (await team_of(world)).channel_external_id == "new"
    assert await channel(world, CHANNEL) is None


async def test_a_channel_met_under_its_new_id_meanwhile_makes_room(world: World) -> None:
    await within(world, lambda store: people.keep_channel(store, replace(OPEN, external_id="new")))

    await within(world, lambda store: people.renumber_channel(store, CHANNEL, "new"))

    left = await channel(world, CHANNEL)
    assert (await team_of(world)).channel_external_id == "new"
    assert left
    assert left.is_archived


async def test_a_team_that_was_set_up_under_the_new_id_keeps_it(world: World) -> None:
    await within(world, lambda store: people.keep_channel(store, replace(OPEN, external_id="new")))
    await world.start_team(channel="new", name="Other", visibility="private")

    await within(world, lambda store: people.renumber_channel(store, CHANNEL, "new"))

    assert (await team_of(world)).channel_external_id == CHANNEL
