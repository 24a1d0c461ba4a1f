"""The story's stage in the playground: the page's own calls over HTTP, and the chat as the page is told it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from bot.clock import SteppedClock
from bot.playground import sample
from bot.playground.chat import Chat
from bot.playground.company import Playground
from bot.playground.listeners import routes
from tests.scenarios.story import is_called
from tests.world import MONDAY

HEADERS = {"X-Playground": "1"}
PERSON = {member.name.split()[0].lower(): member.id for member in sample.TEAM}


@dataclass
class PlaygroundStage:
    """The page's calls. `form` is the dialog that is open."""

    playground: Playground
    client: TestClient[Any, Any]
    form: dict[str, Any] | None = None

    async def types(self, name: str, text: str, *, in_channel: bool = False) -> None:
        """Somebody types: in the channel after the bot's name."""
        place = f"channel:{sample.CHANNEL}" if in_channel else f"dm:{PERSON[name]}"
        typed = f"/value {text}" if in_channel else text
        await self._call("say", person=PERSON[name], place=place, text=typed)

    async def presses(self, name: str, label: str, **fill: str) -> None:
        """Somebody presses the newest button of this label that they see."""
        for message in reversed(await self._seen(name)):
            for button in _buttons(message["card"]):
                if is_called(button["label"], label):
                    asked = {ask["name"]: fill.get(ask["name"], ask["value"]) for ask in _asks(message["card"])}
                    await self._call(
                        "tap",
                        person=PERSON[name],
                        message=message["id"],
                        action=button["action"],
                        values=button["values"],
                        inputs=asked,
                    )
                    return
        raise AssertionError(f"{name} sees no {label!r}")

    async def sends(self, name: str, **fill: str) -> None:
        """Somebody fills in the dialog that is open and sends it."""
        assert self.form, "no form is open"
        form = self.form["form"]
        inputs = {each["name"]: fill.get(each["name"], each["value"]) for each in form["inputs"]}
        form_id, values = self.form["form_id"], form["values"]
        await self._call("submit", person=PERSON[name], form_id=form_id, values=values, inputs=inputs)
        assert self.form is None, self.form and self.form["form"]["errors"]

    async def sees(self, name: str) -> str:
        """All that stands on somebody's newest card."""
        return repr((await self._seen(name))[-1]["card"])

    async def goes_to(self, to: datetime) -> None:
        """Time passes."""
        await self._call("step", to=to.isoformat())

    async def _call(self, call: str, **body: Any) -> None:
        async with self.client.post(f"/playground/{call}", json=body, headers=HEADERS) as response:
            answer = await response.json()
            assert response.status == 200, answer
        self.form = answer if "form" in answer else None

    async def _seen(self, name: str) -> list[dict[str, Any]]:
        async with self.client.get("/playground/state") as response:
            messages = (await response.json())["messages"]
        places = (f"dm:{PERSON[name]}", f"channel:{sample.CHANNEL}")
        mine = [each for each in messages if each["place"] in places and each["only_for"] in (None, PERSON[name])]
        return [each for each in mine if each["card"]]


def _buttons(card: dict[str, Any]) -> list[dict[str, Any]]:
    scales = [button for block in card["blocks"] if block["kind"] == "scale" for button in block["buttons"]]
    return [*scales, *card["buttons"], *card["more"]]


def _asks(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [block["input"] for block in card["blocks"] if block["kind"] == "ask"]


@asynccontextmanager
async def playground_stage(folder: Path) -> AsyncIterator[PlaygroundStage]:
    """The sample's people, in a company where nothing has happened yet."""
    chat = Chat(folder / "chat.db")
    chat.note("clock", MONDAY.isoformat())
    chat.close()
    playground = Playground(folder, SteppedClock(MONDAY))
    await sample.add_people(playground.app, playground.clock)
    async with TestClient(TestServer(routes(playground), host="127.0.0.1")) as client:
        yield PlaygroundStage(playground, client)
    await playground.close()
