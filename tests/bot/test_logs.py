"""Logs: JSON lines with the id of their request, and nobody's words in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

CODE = """
import logging
import structlog
from bot import logs

logs.configure()
structlog.get_logger().info("ready", listens=True)
try:
    raise ValueError("a canary that somebody wrote")
except ValueError:
    logging.getLogger("a.library").exception("job failed")
logging.getLogger("slack_bolt.AsyncApp").error("Failed to run: a canary that somebody wrote")
logging.getLogger("asyncio").error("Task exception was never retrieved: a canary that somebody wrote")
logging.getLogger("sqlalchemy.engine.Engine").info("insert into notes values ('a canary that somebody wrote')")
"""
REQUEST = """
import asyncio
import logging
import structlog
from bot import logs

log = structlog.get_logger()


async def one(given):
    logs.begin_request(given)
    log.info("begun", is_the_same=logs.present_request() == logs.present_request())
    await asyncio.create_task(other())


async def other():
    logging.getLogger("apscheduler").warning("later")


async def both():
    await asyncio.gather(one("0123abcd-4567"), one("xoxb-told by somebody"))


logs.configure()
asyncio.run(both())
log.info("after")
"""


def lines_of(code: str) -> list[dict[str, object]]:
    """What a process logs."""
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_is_json_and_an_exception_tells_its_place_and_not_its_text() -> None:
    lines = lines_of(CODE)

    assert [line["event"] for line in lines] == ["ready", "a.library", "slack_bolt.AsyncApp", "asyncio"]
    assert lines[0]["listens"] is True
    assert lines[1]["kind"] == "ValueError"
    assert "canary" not in str(lines)


def test_every_line_of_one_request_has_its_id_and_no_line_of_another() -> None:
    *requests, after = lines_of(REQUEST)

    of_each: dict[object, list[object]] = {}
    for line in requests:
        of_each.setdefault(line["request"], []).append(line["event"])
    assert list(of_each.values()) == [["begun", "later"], ["begun", "later"]]
    assert all(line["is_the_same"] for line in requests if line["event"] == "begun")
    assert "request" not in after


def test_the_id_of_a_request_is_its_proxys_where_that_is_one() -> None:
    given, made = sorted({str(line["request"]) for line in lines_of(REQUEST)[:-1]}, key=len, reverse=True)

    assert given == "0123abcd-4567"
    assert len(made) == 12
