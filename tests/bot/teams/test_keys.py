"""Microsoft's keys: they change, their host goes away, and strangers make up keys that nobody has."""

from __future__ import annotations

import asyncio

import jwt
import pytest

from tests.bot.teams.office import Office, office
from tests.fakes.teams import activities
from tests.fakes.teams.keys import SigningKey

DAY_S = 24 * 3600


async def say_help(here: Office) -> int:
    """The status that words of Ana's get, signed with the present key."""
    await here.ana.dm("help")
    failed = here.teams.delivery.failed
    status = failed[-1][1].status if failed else 200
    failed.clear()
    return status


async def try_key(here: Office, kid: str) -> int:
    """The status of a request whose key nobody has."""
    activity = activities.done(here.teams, "message", here.ana.state, here.ana.chat) | {"text": "help"}
    token = jwt.encode({"iss": "x"}, SigningKey(9).private, "RS256", {"kid": kid})
    return (await here.teams.post(activity, f"Bearer {token}")).status


async def test_the_keys_are_read_before_they_are_needed_and_not_again(here: Office) -> None:
    statuses = [await say_help(here) for _ in range(3)]

    assert statuses == [200] * 3
    assert here.teams.keys.fetches == {"openid": 1, "keys": 1}


async def test_a_new_key_is_let_in_with_its_first_request(here: Office) -> None:
    await say_help(here)
    here.teams.keys.roll(keeps=False)

    status = await say_help(here)

    assert status == 200
    assert here.teams.keys.fetches["keys"] == 2


async def test_many_requests_with_a_new_key_at_once_ask_for_it_once(here: Office) -> None:
    await say_help(here)
    here.teams.keys.roll()

    await asyncio.gather(*(here.ana.dm("help") for _ in range(20)))

    assert here.teams.delivery.failed == []
    assert here.teams.keys.fetches["keys"] == 2


async def test_while_the_host_of_the_keys_is_down_the_old_ones_are_good(here: Office) -> None:
    await say_help(here)
    here.teams.keys.is_down = True

    statuses = []
    for _ in range(26):
        here.clock.advance(3600)
        statuses.append(await say_help(here))
        await here.settle()

    assert set(statuses) == {200}
    assert here.teams.keys.fetches["openid"] > 1


async def test_keys_made_up_are_asked_about_once_in_five_minutes(here: Office) -> None:
    for number in range(100):
        assert await try_key(here, f"made-up-{number}") == 401
    here.clock.advance(299)
    await try_key(here, "made-up")
    asked = here.teams.keys.fetches["openid"]
    here.clock.advance(1)
    await try_key(here, "made-up")

    assert asked == 2  # at the start, and for the first of them
    assert here.teams.keys.fetches["openid"] == 3


async def test_a_host_that_was_down_at_the_start_is_asked_again(url: str) -> None:
    async with office(url, prepared=False) as here:
        here.teams.keys.is_down = True
        await here.app.prepare()
        refused = await say_help(here)
        here.teams.keys.is_down = False
        here.clock.advance(5)

        statuses = [refused, await say_help(here)]

    assert statuses == [401, 200]


@pytest.mark.parametrize(
    "document", [{"jwks_uri": "http://keys.example/keys"}, {"jwks_uri": None}, {"jwks_uri": "file:///etc/passwd"}]
)
async def test_a_document_that_leads_elsewhere_changes_nothing(here: Office, document: dict[str, str]) -> None:
    here.teams.keys.document = document
    here.teams.keys.roll(keeps=False)

    refused = await say_help(here)
    here.teams.keys.document = {}
    here.clock.advance(300)

    assert refused == 401
    assert await say_help(here) == 200


async def test_an_answer_without_a_key_leaves_those_that_are_known(here: Office) -> None:
    published = here.teams.keys.published
    here.teams.keys.published = []
    here.clock.advance(DAY_S + 1)
    await try_key(here, "made-up")
    await here.settle()
    here.teams.keys.published = published

    assert await say_help(here) == 200
