"""Files: put into the person's OneDrive where they allow it, word for word elsewhere, and nowhere else."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.teams.hosts import FileHosts, ServiceHosts
from tests.bot.teams.office import Office
from tests.fakes.teams import activities
from tests.fakes.teams.files import CONSENT, INFO

NAME = "my-data.json"


async def exported(here: Office) -> None:
    """Ana has asked for what is kept about her."""
    await here.ana.dm("my-data")
    await here.settle()
    await here.ana.press(await here.ana.sees("What is kept about you"), "Export as JSON")
    await here.settle()


def standing(here: Office) -> list[str]:
    """The kinds of all that stands in Ana's chat as an attachment."""
    history = [each for each in here.ana.chat.history if not each.is_deleted]
    return [part["contentType"] for each in history for part in each.activity.get("attachments") or []]


def posted(here: Office) -> str:
    return json.dumps([each.activity for each in here.ana.chat.history])


async def test_a_file_that_is_allowed_is_uploaded_and_stands_in_the_chat(here: Office) -> None:
    await exported(here)
    before = here.teams.files.copy()

    await here.ana.answer_file(NAME)
    await here.settle()

    assert before == {}
    assert here.ana.state.real_name in json.dumps(json.loads(here.teams.files[NAME]), ensure_ascii=False)
    assert INFO in standing(here)
    assert CONSENT not in standing(here)
    assert here.ana.errors == []


async def test_one_that_is_not_allowed_goes_nowhere(here: Office) -> None:
    await exported(here)

    reply = await here.ana.answer_file(NAME, accept=False)
    await here.settle()

    assert (reply.status, reply.text) == (200, "")
    assert here.teams.files == {}
    assert "could not be put into your OneDrive" not in posted(here)


async def test_the_answer_sent_again_uploads_once(here: Office) -> None:
    await exported(here)
    await here.ana.answer_file(NAME)
    await here.settle()
    here.teams.files.clear()

    await here.teams.replay(here.teams.delivery.sent[-1])
    await here.settle()

    assert here.teams.files == {}
    assert standing(here).count(INFO) == 1


@pytest.mark.parametrize("status", [307, 404])
async def test_one_that_is_not_taken_comes_word_for_word(here: Office, status: int) -> None:
    await exported(here)
    here.teams.upload_status = status

    await here.ana.answer_file(NAME)
    await here.settle()

    assert here.teams.files == {}
    assert "could not be put into your OneDrive" in posted(here)
    assert here.ana.state.real_name in here.ana.dms[-1].words
    assert CONSENT not in standing(here)


async def test_where_teams_takes_no_files_it_comes_word_for_word_at_once(here: Office) -> None:
    here.teams.takes_files = False

    await exported(here)

    assert here.ana.state.real_name in here.ana.dms[-1].words
    assert "OneDrive" not in posted(here)


async def test_nothing_is_uploaded_anywhere_else(here: Office) -> None:
    await exported(here)
    came: list[str] = []

    async def take(request: web.Request) -> web.Response:
        came.append(request.path)
        return web.Response(status=201)

    served = web.Application()
    served.router.add_put("/{any:.*}", take)
    async with TestServer(served) as trap:
        await here.ana.answer_file(NAME, upload=str(trap.make_url("/upload/1")))
        await here.settle()

    assert came == []
    assert "could not be put into your OneDrive" in posted(here)


async def said(here: Office, value: object) -> int:
    """Tell the bot anything in answer to a file, and give the status of what it answers."""
    told = activities.invoked(here.teams, here.ana.state, here.ana.chat, "fileConsent/invoke", {})
    reply = await here.teams.delivery.send({**told, "value": value})
    await here.settle()
    return reply.status


async def test_nothing_but_what_makes_a_file_runs(here: Office) -> None:
    await exported(here)
    before, upload = len(here.ana.chat.history), {"uploadUrl": f"{here.teams.url}/upload/1/x"}

    for action in ("my-data.erase-now", "my-data", "nothing", ""):
        context = {"action": action, "file": NAME}
        assert await said(here, {"action": "accept", "context": context, "uploadInfo": upload}) == 200

    assert len(here.ana.chat.history) == before
    assert here.teams.files == {}


async def test_what_nobody_can_read_allows_nothing(here: Office) -> None:
    await exported(here)
    before = len(here.ana.chat.history)

    odd: tuple[object, ...] = (None, [], "x", {}, {"action": "accept"}, {"action": "accept", "context": []})
    for value in odd:
        assert await said(here, value) == 200

    assert len(here.ana.chat.history) == before


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://contoso-my.sharepoint.com/personal/ana/_api/v2.0/drive/items/1?guid='1'&tempauth=v1.a", True),
        ("https://contoso.sharepoint.com/upload", True),
        ("http://contoso.sharepoint.com/upload", False),
        ("https://contoso.sharepoint.com.evil.example/", False),
        ("https://sharepoint.com/", False),
        ("https://a.b.sharepoint.com/", False),
        ("https://evil.example/?x=.sharepoint.com/", False),
        ("https://contoso.sharepoint.com:8443/", False),
        ("https://me@contoso.sharepoint.com/", False),
        ("https://contoso.sharepoint.com/#x", False),
        ("https://smba.trafficmanager.net/upload", False),
        ("https://10.0.0.1/upload", False),
        (f"https://contoso.sharepoint.com/?{'a' * 9_000}", False),
        ("", False),
    ],
)
def test_a_file_goes_to_sharepoint_alone(url: str, is_one: bool) -> None:
    assert FileHosts(ServiceHosts(["127.0.0.1:9000"])).allows(url) is is_one
