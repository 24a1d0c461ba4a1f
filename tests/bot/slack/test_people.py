"""Slack's people and channels in the directory: the reconcile, introductions and events."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.nudges.port import NotSent, Refused
from bot.slack.lookups import PAGE
from storage.database import Connection, Database
from storage.directory import Role
from tests.bot.slack.scene import Scene, scene
from tests.fakes.slack import uninstall
from tests.fakes.slack.world import Channel, Person

ORGANISATION = "E0WIDE"
MINUTE = 60.0
BURST = 60
EMPTY: tuple[dict[str, object], ...] = (
    {},
    {"type": "reaction_added"},
    {"type": "user_change"},
    {"type": "user_change", "user": "U1"},
    {"type": "user_change", "user": {"id": 7}},
    {"type": "member_joined_channel", "user": None, "channel": ["C1"]},
    {"type": "channel_rename", "channel": {"name": "no id"}},
    {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": {}},
)
NOTE = "begin insert into noted values (1); end"


@pytest.fixture
async def here(database: Database) -> AsyncIterator[Scene]:
    """Three people in #checkout, of a workspace that the bot knows nothing of yet."""
    async with scene(database) as made:
        for name in ("ana", "ben", "chi"):
            made.slack.add_person(name, tz="Europe/Berlin", locale="de-DE")
        made.slack.add_channel("checkout", members=["ana", "ben", "chi"])
        yield made


def id_of(here: Scene, name: str) -> str:
    """Somebody's id."""
    return here.slack.person(name).id


def room(here: Scene, name: str = "checkout") -> str:
    """A channel's id."""
    return here.slack.channel(name).id


async def role(here: Scene, name: str) -> Role | None:
    """What somebody may do, by the directory."""
    found = await here.person(id_of(here, name))
    return found.role if found else None


async def team(here: Scene) -> int:
    """#checkout as a team of Ana, who leads it, and Ben."""
    await here.reconcile()
    made = await here.team(room(here), [id_of(here, "ana"), id_of(here, "ben")])
    here.clock.advance(MINUTE)
    return made


# The reconcile


async def test_after_a_reconcile_everybody_is_known_as_slack_has_them(here: Scene) -> None:
    here.slack.add_person("gus", "guest")
    here.slack.add_person("oda", "owner")
    here.slack.add_person("lea", "deleted")

    again_in = await here.reconcile()

    ben = await here.person(id_of(here, "ben"))
    assert ben
    assert (ben.name, ben.zone, ben.locale, ben.role) == ("ben", "Europe/Berlin", "de_DE", Role.MEMBER)
    assert (await role(here, "gus"), await role(here, "oda")) == (Role.GUEST, Role.ADMIN)
    assert [each.is_active for each in [await here.person(id_of(here, "lea"))] if each] == [False]
    assert again_in <= timedelta(minutes=15)


async def test_the_bots_channels_and_their_members_are_known_and_others_are_not(here: Scene) -> None:
    here.slack.add_channel("elsewhere", members=["ana"], with_bot=False)
    here.slack.add_channel("quiet", members=["ben"], private=True)

    await here.reconcile()

    quiet = await here.channel(room(here, "quiet"))
    assert quiet
    assert (quiet.name, quiet.is_private) == ("#quiet", True)
    assert {id_of(here, "ana"), id_of(here, "chi")} <= set(await here.members(room(here)))
    assert await here.channel(room(here, "elsewhere")) is None


async def test_lists_of_several_pages_are_read_to_their_end(here: Scene) -> None:
    crowd = [here.slack.add_person(f"extra{number}") for number in range(PAGE + 5)]
    here.slack.add_channel("everybody", members=crowd)

    await here.reconcile()

    assert here.calls("users.list") == 2
    assert len(await here.members(room(here, "everybody"))) == PAGE + 5


