"""A client of the connector, and cards for it to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.fakes.teams import FakeTeams
from tests.fakes.teams.tokens import SCOPE

Json = dict[str, Any]


@dataclass
class Answer:
    """What the connector answered."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The code of a refusal."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return str(error["code"]) if isinstance(error, dict) else str(error or "")

    @property
    def said(self) -> str:
        """The words of a refusal."""
        return str(self.body["error"]["message"])


@dataclass
class Client:
    """A bot's calls, with a token that it has been given."""

    teams: FakeTeams
    http: aiohttp.ClientSession
    token: str = ""

    async def sign_in(self, **changes: str) -> Answer:
        """Ask for a token, with these fields changed."""
        app = self.teams.app
        form = {
            "grant_type": "client_credentials",
            "client_id": app.id,
            "client_secret": app.secret,
            "scope": SCOPE,
        }
        async with self.http.post(self.teams.token_url, data={**form, **changes}) as response:
            answer = Answer(response.status, await response.json(), dict(response.headers))
        self.token = answer.body.get("access_token", self.token)
        return answer

    async def call(self, method: str, path: str, body: Any = None) -> Answer:
        """One call, below the present serviceUrl."""
        if not self.token:
            await self.sign_in()
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.teams.service_url}{path}"
        async with self.http.request(method, url, json=body, headers=headers) as response:
            return Answer(response.status, await response.json(), dict(response.headers))

    async def begin(self, name: str, **more: Any) -> Answer:
        """Begin a chat with somebody."""
        person = self.teams.person(name)
        members, tenant = [{"id": person.id}], person.state.tenant
        bot = {"id": self.teams.app.account}
        body = {"isGroup": False, "bot": bot, "members": members, "channelData": {"tenant": {"id": tenant}}}
        return await self.call("POST", "v3/conversations", {**body, **more})

    async def say(self, conversation: str, activity: Json) -> Answer:
        """Say something in a conversation."""
        return await self.call("POST", f"v3/conversations/{conversation}/activities", activity)

    async def change(self, conversation: str, activity_id: str, activity: Json) -> Answer:
        """Change what was said."""
        return await self.call("PUT", f"v3/conversations/{conversation}/activities/{activity_id}", activity)


def words(text: str = "Hello", **more: Any) -> Json:
    """A message without a card."""
    return {"type": "message", "text": text, **more}


def carded(card: Json, **more: Any) -> Json:
    """A message with a card."""
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "summary": "A card", "attachments": [attachment], **more}


def card(*body: Json, **more: Any) -> Json:
    """A card with these elements."""
    shown = list(body) or [{"type": "TextBlock", "text": "Hello"}]
    return {"type": "AdaptiveCard", "version": "1.5", "body": shown, **more}


def execute(title: str = "Save", **more: Any) -> Json:
    """A button that runs something."""
    return {"type": "Action.Execute", "title": title, "verb": title.lower(), **more}


def submit(title: str = "Send", **data: Any) -> Json:
    """A button that sends something."""
    return {"type": "Action.Submit", "title": title, "data": data}


def typing(name: str = "words", **more: Any) -> Json:
    """An input of text."""
    return {"type": "Input.Text", "id": name, "label": name.title(), **more}


def choosing(name: str = "pick", *choices: str, **more: Any) -> Json:
    """An input of choices."""
    listed = [{"title": each.title(), "value": each} for each in choices or ("a", "b")]
    return {"type": "Input.ChoiceSet", "id": name, "label": name.title(), "choices": listed, **more}
