"""The doctor says of Teams what is set, reachable, missing or wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import SystemClock
from bot.findings import Finding, State, is_well
from bot.settings import Settings
from bot.teams.checkup import examine
from tests.bot.diagnosis import diagnosed, given, only
from tests.commands import ROOT
from tests.fakes.teams import FakeTeams
from tests.fakes.teams.world import AppConfig
from tests.test_docs import quoted, tables

TENANT = "7a1f0f0e-5d0c-4a3e-9b65-3d6c2f6f1f10"
Wanting = Callable[..., Settings]


@pytest.fixture
async def office() -> AsyncIterator[FakeTeams]:
    """A local Teams whose app is of one tenant."""
    teams = await FakeTeams.start(SystemClock())
    teams.world.app = AppConfig(tenant=TENANT)
    yield teams
    await teams.close()


@pytest.fixture
def settings(office: FakeTeams) -> Wanting:
    """Settings for it, with these changes."""

    def make(**changes: Any) -> Settings:
        known = {
            "public_url": "https://bot.example.com",
            "teams_app_id": office.app.id,
            "teams_app_password": office.app.secret,
            "teams_tenant_id": TENANT,
            "teams_openid_metadata_url": office.openid_url,
            "teams_token_url": office.token_url,
        }
        return given("sqlite:///none.db", **{**known, **changes})

    return make


@asynccontextmanager
async def serving(path: str, status: int, told: dict[str, str]) -> AsyncIterator[str]:
    """A host that answers what is asked of one path with just this."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(told, status=status)

    app = web.Application()
    app.router.add_route("*", path, answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


async def looked_at(settings: Settings, *, is_public: bool = False) -> list[Finding]:
    return await examine(settings, SystemClock(), is_public)


async def test_a_bot_that_is_set_up_is_well(settings: Wanting) -> None:
    found = await looked_at(settings())

    assert is_well(found), found
    assert [each.check for each in found] == ["teams", "teams keys", "teams clock", "teams token"]


async def test_one_token_is_asked_for_and_nothing_is_sent(settings: Wanting, office: FakeTeams) -> None:
    await looked_at(settings())

    assert len(office.tokens.asked) == 1
    assert office.called("send") == []


async def test_without_a_public_address_teams_has_nothing_to_call(settings: Wanting) -> None:
    told = only(await looked_at(settings(public_url="")), "teams address")

    assert (told.state, "/api/messages" in told.mend) == (State.MISSING, True)


async def test_an_address_without_https_is_not_called(settings: Wanting) -> None:
    told = only(await looked_at(settings(public_url="http://127.0.0.1:8080")), "teams address")

    assert told.state is State.WRONG


async def test_a_wrong_secret_is_named_and_never_shown(settings: Wanting) -> None:
    found = await looked_at(settings(teams_app_password="not-the-secret-at-all"))

    told = only(found, "teams token")
    assert (told.state, "TEAMS_APP_PASSWORD" in told.says, "Value" in told.mend) == (State.WRONG, True, True)
    assert "not-the-secret-at-all" not in str(found)


async def test_an_app_that_the_tenant_does_not_know_is_noticed(settings: Wanting) -> None:
    told = only(await looked_at(settings(teams_app_id="0f8fad5b-d9cb-469f-a165-70867728950e")), "teams token")

    assert "no app of this ID" in told.says


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (400, {"error_description": "AADSTS7000222: The provided client secret keys are expired."}, "has expired"),
        (400, {"error_description": "AADSTS90002: Tenant 'x' not found."}, "no tenant"),
        (400, {"error_description": "AADSTS1234: Something about 0f8fad5b."}, "400 (AADSTS1234)"),
        (503, {}, "it answers 503"),
        (200, {"token": "none"}, "it answers 200"),
    ],
)
async def test_what_entra_refuses_is_said_in_words(
    settings: Wanting, status: int, body: dict[str, str], says: str
) -> None:
    async with serving("/token", status, body) as address:
        told = only(await looked_at(settings(teams_token_url=f"{address}/token")), "teams token")

    assert (told.state, says in told.says, "0f8fad5b" in told.says) == (State.WRONG, True, False), told
    assert told.mend


async def test_keys_that_cannot_be_read_are_noticed(settings: Wanting, office: FakeTeams) -> None:
    office.keys.is_down = True

    told = only(await looked_at(settings()), "teams keys")

    assert (told.state, "127.0.0.1" in told.says, "firewall" in told.mend) == (State.WRONG, True, True)


async def test_keys_that_do_not_sign_for_teams_are_noticed(settings: Wanting, office: FakeTeams) -> None:
    office.keys.roll(keeps=False, endorsements=())

    told = only(await looked_at(settings()), "teams keys")

    assert (told.state, "signs for Teams" in told.says) == (State.WRONG, True)


async def test_something_else_than_keys_is_noticed(settings: Wanting, office: FakeTeams) -> None:
    office.keys.status = 404

    assert "something else" in only(await looked_at(settings()), "teams keys").says


async def test_a_token_host_that_is_away_is_told_from_a_secret_that_is_wrong(
    settings: Wanting, office: FakeTeams
) -> None:
    office.tokens.is_down = True

    assert "gives the bot its token" in only(await looked_at(settings()), "teams token").says


BY_IDENTITY = {"teams_app_type": "UserAssignedMSI", "teams_app_password": "", "teams_token_url": ""}


async def test_a_managed_identity_is_asked_without_a_secret(settings: Wanting) -> None:
    async with serving("/token", 200, {"access_token": "given"}) as address:
        found = await looked_at(settings(**BY_IDENTITY, identity_endpoint=f"{address}/token"))

    assert only(found, "teams token").state is State.OK


async def test_a_machine_without_an_identity_is_told_so(settings: Wanting) -> None:
    found = await looked_at(settings(**BY_IDENTITY, identity_endpoint="http://127.0.0.1:1/token"))

    assert "managed identity of this machine" in only(found, "teams token").says


@pytest.mark.parametrize(
    ("status", "state", "says"),
    [
        (401, State.OK, "lets in nobody"),
        (404, State.WRONG, "not there"),
        (200, State.WRONG, "answers 200"),
        (502, State.WRONG, "answers 502"),
    ],
)
async def test_the_door_has_to_refuse_who_shows_no_token(
    settings: Wanting, status: int, state: State, says: str
) -> None:
    async with serving("/api/messages", status, {}) as address:
        told = only(await looked_at(settings(public_url=address), is_public=True), "teams door")

    assert (told.state, says in told.says) == (state, True), told


async def test_who_is_on_teams_alone_misses_no_slack(settings: Wanting) -> None:
    found = await diagnosed(settings(public_url=""))

    assert not [each for each in found if each.check == "slack"]


async def test_where_there_is_neither_it_says_how_to_begin_with_each() -> None:
    found = await diagnosed(given("sqlite:///none.db"))

    assert only(found, "slack").state is State.MISSING
    assert "docs/teams.md" in only(found, "teams").mend


@pytest.mark.parametrize("sentence", [quoted(cells[0])[0] for cells in tables("teams.md", "It says of Teams")])
def test_what_the_page_explains_is_what_the_doctor_says(sentence: str) -> None:
    said = (ROOT / "bot" / "teams" / "checkup.py").read_text()

    assert sentence in said
