"""The playground's calls: what the page may send, what a stranger may not, and what survives."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.clock import SteppedClock
from bot.playground.company import Playground
from bot.playground.listeners import routes
from bot.playground.wording import full, summer, there
from tests.world import MONDAY

HEADERS = {"X-Playground": "1"}
Client = TestClient[Any, Any]


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sample company that has lived its first week, to be copied."""
    folder = tmp_path_factory.mktemp("sample")

    async def live() -> None:
        opened = Playground(folder, SteppedClock(MONDAY))
        await opened.open()
        await opened.close()

    with ThreadPoolExecutor(1) as thread:  # a loop of its own, beside the one of the tests
        thread.submit(asyncio.run, live()).result()
    return folder


@pytest.fixture
async def playground(lived_in: Path, tmp_path: Path) -> AsyncIterator[Playground]:
    """A sample company, just opened."""
    shutil.copytree(lived_in, tmp_path, dirs_exist_ok=True)
    opened = Playground(tmp_path, SteppedClock(MONDAY))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def client(playground: Playground) -> AsyncIterator[Client]:
    """A browser on this machine."""
    async with TestClient(TestServer(routes(playground), host="127.0.0.1")) as opened:
        yield opened


async def call(client: Client, name: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    """One call of the page: its status and its answer."""
    async with client.post(f"/playground/{name}", json=body, headers={**HEADERS, **headers}) as response:
        return response.status, await response.json()


async def state(client: Client) -> dict[str, Any]:
    """Everything the page draws itself from."""
    async with client.get("/playground/state") as response:
        found: dict[str, Any] = await response.json()
        return found


def cards(found: dict[str, Any], place: str) -> list[str]:
    """The titles of the cards in a place."""
    return [m["card"]["title"] for m in found["messages"] if m["card"] and m["place"] == place]


async def step(client: Client, **body: str) -> dict[str, Any]:
    """Let time pass, and see what is there then."""
    status, answer = await call(client, "step", body)
    assert status == 200, answer
    return {**await state(client), "told": answer["text"]}


async def test_the_sample_says_that_it_is_sample_and_has_lived_a_week(client: Client) -> None:
    found = await state(client)

    assert found["sample"].startswith("Sample data")
    assert len(found["people"]) == 5
    assert found["clock"]["text"] == "Monday 23 November, 08:00"
    assert any("week" in title for title in cards(found, "channel:C1"))


async def test_five_steps_of_the_tour_and_none_is_done_at_first(client: Client) -> None:
    steps = (await state(client))["tour"]["steps"]

    assert [step["done"] for step in steps] == [False] * 5


async def test_a_foreign_page_cannot_speak_to_it(client: Client) -> None:
    body = {"person": "U1", "place": "dm:U1", "text": "checkin 4"}

    rebound = await call(client, "say", body, Host="evil.example")
    async with client.post("/playground/say", json=body) as response:
        without_header = response.status

    assert rebound[0] == 403
    assert without_header == 403
    assert "Saved: 4 of 5" not in cards(await state(client), "dm:U1")[-1]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("say", {"person": "U9", "place": "dm:U9", "text": "help"}),
        ("say", {"person": "U1", "place": "dm:U2", "text": "help"}),
        ("say", {"person": "U1", "place": "channel:C9", "text": "help"}),
        ("say", {"person": "U1", "place": "dm:U1", "text": "   "}),
        ("say", {"person": ["U1"], "place": {}, "text": 7}),
        ("say", []),
        ("tap", {"person": "U1", "message": "m999999", "action": "help"}),
        ("tap", {"person": "U1", "message": "'; drop table messages", "action": "help"}),
        ("submit", {"person": "U1", "form_id": "setup|not base64", "inputs": {}}),
        ("submit", {"person": "U1"}),
        ("step", {"to": "tomorrow-ish"}),
        ("step", {"to": 5}),
    ],
)
async def test_what_cannot_be_used_is_refused_with_a_sentence(client: Client, name: str, body: Any) -> None:
    status, answer = await call(client, name, body)

    assert status == 400
    assert answer["error"].endswith(".")


async def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    for raw in (b"{", b"\xff\xfe", b"[" * 50_000):
        async with client.post("/playground/say", data=raw, headers=HEADERS) as response:
            assert response.status == 400


async def test_a_body_of_two_million_characters_is_refused(client: Client) -> None:
    body = io.BytesIO(json.dumps({"person": "U1", "place": "dm:U1", "text": "x" * 2_000_000}).encode())

    async with client.post("/playground/say", data=body, headers=HEADERS) as response:
        answer = await response.json()

    assert response.status == 413
    assert "too long" in answer["error"]


async def test_somebody_elses_card_cannot_be_tapped(client: Client, playground: Playground) -> None:
    theirs = next(m for m in playground.chat.messages() if m.place == "dm:U2" and m.card)

    status, _ = await call(client, "tap", {"person": "U1", "message": theirs.id, "action": "help"})

    assert status == 400


async def test_what_a_command_answers_in_the_channel_is_for_the_one_who_asked(client: Client) -> None:
    await call(client, "say", {"person": "U2", "place": "channel:C1", "text": "/value me"})

    last = (await state(client))["messages"][-2:]
    assert [message["only_for"] for message in last] == ["U2", "U2"]


async def test_colleagues_talking_in_the_channel_are_not_read(client: Client) -> None:
    before = len((await state(client))["messages"])

    await call(client, "say", {"person": "U2", "place": "channel:C1", "text": "help, my build is red"})

    messages = (await state(client))["messages"]
    assert len(messages) == before + 1
    assert messages[-1]["text"] == "help, my build is red"


