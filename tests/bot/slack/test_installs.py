"""Finding the right token: installs by OAuth and by token, tokens that run out, and removals."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from cryptography.fernet import Fernet

from bot.clock import SteppedClock
from bot.nudges.port import NotSent
from bot.slack.clients import Clients
from bot.slack.granting import Granting
from bot.slack.installs import Install, Installs, is_bot_revoked, uninstalled
from bot.slack.own_install import OwnInstall
from bot.slack.shared_installs import SharedInstalls
from storage.chores import chores
from storage.database import Connection, Database, DatabaseError, Work, open_database
from storage.directory import workspaces
from storage.installations import installations
from storage.secrets import Vault
from tests.bot.slack.token_office import CLIENT_ID, CLIENT_SECRET, TokenOffice, failing
from tests.storage.planting import words_kept
from tests.world import PATIENCE_S

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MOMENT_S = 0.01


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
async def office() -> AsyncIterator[TokenOffice]:
    async with TokenOffice().serving() as serving:
        yield serving


@pytest.fixture
async def clients(office: TokenOffice) -> AsyncIterator[Clients]:
    opened = Clients(office.url)
    yield opened
    await opened.close()


@pytest.fixture
def installs(database: Database, clock: SteppedClock, clients: Clients) -> SharedInstalls:
    """Installs by OAuth."""
    return process(database, clock, clients)


@pytest.fixture
def own(database: Database, clock: SteppedClock, clients: Clients) -> OwnInstall:
    """The install of a bot token."""
    return OwnInstall(database, clock, clients, "xoxb-own", patience_s=PATIENCE_S)


def process(
    database: Database,
    clock: SteppedClock,
    clients: Clients,
    key: str = KEY,
    patience_s: float = PATIENCE_S,
) -> SharedInstalls:
    """The installs as one process has them."""
    granting = Granting(clients, clock, CLIENT_ID, CLIENT_SECRET)
    return SharedInstalls(database, clock, Vault([key]), granting, patience_s=patience_s)


async def granted(installs: SharedInstalls, office: TokenOffice, code: str, **changes: Any) -> None:
    """Somebody installs the bot; its token is xoxb-CODE."""
    office.grant(code, **changes)
    await installs.accept(code, "")


def of_team(number: int) -> dict[str, Any]:
    """A team to install in."""
    return {"team": {"id": f"T{number}", "name": f"Team {number}"}}


def of_organisation(number: int) -> dict[str, Any]:
    """An organisation to install in."""
    enterprise = {"id": f"E{number}", "name": f"Org {number}"}
    return {"team": None, "enterprise": enterprise, "is_enterprise_install": True}


def tokens(*found: Install | None) -> list[str | None]:
    """The tokens of what was found."""
    return [install.token if install else None for install in found]


async def column(database: Database, wanted: sa.Column[Any]) -> list[Any]:
    """A column of a table."""

    async def work(connection: Connection) -> list[Any]:
        return list((await connection.execute(sa.select(wanted))).scalars())

    return await database.read(work)


async def test_an_install_is_found_with_all_that_was_granted(
    installs: SharedInstalls, office: TokenOffice
) -> None:
    await granted(installs, office, "one")

    found = await installs.find("T1", None, False)

    assert found == Install("T1", "xoxb-one", "UBOT", False, ("commands", "chat:write"))
    assert await installs.of("T1") == found
    assert "xoxb" not in repr(found)


async def test_a_request_of_a_workspace_without_an_install_is_not_ours(installs: SharedInstalls) -> None:
    assert await installs.find("T1", "E1", False) is None
    assert await installs.find("T1", "E1", True) is None
    assert await installs.find(None, None, False) is None
    assert await installs.of("T1") is None


async def test_every_request_gets_the_token_of_the_install_it_is_for(
    installs: SharedInstalls, office: TokenOffice
) -> None:
    await granted(installs, office, "org", **of_organisation(1))
    await granted(installs, office, "own", **of_team(1))
    await granted(installs, office, "other", **of_team(2))
    right = {
        ("T1", "E1", True): "xoxb-org",
        ("T1", "E1", False): "xoxb-own",
        ("T9", "E1", False): "xoxb-org",
        ("T9", "E1", True): "xoxb-org",
        (None, "E1", True): "xoxb-org",
        ("T2", None, False): "xoxb-other",
        ("T2", "E2", True): None,
        ("T9", "E9", False): None,
        ("E1", None, False): None,
    }
    asked = random.Random(7).choices(list(right), k=2_000)  # noqa: S311 - which is asked first is no secret

    answered = [await installs.find(*request) for request in asked]

    assert tokens(*answered) == [right[request] for request in asked]


async def test_two_workspaces_with_equal_ids_inside_keep_their_own_tokens(
    installs: SharedInstalls, office: TokenOffice, database: Database
) -> None:
    await granted(installs, office, "one", **of_team(1))
    await granted(installs, office, "two", **of_team(2))

    first, second = await installs.of("T1"), await installs.of("T2")

    assert tokens(first, second) == ["xoxb-one", "xoxb-two"]
    assert len(set(await column(database, workspaces.c.id))) == 2


async def test_an_install_anew_takes_the_place_of_the_old_one_at_once(
    installs: SharedInstalls, office: TokenOffice
) -> None:
    await granted(installs, office, "first")
    await installs.find("T1", None, False)

    await granted(installs, office, "second", scope="commands")

    found = await installs.find("T1", None, False)
    assert found
    assert (found.token, found.scopes) == ("xoxb-second", ("commands",))


async def test_another_process_learns_of_an_install_anew_within_a_minute(
    installs: SharedInstalls, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    other = process(database, clock, clients)
    await granted(installs, office, "first")
    await other.find("T1", None, False)
    await granted(installs, office, "second")

    early = await other.find("T1", None, False)
    clock.set(NOW + MINUTE)
    late = await other.find("T1", None, False)

    assert tokens(early, late) == ["xoxb-first", "xoxb-second"]


async def test_an_install_that_was_not_there_is_seen_as_soon_as_it_is(
    installs: SharedInstalls, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    other = process(database, clock, clients)
    before = await other.of("T1")

    await granted(installs, office, "one")

    assert tokens(before, await other.of("T1")) == [None, "xoxb-one"]


async def test_an_install_begins_the_chores_of_its_workspace(
    installs: SharedInstalls, office: TokenOffice, database: Database
) -> None:
    await granted(installs, office, "one")

    assert sorted(await column(database, chores.c.name)) == ["reconcile", "rotate"]
    assert await column(database, chores.c.due_at) == [NOW, NOW]


async def test_nothing_that_opens_a_workspace_stands_in_the_database_in_plain_text(
    installs: SharedInstalls, office: TokenOffice, database: Database, database_url: str
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    await installs.rotate("T1")

    kept = await database.read(words_kept)

    assert "xox" not in kept
    assert CLIENT_SECRET not in kept
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
        assert b"T1" in raw
        assert b"xox" not in raw


async def test_a_key_that_is_lost_while_running_finds_nothing_and_overwrites_nothing(
    installs: SharedInstalls, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    await granted(installs, office, "one")
    other = process(database, clock, clients, Fernet.generate_key().decode())
    before = await column(database, installations.c.sealed)

    assert await other.find("T1", None, False) is None
    assert await column(database, installations.c.sealed) == before


# Tokens that run out


async def test_a_token_is_exchanged_two_hours_before_it_runs_out_and_not_earlier(
    installs: SharedInstalls, office: TokenOffice, clock: SteppedClock
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))

    wait = await installs.rotate("T1")
    clock.set(NOW + wait - timedelta(seconds=1))
    await installs.rotate("T1")
    early = office.exchanges
    clock.set(NOW + wait)
    following = await installs.rotate("T1")

    assert (wait, early, office.exchanges) == (10 * HOUR, 0, 1)
    assert following == 10 * HOUR
    assert tokens(await installs.of("T1")) == ["xoxe.xoxb-1"]


async def test_a_token_that_never_runs_out_is_never_exchanged(
    installs: SharedInstalls, office: TokenOffice, clock: SteppedClock
) -> None:
    await granted(installs, office, "one")
    clock.set(NOW + timedelta(days=30))

    assert await installs.rotate("T1") >= HOUR
    assert tokens(await installs.of("T1")) == ["xoxb-one"]
    assert office.exchanges == 0


async def test_fifty_rotations_at_once_in_three_processes_make_one_exchange(
    office: TokenOffice, database_url: str, clock: SteppedClock, clients: Clients
) -> None:
    databases = [open_database(database_url) for _ in range(3)]
    processes = [process(database, clock, clients) for database in databases]
    await granted(processes[0], office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 11 * HOUR)

    await asyncio.gather(*(processes[n % 3].rotate("T1") for n in range(50)))
    clock.set(clock.now() + MINUTE)

    assert office.exchanges == 1
    assert tokens(*[await each.of("T1") for each in processes]) == ["xoxe.xoxb-1"] * 3
    await asyncio.gather(*(database.close() for database in databases))


async def test_a_message_after_thirteen_quiet_hours_is_sent_with_a_good_token(
    installs: SharedInstalls, office: TokenOffice, clock: SteppedClock
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 13 * HOUR)

    found = await asyncio.gather(*(installs.of("T1") for _ in range(20)))

    assert tokens(*found) == ["xoxe.xoxb-1"] * 20
    assert office.exchanges == 1


async def test_a_request_waits_for_no_exchange(
    installs: SharedInstalls, office: TokenOffice, clock: SteppedClock
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 13 * HOUR)

    found = await installs.find("T1", None, False)

    assert tokens(found) == ["xoxb-one"]
    assert office.exchanges == 0


async def test_while_another_process_exchanges_a_message_is_put_off_and_then_sent(
    installs: SharedInstalls, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    other = process(database, clock, clients)
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 13 * HOUR)
    office.is_open.clear()
    office.is_called.clear()
    exchanging = asyncio.create_task(installs.of("T1"))
    await office.is_called.wait()

    with pytest.raises(NotSent) as put_off:
        await other.of("T1")
    office.is_open.set()
    await exchanging

    assert put_off.value.retry_at == clock.now() + timedelta(seconds=5)
    assert tokens(await other.of("T1")) == ["xoxe.xoxb-1"]
    assert office.exchanges == 1


async def test_an_exchange_goes_on_when_nobody_waits_for_it_any_more(
    installs: SharedInstalls, office: TokenOffice, clock: SteppedClock
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 13 * HOUR)
    office.is_open.clear()
    office.is_called.clear()
    waiting = asyncio.create_task(installs.of("T1"))
    await office.is_called.wait()

    waiting.cancel()
    office.is_open.set()
    await installs.close()

    assert tokens(await installs.find("T1", None, False)) == ["xoxe.xoxb-1"]


async def test_an_exchange_that_a_killed_process_began_is_taken_over(
    installs: SharedInstalls, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 13 * HOUR)
    office.is_open.clear()
    office.is_called.clear()
    waiting = asyncio.create_task(installs.of("T1"))
    await office.is_called.wait()
    killed = next(iter(installs._rotation._running.values()))
    killed.cancel()
    await asyncio.gather(waiting, killed, return_exceptions=True)
    office.is_open.set()
    other = process(database, clock, clients)

    with pytest.raises(NotSent):
        await other.of("T1")
    clock.set(NOW + 13 * HOUR + MINUTE)

    assert tokens(await other.of("T1")) == ["xoxe.xoxb-2"]


@pytest.mark.parametrize(
    ("failure", "wait_s"),
    [
        (failing("ratelimited", 429, **{"Retry-After": "77"}), 77),
        (failing("internal_error"), 30),
        (failing("bad_client_secret"), 30),
        (lambda: web.Response(status=503, text="<html>busy</html>", content_type="text/html"), 30),
        (lambda: web.Response(status=200, text="{", content_type="application/json"), 30),
    ],
    ids=["429", "internal", "secret", "503", "half an answer"],
)
async def test_slack_in_trouble_puts_a_message_off_and_costs_no_install(
    installs: SharedInstalls,
    office: TokenOffice,
    clock: SteppedClock,
    failure: Callable[[], web.Response],
    wait_s: int,
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 13 * HOUR)
    office.failures.append(failure)

    with pytest.raises(NotSent) as put_off:
        await installs.of("T1")

    assert put_off.value.retry_at == clock.now() + timedelta(seconds=wait_s)
    assert "xox" not in str(put_off.value)
    assert tokens(await installs.of("T1")) == ["xoxe.xoxb-2"]


async def test_slack_out_of_reach_puts_a_message_off(
    database: Database, office: TokenOffice, clock: SteppedClock, installs: SharedInstalls
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 13 * HOUR)
    nowhere = Clients("http://127.0.0.1:1/api/")

    with pytest.raises(NotSent):
        await process(database, clock, nowhere).of("T1")

    await nowhere.close()


async def test_a_refresh_token_that_slack_refuses_leaves_the_token_its_last_hours_and_then_ends_the_install(
    installs: SharedInstalls, office: TokenOffice, clock: SteppedClock, database: Database
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    office.refresh_tokens.clear()
    clock.set(NOW + 11 * HOUR)

    await installs.rotate("T1")
    meanwhile = await installs.of("T1")
    clock.set(NOW + 12 * HOUR)
    afterwards = await installs.of("T1")

    assert tokens(meanwhile, afterwards) == ["xoxb-one", None]
    assert await column(database, installations.c.sealed) == [""]


async def test_an_exchange_that_ends_after_an_install_anew_does_not_undo_it(
    installs: SharedInstalls, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 11 * HOUR)
    office.is_open.clear()
    office.is_called.clear()
    exchanging = asyncio.create_task(installs.rotate("T1"))
    await office.is_called.wait()
    other = process(database, clock, clients)
    office.grant("anew")
    anew = asyncio.create_task(granted(other, office, "anew"))

    office.is_open.set()
    await asyncio.gather(exchanging, anew)
    clock.set(NOW + 11 * HOUR + MINUTE)

    assert tokens(await installs.of("T1")) == ["xoxb-anew"]


# Removals


@pytest.mark.parametrize("times", [1, 2])
async def test_a_removal_wipes_the_tokens_however_often_it_is_told(
    installs: SharedInstalls, office: TokenOffice, database: Database, clock: SteppedClock, times: int
) -> None:
    await granted(installs, office, "one")
    clock.set(NOW + HOUR)
    await installs.find("T1", None, False)

    for _ in range(times):
        await installs.removed("T1", clock.now())
        clock.set(clock.now() + MINUTE)

    assert tokens(await installs.find("T1", None, False), await installs.of("T1")) == [None, None]
    assert await column(database, installations.c.sealed) == [""]
    assert await column(database, installations.c.removed_at) == [NOW + HOUR]
    assert await column(database, workspaces.c.removed_at) == [NOW + HOUR]


async def test_a_removal_of_what_was_never_installed_changes_nothing(
    installs: SharedInstalls, database: Database
) -> None:
    await installs.removed("T1")

    assert await column(database, workspaces.c.id) == []


async def test_an_install_after_a_removal_works_and_an_old_removal_does_not_undo_it(
    installs: SharedInstalls, office: TokenOffice, database: Database, clock: SteppedClock
) -> None:
    await granted(installs, office, "first")
    await installs.removed("T1", NOW)
    clock.set(NOW + HOUR)
    await granted(installs, office, "second")

    await installs.removed("T1", NOW + HOUR - timedelta(seconds=1))

    assert tokens(await installs.find("T1", None, False)) == ["xoxb-second"]
    assert await column(database, workspaces.c.removed_at) == [None]


async def test_a_removal_in_the_second_of_the_install_counts(
    installs: SharedInstalls, office: TokenOffice
) -> None:
    await granted(installs, office, "one")

    await installs.removed("T1", NOW.replace(microsecond=0))

    assert await installs.of("T1") is None


async def test_a_token_that_slack_refused_ends_the_install_only_while_it_is_its_token(
    installs: SharedInstalls, office: TokenOffice
) -> None:
    await granted(installs, office, "first")
    await granted(installs, office, "second")

    await installs.removed("T1", token="xoxb-first")
    still = await installs.of("T1")
    await installs.removed("T1", token="xoxb-second")

    assert tokens(still, await installs.of("T1")) == ["xoxb-second", None]


async def test_a_team_that_removes_the_bot_leaves_its_organisations_install_alone(
    installs: SharedInstalls, office: TokenOffice
) -> None:
    await granted(installs, office, "org", **of_organisation(1))
    await granted(installs, office, "own", **of_team(1))

    for _ in range(2):
        await installs.removed(uninstalled("T1", "E1", False))

    assert tokens(await installs.of("T1"), await installs.of("E1")) == [None, "xoxb-org"]
    assert uninstalled("T1", "E1", True) == "E1"


async def test_an_exchange_under_way_does_not_bring_a_removed_install_back(
    installs: SharedInstalls, office: TokenOffice, clock: SteppedClock, database: Database
) -> None:
    await granted(installs, office, "one", **office.rotating("xoxe-first"))
    clock.set(NOW + 11 * HOUR)
    office.is_open.clear()
    office.is_called.clear()
    exchanging = asyncio.create_task(installs.rotate("T1"))
    await office.is_called.wait()

    await installs.removed("T1", clock.now())
    office.is_open.set()
    await exchanging

    assert await installs.of("T1") is None
    assert await column(database, installations.c.sealed) == [""]


@pytest.mark.parametrize(
    ("event", "is_revoked"),
    [
        ({"type": "app_uninstalled"}, True),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U1"], "oauth": []}}, True),
        ({"type": "tokens_revoked", "tokens": {"bot": [], "oauth": ["U2"]}}, False),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U2"]}}, False),
        ({"type": "tokens_revoked", "tokens": "U1"}, False),
        ({"type": "tokens_revoked"}, False),
        ({"type": "message", "tokens": {"bot": ["U1"]}}, False),
        ({}, False),
    ],
)
def test_only_the_bots_own_tokens_count_as_its_removal(event: dict[str, Any], is_revoked: bool) -> None:
    assert is_bot_revoked(event) is is_revoked


# A bot of one workspace


def its_workspace(**changes: Any) -> dict[str, Any]:
    """What Slack says of the bot token."""
    return {"team_id": "T1", "team": "Sample", "user_id": "UBOT", "bot_id": "B1", "enterprise_id": "E1", **changes}


async def test_a_bot_token_is_the_install_of_its_own_workspace_and_of_no_other(
    own: OwnInstall, office: TokenOffice, database: Database
) -> None:
    office.identities["xoxb-own"] = its_workspace()

    ours = await own.find("T1", "E1", False)
    others = [await own.find("T2", "E1", False), await own.find("T1", "E1", True), await own.of("T2")]

    assert ours == Install("T1", "xoxb-own", "UBOT", False, ("commands", "chat:write"))
    assert await own.of("T1") == ours
    assert others == [None, None, None]
    assert await column(database, workspaces.c.external_id) == ["T1"]
    assert await column(database, chores.c.name) == ["reconcile"]
    assert await column(database, installations.c.sealed) == []


async def test_an_organisations_bot_token_serves_all_of_its_teams(own: OwnInstall, office: TokenOffice) -> None:
    office.identities["xoxb-own"] = its_workspace(is_enterprise_install=True)

    found = [await own.find("T7", "E1", True), await own.find("T7", "E1", False), await own.find("T1", "E2", True)]

    assert tokens(*found) == ["xoxb-own", "xoxb-own", None]


async def test_slack_is_asked_once_whoever_needs_the_answer(own: OwnInstall, office: TokenOffice) -> None:
    office.identities["xoxb-own"] = its_workspace()

    found: list[Install | None] = await asyncio.gather(*(own.find("T1", None, False) for _ in range(30)))

    assert all(found)
    assert len(office.calls) == 1


@pytest.mark.parametrize(
    "failure",
    [failing("internal_error"), lambda: web.Response(status=503, text="busy"), failing("ratelimited", 429)],
    ids=["internal", "503", "429"],
)
async def test_a_failure_at_first_is_made_up_for_later_and_not_hammered(
    own: OwnInstall, office: TokenOffice, clock: SteppedClock, failure: Callable[[], web.Response]
) -> None:
    office.identities["xoxb-own"] = its_workspace()
    office.failures.append(failure)

    early = [await unanswered(own) for _ in range(5)]
    asked = len(office.calls)
    clock.set(NOW + timedelta(seconds=5))

    assert early == [True] * 5
    assert asked == 1
    assert tokens(await own.find("T1", None, False)) == ["xoxb-own"]


async def test_slack_that_does_not_answer_keeps_nobody_waiting(
    office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    office.identities["xoxb-own"] = its_workspace()
    office.is_open.clear()
    impatient = OwnInstall(database, clock, clients, "xoxb-own", deadline_s=0.01, patience_s=PATIENCE_S)

    assert await unanswered(impatient)


async def unanswered(own: OwnInstall) -> bool:
    """Whether it says that Slack has not answered, to requests and to who wants to send."""
    with pytest.raises(NotSent):
        await own.find("T1", None, False)
    with pytest.raises(NotSent) as told:
        await own.of("T1")
    return told.value.retry_at is not None


async def test_a_persons_token_is_not_taken_for_the_bots(
    own: OwnInstall, office: TokenOffice, database: Database
) -> None:
    office.identities["xoxb-own"] = its_workspace(bot_id=None)

    assert await own.find("T1", None, False) is None
    assert await column(database, workspaces.c.id) == []


async def test_a_bot_token_that_died_sends_nothing_and_works_again_once_slack_takes_it(
    own: OwnInstall, office: TokenOffice, database: Database, clock: SteppedClock
) -> None:
    office.identities["xoxb-own"] = its_workspace()
    await own.find("T1", None, False)
    office.identities.clear()

    await own.removed("T1")
    dead = [await own.of("T1"), await own.find("T1", None, False)]
    removed_at = await column(database, workspaces.c.removed_at)
    office.identities["xoxb-own"] = its_workspace()
    clock.set(NOW + MINUTE)

    assert dead == [None, None]
    assert removed_at == [NOW]
    assert tokens(await own.of("T1")) == ["xoxb-own"]
    assert await column(database, workspaces.c.removed_at) == [None]


async def test_another_process_learns_of_a_bot_tokens_death_within_a_minute(
    own: OwnInstall, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    office.identities["xoxb-own"] = its_workspace()
    other = OwnInstall(database, clock, clients, "xoxb-own", patience_s=PATIENCE_S)
    await other.find("T1", None, False)
    await own.find("T1", None, False)
    office.identities.clear()

    await own.removed("T1")
    clock.set(NOW + MINUTE)

    assert await other.of("T1") is None


# A database that stands still


class Hanging:
    """A database from which nothing is read while it hangs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.reads = 0
        self.is_full = False

    async def read(self, work: Work[Any], deadline_s: float | None = None) -> Any:
        self.reads += 1
        await self.goes_on.wait()
        return await self._database.read(work, deadline_s)

    async def write(self, work: Work[Any], deadline_s: float | None = None) -> Any:
        if self.is_full:
            raise DatabaseError("full")
        return await self._database.write(work, deadline_s)

    async def tidy(self) -> None:
        await self._database.tidy()

    async def close(self) -> None:
        await self._database.close()


