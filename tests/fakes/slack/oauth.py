"""The page on which somebody allows the app, and the browser with which they do."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

import aiohttp
from aiohttp import web

from tests.fakes.slack.tokens import Code, install
from tests.fakes.slack.world import Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

HOPS = 6


@dataclass
class Page:
    """A page that a browser ended on."""

    status: int
    text: str
    url: str
    location: str = ""
    passed: list[str] = field(default_factory=list)


@dataclass
class Browsing:
    """Who sits before the browser, which workspace they choose, and what they decide."""

    person: str = ""
    workspace: Workspace | None = None
    is_organisation: bool = False
    denies: bool = False

    async def authorize(self, slack: FakeSlack, request: web.Request) -> web.StreamResponse:
        """The page itself: it sends the browser back with a code, or says what is wrong."""
        query = request.query
        if query.get("client_id") != slack.app.client_id:
            return web.Response(status=400, text="invalid_client_id")
        redirect = query.get("redirect_uri", "")
        allowed = slack.app.redirect_urls
        target = redirect or (allowed[0] if allowed else "")
        if not target or (allowed and not any(target.startswith(each) for each in allowed)):
            return web.Response(status=400, text="bad_redirect_uri")
        scopes = tuple(each for each in query.get("scope", "").split(",") if each)
        if not scopes or not set(scopes) <= set(slack.app.scopes):
            return web.Response(status=400, text="invalid_scope")
        answer = {"state": query.get("state", "")}
        answer |= {"error": "access_denied"} if self.denies else {"code": self._code(slack, scopes, redirect)}
        glue = "&" if "?" in target else "?"
        raise web.HTTPFound(f"{target}{glue}{urlencode(answer)}")

    def _code(self, slack: FakeSlack, scopes: tuple[str, ...], redirect: str) -> str:
        here = self.workspace or next(iter(slack.world.workspaces.values()))
        everywhere = [each for each in slack.world.workspaces.values() if each.enterprise == here.enterprise]
        chosen = everywhere if self.is_organisation else [here]
        organisation = here.enterprise if self.is_organisation else None
        installation = install(slack, chosen, scopes, organisation=organisation)
        code = f"{slack.world.number()}.{secrets.token_hex(8)}"
        by = self.person or next((each.id for each in here.people.values() if not each.is_bot), "U0FAKE00000")
        slack.codes[code] = Code(installation, redirect, by, slack.clock.now())
        return code


def _onward(page: Page, authorize_url: str) -> str:
    """Where a page leads: by its redirect, or by the button that leads to Slack."""
    if 300 <= page.status < 400:
        return urljoin(page.url, page.location)
    links = [unescape(each) for each in re.findall(r"href=\"([^\"]+)\"", page.text)]
    return next((each for each in links if each.startswith(authorize_url)), "")


class Browser:
    """Somebody's browser, with cookies of its own."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str, *, follow: bool = True) -> Page:
        """Open an address, and go where it leads: through the page that allows the app, and back."""
        passed: list[str] = []
        for _ in range(HOPS):
            page, onward = await self._one(url)
            passed.append(url)
            if not follow or not onward:
                page.passed = passed
                return page
            url = onward
        raise AssertionError(f"the browser was sent around in circles: {passed}")

    async def _one(self, url: str) -> tuple[Page, str]:
        # Cookies marked Secure travel to this machine too, as browsers let them.
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=[_origin(url), _origin(self._slack.url)])
        self._session = self._session or aiohttp.ClientSession(cookie_jar=jar)
        async with self._session.get(url, allow_redirects=False) as answer:
            page = Page(answer.status, await answer.text(), url, answer.headers.get("Location", ""))
            return page, _onward(page, self._slack.authorize_url)

    async def close(self) -> None:
        """Close the browser; its cookies are gone."""
        if self._session:
            await self._session.close()


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])
