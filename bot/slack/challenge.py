"""A request signed as Slack signs, to the bot's own public address: does the running server know the secret?"""

from __future__ import annotations

import json
import secrets

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.findings import Finding, ok, unreached, wrong
from bot.slack.manifest import EVENTS_PATH

CHECK = "signing secret"
RESTART = "Start the bot anew with the same SLACK_SIGNING_SECRET: Basic Information, App Credentials."


async def examine(session: aiohttp.ClientSession, url: str, secret: str, clock: Clock) -> Finding:
    """Send the server behind `url` the challenge by which Slack makes sure of an address."""
    challenge = secrets.token_urlsafe(16)
    body = json.dumps({"type": "url_verification", "token": "", "challenge": challenge})
    try:
        request = session.post(
            url + EVENTS_PATH, data=body, headers=_signed(body, secret, clock), allow_redirects=False
        )
        async with request as answer:
            return _judged(url, answer.status, challenge in await answer.text(errors="replace"))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return unreached(CHECK, f"PUBLIC_URL ({url})", error)


def _signed(body: str, secret: str, clock: Clock) -> dict[str, str]:
    timestamp = str(int(clock.now().timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature or "",
    }


def _judged(url: str, status: int, is_echoed: bool) -> Finding:
    if status == 200 and is_echoed:
        return ok(CHECK, "The running server has the same SLACK_SIGNING_SECRET: it answers what is signed with it")
    if status in (401, 403):
        return wrong(CHECK, "The running server refuses what is signed with this SLACK_SIGNING_SECRET", RESTART)
    if status in (404, 405):
        mend = "Start serve or web with SLACK_SIGNING_SECRET set, and let the proxy pass /slack/ on."
        return wrong(CHECK, f"Nothing listens for Slack at {url}{EVENTS_PATH}", mend)
    mend = "Look into the bot's log, and at the proxy in front of it."
    return wrong(CHECK, f"{url}{EVENTS_PATH} answers {status} and not as the bot does", mend)
