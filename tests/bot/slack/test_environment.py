"""Variables that Slack's libraries read by themselves: with all of them set, the bot answers as without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

VARIABLES = {
    "SLACK_BOT_TOKEN": "xoxb-of-the-environment",
    "SLACK_APP_TOKEN": "xapp-of-the-environment",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "secret-of-the-environment",
    "SLACK_SIGNING_SECRET": "signing-of-the-environment",
    "SLACK_VERIFICATION_TOKEN": "verification-of-the-environment",
    "SLACK_SCOPES": "admin",
    "SLACK_USER_SCOPES": "admin",
}
# One command through an app whose installs know one workspace, told apart by its token alone.
ONE_COMMAND = """
import asyncio
from urllib.parse import urlencode

from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.connect import bolt
from bot.slack.installs import Install


class Known:
    async def find(self, team, enterprise, is_enterprise):
        return Install(team, "xoxb-of-the-install", "UBOT", False, ()) if team == "T1" else None


class Answers:
    async def command(self, ack, context):
        await ack(f"{context.bot_token} {context['install'].bot}")

    tap = form = shortcut = command


async def events(event):
    pass


async def main():
    app = bolt(Known(), Answers(), events)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for team in ("T1", "T2"):
        body = urlencode({"command": "/value", "team_id": team, "user_id": "U1", "token": "x"})
        answer = await app.async_dispatch(AsyncBoltRequest(body=body, headers=kind))
        print(answer.status, answer.body)


asyncio.run(main())
"""


def outcome(home: Path, **variables: str) -> tuple[str, list[str]]:
    """What each command is answered with, and what is left in the home folder."""
    home.mkdir()
    named = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ONE_COMMAND],
        env={**named, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answered = [line for line in done.stdout.splitlines() if line.startswith("200")]
    return "\n".join(answered), [str(each) for each in home.rglob("*")]


@pytest.mark.parametrize("is_empty", [False, True], ids=["set", "empty"])
def test_no_token_is_taken_from_the_environment_and_nothing_is_left_at_home(
    tmp_path: Path, is_empty: bool
) -> None:
    without = outcome(tmp_path / "without")

    with_all = outcome(tmp_path / "with", **{name: "" if is_empty else text for name, text in VARIABLES.items()})

    assert "200 xoxb-of-the-install UBOT" in without[0]
    assert "Worthwhile is not installed here" in without[0]
    assert with_all == without
    assert with_all[1] == []
