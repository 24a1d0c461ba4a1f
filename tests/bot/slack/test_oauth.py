"""Installing from a browser, and every way in which that can go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from cryptography.fernet import Fernet

from bot.clock import SteppedClock
from bot.slack.clients import Clients
from bot.slack.granting import Granting
from bot.slack.oauth import Oauth
from bot.slack.scopes import SCOPES
from bot.slack.shared_installs import SharedInstalls
from storage.database import Database
from storage.keys import KeysLost
from storage.secrets import Vault
from tests.bot.slack.token_office import CLIENT_ID, CLIENT_SECRET, TokenOffice, failing
from tests.storage.planting import words_kept
from tests.world import PATIENCE_S

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
BOT = "https://bot.example"


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies and follows no redirect by itself."""

    session: aiohttp.ClientSession
    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **query: str) -> tuple[aiohttp.ClientResponse, str]:
        """What a page answers, and its text."""
        header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = self.session.get(
            self.url + path, params=query, headers={"Cookie": header} if header else {}, allow_redirects=False
        )
        async with request as answer:
            for set_cookie in answer.headers.getall("Set-Cookie", []):
                self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(set_cookie).items()})
            return answer, await answer.text()

    async def begin(self) -> str:
        """Start an install. Returns the state that Slack is given."""
        answer, _ = await self.get("/slack/install")
        return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]

    async def come_back(self, **query: str) -> tuple[int, str]:
        """Return from Slack. Returns the status and the page."""
        answer, text = await self.get("/slack/oauth_redirect", **query)
        return answer.status, text


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


@dataclass
class Installed:
    """A bot that any workspace may install."""

    installs: SharedInstalls
    oauth: Oauth


@pytest.fixture
def installed(database: Database, clock: SteppedClock, clients: Clients, office: TokenOffice) -> Installed:
    """A bot that any workspace may install, and the addresses at which it can be."""
    return bot(database, clock, clients, office.url)


def bot(database: Database, clock: SteppedClock, clients: Clients, api_url: str, *keys: str) -> Installed:
    """A bot with these keys, over a Slack at an address."""
    granting = Granting(clients, clock, CLIENT_ID, CLIENT_SECRET)
    vault = Vault(keys or [KEY])
    installs = SharedInstalls(database, clock, vault, granting, patience_s=PATIENCE_S)
    return Installed(installs, Oauth(database, clock, installs, vault, CLIENT_ID, f"{BOT}/", api_url))


@asynccontextmanager
async def serving(installed: Installed) -> AsyncIterator[str]:
    """The bot behind an address, which this is, until the end of the block."""
    served = web.Application()
    served.add_routes(installed.oauth.routes())
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def browser(installed: Installed) -> AsyncIterator[Browser]:
    """A browser, and the bot behind its address."""
    async with serving(installed) as url, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Browser(session, url)


def another(browser: Browser) -> Browser:
    """Another browser, which has none of its cookies."""
    return Browser(browser.session, browser.url)


async def test_an_install_leads_to_slack_with_the_scopes_and_a_state(
    browser: Browser, office: TokenOffice
) -> None:
    answer, _ = await browser.get("/slack/install")

    where = urlsplit(answer.headers["Location"])
    asked = parse_qs(where.query)
    cookie = answer.headers["Set-Cookie"]
    assert answer.status == 302
    assert f"{where.scheme}://{where.netloc}{where.path}" == office.url.replace("/api/", "/oauth/v2/authorize")
    assert asked["scope"] == [",".join(name for name, _ in SCOPES)]
    assert asked["redirect_uri"] == [f"{BOT}/slack/oauth_redirect"]
    assert asked["client_id"] == [CLIENT_ID]
    assert len(asked["state"][0]) >= 40
    for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/slack", "Max-Age=600"):
        assert part in cookie


async def test_slacks_own_address_is_where_people_are_sent(
    database: Database, clock: SteppedClock, clients: Clients
) -> None:
    begin = bot(database, clock, clients, "https://slack.com/api/").oauth.routes()[0].handler

    answer: Any = await begin(None)  # type: ignore[arg-type]

    assert answer.headers["Location"].startswith("https://slack.com/oauth/v2/authorize?")