async def test_a_reconcile_that_finds_nothing_new_writes_nothing(here: Scene) -> None:
    await team(here)
    await here.database.write(watch_writes)

    await here.reconcile()
    unchanged = await here.database.read(writes)
    await here.slack.person("ana").changes(tz="Asia/Tokyo", silently=True)
    await here.reconcile()

    assert (unchanged, await here.database.read(writes)) == (0, 1)


async def watch_writes(connection: Connection) -> None:
    """Have the database itself note every row that is written."""
    await connection.execute(sa.text("create table noted (at integer)"))
    if connection.dialect.name == "postgresql":
        await connection.execute(
            sa.text(
                "create function note() returns trigger language plpgsql as "
                "$$ begin insert into noted values (1); return null; end $$"
            )
        )
    for name in ("people", "channels", "channel_members", "memberships", "schedules"):
        for event in ("insert", "update", "delete"):
            note = "execute function note()" if connection.dialect.name == "postgresql" else NOTE
            trigger = f"create trigger {name}_{event} after {event} on {name} for each row {note}"
            await connection.execute(sa.text(trigger))


async def writes(connection: Connection) -> int:
    """How many rows were written since they are watched."""
    return int((await connection.execute(sa.text("select count(*) from noted"))).scalar_one())


async def test_with_every_event_lost_one_reconcile_makes_the_directory_equal_to_the_truth(here: Scene) -> None:
    made = await team(here)
    slack = here.slack
    await slack.person("ana").changes(real_name="Ana Maria", tz="Asia/Tokyo", locale="ja-JP", silently=True)
    await slack.person("ben").leaves("checkout", silently=True)
    await slack.person("chi").becomes_guest(silently=True)
    await slack.add_person("dev").joins("checkout", silently=True)
    await slack.channel("checkout").rename("payments", silently=True)
    await slack.channel("payments").share(silently=True)
    await slack.channel("payments").make_private()

    await here.reconcile()

    await equals_the_truth(here)
    assert await here.taking_part(made) == [id_of(here, "ana")]
    assert here.heard == []


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_was_missed_a_reconcile_repairs_it(here: Scene, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    await team(here)

    for number in range(BURST):
        await anything(here, chance, number)
        if chance.random() < 0.1:
            await here.reconcile()
    await here.reconcile()

    await equals_the_truth(here)


async def anything(here: Scene, chance: random.Random, number: int) -> None:
    """Something happens in Slack that nobody hears of."""
    slack = here.slack
    somebody = chance.choice([each for each in slack.workspace().people.values() if not each.is_bot])
    actor = slack.person(somebody.id)
    match chance.randrange(8):
        case 0:
            slack.add_person(f"new{number}", *chance.choice([(), ("guest",), ("admin",)]))
        case 1:
            await actor.changes(tz=chance.choice(["Asia/Tokyo", "America/Lima"]), silently=True)
        case 2 if not somebody.deleted:
            await actor.joins("checkout", silently=True)
        case 3:
            await actor.leaves("checkout", silently=True)
        case 4:
            await (
                actor.is_reactivated(silently=True) if somebody.deleted else actor.is_deactivated(silently=True)
            )
        case 5:
            await actor.changes(is_guest=chance.random() < 0.5, is_admin=chance.random() < 0.2, silently=True)
        case 6:
            await slack.channel(room(here)).share(silently=True)
        case 7:
            slack.add_channel(f"room{number}", members=[somebody.name] if not somebody.deleted else [])


async def equals_the_truth(here: Scene) -> None:
    """Everybody and every channel of the bot's is in the directory as Slack has them."""
    there = here.slack.workspace()
    for person in there.people.values():
        await is_as_in_slack(here, person)
    for channel in there.channels.values():
        await is_the_channel(here, channel)


async def is_as_in_slack(here: Scene, person: Person) -> None:
    """Somebody's row says what Slack does."""
    kept = await here.person(person.id)
    assert kept, person
    assert (kept.name, kept.is_active, kept.is_bot) == (person.name, not person.deleted, person.is_bot)
    if not person.deleted:
        role = Role.GUEST if person.is_guest else Role.ADMIN if person.is_admin else Role.MEMBER
        assert (kept.zone, kept.role) == (person.tz, role)
        assert kept.locale == person.locale.replace("-", "_")


async def is_the_channel(here: Scene, channel: Channel) -> None:
    """A channel's row says what Slack does, and so do its members, but for the bot."""
    kept = await here.channel(channel.id)
    assert kept, channel
    assert (kept.name, kept.is_private, kept.is_shared, kept.is_archived) == (
        f"#{channel.name}",
        channel.is_private,
        channel.is_shared,
        channel.is_archived,
    )
    assert await here.members(channel.id) == sorted({*channel.members} - {here.slack.workspace().bot})


async def test_whoever_is_on_no_list_any_more_is_inactive(here: Scene) -> None:
    await here.reconcile()
    gone = id_of(here, "chi")
    del here.slack.workspace().people[gone]

    await here.reconcile()

    kept = await here.person(gone)
    assert kept
    assert not kept.is_active


async def test_nobody_is_inactive_for_a_list_that_was_not_read_to_its_end(here: Scene) -> None:
    crowd = [here.slack.add_person(f"extra{number}") for number in range(PAGE)]
    await here.reconcile()
    here.clock.advance(MINUTE)
    here.slack.fail("users.list", status=503, times=1)

    with pytest.raises(NotSent):
        await here.reconcile()

    kept = await here.person(crowd[-1].id)
    assert kept
    assert kept.is_active


async def test_a_team_whose_channel_cannot_be_reached_is_halted_and_goes_on_when_the_bot_is_back(
    here: Scene,
) -> None:
    made = await team(here)
    await here.slack.channel("checkout").make_private()
    await here.slack.channel("checkout").remove_bot(silently=True)
    await here.reconcile()
    gone = await here.channel(room(here))

    await here.slack.channel("checkout").invite_bot(silently=True)
    await here.reconcile()

    back = await here.channel(room(here))
    assert [each.is_archived for each in (gone, back) if each] == [True, False]
    assert len(await here.taking_part(made)) == 2


@pytest.mark.parametrize("told", [True, False])
async def test_an_archived_channel_keeps_its_team_whoever_slack_takes_out_of_it(here: Scene, told: bool) -> None:
    made = await team(here)
    here.slack.channel("checkout").state.members[:] = [id_of(here, "chi")]
    await here.slack.channel("checkout").archive(silently=True)

    late = {"type": "channel_unarchive", "channel": room(here)}
    await (here.people.heard(here.workspace, late) if told else here.reconcile())

    kept = await here.channel(room(here))
    assert kept
    assert kept.is_archived
    assert len(await here.taking_part(made)) == 2


async def test_a_public_channel_that_the_bot_was_taken_out_of_is_still_looked_at(here: Scene) -> None:
    await team(here)
    await here.slack.channel("checkout").remove_bot(silently=True)
    await here.slack.channel("checkout").rename("payments", silently=True)

    await here.reconcile()

    kept = await here.channel(room(here, "payments"))
    assert kept
    assert (kept.name, kept.is_archived) == ("#payments", False)


@pytest.mark.parametrize("method", ["users.list", "users.conversations", "conversations.members"])
async def test_slack_is_not_asked_again_before_it_said_and_then_goes_on_where_it_stopped(
    here: Scene, method: str
) -> None:
    here.slack.throttle(method, retry_after=40)
    now = here.clock.now()

    with pytest.raises(NotSent) as waiting:
        await here.reconcile()
    here.clock.advance(40)
    await here.reconcile()

    assert waiting.value.retry_at == now + timedelta(seconds=40)
    assert here.slack.faults.too_early == []
    assert here.calls("users.list") == (2 if method == "users.list" else 1)
    await equals_the_truth(here)


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 503}, {"drop": "before", "times": 2}, {"error": "internal_error"}]
)
async def test_whatever_fails_is_tried_again_later(here: Scene, fault: dict[str, object]) -> None:
    here.slack.fail("users.list", **fault)

    with pytest.raises(NotSent):
        await here.reconcile()
    await here.reconcile()

    await equals_the_truth(here)


