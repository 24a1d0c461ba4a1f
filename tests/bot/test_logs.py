"""Logs: JSON lines, and nobody's words in them."""

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
"""


def test_every_line_is_json_and_an_exception_tells_its_place_and_not_its_text() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], env=os.environ, capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["ready", "job failed", "slack_bolt.AsyncApp"]
    assert lines[0]["listens"] is True
    assert lines[1]["kind"] == "ValueError"
    assert "canary" not in done.stderr
