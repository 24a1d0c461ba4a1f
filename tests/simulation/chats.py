"""The chat services of the simulation: they take messages as the real ones do, with all that goes wrong there."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from bot.nudges.pace import Pace
from bot.nudges.port import Address, NotSent, Recipient, Refused
from bot.slack.sender import SlackSender
from bot.teams.sender import PACE as TEAMS_PACE
from handlers.messages import MESSAGE, Message
from tests.bot.slack.judging import verdict as slack_verdict
from tests.bot.teams.judging import verdict as teams_verdict
from tests.simulation.log import Call, Log
from tests.simulation.time import Time

if TYPE_CHECKING:
    from tests.simulation.machine import Process

PACES: dict[str, Pace] = {"slack": SlackSender.pace, "teams": TEAMS_PACE}
VERDICTS = {"slack": slack_verdict, "teams": teams_verdict}
# What becomes of a call, and how often of a thousand, while things go wrong.
WRONG = {
    "later": 12,  # 429 with Retry-After
    "busy": 12,  # 412, 503, a connection that never opened
    "broken": 8,  # 500, 502, 504, with or without an effect
    "silent": 6,  # no answer in time, with or without an effect
    "refused": 2,
    "killed before": 3,
    "killed after": 3,
}
RETRY_S = (1, 3, 30, 60, 300, 600, 3600, 3600)


@dataclass
class Standing:
    """A message that stands in a chat, as it reads now."""

    message: Message
    person: str | None


@dataclass
class Hold:
    """What a platform told a process to wait for, with a workspace. Known while that process could pass it on."""

    until: datetime
    told_at: datetime
    process: str
    wrong: timedelta
    is_known: bool = True


@dataclass
class Chats:
    """All chat services, which outlive every process. `trouble` scales how often something goes wrong."""

    time: Time
    chance: Random
    log: Log
    trouble: float = 0.0
    standing: dict[int, Standing] = field(default_factory=dict)
    inbox: dict[tuple[str, str, str], list[Standing]] = field(default_factory=lambda: defaultdict(list))
    holds: dict[tuple[str, str], Hold] = field(default_factory=dict)
    refusing: set[tuple[str, str, str]] = field(default_factory=set)
    down_until: dict[str, datetime] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)

    def fate(self, platform: str, to: tuple[str, str, str]) -> str:
        """What becomes of the next call."""
        if to in self.refusing:
            return "refused"
        if self.down_until.get(platform, self.time.truth()) > self.time.truth():
            return self.chance.choice(["busy", "later", "later", "broken", "silent"])
        drawn = self.chance.random() * 1000 / max(self.trouble, 1e-9)
        for what, share in WRONG.items():
            drawn -= share
            if drawn < 0:
                return what
        return "accepted"

    def forget(self, process: str) -> None:
        """A process ended, and what it was told just now ended with it."""
        for hold in self.holds.values():
            if hold.process == process and self.time.truth() - hold.told_at < timedelta(minutes=1):
                hold.is_known = False

    def judge(self, platform: str, message: Message, body: str) -> None:
        """Draw a message, and complain about what the platform would not take."""
        known = f"{platform}:{body}"
        if known not in self.judged:
            self.judged.add(known)
            self.log.complaints += [f"{platform} would not take: {each}" for each in VERDICTS[platform](message)]


class Wire:
    """What one process sends by."""

    def __init__(self, chats: Chats, process: Process, platform: str) -> None:
        self.pace = PACES[platform]
        self._chats = chats
        self._process = process
        self._platform = platform

    async def send(self, recipient: Recipient, message: Message) -> Address:
        """As a chat service takes a message."""
        await self._process.alive()
        chats = self._chats
        body = MESSAGE.dump_json(message).decode()
        chats.judge(self._platform, message, body)
        began, by_clock = chats.time.truth(), chats.time.now()
        to = (self._platform, recipient.workspace, recipient.person or f"#{recipient.channel}")
        held = self._held(recipient.workspace)
        fate = "later" if held else chats.fate(self._platform, to)
        effect, outcome, where = False, "gone", -1
        try:
            await asyncio.sleep(chats.chance.uniform(0.02, 0.4))
            await self._process.alive()
            if fate == "killed before":
                self._process.kill("before a call's effect")
                await self._process.alive()
            effect = fate in ("accepted", "killed after") or (
                fate in ("broken", "silent") and chats.chance.random() < 0.5
            )
            if effect:
                where = self._take(recipient, message)
            if fate == "killed after":
                self._process.kill("after a call's effect")
            if fate == "silent" and not recipient.replacing:
                outcome = "unknown"
                await asyncio.sleep(60)
            await self._process.alive()
            known = {"accepted": "accepted", "later": "later", "busy": "later", "refused": "refused"}
            outcome = known.get(fate, "later" if recipient.replacing else "unknown")
        finally:
            chats.log.calls.append(
                Call(
                    began,
                    by_clock,
                    chats.time.truth(),
                    self._process.name,
                    *to[:2],
                    recipient.person,
                    recipient.channel,
                    bool(recipient.replacing),
                    message.title,
                    body,
                    outcome,
                    effect,
                )
            )
            self._process.told[_seen_as(outcome)] += 1
        return self._answer(fate, where, recipient, held)

    def _answer(self, fate: str, where: int, recipient: Recipient, held: timedelta) -> Address:
        chats = self._chats
        if fate == "later":
            wait = held or timedelta(seconds=chats.chance.choice(RETRY_S))
            if not held:
                now = chats.time.truth()
                hold = Hold(now + wait, now, self._process.name, chats.time.wrong)
                known = chats.holds.get((self._platform, recipient.workspace))
                if not known or known.until < hold.until:
                    chats.holds[self._platform, recipient.workspace] = hold
            raise NotSent("ratelimited", self._process.clock.now() + wait)
        if fate == "busy":
            raise NotSent("503")
        if fate == "refused":
            raise Refused("user_disabled")
        if fate != "accepted" and recipient.replacing:
            raise NotSent("changing it again does no harm")
        if fate != "accepted":
            raise ConnectionResetError
        return {"number": where}

    def _held(self, workspace: str) -> timedelta:
        """How long this workspace was told to wait, still. Complains where it should have been known."""
        chats, now = self._chats, self._chats.time.truth()
        hold = chats.holds.get((self._platform, workspace))
        if hold is None or hold.until <= now:
            return timedelta()
        left = hold.until - now
        if hold.is_known and chats.time.wrong <= hold.wrong:  # a clock that jumped ahead knows no better
            chats.log.complaints.append(f"{workspace} was called {left.total_seconds():.2f} s too early at {now}")
        return left

    def _take(self, recipient: Recipient, message: Message) -> int:
        chats = self._chats
        number = recipient.replacing["number"] if recipient.replacing else len(chats.standing) + 1
        standing = chats.standing.get(number)
        if standing:
            standing.message = message
            return int(number)
        chats.standing[number] = new = Standing(message, recipient.person)
        if recipient.person:
            chats.inbox[self._platform, recipient.workspace, recipient.person].append(new)
        return int(number)


def _seen_as(outcome: str) -> str:
    return {"accepted": "sent", "gone": "gone", "unknown": "unknown"}.get(outcome, "not sent")