async def test_a_missing_scope_archives_no_channel(here: Scene) -> None:
    await team(here)
    here.slack.fail("users.conversations", error="missing_scope")

    with pytest.raises(Refused):
        await here.reconcile()

    kept = await here.channel(room(here))
    assert kept
    assert not kept.is_archived


async def test_a_dead_token_tells_that_the_bot_was_removed(here: Scene) -> None:
    await uninstall(here.slack, here.slack.workspace(), events=())

    await here.reconcile()

    assert here.installs.lost == [here.workspace]


async def test_an_organisation_is_all_of_its_workspaces(database: Database) -> None:
    async with scene(database, organisation=ORGANISATION) as wide:
        north, south = wide.slack.workspaces
        ana = wide.slack.add_person("ana", workspace=north)
        ben = wide.slack.add_person("ben", "guest", workspace=south)
        checkout = wide.slack.add_channel("checkout", members=[ben], workspace=south)

        await wide.reconcile()

        found = [await wide.person(each.id) for each in (ana, ben)]
        assert [each.role for each in found if each] == [Role.MEMBER, Role.GUEST]
        assert ben.id in await wide.members(checkout.id)


# Introductions


async def test_somebody_new_is_introduced_when_they_write(here: Scene) -> None:
    learnt = await here.introduce(id_of(here, "ana"))

    ana = await here.person(id_of(here, "ana"))
    assert learnt
    assert ana
    assert (ana.name, ana.locale) == ("ana", "de_DE")


