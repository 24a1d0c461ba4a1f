"""Calls to Teams' service, as the Bot Connector's documentation says: thin, with one token, nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

import aiohttp
from botbuilder.schema import Activity, ConversationParameters, ConversationResourceResponse, ResourceResponse
from botframework.connector.auth.connector_factory import ConnectorFactory
from msrest.serialization import Model
from yarl import URL

from bot.nudges.port import Refused
from bot.teams.auth import Hosts
from bot.teams.failures import CallFailed
from bot.teams.http import Http, TooLarge, content
from bot.teams.tokens import Tokens

MOST_BYTES = 2_000_000
MOST_KNOWN = 1_000
UNREADABLE = 502

Json = Mapping[str, Any]


class Connector:
    """Teams at one service address. A call raises CallFailed, aiohttp's own, or NotSent without a token."""

    def __init__(self, http: Http, tokens: Tokens, service: str) -> None:
        self._http = http
        self._tokens = tokens
        self._base = f"{service.rstrip('/')}/v3/"
        self.conversations = Conversations(self)

    async def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call an address beneath `/v3/`, its parts quoted already. A token that is refused is renewed once."""
        token = await self._tokens.present()
        try:
            return await self._call(token, method, path, body)
        except CallFailed as failed:
            if failed.status != 401 or not token:
                raise
        self._tokens.refused(token)
        return await self._call(await self._tokens.present(), method, path, body)

    async def _call(self, token: str, method: str, path: str, body: Json | None) -> Json:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = URL(f"{self._base}{path}", encoded=True)
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            told = _object(await _content(answer))
            if answer.status not in (200, 201, 202, 204):
                raise CallFailed(answer.status, _code(told or {}), answer.headers.get("Retry-After", ""))
        if (
            told is None and method == "GET"
        ):  # what is told to a question; of what was said, only that it was counts
            raise CallFailed(UNREADABLE, "unreadable")
        return told or {}


class Conversations:
    """What the SDK calls for a turn's answers, under the names that it knows, and what the bot asks besides."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def send_to_conversation(self, conversation_id: str, activity: Activity) -> ResourceResponse:
        """Say something in a conversation."""
        told = await self._connector.call(
            "POST", f"{_conversation(conversation_id)}/activities", written(activity)
        )
        return ResourceResponse(id=str(told.get("id") or ""))

    async def reply_to_activity(
        self, conversation_id: str, activity_id: str, activity: Activity
    ) -> ResourceResponse:
        """Say something in answer to an activity of a conversation."""
        path = f"{_conversation(conversation_id)}/activities/{quote(activity_id, safe='')}"
        told = await self._connector.call("POST", path, written(activity))
        return ResourceResponse(id=str(told.get("id") or ""))

    async def update_activity(
        self, conversation_id: str, activity_id: str, activity: Activity
    ) -> ResourceResponse:
        """Put an activity in the place of one that stands."""
        path = f"{_conversation(conversation_id)}/activities/{quote(activity_id, safe='')}"
        told = await self._connector.call("PUT", path, {**written(activity), "id": activity_id})
        return ResourceResponse(id=str(told.get("id") or activity_id))

    async def delete_activity(self, conversation_id: str, activity_id: str) -> None:
        """Take an activity away."""
        await self._connector.call(
            "DELETE", f"{_conversation(conversation_id)}/activities/{quote(activity_id, safe='')}"
        )

    async def create_conversation(self, parameters: ConversationParameters) -> ConversationResourceResponse:
        """Begin a conversation: with a person, or a new thread in a channel."""
        told = await self._connector.call("POST", "conversations", written(parameters))
        return ConversationResourceResponse(
            id=str(told.get("id") or ""), activity_id=str(told.get("activityId") or "")
        )

    async def member(self, conversation_id: str, person: str) -> Json:
        """One member of a conversation, as Teams tells of them."""
        return await self._connector.call(
            "GET", f"{_conversation(conversation_id)}/members/{quote(person, safe='')}"
        )

    async def members(self, conversation_id: str, size: int, onward: str = "") -> Json:
        """One page of a conversation's members; `onward` is where the page before it said to go on."""
        more = f"&continuationToken={quote(onward, safe='')}" if onward else ""
        return await self._connector.call(
            "GET", f"{_conversation(conversation_id)}/pagedmembers?pageSize={size}{more}"
        )

    async def channels(self, team: str) -> Json:
        """The channels of a team."""
        return await self._connector.call("GET", f"teams/{quote(team, safe='')}/conversations")


class Connectors(ConnectorFactory):
    """One connector for each service address, of those hosts that are allowed."""

    def __init__(self, http: Http, tokens: Tokens, hosts: Hosts) -> None:
        self._http = http
        self._tokens = tokens
        self._hosts = hosts
        self._known: dict[str, Connector] = {}

    async def create(self, service_url: str, audience: str | None = None) -> Connector:
        """As `at`: the SDK's own name for it."""
        return self.at(service_url)

    def at(self, service: str) -> Connector:
        """The connector for a service address. Raises Refused where the bot's token may not go there."""
        if not self._hosts.allows(service):
            raise Refused("not an address of Teams")
        known = self._known.get(service)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[service] = Connector(self._http, self._tokens, service)
        return known


def written(model: Model) -> dict[str, Any]:
    """A model of the schema as Teams reads it. The library's own way costs several times as much."""
    named = ((each["key"], getattr(model, name)) for name, each in model._attribute_map.items() if each["key"])
    return {key: _plain(value) for key, value in named if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return written(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _conversation(conversation_id: str) -> str:
    return f"conversations/{quote(conversation_id, safe='')}"


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    """The whole of an answer. Raises CallFailed for one that is too large."""
    try:
        return await content(answer, MOST_BYTES)
    except TooLarge as large:
        raise CallFailed(UNREADABLE, "too large") from large


def _object(content: bytes) -> Json | None:
    """The object that Teams answered with, or an empty one for nothing at all; None for what cannot be read."""
    try:
        told = json.loads(content) if content.strip() else {}
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _code(told: Json) -> str:
    """Teams' word for what is wrong: within `error`, or as `subCode` of the JSON that `message` is the text of."""
    error, message = told.get("error"), told.get("message")
    if isinstance(error, dict):
        return str(error.get("code") or "")[:60]
    within = _object(message.encode()) if isinstance(message, str) else None
    return str((within or {}).get("subCode") or told.get("errorCode") or "")[:60]
