"""People who use the bot while its processes are killed; each asks until told that it was saved, then goes on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.clock import SystemClock
from bot.slack.places import Place, pack
from tests.fakes.slack.delivery import sign
from tests.kill_loop.town import Resident, Town

SENDERS = 4
PAUSE_S = 0.1
AGAIN_S = 0.05
PATIENCE_S = 3.0  # as Slack's
FORM = "application/x-www-form-urlencoded"
FAILED = ("did not work", '"errors"')


class Crowd:
    """The people of a town. What they were told is saved is kept, to be held against the database.

    `said` is each one's last check-in, `witnessed` the evidence, `posted` the teams whose week was posted, and
    `told` counts answers and refusals. `heard` is called with every answer.
    """

    def __init__(self, town: Town, port: int, chance: Random, heard: Callable[[], None]) -> None:
        self.said: dict[int, str] = {}
        self.witnessed: list[str] = []
        self.posted: list[int] = []
        self.told: Counter[str] = Counter()
        self._town = town
        self._address = f"http://127.0.0.1:{port}/slack/events"
        self._chance = chance
        self._heard = heard
        self._numbers = count(1)
        self._is_over = False
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S))

    async def live(self) -> None:
        """Use the bot until told to stop; what was begun is asked for until it is told to be saved."""
        # Whoever checks in does nothing else, and is one sender's: their last word is known.
        checking = [each for each in self._town.residents if each.place == 1]
        await asyncio.gather(*(self._sender(checking[n::SENDERS]) for n in range(SENDERS)))

    def stop(self) -> None:
        """Begin nothing new."""
        self._is_over = True

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    async def _sender(self, checking: list[Resident]) -> None:
        while not self._is_over:
            if self._chance.random() < 0.3:
                await self._checks_in(self._chance.choice(checking))
            else:
                await self._witnesses(self._chance.choice(self._town.residents))
            await asyncio.sleep(self._chance.uniform(0, 2 * PAUSE_S))

    async def _checks_in(self, who: Resident) -> None:
        mark = f"mark-{next(self._numbers)}"
        await self._until_told(self._command(who, f"checkin 4 {mark}"), "Saved: ")
        self.said[who.number] = mark

    async def _witnesses(self, who: Resident) -> None:
        mark = f"mark-{next(self._numbers)}"
        today = self._town.today.isoformat()
        typed = {"words": mark, "said_by": "Meera", "initiative": "none", "strength": "said", "date": today}
        await self._until_told(self._form(who, "evidence.log", typed), mark)
        self.witnessed.append(mark)

    async def posts_the_week(self, lead: Resident) -> None:
        """A lead posts the team's week to its channel."""
        monday = self._town.today - timedelta(days=self._town.today.weekday())
        form = self._form(lead, "summary.post", {}, monday=monday.isoformat())
        await self._until_told(form, "#team")
        self.posted.append(lead.team)

    async def _until_told(self, body: bytes, saved: str) -> None:
        """Send the same request again and again until its answer says that it was saved."""
        while True:
            if await self._is_told(body, saved):
                return
            await asyncio.sleep(AGAIN_S)

    async def _is_told(self, body: bytes, saved: str) -> bool:
        stamp = str(int(SystemClock().now().timestamp()))
        headers = {**sign(self._town.slack.app.signing_secret, body, stamp), "Content-Type": FORM}
        try:
            async with self._session.post(self._address, data=body, headers=headers) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            self.told["no answer"] += 1
            return False
        is_saved = answer.status == 200 and saved in text and not any(word in text for word in FAILED)
        self.told["saved" if is_saved else f"not saved, status {answer.status}"] += 1
        self._heard()
        return is_saved

    def _command(self, who: Resident, text: str) -> bytes:
        values = {
            "command": "/value",
            "text": text,
            "team_id": who.workspace,
            "team_domain": "sample",
            "channel_id": "D1",
            "channel_name": "directmessage",
            "user_id": who.id,
            "user_name": "somebody",
            "api_app_id": self._town.slack.app.id,
            "is_enterprise_install": "false",
            "response_url": f"{self._town.slack.url}/commands/T1/1/1",
            "trigger_id": f"{next(self._numbers)}.1.1",
        }
        return urlencode(values).encode()

    def _form(self, who: Resident, action: str, typed: dict[str, str], **hidden: str) -> bytes:
        values = {"team": str(who.team), **hidden}
        view = {
            "id": f"V{next(self._numbers)}",
            "hash": "1",
            "type": "modal",
            "callback_id": action,
            "private_metadata": json.dumps({"place": pack(Place("modal")), "values": values}),
            "blocks": [],
            "state": {"values": {name: {name: _state(name, value)} for name, value in typed.items()}},
        }
        payload = {
            "type": "view_submission",
            "team": {"id": who.workspace, "domain": "sample"},
            "user": {"id": who.id, "team_id": who.workspace},
            "api_app_id": self._town.slack.app.id,
            "trigger_id": f"{next(self._numbers)}.1.1",
            "is_enterprise_install": False,
            "view": view,
        }
        return urlencode({"payload": json.dumps(payload)}).encode()


def _state(name: str, value: str) -> dict[str, Any]:
    if name in ("initiative", "strength"):
        return {"type": "static_select", "selected_option": {"value": value}}
    return {"type": "plain_text_input", "value": value}