async def test_a_new_channel_is_introduced_with_who_is_in_it(here: Scene) -> None:
    learnt = await here.introduce(id_of(here, "ana"), room(here))

    channel = await here.channel(room(here))
    assert learnt
    assert channel
    assert channel.name == "#checkout"
    assert {id_of(here, name) for name in ("ana", "ben", "chi")} <= set(await here.members(room(here)))


@pytest.mark.parametrize("channel", [None, "D0DIRECT"])
async def test_a_private_conversation_is_never_looked_up(here: Scene, channel: str | None) -> None:
    await here.introduce(id_of(here, "ana"), channel)

    assert here.calls("conversations.info") == 0


async def test_what_is_known_is_not_asked_for(here: Scene) -> None:
    await here.reconcile()
    before = len(here.slack.calls)

    learnt = await here.introduce(id_of(here, "ana"), room(here))

    assert not learnt
    assert len(here.slack.calls) == before


async def test_what_slack_does_not_know_is_asked_once_a_minute(here: Scene) -> None:
    hidden = here.slack.add_channel("hidden", members=["ana"], private=True, with_bot=False)
    learnt = [await here.introduce("U0NOBODY", hidden.id) for _ in range(5)]
    within_the_minute = (here.calls("users.info"), here.calls("conversations.info"))

    here.clock.advance(61)
    await here.introduce("U0NOBODY", hidden.id)

    assert learnt == [False] * 5
    assert within_the_minute == (1, 1)
    assert (here.calls("users.info"), here.calls("conversations.info")) == (2, 2)


async def test_the_person_is_learnt_though_the_channel_is_not(here: Scene) -> None:
    hidden = here.slack.add_channel("hidden", members=["ana"], private=True, with_bot=False)

    learnt = await here.introduce(id_of(here, "ana"), hidden.id)

    assert learnt
    assert await here.person(id_of(here, "ana"))


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": "before", "times": 2}, {"error": "missing_scope"}])
async def test_an_introduction_never_fails_for_what_slack_does(here: Scene, fault: dict[str, object]) -> None:
    here.slack.fail("users.info", **fault)

    assert not await here.introduce(id_of(here, "ana"))