@pytest.fixture
def hanging(database: Database) -> Hanging:
    """A database that can hang."""
    return Hanging(database)


@pytest.fixture(params=["own", "shared"])
async def installed(
    request: pytest.FixtureRequest, hanging: Hanging, clock: SteppedClock, clients: Clients, office: TokenOffice
) -> AsyncIterator[Installs]:
    """Installs of either kind, which know T1, and wait for a database but a moment."""
    office.identities["xoxb-own"] = its_workspace()
    shared = process(hanging, clock, clients, patience_s=MOMENT_S)
    await granted(shared, office, "own")
    own = OwnInstall(hanging, clock, clients, "xoxb-own", patience_s=MOMENT_S)
    await own.prepare()
    await shared.of("T1")
    chosen: Installs = own if request.param == "own" else shared
    yield chosen
    hanging.goes_on.set()
    await own.close()
    await shared.close()


async def once_known(installed: Installs) -> Install | None:
    """What is found as soon as anything is known."""
    while True:
        try:
            return await installed.find("T1", None, False)
        except NotSent:
            await asyncio.sleep(0)


async def test_what_is_known_counts_for_fifteen_minutes_where_it_cannot_be_read(
    installed: Installs, hanging: Hanging, clock: SteppedClock
) -> None:
    hanging.goes_on.clear()
    clock.set(NOW + 15 * MINUTE - timedelta(seconds=1))

    found = [await installed.find("T1", None, False), await installed.of("T1")]
    clock.set(NOW + 15 * MINUTE)

    assert tokens(*found) == ["xoxb-own", "xoxb-own"]
    with pytest.raises(NotSent):
        await installed.find("T1", None, False)


