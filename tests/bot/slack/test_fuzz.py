"""Slack's own requests with one value of them replaced, signed all the same: `make fuzz` tries N / 100."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.bot.slack.office import Office, Over, office
from tests.bot.slack.test_ways_shortcuts import written
from tests.fakes.slack.delivery import Kind
from tests.fakes.slack.structure import Json
from tests.world import CHANNEL, MONDAY

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

REQUESTS = int(os.environ.get("REQUESTS", "400"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
KINDS = {"command", "block_actions", "view_submission", "message_action", "shortcut", "event_callback"}
GONE = object()
ABSURD: tuple[Any, ...] = (
    *(GONE, None, True, 0, -1, 10**18, 10**30, 1e308),
    *("", "x", "\u00b2", "-1", "9" * 30, "x" * 5_000, "[" * 5_000, "D", "{", '["a",{}]', "[[],{}]", "[null,0]"),
    '["checkin.save",{"team":"999999999"}]',
    *([], [[]], [None], ["x"], {}, {"id": None}, {"id": []}, {"id": {"a": 1}}, {"elements": [[1]]}),
)

Path = tuple[str | int, ...]


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where there is a value, also within JSON that is a text."""
    inner = unpacked(value)
    pairs = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
    for key, held in pairs:
        yield (*path, key)
        yield from paths(held, (*path, key))


def unpacked(value: Any) -> Any:
    """An object or a list, also where it is packed into a text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value


def replaced(value: Any, path: Path, absurd: Any) -> Any:
    """A copy of a value with another one at a path."""
    if not path:
        return absurd
    inner = unpacked(value)
    copy: Any = dict(inner) if isinstance(inner, dict) else list(inner)
    if absurd is GONE and len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = replaced(copy[path[0]], path[1:], absurd)
    return json.dumps(copy) if isinstance(value, str) else copy


def kind_of(payload: Json) -> str:
    """What Slack calls such a request."""
    return "command" if "command" in payload else str(payload["type"])


async def real_ones(at: Office) -> list[tuple[Kind, Json]]:
    """Requests of every kind, as people make them."""
    await at.start_team()
    ana = at.person("ana")
    await at.types("ana", "evidence It helped", channel=CHANNEL)
    await ana.message_shortcut("evidence", written(at, "dev", "It saved me an hour"))
    await ana.shortcut("checkin")
    await at.go_to(MONDAY + timedelta(days=1, hours=2))
    await at.presses("ana", ana.dms[-1], "4")
    await ana.dm("help")
    await ana.mention(CHANNEL, "status")
    await ana.open_home()
    await at.quiet()
    found = list(at.slack.delivery.payloads)
    assert {kind_of(payload) for _, payload in found} == KINDS
    return [
        *found,
        ("events_api", {"type": "url_verification", "token": "x", "challenge": "y"}),
        *(("events_api", of_workspace(at, event)) for event in EVENTS),
    ]


EVENTS: tuple[Json, ...] = (
    {
        "type": "user_change",
        "user": {
            "id": "U1",
            "team_id": "T1",
            "name": "x",
            "tz": "UTC",
            "locale": "en-GB",
            "deleted": False,
            "profile": {"real_name": "x", "display_name": "x", "title": "x"},
            "enterprise_user": {"enterprise_id": "E1", "teams": ["T1"], "is_admin": False},
        },
    },
    {"type": "member_joined_channel", "user": "U1", "channel": "C1", "team": "T1"},
    {"type": "channel_rename", "channel": {"id": "C1", "name": "x"}},
    {"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2"},
    {"type": "team_access_granted", "team_ids": ["T1"]},
    {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}},
)


def of_workspace(at: Office, event: Json) -> Json:
    """An event of the office's workspace."""
    return {
        "type": "event_callback",
        "team_id": at.slack.workspace().id,
        "event_id": "Ev1",
        "event_time": 1_700_000_000,
        "event": event,
    }


def mutant(chance: random.Random, payload: Json) -> Json:
    """A request with one value replaced, and not taken for a repeat."""
    path = chance.choice(list(paths(payload)))
    changed: Json = replaced(payload, path, chance.choice(ABSURD))
    own = {name: f"{chance.getrandbits(60)}" for name in ("trigger_id", "event_id") if name in changed}
    return changed | (own if path[0] not in own else {})


def as_form(payload: Json) -> Json:
    """A command's fields, which are texts whatever they hold."""
    return {name: text if isinstance(text, str) else json.dumps(text) for name, text in payload.items()}


@pytest.mark.timeout(0)
@pytest.mark.parametrize("over", ["http", "socket"])
async def test_whatever_a_value_is_replaced_by_the_request_is_answered_and_nothing_fails(
    database_url: str, over: Over
) -> None:
    async with office(database_url, over) as at:
        real = await real_ones(at)
        failures: list[str] = []
        with capture_logs() as logged:
            for seed in range(SEED * REQUESTS, (SEED + 1) * REQUESTS):
                kind, payload = (chance := random.Random(seed)).choice(real)  # noqa: S311 - a seed repeats it
                changed = mutant(chance, payload)
                changed = as_form(changed) if kind == "slash_commands" else changed
                reply = await at.slack.delivery.send(kind, changed)
                await at.quiet()
                wrong = [said for said in logged if said["event"] == "background work failed"]
                if reply.status not in (200, 400) or wrong:
                    failures.append(f"seed {seed}: {reply.status} {wrong}")
                logged.clear()
        assert not failures, "\n".join(failures)

        assert "4 of 5" in (await at.types("ben", "checkin 4")).words