async def test_while_slack_throttles_nobody_is_looked_up(here: Scene) -> None:
    here.slack.throttle("users.info", retry_after=20)

    learnt = [await here.introduce(id_of(here, "ana")) for _ in range(3)]
    here.clock.advance(20)
    learnt.append(await here.introduce(id_of(here, "ana")))

    assert learnt == [False, False, False, True]
    assert here.slack.faults.too_early == []


async def test_an_answer_that_does_not_come_is_not_waited_for(database: Database) -> None:
    async with scene(database, look_up_s=0.05) as impatient:
        ana = impatient.slack.add_person("ana")
        impatient.slack.fail("users.info", hang="before")

        learnt = await impatient.introduce(ana.id)

        assert not learnt
        assert await impatient.person(ana.id) is None


async def test_a_dead_token_met_in_an_introduction_tells_that_the_bot_was_removed(here: Scene) -> None:
    await uninstall(here.slack, here.slack.workspace(), events=())

    assert not await here.introduce(id_of(here, "ana"))
    assert here.installs.lost == [here.workspace]


async def test_a_stranger_is_introduced_as_one(here: Scene) -> None:
    zoe = here.slack.add_person("zoe", "stranger")

    await here.introduce(zoe.id)

    assert await role(here, "zoe") is Role.OUTSIDER


# Events


async def test_somebody_who_joins_the_workspace_is_known_at_once(here: Scene) -> None:
    await here.slack.add_person("dev", tz="Asia/Kolkata").comes()

    dev = await here.person(id_of(here, "dev"))
    assert dev
    assert dev.zone == "Asia/Kolkata"


async def test_a_changed_profile_is_kept_and_a_changed_status_costs_no_call(here: Scene) -> None:
    await here.reconcile()
    await here.slack.person("ana").changes(tz="Asia/Tokyo", locale="ja-JP")
    asked = here.calls("users.info")

    await here.slack.person("ana").changes()

    ana = await here.person(id_of(here, "ana"))
    assert ana
    assert (ana.zone, ana.locale) == ("Asia/Tokyo", "ja_JP")
    assert (asked, here.calls("users.info")) == (1, 1)


async def test_an_event_that_comes_late_changes_nothing_that_is_newer(here: Scene) -> None:
    await here.reconcile()
    await here.slack.person("ana").becomes_guest()
    old = here.heard[-1]
    await here.slack.person("ana").changes(is_guest=False)

    await here.people.heard(here.workspace, old)

    assert await role(here, "ana") is Role.MEMBER


async def test_who_joins_or_leaves_a_channel_is_in_it_or_not(here: Scene) -> None:
    made = await team(here)
    dev = here.slack.add_person("dev")

    await dev.joins("checkout")
    await here.slack.person("ben").leaves("checkout")

    members = await here.members(room(here))
    assert dev.id in members
    assert id_of(here, "ben") not in members
    assert await here.taking_part(made) == [id_of(here, "ana")]


async def test_a_late_event_of_leaving_ends_nothing_for_who_is_back(here: Scene) -> None:
    made = await team(here)
    late = {"type": "member_left_channel", "user": id_of(here, "ben"), "channel": room(here)}

    await here.people.heard(here.workspace, late)

    assert len(await here.taking_part(made)) == 2


async def test_whose_account_ends_keeps_their_place_whichever_event_comes_first(here: Scene) -> None:
    made = await team(here)
    ben = here.slack.person("ben")
    await ben.is_deactivated(silently=True)

    await here.people.heard(here.workspace, {"type": "member_left_channel", "user": ben.id, "channel": room(here)})

    kept = await here.person(ben.id)
    assert kept
    assert not kept.is_active
    assert ben.id in await here.taking_part(made)


async def test_a_channel_the_bot_is_invited_to_is_known_at_once(here: Scene) -> None:
    here.slack.add_channel("support", members=["chi"], with_bot=False, private=True)

    await here.slack.channel("support").invite_bot()

    assert id_of(here, "chi") in await here.members(room(here, "support"))