async def test_an_install_is_looked_up_once_however_many_ask(
    installed: Installs, hanging: Hanging, clock: SteppedClock
) -> None:
    hanging.goes_on.clear()
    clock.set(NOW + MINUTE)
    before = hanging.reads

    await asyncio.gather(*(installed.find("T1", None, False) for _ in range(30)))
    await installed.of("T1")

    assert hanging.reads == before + 1


async def test_who_asks_first_looks_up_for_all_who_ask_later(
    installed: Installs, hanging: Hanging, clock: SteppedClock
) -> None:
    hanging.goes_on.clear()
    clock.set(NOW + HOUR)
    before = hanging.reads
    with pytest.raises(NotSent):
        await installed.find("T1", None, False)

    hanging.goes_on.set()

    assert tokens(await once_known(installed)) == ["xoxb-own"]
    assert hanging.reads == before + 1


async def test_a_removal_takes_effect_at_once_though_an_install_is_being_looked_up(
    installed: Installs, hanging: Hanging, clock: SteppedClock
) -> None:
    hanging.goes_on.clear()
    clock.set(NOW + MINUTE)
    await installed.find("T1", None, False)

    await installed.removed("T1", clock.now())

    with pytest.raises(NotSent):
        await installed.find("T1", None, False)
    hanging.goes_on.set()
    assert await once_known(installed) is None


async def test_a_workspace_that_could_not_be_kept_is_not_taken_for_one_without_the_bot(
    hanging: Hanging, office: TokenOffice, clock: SteppedClock, clients: Clients
) -> None:
    office.identities["xoxb-own"] = its_workspace()
    own = OwnInstall(hanging, clock, clients, "xoxb-own", patience_s=PATIENCE_S)
    hanging.is_full = True
    with pytest.raises(DatabaseError):
        await own.find("T1", None, False)

    assert await unanswered(own)
    hanging.is_full = False
    clock.set(NOW + timedelta(seconds=5))
    assert tokens(await own.find("T1", None, False)) == ["xoxb-own"]


def test_both_kinds_keep_the_same_contract(own: OwnInstall, installs: SharedInstalls) -> None:
    kinds: list[Installs] = [own, installs]

    assert all(kinds)
