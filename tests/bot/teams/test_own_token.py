"""The bot's own token: one, renewed in time, from wherever its registration says."""

from __future__ import annotations

import asyncio

import pytest

from bot.nudges.port import NotSent
from bot.settings import alone
from bot.teams.connect import grant
from tests.bot.teams.office import Office, office

ONE = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


async def test_many_turns_ask_for_one_token(here: Office) -> None:
    await asyncio.gather(*(here.ana.dm("help") for _ in range(5)), *(here.ben.dm("help") for _ in range(5)))
    await here.settle()

    assert len(here.teams.tokens.asked) == 1


async def test_a_token_is_renewed_before_it_runs_out(here: Office) -> None:
    await here.bot.tokens.present()
    here.clock.advance(3599 - 301)
    await here.bot.tokens.present()
    asked_before = len(here.teams.tokens.asked)
    here.clock.advance(2)
    await here.bot.tokens.present()

    assert (asked_before, len(here.teams.tokens.asked)) == (1, 2)


async def test_a_token_that_is_good_goes_on_while_no_new_one_can_be_had(here: Office) -> None:
    token = await here.bot.tokens.present()
    here.teams.tokens.is_down = True
    here.clock.advance(3599 - 200)

    assert await here.bot.tokens.present() == token


async def test_without_a_token_nothing_is_sent_and_soon_tried_again(here: Office) -> None:
    here.teams.tokens.status = 503

    with pytest.raises(NotSent) as told:
        await here.bot.tokens.present()
    with pytest.raises(NotSent):
        await here.bot.tokens.present()
    asked = len(here.teams.tokens.asked)
    here.teams.tokens.status = 200
    here.clock.advance(5)

    assert told.value.retry_at
    assert asked == 1
    assert await here.bot.tokens.present()


async def test_a_token_that_teams_refuses_is_renewed_at_once(here: Office) -> None:
    await here.bot.tokens.present()
    here.teams.tokens.revoke()
    here.clock.advance(5)

    await here.ana.dm("help")
    await here.settle()

    assert await here.ana.sees("What I can do here")
    assert len(here.teams.tokens.asked) == 2


async def test_a_wrong_secret_is_in_no_log(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with office(url, settings={"teams_app_password": "a-secret-that-is-wrong"}) as here:
        with pytest.raises(NotSent):
            await here.bot.tokens.present()

    said = capsys.readouterr()
    assert here.teams.tokens.refused
    assert "a-secret-that-is-wrong" not in said.out + said.err


def test_a_managed_identity_has_no_secret() -> None:
    own = grant(alone(teams_app_id=ONE, teams_tenant_id=ONE, teams_app_type="UserAssignedMSI"))

    assert own.url == "http://169.254.169.254/metadata/identity/oauth2/token"
    assert own.headers == {"Metadata": "true"}
    assert own.fields["client_id"] == ONE


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, f"https://login.microsoftonline.com/{ONE}/oauth2/v2.0/token"),
        (
            {"teams_app_type": "MultiTenant"},
            "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token",
        ),
        ({"teams_token_url": "https://login.example/token"}, "https://login.example/token"),
        (
            {"teams_app_type": "UserAssignedMSI", "identity_endpoint": "http://127.0.0.1:41/msi/token"},
            "http://127.0.0.1:41/msi/token",
        ),
    ],
)
def test_the_token_comes_from_where_the_registration_says(given: dict[str, str], url: str) -> None:
    settings = alone(teams_app_id=OTHER, teams_app_password="secret", teams_tenant_id=f"{ONE},{OTHER}", **given)

    assert grant(settings).url == url


def test_no_secret_is_shown_where_a_grant_is_shown() -> None:
    settings = alone(teams_app_id=ONE, teams_app_password="very-secret-word", teams_tenant_id=ONE)

    assert "very-secret-word" not in repr(grant(settings))