async def test_what_happens_to_a_channel_is_known_at_once(here: Scene) -> None:
    await here.reconcile()
    checkout = here.slack.channel("checkout")

    await checkout.rename("payments")
    await checkout.share()
    await checkout.archive()
    archived = await here.channel(checkout.id)
    await checkout.unarchive()
    await checkout.unshare()

    back = await here.channel(checkout.id)
    assert archived
    assert back
    assert (archived.name, archived.is_shared, archived.is_archived) == ("#payments", True, True)
    assert (back.is_shared, back.is_archived) == (False, False)


@pytest.mark.parametrize("private", [False, True])
async def test_a_bot_that_is_taken_out_of_a_channel_can_reach_it_only_where_it_is_public(
    here: Scene, private: bool
) -> None:
    here.slack.channel("checkout").state.is_private = private
    await here.reconcile()

    await here.slack.channel("checkout").remove_bot()

    kept = await here.channel(room(here))
    assert kept
    assert kept.is_archived is private


async def test_a_deleted_channel_is_out_of_reach(here: Scene) -> None:
    await here.reconcile()
    gone = room(here)
    del here.slack.workspace().channels[gone]

    await here.people.heard(here.workspace, {"type": "channel_deleted", "channel": gone})

    kept = await here.channel(gone)
    assert kept
    assert kept.is_archived


@pytest.mark.parametrize("told", [True, False])
async def test_a_private_channel_keeps_its_team_when_sharing_it_changes_its_id(here: Scene, told: bool) -> None:
    private = here.slack.add_channel("quiet", members=["ana"], private=True, id="G0QUIET")
    await here.reconcile()
    made = await here.team("G0QUIET", [id_of(here, "ana")])
    there = here.slack.workspace().channels
    private.state.id = "C0QUIET"
    there["C0QUIET"] = there.pop("G0QUIET")

    event = {"type": "channel_id_changed", "old_channel_id": "G0QUIET", "new_channel_id": "C0QUIET"}
    await (here.people.heard(here.workspace, event) if told else here.reconcile())

    found = await here.within(lambda store: store.teams.get(made))
    assert found
    assert found.channel_external_id == "C0QUIET"
    assert not found.channel_is_archived


async def test_an_id_that_slack_does_not_know_is_not_believed(here: Scene) -> None:
    await here.reconcile()
    event = {"type": "channel_id_changed", "old_channel_id": room(here), "new_channel_id": "C0MADEUP"}

    await here.people.heard(here.workspace, event)

    assert await here.channel(room(here))


async def test_strangers_change_nobody_and_are_not_kept_for_what_happens_to_them(here: Scene) -> None:
    await here.reconcile()
    zoe = here.slack.add_person("zoe", "stranger")

    await zoe.changes(tz="Asia/Tokyo")
    impostor = {"id": id_of(here, "ana"), "team_id": "T0ELSEWHERE", "deleted": True, "is_stranger": True}
    await here.people.heard(here.workspace, {"type": "user_change", "user": impostor})

    ana = await here.person(id_of(here, "ana"))
    assert await here.person(zoe.id) is None
    assert ana
    assert (ana.is_active, ana.role) == (True, Role.MEMBER)


async def test_events_that_say_nothing_are_ignored(here: Scene) -> None:
    for event in EMPTY:
        await here.people.heard(here.workspace, event)

    assert here.slack.calls == []


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": "before", "times": 2}, {"error": "ratelimited"}])
async def test_an_event_that_cannot_be_followed_up_is_left_to_the_reconcile(
    here: Scene, fault: dict[str, object]
) -> None:
    await here.reconcile()
    here.slack.fail("conversations.info", **fault)
    await here.slack.channel("checkout").rename("payments")
    before = await here.channel(room(here, "payments"))

    await here.reconcile()

    after = await here.channel(room(here, "payments"))
    assert [each.name for each in (before, after) if each] == ["#checkout", "#payments"]