async def test_coming_back_with_a_code_installs_and_says_what_is_next(
    browser: Browser, office: TokenOffice, installed: Installed
) -> None:
    office.grant("good")

    status, page = await browser.come_back(state=await browser.begin(), code="good")

    install = await installed.installs.find("T1", None, False)
    assert status == 200
    assert "Installed in Sample &amp; Söhne &lt;b&gt;" in page
    assert "/value setup" in page
    assert "app_redirect?app=A1&amp;team=T1" in page
    assert install
    assert install.token == "xoxb-good"
    assert office.calls[0]["redirect_uri"] == f"{BOT}/slack/oauth_redirect"


async def test_an_organisation_installs_for_all_of_its_workspaces(
    browser: Browser, office: TokenOffice, installed: Installed
) -> None:
    enterprise = {"id": "E1", "name": "Org"}
    office.grant("good", team=None, enterprise=enterprise, is_enterprise_install=True)

    status, page = await browser.come_back(state=await browser.begin(), code="good")

    install = await installed.installs.find("T5", "E1", True)
    assert (status, "Installed in Org" in page) == (200, True)
    assert install
    assert (install.workspace, install.is_organisation) == ("E1", True)


async def test_a_page_is_kept_by_nobody_and_tells_no_other_site_where_it_was(browser: Browser) -> None:
    answers = [(await browser.get(path))[0] for path in ("/slack/install", "/slack/oauth_redirect")]

    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def refused(browser: Browser, office: TokenOffice, status: int, **query: str) -> None:
    """Coming back is refused in a sentence, with the way to start again, and no code is tried."""
    before = len(office.calls)

    answered, page = await browser.come_back(**query)

    assert answered == status
    assert "Nothing was installed" in page
    assert 'href="/slack/install"' in page
    assert len(office.calls) == before


async def test_a_state_that_was_used_is_refused(browser: Browser, office: TokenOffice) -> None:
    office.grant("good")
    office.grant("again")
    state = await browser.begin()
    cookies = dict(browser.cookies)
    await browser.come_back(state=state, code="good")
    browser.cookies = cookies

    await refused(browser, office, 403, state=state, code="again")


async def test_a_state_that_two_tabs_use_at_once_installs_once(browser: Browser, office: TokenOffice) -> None:
    office.grant("one")
    office.grant("two")
    state = await browser.begin()

    answers = await asyncio.gather(
        browser.come_back(state=state, code="one"), browser.come_back(state=state, code="two")
    )

    assert sorted(status for status, _ in answers) == [200, 403]


async def test_a_state_that_was_used_is_refused_however_it_is_written(
    browser: Browser, office: TokenOffice
) -> None:
    office.grant("good")
    state = await browser.begin()
    cookies = dict(browser.cookies)
    await browser.come_back(state=state, code="good")
    browser.cookies = cookies

    for other in (f"{state[:9]}!{state[9:]}", f"{state}=", f"{state}\n"):
        await refused(browser, office, 403, state=other, code="again")


async def test_whoever_only_begins_installs_writes_nothing(browser: Browser, database: Database) -> None:
    before = await database.read(words_kept)

    for _ in range(20):
        await browser.begin()

    assert await database.read(words_kept) == before


async def test_an_install_may_end_in_another_process_which_has_a_newer_key_by_then(
    browser: Browser, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    office.grant("good")
    state = await browser.begin()
    another_process = bot(database, clock, clients, office.url, Fernet.generate_key().decode(), KEY)

    async with serving(another_process) as url:
        elsewhere = Browser(browser.session, url, dict(browser.cookies))
        first, _ = await elsewhere.come_back(state=state, code="good")
        second, _ = await browser.come_back(state=state, code="again")

    assert (first, second) == (200, 403)


async def test_a_state_of_somebody_elses_bot_is_refused(
    browser: Browser, office: TokenOffice, database: Database, clock: SteppedClock, clients: Clients
) -> None:
    stranger = bot(database, clock, clients, office.url, Fernet.generate_key().decode())
    async with serving(stranger) as url:
        theirs = Browser(browser.session, url)
        state = await theirs.begin()
    browser.cookies = theirs.cookies

    await refused(browser, office, 403, state=state, code="good")


async def test_a_workspaces_sealed_tokens_are_no_state(browser: Browser, office: TokenOffice) -> None:
    sealed = Vault([KEY]).seal("T1", {"once": "x", "browser": "x", "ends": 2**31})

    await refused(browser, office, 403, state=sealed, code="good")


@pytest.mark.parametrize(("seconds", "status"), [(600, 200), (601, 403)])
async def test_a_state_is_good_for_ten_minutes(
    browser: Browser, office: TokenOffice, clock: SteppedClock, seconds: int, status: int
) -> None:
    office.grant("good")
    state = await browser.begin()
    clock.set(NOW + timedelta(seconds=seconds))

    answered, _ = await browser.come_back(state=state, code="good")

    assert answered == status


async def test_a_state_of_another_browser_is_refused_and_stays_good_in_its_own(
    browser: Browser, office: TokenOffice
) -> None:
    office.grant("good")
    state = await browser.begin()
    other = another(browser)
    await other.begin()

    await refused(other, office, 403, state=state, code="good")
    await refused(another(browser), office, 403, state=state, code="good")

    assert (await browser.come_back(state=state, code="good"))[0] == 200


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"code": "good"},
        {"state": "", "code": "good"},
        {"state": "made up", "code": "good"},
        {"state": "\0"},
        {"state": "é\ufffd"},
    ],
    ids=["nothing", "no state", "empty", "made up", "nul", "no ASCII"],
)
async def test_a_state_that_is_absent_or_made_up_is_refused(
    browser: Browser, office: TokenOffice, query: dict[str, str]
) -> None:
    office.grant("good")
    await browser.begin()

    await refused(browser, office, 403, **query)


