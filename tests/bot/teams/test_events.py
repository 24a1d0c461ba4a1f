"""What Teams tells of its own accord: who came and went, what became of channels, where the bot is installed."""

from __future__ import annotations

from datetime import timedelta

from bot.nudges.port import Recipient, Refused
from handlers.messages import Message, Text
from storage.conversations import Conversations
from storage.directory import Role
from tests.bot.teams.office import CHANNEL, Office

NEWS = Message("News", (Text("There is some."),))


async def refused(here: Office, recipient: Recipient) -> str:
    """Why a message is not taken; "" where it is."""
    try:
        await here.bot.sender.send(recipient, NEWS)
    except Refused as why:
        return str(why)
    return ""


async def test_a_person_is_welcomed_once_however_often_it_is_told(here: Office) -> None:
    await here.ana.installs()
    await here.settle()
    await here.ana.uninstalls()
    await here.ana.installs()
    await here.settle()

    said = [card.title for card in here.ana.dms if card.message.by_bot]
    assert said == ["What I can do here"]


async def test_a_team_is_greeted_once_and_nobody_in_it_is_written_to(here: Office) -> None:
    await here.ana.adds_app(CHANNEL)
    await here.settle()
    await here.ana.adds_app(CHANNEL)
    await here.settle()

    (greeting,) = [card for card in here.ben.cards(here.channel) if card.message.by_bot]
    assert "I am Worthwhile" in greeting.title
    assert here.ben.dms == []


async def test_a_team_can_be_set_up_from_the_greeting(here: Office) -> None:
    await here.ana.adds_app(CHANNEL)
    await here.settle()

    await here.ben.press(await here.ben.sees("I am Worthwhile"), "Set up")
    await here.ben.submit(fill={"payer": "Shop owners", "pays": "Shop owners pay us €49 a month."})

    assert here.ben.errors == []
    assert await here.count("teams") == 1


async def test_a_roster_of_several_pages_is_read_to_its_end(here: Office) -> None:
    crowd = [here.teams.add_person(f"guest_{number}") for number in range(501)]
    team = here.channel.team
    assert team
    team.members += [each.id for each in crowd]

    await here.ana.mention(CHANNEL, "help")
    await here.settle()

    assert len(await here.members(here.channel)) == 506
    assert len(here.teams.called("pagedmembers")) == 2


async def test_who_somebody_is_comes_from_the_roster_and_from_what_they_write(here: Office) -> None:
    gil = here.teams.add_person("gil", role="guest", locale="de-DE", timezone="Europe/Berlin", installed=True)
    out = here.teams.add_person("out", home_tenant="elsewhere.example", installed=True)

    for actor in (here.ana, gil, out):
        await actor.dm("help")
    await here.settle()

    found = [await here.person(actor) for actor in (here.ana, gil, out)]
    assert [(each.name, each.role, each.zone, each.locale) for each in found if each] == [
        ("Ana", Role.MEMBER, "Europe/London", "en_GB"),
        ("Gil", Role.GUEST, "Europe/Berlin", "de_DE"),
        ("Out", Role.OUTSIDER, "Europe/London", "en_GB"),
    ]


async def test_whoever_moves_is_known_there_with_their_next_words(here: Office) -> None:
    await here.ana.dm("help")
    here.ana.state.timezone = "Asia/Tokyo"

    await here.ana.dm("help")

    found = await here.person(here.ana)
    assert found
    assert found.zone == "Asia/Tokyo"


async def test_what_is_known_is_not_asked_again(here: Office) -> None:
    await here.ana.mention(CHANNEL, "help")
    await here.settle()
    asked = len(here.teams.called("member")) + len(here.teams.called("pagedmembers"))

    await here.ana.mention(CHANNEL, "help")
    await here.ben.mention(CHANNEL, "help")
    await here.settle()

    assert len(here.teams.called("member")) + len(here.teams.called("pagedmembers")) == asked


async def test_who_joins_a_team_is_known_and_who_leaves_has_left(here: Office) -> None:
    await here.start_team()
    fay = here.teams.add_person("fay")

    await fay.joins(CHANNEL)
    await here.settle()
    joined = await here.members(here.channel)
    await here.ben.leaves(CHANNEL)
    await here.settle()

    assert fay.id in joined
    assert here.ben.id not in await here.members(here.channel)
    assert await here.count("memberships") == 4


async def test_what_no_event_told_is_found_by_the_reconcile(here: Office) -> None:
    await here.start_team()
    fay = here.teams.add_person("fay")
    await fay.joins(CHANNEL, silently=True)
    await here.ben.leaves(CHANNEL, silently=True)
    here.channel.name = "Payments"

    here.clock.advance(timedelta(minutes=15).total_seconds())
    await here.bot.chores.settle()

    members = await here.members(here.channel)
    found = await here.known_channel(here.channel)
    assert fay.id in members
    assert here.ben.id not in members
    assert found
    assert found.name == "Payments"


