"""A local test client, which signs nothing: let in by the demo alone, from this machine, and loudly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.app import build
from bot.settings import SettingsError, alone, load, local_tools
from bot.web import routes
from tests.bot.test_serve import environment
from tests.fakes.clock import StillClock

MESSAGE = {
    "type": "message",
    "id": "1",
    "channelId": "msteams",
    "text": "help",
    "from": {"id": "user-id-0", "name": "Alex Wilber"},
    "recipient": {"id": "bot-id", "name": "Test Bot"},
    "conversation": {"id": "personal-chat-id", "conversationType": "personal", "tenantId": "t-1"},
    "channelData": {"tenant": {"id": "t-1"}},
}


@asynccontextmanager
async def client() -> AsyncIterator[tuple[str, list[tuple[str, str]]]]:
    """A test client's own service: its address, and what it is asked, with the token that it is shown."""
    asked: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((f"{request.method} {request.path}", request.headers.get("Authorization", "")))
        if "members" in request.path:
            return web.json_response({"id": "user-id-0", "name": "Alex Wilber", "tenantId": "t-1"})
        return web.json_response({"id": "m-1"})

    served = web.Application()
    served.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(served)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/_connector", asked
    await runner.cleanup()


async def say(url: str, **changes: object) -> tuple[int, str]:
    """What the bot answers to an activity that nobody signed, over HTTP."""
    app = build(alone(database_url=url, teams_local_tools="1"), StillClock())
    runner = web.AppRunner(routes(app))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages"
    async with aiohttp.ClientSession() as session, session.post(address, json={**MESSAGE, **changes}) as answer:
        told = answer.status, await answer.text()
    await app.settle()
    await runner.cleanup()
    await app.close()
    return told


async def test_a_client_on_this_machine_is_answered_without_a_token(url: str) -> None:
    async with client() as (service, asked):
        status, _ = await say(url, serviceUrl=service)

    assert status == 200
    assert asked[-1] == ("POST /_connector/v3/conversations/personal-chat-id/activities", "")


@pytest.mark.parametrize(
    "service", ["https://smba.trafficmanager.net/emea/", "http://10.0.0.1:80/", "http://localhost.example/", None]
)
async def test_nothing_is_sent_beyond_this_machine(url: str, service: str | None) -> None:
    status, _ = await say(url, serviceUrl=service)

    assert status == 403


def test_the_demo_lets_it_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for value, is_on in (("1", True), ("", False), ("0", False)):
        monkeypatch.setenv("TEAMS_LOCAL_TOOLS", value)
        assert local_tools() is is_on


@pytest.mark.parametrize(
    "beside",
    [{"PUBLIC_URL": "https://bot.example"}, {"TEAMS_APP_PASSWORD": "secret-word"}, {"TEAMS_LOCAL_TOOLS": "yes"}],
)
def test_the_demo_refuses_it_beside_what_is_for_others(
    beside: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"TEAMS_LOCAL_TOOLS": "1", **beside}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as wrong:
        local_tools()

    assert next(iter(beside)) in str(wrong.value)
    assert "secret-word" not in str(wrong.value)


@pytest.mark.parametrize("beside", [{}, {"host": "127.0.0.1"}, {"database_url": "sqlite:///data/demo/demo.db"}])
def test_everything_else_refuses_to_start_with_it(beside: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as wrong:
        load(_env_file=None, teams_local_tools="1", **beside)

    assert str(wrong.value).startswith("TEAMS_LOCAL_TOOLS: ")


def test_a_demo_that_must_not_ends_before_it_begins(tmp_path: Path) -> None:
    given = environment(TEAMS_LOCAL_TOOLS="1", PUBLIC_URL="https://bot.example")
    folder = tmp_path / "demo"
    run = [sys.executable, "-m", "bot", "demo", "--folder", str(folder)]

    done = subprocess.run(run, env=given, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert "PUBLIC_URL: stands beside TEAMS_LOCAL_TOOLS" in done.stderr
    assert not folder.exists()


async def test_it_is_loud_in_the_log(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    app = build(alone(database_url=url, teams_local_tools="1"), StillClock())

    await app.prepare()
    await app.close()

    said = capsys.readouterr()
    assert "TEAMS_LOCAL_TOOLS is on" in said.out + said.err
