"""The local Slack's installing: the page that allows the app, codes, tokens that run out, organisations."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import web
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.conftest import client_of, refusal
from tests.fakes.slack import FakeSlack, StillClock

BACK = "http://127.0.0.1:1/slack/oauth_redirect"


@pytest.fixture
def bare(slack: FakeSlack) -> AsyncWebClient:
    """A client without a token."""
    return AsyncWebClient(base_url=slack.api_url, retry_handlers=[])


async def code_of(slack: FakeSlack, **changes: str) -> dict[str, str]:
    """What the browser carries back, or the page's words where it goes nowhere."""
    asked = {
        "client_id": slack.app.client_id,
        "scope": "commands,chat:write",
        "state": "s1",
        "redirect_uri": BACK,
        **changes,
    }
    browser = slack.person("ana").browser()
    page = await browser.get(f"{slack.authorize_url}?{urlencode(asked)}", follow=False)
    await browser.close()
    if page.status != 302:
        return {"page": page.text}
    return {name: values[0] for name, values in parse_qs(urlsplit(page.location).query).items()}


def exchange(slack: FakeSlack, bare: AsyncWebClient, code: str, **changes: str) -> Any:
    given = {
        "client_id": slack.app.client_id,
        "client_secret": slack.app.client_secret,
        "redirect_uri": BACK,
        **changes,
    }
    return access(bare, code=code, **given)


async def access(bare: AsyncWebClient, **given: str) -> Any:
    return await bare.api_call("oauth.v2.access", data=given)


async def test_a_code_is_exchanged_for_a_token_once(slack: FakeSlack, bare: AsyncWebClient) -> None:
    slack.workspace().installation = None
    back = await code_of(slack)

    granted = await exchange(slack, bare, back["code"])

    assert back["state"] == "s1"
    assert granted["scope"] == "commands,chat:write"
    assert granted["team"]["id"] == slack.workspace().id
    assert granted["authed_user"]["id"] == slack.person("ana").id
    assert granted["bot_user_id"] == slack.workspace().bot
    assert "refresh_token" not in granted
    assert (await client_of(slack, granted["access_token"]).auth_test())["ok"]
    assert await refusal(exchange(slack, bare, back["code"])) == "code_already_used"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "1.1"}, "invalid_client_id"),
        ({"client_secret": "x"}, "bad_client_secret"),
        ({"redirect_uri": "http://127.0.0.1:1/elsewhere"}, "bad_redirect_uri"),
    ],
)
async def test_an_exchange_must_fit(
    slack: FakeSlack, bare: AsyncWebClient, changes: dict[str, str], error: str
) -> None:
    back = await code_of(slack)

    assert await refusal(exchange(slack, bare, back["code"], **changes)) == error


@pytest.mark.parametrize(("seconds", "error"), [(600, ""), (601, "code_expired")])
async def test_a_code_lives_ten_minutes(
    slack: FakeSlack, bare: AsyncWebClient, clock: StillClock, seconds: int, error: str
) -> None:
    back = await code_of(slack)
    clock.advance(seconds)

    call = exchange(slack, bare, back["code"])

    assert (await refusal(call) if error else (await call).get("error", "")) == error


async def test_the_apps_secret_may_come_in_the_header(slack: FakeSlack, bare: AsyncWebClient) -> None:
    back = await code_of(slack)
    pair = base64.b64encode(f"{slack.app.client_id}:{slack.app.client_secret}".encode()).decode()
    form = {"code": back["code"], "redirect_uri": BACK}

    granted = await bare.api_call("oauth.v2.access", data=form, headers={"Authorization": f"Basic {pair}"})

    assert granted["ok"]


async def test_an_unknown_code_is_worth_nothing(slack: FakeSlack, bare: AsyncWebClient) -> None:
    assert await refusal(exchange(slack, bare, "1.2")) == "invalid_code"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "1.1"}, "invalid_client_id"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
async def test_the_page_says_what_is_wrong(slack: FakeSlack, changes: dict[str, str], error: str) -> None:
    assert await code_of(slack, **changes) == {"page": error}