async def test_hostile_words_come_back_letter_for_letter(client: Client) -> None:
    hostile = "<script>alert(1)</script> <!channel> @here *bold* `code` \u202eright to left {{ 7*7 }} 💥"

    await call(client, "say", {"person": "U2", "place": "dm:U2", "text": f"checkin 4 {hostile}"})

    found = json.dumps(await state(client), ensure_ascii=False)
    assert json.dumps(hostile, ensure_ascii=False)[1:-1] in found


async def test_a_form_sent_after_a_restart_of_the_process_is_taken(lived_in: Path, tmp_path: Path) -> None:
    shutil.copytree(lived_in, tmp_path, dirs_exist_ok=True)
    first = Playground(tmp_path, SteppedClock(MONDAY))
    await first.open()
    async with TestClient(TestServer(routes(first), host="127.0.0.1")) as client:
        _, opened = await call(client, "say", {"person": "U1", "place": "dm:U1", "text": "pause"})
    await first.close()

    again = Playground(tmp_path, SteppedClock(MONDAY))
    await again.open()
    async with TestClient(TestServer(routes(again), host="127.0.0.1")) as client:
        sent = {"person": "U1", "form_id": opened["form_id"], "values": {}, "inputs": {"until": "in 2 weeks"}}
        status, _ = await call(client, "submit", sent)
        titles = cards(await state(client), "dm:U1")
    await again.close()

    assert status == 200
    assert titles[-1] == "You are not asked before Monday 7 December"


async def test_the_page_may_load_nothing_from_elsewhere(client: Client) -> None:
    async with client.get("/playground") as response:
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        page = await response.text()

    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


async def test_days_pass_step_by_step_with_every_mornings_question_sent(client: Client) -> None:
    found = await step(client, to="2026-11-26T20:00:00+00:00")

    mornings = {m["when"][:10] for m in found["messages"] if m["card"] and m["place"] == "dm:U3"}
    assert found["clock"]["text"].startswith("Thursday 26 November")
    assert {"Mon 23 Nov", "Tue 24 Nov", "Wed 25 Nov", "Thu 26 Nov"} <= mornings


async def test_the_clock_says_where_it_is_and_each_person_has_their_own_time(client: Client) -> None:
    found = await state(client)

    assert found["clock"]["place"] == "London, GMT"
    assert found["local"]["U1"] == "Mon 08:00 (GMT)"
    assert found["local"]["U3"] == "Mon 09:00 (CET)"


async def test_the_clock_goes_on_by_an_hour_to_the_morning_or_to_a_date(client: Client) -> None:
    hour = await step(client, by="hour")
    morning = await step(client, by="morning")
    date = await step(client, date="2026-11-27")

    texts = [found["clock"]["text"] for found in (hour, morning, date)]
    assert texts == ["Monday 23 November, 09:00", "Tuesday 24 November, 08:00", "Friday 27 November, 08:00"]


async def test_the_next_thing_due_is_all_that_is_due_at_one_hour(client: Client) -> None:
    await step(client)
    second = await step(client)

    assert second["clock"]["text"].startswith("Monday 23 November, 09:4")
    asked = [cards(second, f"dm:U{n}")[-1] for n in (1, 2, 3, 4, 5)]
    assert all(title.startswith("Would Shop owners") for title in asked)
    assert second["upcoming"][0]["at"] > second["clock"]["at"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"date": "2026-11-20"}, "forward only"),
        ({"date": "2026-11-23T"}, "no date"),
        ({"date": "9999-12-31"}, "more than a year ahead"),
        ({"to": "2029-01-01T00:00:00+00:00"}, "more than a year ahead"),
        ({"to": "2026-11-25T08:00:00"}, "no time on this clock"),
    ],
)
async def test_a_time_to_which_the_clock_cannot_go_is_refused(client: Client, body: Any, said: str) -> None:
    status, answer = await call(client, "step", body)

    assert status == 400
    assert said in answer["error"]
    assert (await state(client))["clock"]["text"] == "Monday 23 November, 08:00"


async def test_stepping_over_a_day_off_and_a_pause_tells_who_was_not_asked(client: Client) -> None:
    await call(client, "say", {"person": "U1", "place": "dm:U1", "text": "days-off 25 November"})
    await call(client, "say", {"person": "U2", "place": "dm:U2", "text": "pause until Monday"})
    await step(client, date="2026-11-25")

    berlin = await step(client)
    london = await step(client)

    assert "Not asked: Chi (team day off" in berlin["told"]
    assert "Ana, Dev and Eva (team day off" in london["told"]
    assert "Ben (paused" in london["told"]


@pytest.mark.parametrize(
    ("at", "place", "berlin"),
    [
        ("2027-03-26T09:40:00+00:00", "London, GMT", "Fri 10:40 (CET)"),
        ("2027-03-29T08:40:00+00:00", "London, BST", "Mon 10:40 (CEST)"),
    ],
)
def test_the_clock_shows_summer_time_where_it_is_and_elsewhere(at: str, place: str, berlin: str) -> None:
    instant = datetime.fromisoformat(at)

    assert summer(instant) == place
    assert there(instant, "Europe/Berlin") == berlin
    assert full(instant).endswith("09:40")


async def test_what_is_far_ahead_is_among_what_comes_up(client: Client) -> None:
    found = (await state(client))["upcoming"]

    kinds = Counter(line["what"].partition(" to ")[0] for line in found)
    assert max(kinds.values()) <= 2
    assert kinds["Summary of the week"] == 1
    assert [line["at"] for line in found] == sorted(line["at"] for line in found)