async def test_a_channel_that_is_renamed_has_its_new_name(here: Office) -> None:
    await here.start_team()

    await here.ana.renames_channel(CHANNEL, "Payments")
    await here.settle()

    found = await here.known_channel(here.channel)
    assert found
    assert found.name == "Payments"


async def test_in_a_channel_that_is_deleted_nothing_is_posted_until_it_is_back(here: Office) -> None:
    await here.start_team()
    to_channel = Recipient(here.tenant.id, None, here.channel.id)

    await here.ana.deletes_channel(CHANNEL)
    lost = await here.known_channel(here.channel)
    why = await refused(here, to_channel)
    await here.ana.deletes_channel(CHANNEL, again=True)
    await here.settle()
    back = await here.known_channel(here.channel)

    assert lost
    assert back
    assert (lost.is_archived, back.is_archived) == (True, False)
    assert why
    await here.ana.mention(CHANNEL, "help")
    await here.settle()
    assert await refused(here, to_channel) == ""


async def test_so_it_is_with_a_team_that_is_deleted_or_archived(here: Office) -> None:
    await here.start_team()
    states = []

    for change in (here.ana.deletes_team, here.ana.archives_team):
        for again in (False, True):
            await change("Shop", again=again)
            await here.settle()
            found = await here.known_channel(here.channel)
            states.append(bool(found and found.is_archived))

    assert states == [True, False, True, False]


async def test_a_team_that_takes_the_bot_away_is_left_alone_until_it_is_back(here: Office) -> None:
    await here.start_team()
    to_channel = Recipient(here.tenant.id, None, here.channel.id)

    await here.ana.removes_app(CHANNEL)
    await here.settle()
    why = await refused(here, to_channel)
    await here.ana.adds_app(CHANNEL)
    await here.settle()

    found = await here.known_channel(here.channel)
    assert why
    assert await refused(here, to_channel) == ""
    assert found
    assert not found.is_archived


async def test_a_person_who_takes_the_bot_away_is_not_written_to_until_it_is_back(here: Office) -> None:
    await here.ana.dm("help")
    await here.settle()
    calls = len(here.teams.calls)

    await here.ana.uninstalls()
    why = await refused(here, Recipient(here.tenant.id, here.ana.id, None))
    asked = len(here.teams.calls) - calls
    await here.ana.installs()
    await here.settle()

    assert why
    assert asked == 0
    assert await refused(here, Recipient(here.tenant.id, here.ana.id, None)) == ""


async def test_where_somebody_is_reached_is_kept_as_plain_data_and_follows_them(here: Office) -> None:
    await here.ana.dm("help")
    await here.ben.dm("help")
    here.teams.move_service("apac")
    await here.ana.dm("help")
    await here.settle()

    async def notes(_store: object, places: Conversations) -> object:
        found = await places.of_person(here.ben.id)
        return found and dict(found.notes)

    assert await here.within(notes) == {
        "service": here.teams.service_url,
        "bot": here.teams.app.account,
        "kind": "personal",
        "team": "",
    }
    assert await refused(here, Recipient(here.tenant.id, here.ben.id, None)) == ""


async def test_events_come_twice_and_for_places_that_nobody_knows(here: Office) -> None:
    for _ in range(2):
        await here.ana.renames_channel(here.channel.id, "Payments")
        await here.ana.deletes_channel(here.channel.id)
        await here.ana.renames_team(here.team.id, "Store")
        await here.ana.uninstalls()
    for _ in range(2):
        await here.ana.removes_app(here.channel.id)
    await here.settle()

    assert here.teams.delivery.failed == []
    assert here.teams.calls == []


async def reconcile(here: Office) -> None:
    """What the chore does a quarter of an hour later."""
    here.clock.advance(timedelta(minutes=15).total_seconds())
    await here.bot.chores.settle()


async def test_a_channel_whose_end_was_never_told_is_found_by_the_reconcile_and_so_is_its_return(
    here: Office,
) -> None:
    await here.start_team()
    states = []

    for is_deleted in (True, False):
        here.channel.is_deleted = is_deleted
        await reconcile(here)
        found = await here.known_channel(here.channel)
        states.append(found and found.is_archived)

    assert states == [True, False]


async def test_while_teams_is_away_nothing_is_taken_for_gone(here: Office) -> None:
    await here.start_team()
    here.teams.fail("pagedmembers", status=503)

    await reconcile(here)

    found = await here.known_channel(here.channel)
    assert found
    assert not found.is_archived
    assert len(await here.members(here.channel)) == 5


async def test_a_channel_that_somebody_from_elsewhere_reads_counts_as_shared(here: Office) -> None:
    here.teams.add_person("out", home_tenant="elsewhere.example")
    here.team.members.append(here.teams.person("out").id)

    await here.ana.mention(CHANNEL, "help")
    await here.settle()

    found = await here.known_channel(here.channel)
    assert found
    assert found.is_shared