async def test_the_browser_goes_back_only_to_a_registered_address(slack: FakeSlack) -> None:
    slack.app.redirect_urls = ["https://worthwhile.example/"]

    assert await code_of(slack) == {"page": "bad_redirect_uri"}
    assert "code" in await code_of(slack, redirect_uri="https://worthwhile.example/slack/oauth_redirect")


async def test_somebody_may_say_no(slack: FakeSlack) -> None:
    slack.browsing.denies = True

    assert await code_of(slack) == {"error": "access_denied", "state": "s1"}


async def test_tokens_run_out_after_twelve_hours_and_refresh_once(
    slack: FakeSlack, bare: AsyncWebClient, clock: StillClock
) -> None:
    slack.app.rotates_tokens = True
    granted = await exchange(slack, bare, (await code_of(slack))["code"])
    first = client_of(slack, granted["access_token"])
    pair = {"client_id": slack.app.client_id, "client_secret": slack.app.client_secret}
    again = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"], **pair}

    clock.advance(12 * 3600 - 1)
    assert (await first.auth_test())["ok"]
    renewed = await access(bare, **again)
    assert (await first.auth_test())["ok"], "the old token lives out its time"
    clock.advance(1)

    assert granted["expires_in"] == 43_200
    assert await refusal(first.auth_test()) == "token_expired"
    assert (await client_of(slack, renewed["access_token"]).auth_test())["ok"]
    assert renewed["refresh_token"] != granted["refresh_token"]
    assert await refusal(access(bare, **again)) == "invalid_refresh_token"


async def test_installing_again_keeps_the_bot_and_adds_scopes(slack: FakeSlack, bare: AsyncWebClient) -> None:
    bot, token = slack.workspace().bot, slack.workspace().token

    granted = await exchange(slack, bare, (await code_of(slack))["code"])

    assert granted["bot_user_id"] == bot
    assert granted["access_token"] == token


async def test_an_organisation_is_installed_in_all_its_workspaces(slack: FakeSlack, bare: AsyncWebClient) -> None:
    north = slack.add_workspace("North", enterprise="E1", installed=False)
    south = slack.add_workspace("South", enterprise="E1", installed=False)
    slack.add_person("nia", workspace=north)
    slack.person("nia", north).browser()
    slack.browsing.is_organisation = True
    asked = {"client_id": slack.app.client_id, "scope": "commands", "state": "s1", "redirect_uri": BACK}
    browser = slack.person("nia", north).browser()
    page = await browser.get(f"{slack.authorize_url}?{urlencode(asked)}", follow=False)
    await browser.close()

    granted = await exchange(slack, bare, parse_qs(urlsplit(page.location).query)["code"][0])

    assert granted["is_enterprise_install"] is True
    assert granted["team"] is None
    assert granted["enterprise"]["id"] == "E1"
    assert north.bot == south.bot == granted["bot_user_id"]


@pytest.fixture
async def site(slack: FakeSlack) -> AsyncIterator[str]:
    """A bot's pages: one that leads to Slack with a cookie, one that the browser comes back to."""

    async def begin(request: web.Request) -> web.StreamResponse:
        generator = AuthorizeUrlGenerator(
            client_id=slack.app.client_id,
            scopes=["commands"],
            redirect_uri=f"http://{request.host}/slack/oauth_redirect",
            authorization_url=slack.authorize_url,
        )
        address = generator.generate(state="s1").replace("&", "&amp;")
        answer = web.Response(text=f'<a href="{address}">Add to Slack</a>', content_type="text/html")
        answer.set_cookie("state", "s1", secure=True, httponly=True)
        return answer

    async def end(request: web.Request) -> web.StreamResponse:
        return web.Response(
            text=f"{request.cookies.get('state')} {request.query['state']} {request.query['code']}"
        )

    app = web.Application()
    app.router.add_get("/slack/install", begin)
    app.router.add_get("/slack/oauth_redirect", end)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_browser_goes_through_the_page_and_comes_back_with_its_cookie(slack: FakeSlack, site: str) -> None:
    browser = slack.person("ana").browser()

    page = await browser.get(f"{site}/slack/install")
    await browser.close()

    cookie, state, code = page.text.split()
    assert (cookie, state) == ("s1", "s1")
    assert code in slack.codes
