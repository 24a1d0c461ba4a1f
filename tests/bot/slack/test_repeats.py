"""The same request again and again, bent requests and unknown ones: one effect, and never a 5xx."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tests.bot.slack.office import Office, office
from tests.fakes.slack import Card
from tests.fakes.slack.delivery import Sent
from tests.world import CHANNEL

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT_ONCE, TIMES = 50, 300
TABLES = ("reflections", "evidence", "outbox", "deliveries", "initiatives", "teams")


@pytest.fixture
async def at_work(database_url: str) -> AsyncIterator[Office]:
    """An office whose team has started."""
    async with office(database_url) as opened:
        await opened.start_team()
        yield opened


async def rows(url: str) -> dict[str, int]:
    """How many rows there are in the tables that requests write."""
    driver = url.replace("sqlite:", "sqlite+aiosqlite:").replace("postgresql:", "postgresql+psycopg:")
    engine = create_async_engine(driver)
    async with engine.connect() as connection:
        counted = {
            name: int((await connection.execute(sa.text(f"select count(*) from {name}"))).scalar_one())  # noqa: S608
            for name in TABLES
        }
    await engine.dispose()
    return counted


async def again(opened: Office, sent: Sent, times: int = TIMES) -> set[int]:
    """The very same bytes many times, some at once. The statuses they were answered with."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def once() -> int:
        async with limit:
            return (await opened.slack.replay(sent)).status

    statuses = set(await asyncio.gather(*(once() for _ in range(times))))
    await opened.quiet()
    return statuses


async def test_a_command_sent_again_and_again_has_one_effect(at_work: Office, database_url: str) -> None:
    await at_work.types("ana", "checkin 4 the release went well")
    before, sent = await rows(database_url), at_work.slack.delivery.sent[-1]

    statuses = await again(at_work, sent)

    assert statuses == {200}
    assert before["reflections"] == 1
    assert await rows(database_url) == before


async def test_a_command_that_comes_many_times_at_once_has_one_effect(at_work: Office, database_url: str) -> None:
    await at_work.types("ana", "checkin 4 once")
    sent = at_work.slack.delivery.sent[-1]
    anew = resigned(at_work, sent, trigger_id="7.8.new")
    before = await rows(database_url)

    statuses = await again(at_work, anew, AT_ONCE)

    after = await rows(database_url)
    assert statuses == {200}
    assert after["deliveries"] == before["deliveries"] + 1
    assert after["reflections"] == before["reflections"]


@ON_SQLITE
async def test_a_tap_sent_again_and_again_has_one_effect(at_work: Office, database_url: str) -> None:
    card = await at_work.types("ana", "checkin")
    await at_work.presses("ana", card, "4")
    before, sent = await rows(database_url), at_work.slack.delivery.sent[-1]

    statuses = await again(at_work, sent)

    assert statuses == {200}
    assert before["reflections"] == 1
    assert await rows(database_url) == before


@ON_SQLITE
async def test_a_form_sent_again_and_again_has_one_effect(at_work: Office, database_url: str) -> None:
    form = await at_work.types("eva", "evidence")
    await at_work.sends("eva", form, words="It saved my Saturday", said_by="Meera", strength="said")
    before, sent = await rows(database_url), at_work.slack.delivery.sent[-1]

    statuses = await again(at_work, sent)

    assert statuses == {200}
    assert before["evidence"] == 1
    assert await rows(database_url) == before


@ON_SQLITE
async def test_words_sent_again_and_again_are_answered_once(at_work: Office, database_url: str) -> None:
    ana = at_work.person("ana")
    await ana.dm("checkin 4 by words")
    await at_work.quiet()
    before, seen = await rows(database_url), len(ana.dms)

    statuses = await again(at_work, at_work.slack.delivery.sent[-1])

    assert statuses == {200}
    assert before["reflections"] == 1
    assert await rows(database_url) == before
    assert len(ana.dms) == seen


def resigned(opened: Office, sent: Sent, **changes: str) -> Sent:
    """A request of Slack's with other fields in it, signed anew."""
    fields = {name: values[0] for name, values in parse_qs(sent.body.decode()).items()} | changes
    return signed(opened, urlencode(fields).encode(), sent.headers["Content-Type"])


def signed(opened: Office, body: bytes, kind: str = "application/x-www-form-urlencoded") -> Sent:
    """Any bytes, as Slack would have signed them."""
    return Sent(body, {"Content-Type": kind, **opened.slack.sign(body)})


@ON_SQLITE
async def test_commands_without_a_trigger_are_told_apart(at_work: Office, database_url: str) -> None:
    await at_work.types("ana", "define-success Wallets")
    sent = at_work.slack.delivery.sent[-1]
    scores = [resigned(at_work, sent, trigger_id="", text=f"checkin {score}") for score in (2, 4)]

    answers = [await at_work.slack.replay(each) for each in (*scores, scores[0])]
    await at_work.quiet()

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert ["2 of 5" in answers[0].text, "4 of 5" in answers[1].text] == [True, True]
    assert answers[2].text == answers[0].text  # the same bytes again


@ON_SQLITE
@pytest.mark.parametrize("seed", range(3))
async def test_a_request_bent_by_one_bit_is_refused_and_runs_nothing(
    at_work: Office, database_url: str, seed: int
) -> None:
    await at_work.types("ana", "checkin 4")
    genuine = at_work.slack.delivery.sent[-1]
    before, chance = await rows(database_url), random.Random(seed)  # noqa: S311 - repeatable, not secret

    statuses = {(await at_work.slack.replay(bent(genuine, chance))).status for _ in range(100)}

    assert statuses <= {400, 401}
    assert await rows(database_url) == before


