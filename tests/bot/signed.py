"""Requests as Slack signs them, written once more from its documentation, and what Slack sends."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from multidict import CIMultiDict

from bot.clock import SteppedClock
from bot.gate import Gate

SECRET = "0123456789abcdef" * 2
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
COMMAND = urlencode(
    {
        "token": "t" * 24,
        "team_id": "T0WORTH",
        "channel_id": "C0CHECKOUT",
        "user_id": "U0MEERA",
        "command": "/value",
        "text": "define-success Zahlung per Käuferkonto",
        "trigger_id": "1.2.3",
    }
).encode()
TAP = urlencode({"payload": json.dumps({"type": "block_actions", "actions": [{"value": "4"}]})}).encode()
EVENT = b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": "message", "text": "hi"}}'


def headers(body: bytes, kind: str = FORM, at: int | str | None = None, secret: str = SECRET) -> CIMultiDict[str]:
    """The headers that Slack sends with a body, signed at an instant in Unix seconds."""
    timestamp = str(int(NOW.timestamp()) if at is None else at)
    signed = hmac.digest(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hex()
    return CIMultiDict(
        {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signed}",
        }
    )


def gate(*secrets: str, most_bytes: int = 4_000_000, read_s: float = 5.0) -> Gate:
    """A gate that stands at NOW."""
    return Gate(secrets or (SECRET,), SteppedClock(NOW), most_bytes, read_s)