async def test_somebody_who_says_no_to_slack_is_told_that_nothing_happened(
    browser: Browser, office: TokenOffice
) -> None:
    state = await browser.begin()

    await refused(browser, office, 403, state=state, error="access_denied")


async def test_what_slack_puts_into_the_address_is_not_shown(browser: Browser) -> None:
    state = await browser.begin()

    _, page = await browser.come_back(state=state, error="<script>alert(1)</script>", code="canary")

    assert "script" not in page
    assert "canary" not in page


async def test_coming_back_without_a_code_is_refused(browser: Browser, office: TokenOffice) -> None:
    await refused(browser, office, 400, state=await browser.begin())


@pytest.mark.parametrize(
    "failure",
    [
        failing("invalid_code"),
        failing("bad_client_secret"),
        failing("ratelimited", 429),
        lambda: web.Response(status=503, text="busy", content_type="text/html"),
        lambda: web.Response(text="{", content_type="application/json"),
        lambda: web.json_response({"ok": True}),
        lambda: web.json_response({"ok": True, "authed_user": {"access_token": "xoxp-1", "token_type": "user"}}),
        lambda: web.json_response(
            {
                "ok": True,
                "access_token": "xoxp-1",
                "token_type": "user",
                "bot_user_id": "U1",
                "team": {"id": "T1"},
            }
        ),
    ],
    ids=["code", "secret", "429", "503", "half", "empty", "person", "persons token"],
)
async def test_an_exchange_that_fails_is_a_page_and_installs_nothing(
    browser: Browser, office: TokenOffice, installed: Installed, failure: Callable[[], web.Response]
) -> None:
    office.failures.append(failure)

    status, page = await browser.come_back(state=await browser.begin(), code="canary")

    assert status == 400
    assert "Start again" in page
    assert await installed.installs.find("T1", None, False) is None


async def test_slack_out_of_reach_is_a_page(browser: Browser, clients: Clients) -> None:
    state = await browser.begin()
    clients.api_url = "http://127.0.0.1:1/api/"

    status, _ = await browser.come_back(state=state, code="canary")

    assert status == 400


async def test_neither_codes_nor_tokens_nor_states_are_logged_or_stored(
    browser: Browser,
    office: TokenOffice,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    office.grant("canary-good", **office.rotating("xoxe-canary"))
    used = await browser.begin()
    await browser.come_back(state=used, code="canary-good")
    unused = await browser.begin()
    kept = await database.read(words_kept)
    office.failures.append(failing("invalid_code"))
    await browser.come_back(state=unused, code="canary-bad")

    logged = "".join(capsys.readouterr()) + caplog.text

    assert "installed" in logged
    for secret in ("canary", "xox", used, unused, browser.cookies["install"] or "-none-", CLIENT_SECRET):
        assert secret not in logged
        assert secret not in kept


async def test_a_start_seals_with_a_new_key_and_refuses_where_the_old_one_is_lost(
    browser: Browser,
    office: TokenOffice,
    installed: Installed,
    database: Database,
    clock: SteppedClock,
    clients: Clients,
) -> None:
    office.grant("good")
    await browser.come_back(state=await browser.begin(), code="good")
    new = Fernet.generate_key().decode()
    both, lost = (bot(database, clock, clients, office.url, *keys).installs for keys in ((new, KEY), (KEY,)))

    await both.prepare()

    assert await both.of("T1")
    with pytest.raises(KeysLost, match="1 of 1"):
        await lost.prepare()