def bent(sent: Sent, chance: random.Random) -> Sent:
    """A request with one bit turned in its body or its signature, its time moved, or a header gone."""
    body, headers = bytearray(sent.body), dict(sent.headers)
    match chance.randrange(4):
        case 0:
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        case 1:
            place = chance.randrange(3, len(headers["X-Slack-Signature"]))
            old = headers["X-Slack-Signature"]
            new = "0" if old[place] != "0" else "1"
            headers["X-Slack-Signature"] = old[:place] + new + old[place + 1 :]
        case 2:
            moved = int(headers["X-Slack-Request-Timestamp"]) + chance.choice([-1, 1, 301, -301])
            headers["X-Slack-Request-Timestamp"] = chance.choice([str(moved), "soon", "", "9" * 5_000, "1.5"])
        case _:
            del headers[chance.choice(["X-Slack-Signature", "X-Slack-Request-Timestamp"])]
    return Sent(bytes(body), headers)


def interaction(opened: Office, kind: str, **more: Any) -> Sent:
    """An interaction of Ana's that the bot has never offered."""
    person, workspace = opened.person("ana"), opened.slack.workspace()
    payload = {
        "type": kind,
        "user": {"id": person.id, "team_id": workspace.id},
        "team": {"id": workspace.id, "domain": "sample"},
        "api_app_id": opened.slack.app.id,
        "is_enterprise_install": False,
        "trigger_id": "9.9.unknown",
        **more,
    }
    return signed(opened, urlencode({"payload": json.dumps(payload)}).encode())


VIEW = {"id": "V1", "type": "modal", "hash": "1.a", "blocks": [], "state": {"values": {}}}
IN_A_MODAL = {"container": {"type": "view", "view_id": "V1"}, "view": VIEW}
UNKNOWN: dict[str, dict[str, Any]] = {
    "action without a value": {
        "kind": "block_actions",
        **IN_A_MODAL,
        "actions": [{"action_id": "no", "type": "button"}],
    },
    "action of another kind": {
        "kind": "block_actions",
        **IN_A_MODAL,
        "actions": [{"action_id": "no", "type": "users_select", "selected_user": "U1"}],
    },
    "action with a list for a value": {
        "kind": "block_actions",
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C404"},
        "channel": {"id": "C404", "name": "elsewhere"},
        "actions": [{"action_id": "no", "type": "button", "value": "[1]"}],
    },
    "no action at all": {"kind": "block_actions", **IN_A_MODAL, "actions": []},
    "view": {"kind": "view_submission", "view": {**VIEW, "callback_id": "nothing.known", "private_metadata": ""}},
    "view with a foreign place": {
        "kind": "view_submission",
        "view": {**VIEW, "callback_id": "tap", "private_metadata": '{"place": {"kind": 3, "x": 1}, "values": []}'},
    },
    "view with words for metadata": {
        "kind": "view_submission",
        "view": {**VIEW, "callback_id": "checkin.save", "private_metadata": "[[[["},
    },
    "closed view": {"kind": "view_closed", "view": {**VIEW, "callback_id": "x"}, "is_cleared": False},
    "shortcut": {"kind": "shortcut", "callback_id": "unknown", "action_ts": "1.2"},
    "message shortcut": {
        "kind": "message_action",
        "callback_id": "unknown",
        "message": {},
        "channel": {"id": "C1"},
    },
    "evidence without a message": {"kind": "message_action", "callback_id": "evidence"},
    "suggestion": {"kind": "block_suggestion", "action_id": "no", "block_id": "b", "value": "x", **IN_A_MODAL},
    "dialog": {"kind": "dialog_submission", "callback_id": "x", "submission": {}, "action_ts": "1"},
    "old button": {"kind": "interactive_message", "callback_id": "x", "actions": [{"name": "a", "value": "b"}]},
    "step": {"kind": "workflow_step_edit", "callback_id": "x"},
    "kind nobody knows": {"kind": "brand_new_thing"},
}

MALFORMED = {"no action at all", "step"}


@ON_SQLITE
async def test_what_is_unknown_is_taken_and_changes_nothing(at_work: Office, database_url: str) -> None:
    before = await rows(database_url)

    answered = {name: await at_work.slack.replay(interaction(at_work, **about)) for name, about in UNKNOWN.items()}
    await at_work.quiet()

    statuses = {name: reply.status for name, reply in answered.items()}
    assert statuses == {name: 400 if name in MALFORMED else 200 for name in UNKNOWN}
    after = await rows(database_url)
    assert {**after, "deliveries": 0, "outbox": 0} == {**before, "deliveries": 0, "outbox": 0}


@ON_SQLITE
async def test_events_that_nobody_listens_to_are_taken(at_work: Office) -> None:
    workspace = at_work.slack.workspace()
    kinds = ["reaction_added", "emoji_changed", "brand_new_event", "message", "app_mention", "user_change", ""]
    bodies: list[dict[str, Any]] = [
        {
            "type": "event_callback",
            "team_id": workspace.id,
            "event_id": f"Ev{number}",
            "event": {"type": kind, "user": None, "channel": None, "text": None},
        }
        for number, kind in enumerate(kinds)
    ]

    sent = [signed(at_work, json.dumps(body).encode(), "application/json") for body in bodies]
    statuses = [(await at_work.slack.replay(each)).status for each in sent]
    await at_work.quiet()

    assert statuses == [200] * len(kinds)


@ON_SQLITE
async def test_a_command_of_another_name_is_answered_with_a_way_on(at_work: Office) -> None:
    seen = await at_work.person("ana").command("/something whatever", channel=CHANNEL)

    assert isinstance(seen, Card)
    assert seen.buttons or "/value" in seen.words
